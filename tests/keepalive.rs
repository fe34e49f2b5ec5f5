//! Silent clients, told apart by what TCP says of them: paused, frozen and vanished ones.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![cfg(target_os = "linux")]

mod harness;

use harness::{Client, Server, next, next_text};
use socket2::{SockFilter, SockRef};
use std::collections::VecDeque;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use vite_native_ws::core::connection::bridge::Step;
use vite_native_ws::core::context::config::Config;
use vite_native_ws::core::events::disconnect::DisconnectReason;
use vite_native_ws::core::events::event::Event;
use vite_native_ws::core::hub::{Hub, Upgraded};
use vite_native_ws::core::io::caller_thread::CallerThread;
use vite_native_ws::core::peer::Subscriptions;
use vite_native_ws::core::resume::resumption::Replay;
use vite_native_ws::core::socket;

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

/// A filter that takes no byte of any packet: `BPF_RET | BPF_K`, of 0 bytes.
fn no_byte() -> SockFilter {
    SockFilter::new(0x06, 0, 0, 0)
}

/// Lets nothing pass to a client any more, as a network does that has gone: what the server sends is
/// not even acknowledged.
fn cut_off(client: &Client) {
    SockRef::from(client.get_ref()).attach_filter(&[no_byte()]).unwrap();
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

/// A connection over a stream of the caller's with a TCP socket beneath, and the caller's part of it.
struct Streamed {
    hub: Arc<Hub>,
    caller: CallerThread,
    id: u32,
    stream: TcpStream,
    /// What the stream has yet to write.
    rest: Vec<u8>,
}

impl Streamed {
    /// With its client, and 6 MiB for it, more than fits into the system's buffers.
    fn open() -> (Self, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let hub = Hub::new(config(), || {});
        let caller = hub.caller_thread();
        let upgraded =
            Upgraded { beneath: socket::beneath(stream.as_raw_fd()), ..Upgraded::default() };
        let id = hub.open(upgraded, true, NOTHING, None).unwrap().id();
        hub.start(id, false);
        (Self { hub, caller, id, stream, rest: Vec::new() }, client)
    }

    fn send(&self) {
        for _ in 0..6 {
            self.hub.broadcast("x".repeat(1 << 20), Replay::Yes, None);
        }
    }

    /// Does what the caller does between two ticks, and ticks.
    fn turn(&mut self) {
        let mut steps = VecDeque::new();
        self.caller.carry(&mut steps);
        for (_, step) in steps {
            if let Step::Write { frame, .. } = step {
                self.rest.extend(frame.slices().concat());
            }
        }
        while let Ok(count @ 1..) = self.stream.write(&self.rest) {
            self.rest.drain(..count);
        }
        self.caller.set_unwritten(self.id, self.rest.len());
        self.caller.tick();
    }

    /// Turns for this long at most. How long it took until the client was given up, if it was.
    fn given_up_within(&mut self, most: Duration) -> Option<Duration> {
        let begun = Instant::now();
        while begun.elapsed() < most {
            self.turn();
            for (_, event) in self.hub.take_events(usize::MAX) {
                if let Event::Closed { disconnect, .. } = event {
                    assert_eq!(disconnect, DisconnectReason::KeepaliveTimeout);
                    return Some(begun.elapsed());
                }
            }
            std::thread::sleep(TICK);
        }
        None
    }
}

#[test]
fn over_a_stream_with_a_socket_beneath_a_client_that_vanishes_with_data_waiting_is_given_up() {
    let (mut streamed, client) = Streamed::open();
    SockRef::from(&client).attach_filter(&[no_byte()]).unwrap();
    streamed.send();
    assert_two_periods(streamed.given_up_within(PERIOD * 8).unwrap());
}

#[test]
fn one_that_pauses_is_kept_there_too() {
    let (mut streamed, _client) = Streamed::open();
    streamed.send();
    assert_eq!(streamed.given_up_within(PERIOD * 4), None);
    assert!(!streamed.rest.is_empty());
}
