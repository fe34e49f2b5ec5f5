//! Silent clients, told apart by what TCP says of them: paused, frozen and vanished ones.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![cfg(target_os = "linux")]

mod harness;

use harness::{Client, Server, next, next_text};
use socket2::{SockFilter, SockRef};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use vite_native_ws::core::context::config::Config;
use vite_native_ws::core::events::disconnect::DisconnectReason;
use vite_native_ws::core::events::event::Event;
use vite_native_ws::core::peer::Subscriptions;
use vite_native_ws::core::resume::resumption::Replay;

const NOTHING: Subscriptions = Subscriptions::from_bits(0);
const PERIOD: Duration = Duration::from_millis(800);
/// [`Config::tick`] of it.
const TICK: Duration = Duration::from_millis(100);
/// A busy machine is late.
const LATE: Duration = Duration::from_millis(600);

fn config() -> Config {
    let config = Config { keepalive: PERIOD, ..Config::default() };
    assert_eq!(config.tick(), TICK);
    config
}

/// Lets nothing pass to a client any more, as a network does that has gone: what the server sends is
/// not even acknowledged.
fn cut_off(client: &Client) {
    // `BPF_RET | BPF_K`: of each packet, take no byte.
    let nothing = SockFilter::new(0x06, 0, 0, 0);
    SockRef::from(client.get_ref()).attach_filter(&[nothing]).unwrap();
}

/// Waits for the end of a client that is given up, and says how long that took.
fn given_up(server: &mut Server, id: u32, since: Instant) -> Duration {
    let event = server.wait_for(id, |event| matches!(event, Event::Closed { .. }));
    let Event::Closed { code, disconnect, .. } = event else { unreachable!() };
    assert_eq!((code, disconnect), (1006, DisconnectReason::KeepaliveTimeout));
    since.elapsed()
}

fn assert_two_periods(took: Duration) {
    assert!(took >= PERIOD * 2 - TICK, "after {took:?}");
    assert!(took <= PERIOD * 2 + TICK * 2 + LATE, "after {took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_client_behind_a_network_that_has_gone_is_given_up() {
    let mut server = Server::new(config());
    let (id, client) = server.connect(NOTHING).await;
    cut_off(&client);
    assert_two_periods(given_up(&mut server, id, Instant::now()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_is_one_for_which_data_waits() {
    let mut server = Server::new(config());
    let (id, client) = server.connect(NOTHING).await;
    cut_off(&client);
    let cut = Instant::now();
    for _ in 0..6 {
        server.hub.broadcast("x".repeat(1 << 20), Replay::Yes, None);
    }
    assert_two_periods(given_up(&mut server, id, cut));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_client_is_given_up_though_its_system_acknowledges() {
    let mut server = Server::new(config());
    let (id, _client) = server.connect(NOTHING).await;
    assert_two_periods(given_up(&mut server, id, Instant::now()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_client_is_kept_and_gets_all_that_waits() {
    let server = Server::new(config());
    let (id, mut client) = server.connect(NOTHING).await;
    for number in 0..8 {
        server.hub.broadcast(format!("{number} {}", "x".repeat(1 << 20)), Replay::Yes, None);
    }
    // The point is the time: it reads nothing for as long as would end a frozen client thrice.
    tokio::time::sleep(PERIOD * 6).await;
    assert_eq!(server.hub.snapshot().keepalive_timeouts, 0);
    for number in 0..8 {
        let text = loop {
            match next(&mut client).await.expect("it was kept") {
                Message::Text(text) => break text,
                other => assert!(other.is_ping(), "{other:?}"),
            }
        };
        assert!(text.starts_with(&format!("{number} ")));
    }
    server.hub.send_payload(id, "and more", None);
    loop {
        if next(&mut client).await == Some(Message::text("and more")) {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_is_one_whose_system_has_taken_all_that_it_does_not_read() {
    let server = Server::new(config());
    let (_, mut client) = server.connect(NOTHING).await;
    // It fits into what the client's system keeps, the ping behind it too.
    server.hub.broadcast("x".repeat(100_000), Replay::Yes, None);
    tokio::time::sleep(PERIOD * 4).await;
    assert_eq!(server.hub.snapshot().keepalive_timeouts, 0);
    assert_eq!(next_text(&mut client).await.len(), 100_000);
    assert!(next(&mut client).await.expect("it was kept").is_ping());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_client_that_vanishes_is_given_up() {
    let mut server = Server::new(config());
    let (id, client) = server.connect(NOTHING).await;
    for _ in 0..8 {
        server.hub.broadcast("x".repeat(1 << 20), Replay::Yes, None);
    }
    tokio::time::sleep(PERIOD * 3).await;
    assert_eq!(server.hub.snapshot().keepalive_timeouts, 0, "paused");
    cut_off(&client);
    let cut = Instant::now();
    let took = given_up(&mut server, id, cut);
    // The kernel probes a closed window ever more seldom, and one probe has to go unanswered.
    assert!(took >= PERIOD - TICK, "after {took:?}");
}

#[tokio::test]
async fn a_client_that_answers_stays() {
    let server = Server::new(config());
    let (_, mut client) = server.connect(NOTHING).await;
    for _ in 0..3 {
        assert!(next(&mut client).await.unwrap().is_ping());
    }
    server.hub.broadcast("here", Replay::Yes, None);
    assert_eq!(next_text(&mut client).await, "here");
}
