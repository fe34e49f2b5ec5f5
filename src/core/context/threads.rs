//! The threads that a server has connections on: I/O threads, and the caller's own.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The most I/O threads of the process, however many cores there are: this is a guest in a dev
/// server.
pub(crate) const MAX_IO_THREADS: usize = 4;

/// The share of one server in each I/O thread, and in the caller's, which is `None`.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    io: [Share; MAX_IO_THREADS],
    caller: Share,
}

#[derive(Debug, Default)]
struct Share {
    /// Whether a connection of the server ever was on the thread.
    is_used: AtomicBool,
    /// Bytes of broadcasts on their way to the thread.
    broadcast_bytes: AtomicUsize,
}

impl Threads {
    /// A connection is about to be served by this thread.
    pub(crate) fn on_opened(&self, thread: Option<usize>) {
        self.share(thread).is_used.store(true, Ordering::Relaxed);
    }

    fn share(&self, thread: Option<usize>) -> &Share {
        thread.map_or(&self.caller, |index| &self.io[index])
    }

    /// Whether the server has, or had, connections on the caller's thread.
    pub(crate) fn is_caller_used(&self) -> bool {
        self.caller.is_used.load(Ordering::Relaxed)
    }

    /// The I/O threads that the server has, or had, connections on.
    pub(crate) fn used(&self) -> impl Iterator<Item = usize> {
        let is_used = |index: &usize| self.io[*index].is_used.load(Ordering::Relaxed);
        (0..MAX_IO_THREADS).filter(is_used)
    }

    /// A broadcast is on its way to this thread.
    pub(crate) fn on_broadcast_sent(&self, thread: Option<usize>, bytes: usize) {
        self.share(thread).broadcast_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A broadcast has reached this thread.
    pub(crate) fn on_broadcast_arrived(&self, thread: Option<usize>, bytes: usize) {
        self.share(thread).broadcast_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Bytes of broadcasts on their way to this thread.
    pub(crate) fn broadcast_bytes(&self, thread: Option<usize>) -> usize {
        self.share(thread).broadcast_bytes.load(Ordering::Relaxed)
    }
}
