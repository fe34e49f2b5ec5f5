//! Configuration of a server. Every bound has a finite default.

use crate::core::outgoing::backpressure::{DEFAULT_HIGH_WATER_BYTES, WaterMarks};
use crate::core::protocol::receiver::Limits;
use crate::core::resume::journal::Bounds;
use std::time::Duration;

/// Longest message taken from a client. As `ws` and so Vite (100 MiB): plugins send screenshots
/// and profiles. Nothing is reserved before it has arrived.
pub const DEFAULT_MAX_PAYLOAD_BYTES: u64 = 100 * 1024 * 1024;
/// Most parts of one message, as `ws` 8.21.
pub const DEFAULT_MAX_FRAGMENTS: u32 = 16 * 1024;
/// How long a close handshake may take, as `ws`.
pub const DEFAULT_CLOSE_TIMEOUT: Duration = Duration::from_secs(30);
/// Silence after which a peer is pinged: below the idle limits of common proxies (25 to 100 s).
pub const DEFAULT_KEEPALIVE: Duration = Duration::from_secs(20);
/// Pongs, and answers to a page's probes, that may wait for one client before nothing more is read
/// from it. The number is that of `ws` 8.23, which drops the client instead.
pub const DEFAULT_MAX_PENDING_PONGS: usize = 60;
/// Clients that may be connected at once: far above any team's tabs, far below the descriptors of
/// a process. JavaScript enforces it, since it answers the upgrade.
pub const DEFAULT_MAX_CLIENTS: u32 = 10_000;
/// Messages kept for pages that lost their connection: an afternoon's updates, and as many bytes as
/// may wait for one client.
pub const DEFAULT_JOURNAL: Bounds =
    Bounds { messages: 1000, bytes: DEFAULT_HIGH_WATER_BYTES, age: Duration::from_secs(10 * 60) };

/// How the connections of one server behave.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Bounds on what is received.
    pub limits: Limits,
    /// Bounds on what waits to be sent.
    pub marks: WaterMarks,
    /// How long a close handshake may take.
    pub close_timeout: Duration,
    /// Silence after which a peer is pinged; twice that ends it. Zero turns it off.
    pub keepalive: Duration,
    /// Whether pings are answered.
    pub auto_pong: bool,
    /// Pongs that may wait for one client.
    pub max_pending_pongs: usize,
    /// Bounds on what is kept for pages that come back.
    pub journal: Bounds,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits {
                max_payload_bytes: DEFAULT_MAX_PAYLOAD_BYTES,
                max_fragments: DEFAULT_MAX_FRAGMENTS,
                skip_utf8_validation: false,
            },
            marks: WaterMarks::default(),
            close_timeout: DEFAULT_CLOSE_TIMEOUT,
            keepalive: DEFAULT_KEEPALIVE,
            auto_pong: true,
            max_pending_pongs: DEFAULT_MAX_PENDING_PONGS,
            journal: DEFAULT_JOURNAL,
        }
    }
}

impl Config {
    /// How often connections are looked at for their deadlines: an eighth of the shortest of them.
    pub fn tick(&self) -> Duration {
        let shortest = [self.keepalive, self.close_timeout]
            .into_iter()
            .filter(|duration| !duration.is_zero())
            .min()
            .unwrap_or(DEFAULT_CLOSE_TIMEOUT);
        (shortest / 8).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }
}
