//! Pages that come back on another connection: what they are sent again, and what counts of them.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod harness;

use futures_util::SinkExt;
use harness::{Client, Server, next_text};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use vite_native_ws::core::context::config::Config;
use vite_native_ws::core::events::event::Event;
use vite_native_ws::core::peer::Subscriptions;
use vite_native_ws::core::protocol::opcode::Opcode;
use vite_native_ws::core::resume::control::{ACKNOWLEDGEMENT, HELLO, PROBE, WELCOME};
use vite_native_ws::core::resume::resumption::Replay;

fn is_message(event: &Event) -> bool {
    matches!(event, Event::Message { .. })
}

/// A page that has been welcomed, with its connection and its session.
async fn page(server: &mut Server, wants: Subscriptions) -> (u32, Client, u32) {
    let (id, mut client) = server.connect(wants).await;
    client.send(Message::text(HELLO)).await.unwrap();
    server.wait_for(id, |event| matches!(event, Event::Hello { is_reloaded: false }));
    let session = server.hub.begin_session(id, "i", "k").unwrap();
    let welcome = next_text(&mut client).await;
    assert!(welcome.starts_with(WELCOME), "{welcome}");
    (id, client, session)
}

/// The page on another connection.
async fn back(server: &Server, session: u32, since: u64) -> (u32, Client) {
    let (id, client) = server.connect_session(Subscriptions::MESSAGES, Some(session)).await;
    assert!(server.hub.resume(id, "i", "k", since));
    (id, client)
}

#[tokio::test]
async fn a_page_gets_what_it_missed_before_anything_new() {
    let mut server = Server::new(Config::default());
    let (first, mut client, session) = page(&mut server, Subscriptions::EVENTS).await;
    server.hub.broadcast(r#"{"a":1}"#, Replay::Yes, None);
    assert_eq!(next_text(&mut client).await, r#"{"vite-native-ws":1,"a":1}"#);
    drop(client);
    server.wait_for_close(first);
    server.hub.broadcast(r#"{"b":1}"#, Replay::Yes, None);
    server.hub.send_to_session(session, r#"{"c":1}"#, Replay::Yes, |_| None);
    assert_eq!(server.hub.missed(session, 1), Some(2));
    let (_, mut client) = back(&server, session, 1).await;
    server.hub.broadcast(r#"{"d":1}"#, Replay::Yes, None);
    let welcome = r#"{"session":"i","client":"k","seq":1,"received":0,"missed":2}}"#;
    assert_eq!(next_text(&mut client).await, format!("{WELCOME}{welcome}"));
    for (number, name) in [(2, "b"), (3, "c"), (4, "d")] {
        let expected = format!(r#"{{"vite-native-ws":{number},"{name}":1}}"#);
        assert_eq!(next_text(&mut client).await, expected);
    }
}

#[tokio::test]
async fn what_one_page_missed_holds_nobody_although_another_does_not_read() {
    let mut server = Server::new(Config::default());
    let (first, client, session) = page(&mut server, Subscriptions::EVENTS).await;
    drop(client);
    server.wait_for_close(first);
    let (_, stalled) = server.connect(Subscriptions::EVENTS).await;
    let payload = format!(r#"{{"text":"{}"}}"#, "x".repeat(8 * 1024));
    for _ in 0..900 {
        server.hub.broadcast(payload.clone(), Replay::Yes, None);
    }
    let (id, mut client) = server.connect_session(Subscriptions::MESSAGES, Some(session)).await;
    let start = Instant::now();
    assert!(server.hub.resume(id, "i", "k", 0));
    let held = start.elapsed();
    // A message at a time it was 900 times the wait for the other one.
    assert!(held < Duration::from_millis(250), "{held:?}");
    for _ in 0..=900 {
        next_text(&mut client).await;
    }
    drop(stalled);
}

#[tokio::test]
async fn a_client_that_is_no_page_gets_plain_payloads() {
    let mut server = Server::new(Config::default());
    let (_, mut resumable, _) = page(&mut server, Subscriptions::EVENTS).await;
    let (_, mut plain) = server.connect(Subscriptions::EVENTS).await;
    server.hub.broadcast(r#"{"a":1}"#, Replay::Yes, None);
    assert_eq!(next_text(&mut plain).await, r#"{"a":1}"#);
    assert_eq!(next_text(&mut resumable).await, r#"{"vite-native-ws":1,"a":1}"#);
}

#[tokio::test]
async fn a_probe_is_answered_with_the_number_of_messages_taken() {
    let mut server = Server::new(Config::default());
    let (id, mut client, _) = page(&mut server, Subscriptions::MESSAGES).await;
    for message in ["one", "two", PROBE] {
        client.send(Message::text(message)).await.unwrap();
    }
    assert_eq!(next_text(&mut client).await, format!("{ACKNOWLEDGEMENT}2}}"));
    for expected in [&b"one"[..], b"two"] {
        let Event::Message { data, .. } = server.wait_for(id, is_message) else { panic!() };
        assert_eq!(data, expected);
    }
}

#[tokio::test]
async fn all_probes_that_wait_are_answered_at_once() {
    const FLOOD: u64 = 1000;
    let mut server = Server::new(Config::default());
    let (_, mut client, _) = page(&mut server, Subscriptions::MESSAGES).await;
    // Above what the kernel takes, so that the answers have to wait.
    server.hub.broadcast(format!(r#"{{"text":"{}"}}"#, "x".repeat(6 << 20)), Replay::Yes, None);
    for number in 0..FLOOD {
        let message = if number % 2 == 0 { "said" } else { PROBE };
        client.feed(Message::text(message)).await.unwrap();
    }
    client.flush().await.unwrap();
    server.hub.broadcast(r#"{"end":1}"#, Replay::Yes, None);
    next_text(&mut client).await;
    let last = format!("{ACKNOWLEDGEMENT}{}}}", FLOOD / 2);
    let mut count = 0;
    loop {
        let text = next_text(&mut client).await;
        count += usize::from(text.starts_with(ACKNOWLEDGEMENT));
        if text == last {
            break;
        }
    }
    // One waits, and one more is on its way with each read.
    assert!(count < 20, "{count} answers");
}

#[tokio::test]
async fn a_page_that_came_back_is_no_longer_heard_on_its_old_connection() {
    let mut server = Server::new(Config::default());
    let (_, mut old, session) = page(&mut server, Subscriptions::MESSAGES).await;
    let (id, mut new) = back(&server, session, 0).await;
    next_text(&mut new).await;
    old.send(Message::text("late")).await.unwrap();
    old.send(Message::text(PROBE)).await.unwrap();
    assert_eq!(next_text(&mut old).await, format!("{ACKNOWLEDGEMENT}0}}"));
    new.send(Message::text("new")).await.unwrap();
    server.wait_for(id, is_message);
    new.send(Message::text(PROBE)).await.unwrap();
    assert_eq!(next_text(&mut new).await, format!("{ACKNOWLEDGEMENT}1}}"));
}

#[tokio::test]
async fn raw_messages_are_counted_for_pages() {
    let mut server = Server::new(Config::default());
    let (id, mut client, session) = page(&mut server, Subscriptions::EVENTS).await;
    server.hub.send_raw(id, Opcode::Text, true, b"raw".to_vec(), None);
    server.hub.send_raw(id, Opcode::Text, false, b"in ".to_vec(), None);
    server.hub.send_raw(id, Opcode::Continuation, true, b"two".to_vec(), None);
    server.hub.send_raw(id, Opcode::Ping, true, Vec::new(), None);
    assert_eq!(next_text(&mut client).await, "raw");
    assert_eq!(next_text(&mut client).await, "in two");
    assert_eq!(server.hub.raw_sent(session), 2);
}

#[tokio::test]
async fn nobody_comes_back_to_a_session_that_has_ended() {
    let mut server = Server::new(Config::default());
    let (_, _client, session) = page(&mut server, Subscriptions::EVENTS).await;
    server.hub.broadcast(r#"{"a":1}"#, Replay::Yes, None);
    server.hub.end_session(session);
    assert_eq!(server.hub.missed(session, 1), None);
}
