//! The moment that a sender waits for clients that cannot keep up, before one loses anything.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The longest wait of one send. The sender is JavaScript's main thread, which in `ws` would spend
/// such times in the kernel.
const WAIT: Duration = Duration::from_millis(25);

/// The clients of a server that are over their high-water mark and yet take what they are sent.
#[derive(Debug, Default)]
pub struct Backpressure {
    clients: AtomicUsize,
    turn: Mutex<()>,
    relieved: Condvar,
}

impl Backpressure {
    /// A client has come over its mark, or is no longer waited for.
    pub(crate) fn count(&self, is_over: bool) {
        if is_over {
            self.clients.fetch_add(1, Ordering::SeqCst);
        } else if self.clients.fetch_sub(1, Ordering::SeqCst) == 1 {
            drop(self.turn.lock());
            self.relieved.notify_all();
        }
    }

    /// Waits until no client is over its mark, but not long.
    pub(crate) fn wait(&self) {
        if self.clients.load(Ordering::SeqCst) == 0 {
            return;
        }
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |(): &mut ()| self.clients.load(Ordering::SeqCst) > 0;
        drop(self.relieved.wait_timeout_while(turn, WAIT, is_over));
    }
}
