//! What becomes of an I/O thread that panics. It is shared, so this has a process of its own.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod harness;

use harness::{Server, next, next_text};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use vite_native_ws::core::context::config::Config;
use vite_native_ws::core::peer::Subscriptions;
use vite_native_ws::core::resume::resumption::Replay;

const NOTHING: Subscriptions = Subscriptions::from_bits(0);

#[tokio::test]
async fn a_panic_ends_the_connections_of_its_thread_and_the_next_ones_are_served() {
    let panics = Arc::new(AtomicBool::new(false));
    let does_panic = panics.clone();
    // Called on the thread, in the middle of an order.
    let mut server = Server::waking(Config::default(), move || {
        assert!(!does_panic.swap(false, Ordering::SeqCst), "a panic, as the test wants it");
    });
    let mut other = Server::new(Config::default());
    let (id, mut client) = server.connect(NOTHING).await;
    let (elsewhere_id, mut elsewhere) = other.connect(NOTHING).await;
    server.hub.broadcast("before", Replay::Yes, None);
    assert_eq!(next_text(&mut client).await, "before");

    server.hub.observation().set_keepalive(true);
    panics.store(true, Ordering::SeqCst);
    server.hub.ping_all();
    let late = server.connect(NOTHING).await.0;
    assert_eq!(server.wait_for_close(id).0, 1006);
    drop(client);
    while next(&mut elsewhere).await.is_some() {}
    assert_eq!(other.wait_for_close(elsewhere_id).0, 1006, "each end is told");

    server.hub.terminate(late);
    server.wait_for_close(late);
    let (_, mut client) = server.connect(NOTHING).await;
    for text in ["after", "and on"] {
        server.hub.broadcast(text, Replay::Yes, None);
        assert_eq!(next_text(&mut client).await, text);
    }
    assert_eq!(server.hub.snapshot().clients.len(), 1);
}
