//! The I/O threads that a server has connections on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The most I/O threads of the process, however many cores there are: this is a guest in a dev
/// server.
pub(crate) const MAX_IO_THREADS: usize = 4;

/// The share of one server in each I/O thread.
#[derive(Debug, Default)]
pub(crate) struct Threads([Share; MAX_IO_THREADS]);

#[derive(Debug, Default)]
struct Share {
    /// Whether a connection of the server ever was on the thread.
    is_used: AtomicBool,
    /// Bytes of broadcasts on their way to the thread.
    broadcast_bytes: AtomicUsize,
}

impl Threads {
    /// A connection is about to be served by this thread.
    pub(crate) fn on_opened(&self, thread: usize) {
        self.0[thread].is_used.store(true, Ordering::Relaxed);
    }

    /// The threads that the server has, or had, connections on.
    pub(crate) fn used(&self) -> impl Iterator<Item = usize> {
        let is_used = |index: &usize| self.0[*index].is_used.load(Ordering::Relaxed);
        (0..MAX_IO_THREADS).filter(is_used)
    }

    /// A broadcast is on its way to this thread.
    pub(crate) fn on_broadcast_sent(&self, thread: usize, bytes: usize) {
        self.0[thread].broadcast_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A broadcast has reached this thread.
    pub(crate) fn on_broadcast_arrived(&self, thread: usize, bytes: usize) {
        self.0[thread].broadcast_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Bytes of broadcasts on their way to this thread.
    pub(crate) fn broadcast_bytes(&self, thread: usize) -> usize {
        self.0[thread].broadcast_bytes.load(Ordering::Relaxed)
    }
}
