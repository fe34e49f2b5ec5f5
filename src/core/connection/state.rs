//! The state of a connection.

use super::keepalive::Keepalive;
use super::rtt::RoundTrip;
use super::transport::Transport;
use crate::core::context::config::Config;
use crate::core::events::disconnect::DisconnectReason;
use crate::core::outgoing::outbox::Outbox;
use crate::core::protocol::receiver::Receiver;
use std::time::{Duration, Instant};

/// The answer to a page's probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProbeAnswer {
    /// None is under way.
    None,
    /// One waits to be written.
    Waits,
    /// Likewise, and the page has asked again.
    Again,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing is read until the caller has set the connection up.
    Starting,
    /// Messages flow.
    Open,
    /// Bytes are read and thrown away: the peer closed, or broke the protocol.
    Draining,
    /// It is over.
    Ended,
}

/// What is known of the peer, and what waits for it.
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) receiver: Receiver,
    pub(super) outbox: Outbox,
    /// Bytes that came behind the upgrade request.
    pub(super) head: Vec<u8>,
    pub(super) is_paused: bool,
    /// Waits until the caller has caught up with this server's events.
    pub(super) is_throttled: bool,
    /// Waits until answers have been written.
    pub(super) awaits_answers: bool,
    pub(super) probe_answer: ProbeAnswer,
    pub(super) close_sent: bool,
    pub(super) close_received: Option<(u16, Vec<u8>)>,
    /// Why the client is about to leave.
    pub(super) disconnect: Option<DisconnectReason>,
    /// The close frame that ends the connection, once the caller has replied to all messages.
    pub(super) last_close: Option<(Option<u16>, Vec<u8>)>,
    /// The stream is ended once the outbox is empty.
    pub(super) ends_when_flushed: bool,
    pub(super) end_sent: bool,
    pub(super) end_received: bool,
    pub(super) deadline: Option<Instant>,
    pub(super) keepalive: Keepalive,
    /// The peer's window when it was heard, once between two ticks.
    pub(super) window: Option<u32>,
    pub(super) window_noted: Option<Duration>,
    pub(super) round_trip: RoundTrip,
    /// Frames dropped since the client was last sent a reload.
    pub(super) dropped: usize,
    /// When the kernel last took something of what waits for it.
    pub(super) moved_at: Option<Instant>,
    /// The last look at what waits, and for how long nothing had been taken of it then.
    pub(super) looked: Option<Instant>,
    pub(super) still_when_looked: Duration,
}

impl State {
    /// The state of a connection that has not been started. `head` came behind the upgrade request.
    pub(super) fn new(config: &Config, head: Vec<u8>, running: Duration) -> Self {
        let Config { limits, marks, .. } = *config;
        Self {
            phase: Phase::Starting,
            receiver: Receiver::new(limits),
            outbox: Outbox::new(marks),
            head,
            is_paused: false,
            is_throttled: false,
            awaits_answers: false,
            probe_answer: ProbeAnswer::None,
            close_sent: false,
            close_received: None,
            disconnect: None,
            last_close: None,
            ends_when_flushed: false,
            end_sent: false,
            end_received: false,
            deadline: None,
            keepalive: Keepalive::new(running),
            window: None,
            window_noted: None,
            round_trip: RoundTrip::default(),
            dropped: 0,
            moved_at: None,
            looked: None,
            still_when_looked: Duration::ZERO,
        }
    }

    /// The peer has been heard: it reads. `running` is the time of the last tick.
    pub(super) fn note_window(&mut self, transport: &Transport, running: Duration) {
        if self.window_noted.replace(running) != Some(running) {
            self.window = transport.window();
        }
    }

    /// Takes note of a step towards the end of the connection.
    pub(super) fn disconnect_for(&mut self, reason: DisconnectReason) {
        self.disconnect = Some(DisconnectReason::then(self.disconnect, reason));
    }

    /// When a connection that ends is cut. A peer that has said no more than that nothing more comes
    /// has all the time in which it takes something of what it is owed.
    pub(super) fn cut_at(&self, close_timeout: Duration) -> Option<Instant> {
        let is_owed = self.end_received && !self.close_sent && !self.outbox.is_empty();
        let moved_at = self.moved_at.filter(|_| is_owed);
        self.deadline.max(self.deadline.and(moved_at).map(|moved_at| moved_at + close_timeout))
    }

    /// How long nothing has been taken of what waits for the client.
    pub(super) fn still_for(&self, now: Instant) -> Duration {
        let since = self.moved_at.map(|moved_at| now.saturating_duration_since(moved_at));
        since.unwrap_or_default()
    }
}
