//! A server of the core over real sockets, and clients of tokio-tungstenite.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(dead_code, reason = "each test uses a part of it")]

use futures_util::StreamExt;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use vite_native_ws::core::context::config::Config;
use vite_native_ws::core::events::event::Event;
use vite_native_ws::core::hub::{Hub, Upgraded};
use vite_native_ws::core::peer::Subscriptions;
use vite_native_ws::core::socket::adopt;

pub type Client = WebSocketStream<TcpStream>;

/// No wait of a test is longer than this.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub struct Server {
    pub hub: Arc<Hub>,
    woken: Receiver<()>,
    /// Events taken and not yet waited for.
    seen: Vec<(u32, Event)>,
}

impl Server {
    pub fn new(config: Config) -> Self {
        Self::waking(config, || {})
    }

    /// A server whose threads call `hook` when there are events to take.
    pub fn waking(config: Config, hook: impl Fn() + Send + Sync + 'static) -> Self {
        let (wake, woken): (Sender<()>, _) = channel();
        let hub = Hub::new(config, move || {
            let _ = wake.send(());
            hook();
        });
        Self { hub, woken, seen: Vec::new() }
    }

    /// A connected client and its number in the server.
    pub async fn connect(&self, wants: Subscriptions) -> (u32, Client) {
        self.connect_session(wants, None).await
    }

    /// A connected client of a page that comes back.
    pub async fn connect_session(
        &self,
        wants: Subscriptions,
        session: Option<u32>,
    ) -> (u32, Client) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (accepted, _) = accepted.unwrap();
        let adopted = adopt(accepted.as_raw_fd()).unwrap();
        let upgraded = Upgraded { adopted: Some(adopted), ..Upgraded::default() };
        let peer = self.hub.open(upgraded, true, wants, session).unwrap();
        self.hub.start(peer.id(), false);
        let client = client.unwrap();
        client.set_nodelay(true).unwrap();
        (peer.id(), WebSocketStream::from_raw_socket(client, Role::Client, None).await)
    }

    /// Waits for an event of a connection.
    pub fn wait_for(&mut self, id: u32, is_wanted: impl Fn(&Event) -> bool) -> Event {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let place = self.seen.iter().position(|(of, event)| *of == id && is_wanted(event));
            if let Some(place) = place {
                return self.seen.remove(place).1;
            }
            let batch = self.hub.take_events(512);
            if batch.is_empty() {
                let left = deadline.saturating_duration_since(Instant::now());
                assert!(!left.is_zero(), "no such event; seen: {:?}", self.seen);
                let _ = self.woken.recv_timeout(left);
            }
            self.seen.extend(batch.into_iter().map(|(peer, event)| (peer.id(), event)));
        }
    }

    pub fn wait_for_close(&mut self, id: u32) -> (u16, Vec<u8>) {
        match self.wait_for(id, |event| matches!(event, Event::Closed { .. })) {
            Event::Closed { code, reason, .. } => (code, reason),
            _ => unreachable!("only a close was waited for"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.hub.close_all();
    }
}

/// The next message of a client; `None` when the stream has ended.
pub async fn next(client: &mut Client) -> Option<Message> {
    let message = tokio::time::timeout(DEADLINE, client.next()).await;
    message.expect("nothing came in time").and_then(Result::ok)
}

pub async fn next_text(client: &mut Client) -> String {
    next(client).await.expect("the connection is open").into_text().unwrap().to_string()
}
