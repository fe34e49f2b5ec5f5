//! Pages that come back on another connection: what they are sent again, and what counts of them.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod harness;

use futures_util::SinkExt;
use harness::{Server, next_text};
use tokio_tungstenite::tungstenite::Message;
use vite_native_ws::core::context::config::Config;
use vite_native_ws::core::events::event::Event;
use vite_native_ws::core::peer::Subscriptions;
use vite_native_ws::core::resume::resumption::Replay;

fn is_message(event: &Event) -> bool {
    matches!(event, Event::Message { .. })
}

#[tokio::test]
async fn a_page_gets_what_it_missed_before_anything_new() {
    let mut server = Server::new(Config::default());
    let session = server.hub.add_session();
    let (first, mut client) = server.connect_session(Subscriptions::EVENTS, Some(session)).await;
    server.hub.send_hello(first, "{}", server.hub.last_sequence());
    server.hub.broadcast("a", Replay::Yes, None);
    assert_eq!(next_text(&mut client).await, "\u{1}h{}");
    assert_eq!(next_text(&mut client).await, "\u{1}1 a");
    drop(client);
    server.wait_for_close(first);
    server.hub.broadcast("b", Replay::Yes, None);
    server.hub.broadcast("moment", Replay::No, None);
    server.hub.broadcast("c", Replay::Yes, None);
    assert!(server.hub.can_resume(session, 1));
    let (second, mut client) = server.connect_session(Subscriptions::EVENTS, Some(session)).await;
    server.hub.send_hello(second, "{}", 1);
    server.hub.broadcast("d", Replay::Yes, None);
    for expected in ["\u{1}h{}", "\u{1}2 b", "\u{1}4 c", "\u{1}5 d"] {
        assert_eq!(next_text(&mut client).await, expected);
    }
}

#[tokio::test]
async fn a_client_that_is_no_page_gets_plain_payloads() {
    let server = Server::new(Config::default());
    let session = server.hub.add_session();
    let (_, mut plain) = server.connect(Subscriptions::EVENTS).await;
    let (_, mut resumable) = server.connect_session(Subscriptions::EVENTS, Some(session)).await;
    server.hub.broadcast("{}", Replay::Yes, None);
    assert_eq!(next_text(&mut plain).await, "{}");
    assert_eq!(next_text(&mut resumable).await, "\u{1}1 {}");
}

#[tokio::test]
async fn a_probe_is_answered_with_the_number_of_messages_taken() {
    let mut server = Server::new(Config::default());
    let session = server.hub.add_session();
    let (id, mut client) = server.connect_session(Subscriptions::MESSAGES, Some(session)).await;
    for message in ["one", "\u{1}=\u{1}two", "\u{1}?"] {
        client.send(Message::text(message)).await.unwrap();
    }
    assert_eq!(next_text(&mut client).await, "\u{1}!2");
    for expected in [&b"one"[..], b"\x01two"] {
        let Event::Message { data, .. } = server.wait_for(id, is_message) else { panic!() };
        assert_eq!(data, expected);
    }
    assert_eq!(server.hub.received_from(session), 2);
}

#[tokio::test]
async fn a_page_that_came_back_is_no_longer_heard_on_its_old_connection() {
    let mut server = Server::new(Config::default());
    let session = server.hub.add_session();
    let (_, mut old) = server.connect_session(Subscriptions::MESSAGES, Some(session)).await;
    let (id, mut new) = server.connect_session(Subscriptions::MESSAGES, Some(session)).await;
    old.send(Message::text("late")).await.unwrap();
    old.send(Message::text("\u{1}?")).await.unwrap();
    assert_eq!(next_text(&mut old).await, "\u{1}!0");
    new.send(Message::text("new")).await.unwrap();
    server.wait_for(id, is_message);
    assert_eq!(server.hub.received_from(session), 1);
}

#[tokio::test]
async fn a_raw_message_that_looks_like_a_mark_is_told_apart() {
    use vite_native_ws::core::protocol::opcode::Opcode;
    let server = Server::new(Config::default());
    let session = server.hub.add_session();
    let (id, mut client) = server.connect_session(Subscriptions::EVENTS, Some(session)).await;
    server.hub.send_raw(id, Opcode::Text, true, b"\x01?".to_vec(), None);
    assert_eq!(next_text(&mut client).await, "\u{1}=\u{1}?");
}
