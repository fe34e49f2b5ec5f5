//! Counters of one server.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters, changed as things happen and read at any time.
#[derive(Debug, Default)]
pub struct Stats {
    adopted: AtomicU64,
    bridged: AtomicU64,
    dropped_frames: AtomicU64,
    reaped: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// Connections taken over by file descriptor so far.
    pub adopted: u64,
    /// Connections whose bytes JavaScript carries, so far.
    pub bridged: u64,
    /// Frames dropped because a client did not read.
    pub dropped_frames: u64,
    /// Connections ended by keepalive.
    pub reaped: u64,
}

impl Stats {
    pub(crate) fn on_opened(&self, is_adopted: bool) {
        let counter = if is_adopted { &self.adopted } else { &self.bridged };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn on_dropped(&self, frames: usize) {
        self.dropped_frames.fetch_add(frames as u64, Ordering::Relaxed);
    }

    pub(crate) fn on_reaped(&self) {
        self.reaped.fetch_add(1, Ordering::Relaxed);
    }

    /// Reads all counters.
    pub fn snapshot(&self) -> Snapshot {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Snapshot {
            adopted: read(&self.adopted),
            bridged: read(&self.bridged),
            dropped_frames: read(&self.dropped_frames),
            reaped: read(&self.reaped),
        }
    }
}
