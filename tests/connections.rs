//! Connections over real sockets: what clients get, and how connections end.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod harness;

use futures_util::SinkExt;
use harness::{DEADLINE, Server, next, next_text};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use vite_native_ws::core::context::config::Config;
use vite_native_ws::core::events::event::Event;
use vite_native_ws::core::hub::{Hub, Upgraded};
use vite_native_ws::core::outgoing::backpressure::{OverflowPolicy, WaterMarks};
use vite_native_ws::core::outgoing::outbox::Entry;
use vite_native_ws::core::peer::Subscriptions;
use vite_native_ws::core::protocol::frame::Frame;
use vite_native_ws::core::protocol::opcode::Opcode;
use vite_native_ws::core::resume::resumption::Replay;

const NOTHING: Subscriptions = Subscriptions::from_bits(0);

fn entry(text: String) -> Entry {
    Entry::new(Frame::text(text), false)
}

#[tokio::test]
async fn broadcasts_and_single_messages_arrive_in_the_order_of_the_calls() {
    let server = Server::new(Config::default());
    let mut clients = Vec::new();
    // Enough for a second thread where there is a second core.
    for _ in 0..300 {
        clients.push(server.connect(NOTHING).await);
    }
    for number in 0..40 {
        server.hub.broadcast(format!("all {number}"), Replay::Yes, None);
        for (id, _) in &clients {
            server.hub.send(*id, entry(format!("{id} {number}")));
        }
    }
    for (id, client) in &mut clients {
        for number in 0..40 {
            assert_eq!(next_text(client).await, format!("all {number}"));
            assert_eq!(next_text(client).await, format!("{id} {number}"));
        }
    }
}

#[tokio::test]
async fn only_wanted_messages_are_told() {
    let mut server = Server::new(Config::default());
    server.hub.filter_mut().add("wanted".to_owned());
    let (id, mut client) = server.connect(Subscriptions::EVENTS).await;
    for event in ["junk", "unwanted", "wanted"] {
        let text = format!(r#"{{"type":"custom","event":"{event}"}}"#);
        client.send(Message::text(text)).await.unwrap();
    }
    let told = server.wait_for(id, |event| matches!(event, Event::Message { .. }));
    let Event::Message { data, binary: false } = told else { panic!("{told:?}") };
    assert_eq!(data, br#"{"type":"custom","event":"wanted"}"#);
}

#[tokio::test]
async fn a_close_frame_is_answered_with_its_code_and_told() {
    let mut server = Server::new(Config::default());
    let (id, mut client) = server.connect(NOTHING).await;
    let frame = CloseFrame { code: CloseCode::Library(4001), reason: "bye".into() };
    client.send(Message::Close(Some(frame.clone()))).await.unwrap();
    assert_eq!(next(&mut client).await, Some(Message::Close(Some(frame))));
    drop(client);
    assert_eq!(server.wait_for_close(id), (4001, b"bye".to_vec()));
}

#[tokio::test]
async fn a_reply_to_a_message_goes_out_before_the_answer_to_a_close() {
    let mut server = Server::new(Config::default());
    let (id, mut client) = server.connect(Subscriptions::MESSAGES).await;
    client.feed(Message::text("question")).await.unwrap();
    client.send(Message::Close(None)).await.unwrap();
    server.wait_for(id, |event| matches!(event, Event::Message { .. }));
    server.hub.send(id, entry("answer".to_owned()));
    // Taking more events says that the message has been dealt with.
    server.wait_for(id, |event| matches!(event, Event::CloseFrame { .. }));
    server.hub.take_events(512);
    assert_eq!(next_text(&mut client).await, "answer");
    assert!(matches!(next(&mut client).await, Some(Message::Close(_))));
}

#[tokio::test]
async fn a_ping_is_answered_before_the_reply_to_the_message_behind_it() {
    let replying: Arc<OnceLock<(Weak<Hub>, u32)>> = Arc::default();
    let of_hook = replying.clone();
    // The thread that reads calls it: no sender can be earlier.
    let server = Server::waking(Config::default(), move || {
        let Some((hub, id)) = of_hook.get() else { return };
        hub.upgrade().unwrap().send_payload(*id, "reply", None);
    });
    server.hub.filter_mut().add("ask".to_owned());
    let (id, mut client) = server.connect(Subscriptions::EVENTS).await;
    server.hub.send_payload(id, "hello", None);
    assert_eq!(next_text(&mut client).await, "hello");
    // What follows sooner goes to the thread anyway.
    tokio::time::sleep(Duration::from_millis(5)).await;
    replying.set((Arc::downgrade(&server.hub), id)).unwrap();
    client.feed(Message::Ping("p".into())).await.unwrap();
    client.feed(Message::text(r#"{"type":"custom","event":"ask"}"#)).await.unwrap();
    client.flush().await.unwrap();
    assert_eq!(next(&mut client).await, Some(Message::Pong("p".into())));
    assert_eq!(next_text(&mut client).await, "reply");
}

#[tokio::test]
async fn terminating_sends_no_close_frame() {
    let mut server = Server::new(Config::default());
    let (id, mut client) = server.connect(NOTHING).await;
    server.hub.terminate(id);
    assert_eq!(next(&mut client).await, None);
    assert_eq!(server.wait_for_close(id), (1006, Vec::new()));
    assert!(!server.hub.send(id, entry("late".to_owned())));
}

#[tokio::test]
async fn closing_the_server_ends_every_client_and_takes_no_more() {
    let mut server = Server::new(Config::default());
    let (first, mut a) = server.connect(NOTHING).await;
    let (second, mut b) = server.connect(NOTHING).await;
    server.hub.close_all();
    assert_eq!((next(&mut a).await, next(&mut b).await), (None, None));
    assert_eq!(server.wait_for_close(first).0, 1006);
    assert_eq!(server.wait_for_close(second).0, 1006);
    assert!(server.hub.open(Upgraded::default(), true, NOTHING, None).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_client_is_pinged_and_then_ended() {
    let period = Duration::from_millis(100);
    let mut server = Server::new(Config { keepalive: period, ..Config::default() });
    let started = Instant::now();
    let (id, mut silent) = server.connect(NOTHING).await;
    let (answering, mut client) = server.connect(NOTHING).await;
    let reading = tokio::spawn(async move {
        // Reading answers the pings.
        let first = next(&mut client).await;
        let second = next(&mut client).await;
        (first, second, client)
    });
    let (code, _) = server.wait_for_close(id);
    assert_eq!(code, 1006);
    assert!(started.elapsed() >= period * 2);
    assert_eq!(next(&mut silent).await, Some(Message::Ping(Default::default())));
    assert_eq!(next(&mut silent).await, None);
    let (first, second, _client) = reading.await.unwrap();
    assert!(first.is_some_and(|message| message.is_ping()));
    assert!(second.is_some_and(|message| message.is_ping()));
    assert!(server.hub.send(answering, entry("still here".to_owned())));
}

#[tokio::test]
async fn a_stalled_client_loses_updates_and_gets_one_reload_while_others_get_all() {
    let marks = WaterMarks {
        high_water_bytes: 1 << 20,
        low_water_bytes: 1 << 16,
        policy: OverflowPolicy::Reload,
    };
    let mut server = Server::new(Config { marks, ..Config::default() });
    let (stalled_id, mut stalled) = server.connect(NOTHING).await;
    let (_, mut healthy) = server.connect(NOTHING).await;
    let payload = "x".repeat(256 * 1024);
    for number in 0..100 {
        server.hub.broadcast(format!("{number} {payload}"), Replay::Yes, None);
        let text = next_text(&mut healthy).await;
        assert!(text.starts_with(&format!("{number} ")));
    }
    server.wait_for(stalled_id, |event| matches!(event, Event::Dropped { closing: false, .. }));
    let is_reload = |text: &String| text == r#"{"type":"full-reload"}"#;
    let mut got = vec![next_text(&mut stalled).await];
    while !got.last().is_some_and(is_reload) {
        got.push(next_text(&mut stalled).await);
    }
    server.hub.broadcast("afterwards", Replay::Yes, None);
    while got.last().is_none_or(|text| text != "afterwards") {
        got.push(next_text(&mut stalled).await);
    }
    // Whatever it missed, a reload comes after it.
    for pair in got.windows(2) {
        let [before, after] = pair else { continue };
        let number = |text: &str| text.split(' ').next()?.parse::<usize>().ok();
        if let (Some(before), Some(after)) = (number(before), number(after)) {
            assert_eq!(after, before + 1, "a gap without a reload");
        }
    }
    let reloads = got.iter().filter(|text| is_reload(text)).count();
    let counters = server.hub.snapshot();
    assert_eq!(counters.dropped_messages as usize, 100 - (got.len() - 1 - reloads));
}

#[tokio::test]
async fn a_breach_of_the_protocol_is_told_and_closed_with_its_code() {
    let mut server = Server::new(Config::default());
    let (id, mut client) = server.connect(NOTHING).await;
    let raw = client.get_mut();
    tokio::io::AsyncWriteExt::write_all(raw, b"\x81\x05hello").await.unwrap();
    let Some(Message::Close(Some(frame))) = next(&mut client).await else {
        panic!("no close frame");
    };
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1002, ""));
    drop(client);
    let error = server.wait_for(id, |event| matches!(event, Event::ProtocolError(_)));
    let Event::ProtocolError(error) = error else { panic!("{error:?}") };
    assert_eq!(error.code, "WS_ERR_EXPECTED_MASK");
    assert_eq!(server.wait_for_close(id).0, 1006);
}

#[tokio::test]
async fn what_was_sent_with_a_token_is_reported_as_written() {
    let mut server = Server::new(Config::default());
    let (id, mut client) = server.connect(NOTHING).await;
    let frame = Frame::new(Opcode::Binary, true, vec![7; 100_000]);
    server.hub.send(id, Entry { token: Some(42), ..Entry::new(frame, false) });
    assert_eq!(next(&mut client).await.unwrap().into_data(), vec![7; 100_000]);
    server.wait_for(id, |event| matches!(event, Event::Sent(42)));
    let deadline = Instant::now() + DEADLINE;
    while server.hub.buffered_bytes(id) > 0 && Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.hub.buffered_bytes(id), 0);
}

#[tokio::test]
async fn what_the_sender_writes_itself_keeps_its_place_also_when_the_kernel_takes_a_part() {
    let marks = WaterMarks { policy: OverflowPolicy::Keep, ..Config::default().marks };
    let server = Server::new(Config { marks, ..Config::default() });
    let (id, mut client) = server.connect(NOTHING).await;
    let payload = "x".repeat(15_000);
    let text = |number: usize| format!("{number} {payload}");
    // Far more than the kernel's buffers hold, slowly enough for every message to be the first of
    // its burst, with others close behind some of them.
    const COUNT: usize = 900;
    for number in 0..COUNT {
        match number % 5 {
            4 => assert!(server.hub.send(id, entry(text(number)))),
            3 => assert!(server.hub.send_payload(id, text(number), None)),
            _ => server.hub.broadcast(text(number), Replay::No, None),
        }
        if number % 5 < 3 {
            tokio::time::sleep(Duration::from_micros(1200)).await;
        }
    }
    for number in 0..COUNT {
        assert!(next_text(&mut client).await == text(number), "message {number}");
    }
    let totals = server.hub.snapshot().totals;
    assert_eq!(totals.messages_out as usize, COUNT);
    assert_eq!(totals.frames_out as usize, COUNT);
}
