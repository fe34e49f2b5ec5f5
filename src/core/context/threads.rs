//! The threads that a server has connections on: I/O threads, and the caller's own.

use crate::core::peer::under_way::UnderWay;
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
    /// Broadcasts on their way to the thread.
    under_way: UnderWay,
    /// Broadcasts that were not sent, since too much was on its way, and of which the thread has not
    /// been told yet.
    lost: AtomicUsize,
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

    /// The broadcasts on their way to this thread.
    pub(crate) fn under_way(&self, thread: Option<usize>) -> &UnderWay {
        &self.share(thread).under_way
    }

    /// A broadcast is not sent to this thread. True if it does not know yet that some were not.
    pub(crate) fn lose(&self, thread: Option<usize>) -> bool {
        self.share(thread).lost.fetch_add(1, Ordering::Relaxed) == 0
    }

    /// Broadcasts that were not sent to this thread since the last call.
    pub(crate) fn take_lost(&self, thread: Option<usize>) -> usize {
        self.share(thread).lost.swap(0, Ordering::Relaxed)
    }
}
