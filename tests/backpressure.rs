//! What waits for a client that does not read, and for the caller: bounded, and nobody waits for it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod harness;

use futures_util::SinkExt;
use harness::{DEADLINE, Server, next, next_text};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use vite_native_ws::core::context::config::Config;
use vite_native_ws::core::events::event::Event;
use vite_native_ws::core::outgoing::backpressure::{OverflowPolicy, STALL, WaterMarks};
use vite_native_ws::core::peer::Subscriptions;
use vite_native_ws::core::resume::resumption::Replay;

const NOTHING: Subscriptions = Subscriptions::from_bits(0);
const MIB: usize = 1024 * 1024;

/// More than the kernel keeps of one connection.
const KERNEL_BYTES: usize = 16 * MIB;

fn marks(high_water_bytes: usize) -> Config {
    let marks =
        WaterMarks { high_water_bytes, low_water_bytes: 1 << 16, policy: OverflowPolicy::Reload };
    Config { marks, ..Config::default() }
}

fn queued(server: &Server, id: u32) -> usize {
    server.hub.buffered_bytes(id)
}

async fn until(condition: impl Fn() -> bool, what: &str) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn a_stall_is_judged_by_the_clock_though_nothing_more_is_sent() {
    let mut server = Server::new(marks(MIB));
    let (id, mut client) = server.connect(NOTHING).await;
    // In one turn, and below the hard limit of 8 MiB beside what the kernel takes.
    for _ in 0..7 {
        server.hub.broadcast("x".repeat(MIB), Replay::Yes, None);
    }
    let sent = Instant::now();
    let dropped = server.wait_for(id, |event| matches!(event, Event::Dropped { .. }));
    assert!(matches!(dropped, Event::Dropped { closing: false, .. }));
    assert!(sent.elapsed() >= STALL, "not before it has taken nothing for a while");
    until(|| queued(&server, id) <= MIB + MIB / 2, "what it was not sent is dropped").await;
    while next_text(&mut client).await != r#"{"type":"full-reload"}"# {}
}

#[tokio::test]
async fn nobody_waits_for_a_client_that_is_over_its_mark() {
    let server = Server::new(marks(MIB));
    let (_, _stalled) = server.connect(NOTHING).await;
    let (other, mut healthy) = server.connect(NOTHING).await;
    for _ in 0..7 {
        server.hub.broadcast("x".repeat(MIB), Replay::Yes, None);
        next_text(&mut healthy).await;
    }
    const COUNT: usize = 1000;
    let began = Instant::now();
    for number in 0..COUNT {
        server.hub.send_payload(other, format!("{number}"), None);
    }
    // A moment's wait in each of them would take longer.
    assert!(began.elapsed() < Duration::from_millis(COUNT as u64), "{:?}", began.elapsed());
    for number in 0..COUNT {
        assert_eq!(next_text(&mut healthy).await, format!("{number}"));
    }
}

#[tokio::test]
async fn the_hard_limit_holds_for_what_is_sent_at_once() {
    let mut server = Server::new(marks(MIB));
    let (id, _client) = server.connect(NOTHING).await;
    for _ in 0..64 {
        server.hub.broadcast("x".repeat(MIB), Replay::Yes, None);
        assert!(queued(&server, id) <= 17 * MIB, "{} bytes", queued(&server, id));
    }
    server.wait_for(id, |event| matches!(event, Event::Dropped { closing: false, .. }));
    until(|| queued(&server, id) <= 9 * MIB, "what waits is bounded").await;
}

#[tokio::test]
async fn the_hard_limit_holds_for_messages_to_one_client_too() {
    let mut server = Server::new(marks(MIB));
    let (id, _client) = server.connect(NOTHING).await;
    let (other, mut healthy) = server.connect(NOTHING).await;
    for _ in 0..64 {
        server.hub.send_payload(id, "x".repeat(MIB), None);
        assert!(queued(&server, id) <= 10 * MIB, "{} bytes", queued(&server, id));
    }
    server.hub.send_payload(other, "small", None);
    assert_eq!(next_text(&mut healthy).await, "small");
    server.wait_for(id, |event| matches!(event, Event::Dropped { closing: false, .. }));
    assert_eq!(server.hub.snapshot().clients.len(), 2, "none is closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_to_a_client_that_reads_arrives_whole() {
    let server = Server::new(Config::default());
    let (_, mut client) = server.connect(NOTHING).await;
    const COUNT: usize = 56;
    let reading = tokio::spawn(async move {
        for number in 0..COUNT {
            let text = next_text(&mut client).await;
            assert!(text.starts_with(&format!("{number} ")), "message {number}");
        }
    });
    for number in 0..COUNT {
        server.hub.broadcast(format!("{number} {}", "x".repeat(MIB)), Replay::Yes, None);
    }
    reading.await.unwrap();
    assert_eq!(server.hub.snapshot().overflows, 0);
}

#[tokio::test]
async fn with_keep_nothing_is_lost_however_much_waits() {
    let marks = WaterMarks { policy: OverflowPolicy::Keep, ..Config::default().marks };
    let server = Server::new(Config { marks, ..Config::default() });
    let (id, mut client) = server.connect(NOTHING).await;
    const COUNT: usize = 96;
    for number in 0..COUNT {
        server.hub.send_payload(id, format!("{number} {}", "x".repeat(MIB)), None);
    }
    assert!(queued(&server, id) > COUNT * MIB - KERNEL_BYTES, "and it tells");
    for number in 0..COUNT {
        assert!(next_text(&mut client).await.starts_with(&format!("{number} ")));
    }
}

#[tokio::test]
async fn what_one_client_makes_the_server_hold_stops_the_reading_of_that_client_only() {
    let server = Server::new(Config::default());
    let (_, mut flooding) = server.connect(Subscriptions::MESSAGES).await;
    let (_, mut bystander) = server.connect(Subscriptions::MESSAGES).await;
    // Nobody takes the events: the caller is busy.
    let flood = tokio::spawn(async move {
        for _ in 0..64 {
            if flooding.send(Message::text("x".repeat(MIB))).await.is_err() {
                break;
            }
        }
        flooding
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    for _ in 0..10 {
        bystander.send(Message::Ping("p".into())).await.unwrap();
        assert_eq!(next(&mut bystander).await, Some(Message::Pong("p".into())));
    }
    assert!(!flood.is_finished(), "the flood waits in the client's own buffers");
    let received = server.hub.snapshot().totals.bytes_in as usize;
    assert!(received < 4 * MIB, "{received} bytes were taken from it");
    flood.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flooding_client_is_read_again_when_the_caller_has_caught_up() {
    let mut server = Server::new(Config::default());
    let (id, mut client) = server.connect(Subscriptions::MESSAGES).await;
    let flood = tokio::spawn(async move {
        for _ in 0..24 {
            client.send(Message::text("x".repeat(MIB))).await.unwrap();
        }
        client
    });
    for _ in 0..24 {
        server.wait_for(id, |event| matches!(event, Event::Message { .. }));
        tokio::task::yield_now().await;
    }
    flood.await.unwrap();
}
