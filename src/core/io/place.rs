//! The share of a connection in the load of an I/O thread.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A connection's place on a thread, given back when dropped.
pub(crate) struct Place {
    thread: usize,
    connections: &'static AtomicUsize,
}

impl Place {
    /// One more on the thread with this number, which has so many `connections`.
    pub(crate) fn new(thread: usize, connections: &'static AtomicUsize) -> Self {
        connections.fetch_add(1, Ordering::Relaxed);
        Self { thread, connections }
    }

    /// The number of the thread.
    pub(crate) fn thread(&self) -> usize {
        self.thread
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
