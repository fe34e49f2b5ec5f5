//! The commands on their way to one thread: for each server in the order in which they were given.

use crate::core::io::command::Command;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Commands taken at once, all of one server.
const COMMANDS_PER_TURN: usize = 1024;
/// Payload bytes after which the next server has its turn.
const BYTES_PER_TURN: usize = 256 * 1024;

/// Commands for a thread, from any other. To append one never waits for the thread.
#[derive(Default)]
pub(crate) struct Fifo {
    state: Mutex<State>,
    /// Orders that have not been carried out.
    pending: AtomicUsize,
}

#[derive(Default)]
struct State {
    /// The servers that have commands waiting; the next one whose turn it is comes first.
    queues: VecDeque<Queue>,
    /// Wakes the thread, if it sleeps.
    sleeper: Option<Waker>,
}

/// The commands of one server.
struct Queue {
    server: u32,
    commands: VecDeque<Command>,
}

impl State {
    fn append(&mut self, server: u32, command: Command) {
        match self.queues.iter_mut().find(|queue| queue.server == server) {
            Some(queue) => queue.commands.push_back(command),
            None => self.queues.push_back(Queue { server, commands: VecDeque::from([command]) }),
        }
    }
}

impl Fifo {
    /// Appends an order of this server, and wakes the thread.
    pub(crate) fn push(&self, server: u32, command: Command) {
        self.pending.fetch_add(1, Ordering::Relaxed);
        let mut state = self.lock();
        state.append(server, command);
        let sleeper = state.sleeper.take();
        drop(state);
        if let Some(sleeper) = sleeper {
            sleeper.wake();
        }
    }

    /// Appends an order of this server that is carried out with the next one.
    pub(crate) fn defer(&self, server: u32, command: Command) {
        self.pending.fetch_add(1, Ordering::Relaxed);
        self.lock().append(server, command);
    }

    /// Appends an order that goes to several threads, and returns whom the caller has to wake.
    ///
    /// To wake a thread costs the sender more than all the rest, so the first one wakes the `next`.
    /// A thread that is awake already might get round to that late; it is not asked.
    pub(crate) fn relay(
        &self,
        server: u32,
        command: Command,
        next: Option<Waker>,
    ) -> Option<Waker> {
        self.pending.fetch_add(1, Ordering::Relaxed);
        let mut state = self.lock();
        let Some(sleeper) = state.sleeper.take() else {
            state.append(server, command);
            return next;
        };
        if let Some(next) = next {
            self.pending.fetch_add(1, Ordering::Relaxed);
            state.append(server, Command::Wake(next));
        }
        state.append(server, command);
        Some(sleeper)
    }

    /// Moves the next commands of one server to `batch`, or waits until there is one.
    pub(crate) fn poll_take(&self, cx: &Context<'_>, batch: &mut Vec<Command>) -> Poll<()> {
        let mut state = self.lock();
        let Some(mut queue) = state.queues.pop_front() else {
            let is_known = state.sleeper.as_ref().is_some_and(|known| known.will_wake(cx.waker()));
            if !is_known {
                state.sleeper = Some(cx.waker().clone());
            }
            return Poll::Pending;
        };
        state.sleeper = None;
        let mut bytes = 0;
        while bytes < BYTES_PER_TURN && batch.len() < COMMANDS_PER_TURN {
            let Some(command) = queue.commands.pop_front() else { break };
            bytes += command.bytes();
            batch.push(command);
        }
        if !queue.commands.is_empty() {
            state.queues.push_back(queue);
        }
        Poll::Ready(())
    }

    /// Whether every order so far has been carried out.
    pub(crate) fn is_idle(&self) -> bool {
        self.pending.load(Ordering::Acquire) == 0
    }

    /// So many commands have been carried out.
    pub(crate) fn on_done(&self, count: usize) {
        self.pending.fetch_sub(count, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(fifo: &Fifo) -> Vec<u32> {
        let mut batch = Vec::new();
        let _ = fifo.poll_take(&Context::from_waker(Waker::noop()), &mut batch);
        let id = |command: Command| match command {
            Command::Start { id, .. } => id,
            _ => 0,
        };
        batch.into_iter().map(id).collect()
    }

    fn start(id: u32) -> Command {
        Command::Start { id, is_welcome: false }
    }

    #[test]
    fn each_server_has_its_turn_and_its_order() {
        let fifo = Fifo::default();
        for id in 0..3000 {
            fifo.push(1, start(id));
        }
        fifo.push(2, start(7));
        fifo.push(2, start(8));
        assert_eq!(take(&fifo), (0..1024).collect::<Vec<_>>());
        assert_eq!(take(&fifo), [7, 8]);
        assert_eq!(take(&fifo), (1024..2048).collect::<Vec<_>>());
        assert_eq!(take(&fifo), (2048..3000).collect::<Vec<_>>());
        assert!(take(&fifo).is_empty());
    }
}
