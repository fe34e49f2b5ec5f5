//! Counters of one server.

use crate::core::peer::traffic::Totals;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Counters, changed as things happen and read at any time. What passes over a connection is
/// counted there (see [`crate::core::peer::traffic`]) and added here at its end.
#[derive(Debug, Default)]
pub struct Stats {
    adopted: AtomicU64,
    bridged: AtomicU64,
    dropped_messages: AtomicU64,
    overflows: AtomicU64,
    pings: AtomicU64,
    keepalive_timeouts: AtomicU64,
    /// Traffic of the clients that have left.
    left: Mutex<Totals>,
}

/// The counters at one moment.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Snapshot {
    /// Threads that this server has, or had, connections on.
    pub io_threads: usize,
    /// Connections taken over by file descriptor so far.
    pub adopted: u64,
    /// Connections whose bytes JavaScript carries, so far.
    pub bridged: u64,
    /// Frames dropped because a client did not read.
    pub dropped_messages: u64,
    /// How often a client came over its high-water mark and lost something.
    pub overflows: u64,
    /// Keepalive pings sent.
    pub pings: u64,
    /// Connections ended by keepalive.
    pub keepalive_timeouts: u64,
    /// Traffic of all clients, those that have left included.
    pub totals: Totals,
    /// The clients connected now.
    pub clients: Vec<ClientSnapshot>,
}

/// One client at one moment.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ClientSnapshot {
    /// Its number.
    pub id: u32,
    /// Traffic of its connection.
    pub totals: Totals,
    /// Bytes that wait to be written.
    pub queued_bytes: usize,
    /// Since its last byte.
    pub silence: Duration,
    /// Of the last keepalive ping that was answered.
    pub round_trip: Option<Duration>,
}

impl Stats {
    pub(crate) fn on_opened(&self, is_adopted: bool) {
        increment(if is_adopted { &self.adopted } else { &self.bridged });
    }

    pub(crate) fn on_dropped(&self, frames: usize) {
        self.dropped_messages.fetch_add(frames as u64, Ordering::Relaxed);
    }

    pub(crate) fn on_overflow(&self) {
        increment(&self.overflows);
    }

    pub(crate) fn on_ping(&self) {
        increment(&self.pings);
    }

    pub(crate) fn on_keepalive_timeout(&self) {
        increment(&self.keepalive_timeouts);
    }

    /// A client has left.
    pub(crate) fn on_left(&self, totals: Totals) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) += totals;
    }

    /// Reads all counters. `clients` are those that have not been counted as having left.
    pub(crate) fn snapshot(&self, clients: Vec<ClientSnapshot>) -> Snapshot {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut totals = *self.left.lock().unwrap_or_else(PoisonError::into_inner);
        clients.iter().for_each(|client| totals += client.totals);
        Snapshot {
            io_threads: 0,
            adopted: read(&self.adopted),
            bridged: read(&self.bridged),
            dropped_messages: read(&self.dropped_messages),
            overflows: read(&self.overflows),
            pings: read(&self.pings),
            keepalive_timeouts: read(&self.keepalive_timeouts),
            totals,
            clients,
        }
    }
}

fn increment(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
