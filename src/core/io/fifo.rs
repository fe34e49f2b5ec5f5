//! The orders on their way to one thread, in the order in which they were given.

use crate::core::io::command::Command;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Bytes on their way to a thread above which a sender waits for it. The thread only has to hand
/// them to the outboxes, so that wait is short; without it a burst could outrun it without bound.
const HIGH_WATER_BYTES: usize = 32 * 1024 * 1024;
/// The longest such wait. A sender is JavaScript's main thread.
const WAIT: Duration = Duration::from_millis(100);
/// Commands taken at once.
const MAX_COMMANDS_AT_ONCE: usize = 1024;

/// Orders for a thread, from any other.
#[derive(Default)]
pub(crate) struct Fifo {
    state: Mutex<State>,
    /// Orders that have not been carried out.
    pending: AtomicUsize,
    bytes: AtomicUsize,
    drained: Condvar,
}

#[derive(Default)]
struct State {
    commands: VecDeque<Command>,
    /// Wakes the thread, if it sleeps.
    sleeper: Option<Waker>,
}

impl Fifo {
    /// Appends an order, and wakes the thread.
    pub(crate) fn push(&self, command: Command) {
        let mut state = self.reserve(&command);
        state.commands.push_back(command);
        let sleeper = state.sleeper.take();
        drop(state);
        if let Some(sleeper) = sleeper {
            sleeper.wake();
        }
    }

    /// Appends an order that goes to several threads, and returns whom the caller has to wake.
    ///
    /// To wake a thread costs the sender more than all the rest, so the first one wakes the `next`.
    /// A thread that is awake already might get round to that late; it is not asked.
    pub(crate) fn relay(&self, command: Command, next: Option<Waker>) -> Option<Waker> {
        let mut state = self.reserve(&command);
        let Some(sleeper) = state.sleeper.take() else {
            state.commands.push_back(command);
            return next;
        };
        if let Some(next) = next {
            self.pending.fetch_add(1, Ordering::Relaxed);
            state.commands.push_back(Command::Wake(next));
        }
        state.commands.push_back(command);
        Some(sleeper)
    }

    /// Moves the next orders to `batch`, or waits until there is one.
    pub(crate) fn poll_take(&self, cx: &Context<'_>, batch: &mut Vec<Command>) -> Poll<()> {
        let mut state = self.lock();
        if state.commands.is_empty() {
            let is_known = state.sleeper.as_ref().is_some_and(|known| known.will_wake(cx.waker()));
            if !is_known {
                state.sleeper = Some(cx.waker().clone());
            }
            return Poll::Pending;
        }
        state.sleeper = None;
        let count = state.commands.len().min(MAX_COMMANDS_AT_ONCE);
        batch.extend(state.commands.drain(..count));
        Poll::Ready(())
    }

    /// Whether every order so far has been carried out.
    pub(crate) fn is_idle(&self) -> bool {
        self.pending.load(Ordering::Acquire) == 0
    }

    /// So many orders have been carried out.
    pub(crate) fn on_done(&self, count: usize) {
        self.pending.fetch_sub(count, Ordering::Release);
    }

    /// So many bytes of orders have been handed on.
    pub(crate) fn on_drained(&self, bytes: usize) {
        let before = self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        if before > HIGH_WATER_BYTES {
            drop(self.lock());
            self.drained.notify_all();
        }
    }

    /// Waits for room, for a while.
    fn reserve(&self, command: &Command) -> MutexGuard<'_, State> {
        let bytes = command.bytes();
        let is_full = || self.bytes.load(Ordering::Relaxed) > HIGH_WATER_BYTES;
        let mut state = self.lock();
        if bytes > 0 && is_full() {
            let waited = self.drained.wait_timeout_while(state, WAIT, |_| is_full());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.pending.fetch_add(1, Ordering::Relaxed);
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
