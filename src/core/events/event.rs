//! Events for the caller: a queue, and one wake-up for many of them.

use super::disconnect::DisconnectReason;
use crate::core::error::ProtocolError;
use crate::core::peer::Peer;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Incoming bytes of all clients of a server that may wait for the caller. Above it, those clients of
/// which something waits are not read, so that a flood ends up in the peers' own TCP buffers; what
/// one client alone may have waiting is in [`Peer`].
pub const HIGH_WATER_BYTES: usize = 32 * 1024 * 1024;
/// Waiting bytes at which they are read again.
pub const LOW_WATER_BYTES: usize = 8 * 1024 * 1024;
/// Waiting bytes above which events for the inspector are left out.
const BUSY_BYTES: usize = 1024 * 1024;
/// Cost of an event beyond its payload, so that many empty ones count too.
const EVENT_OVERHEAD_BYTES: usize = 128;

/// Something that happened on a connection.
#[derive(Debug)]
pub enum Event {
    /// A message that has a listener.
    Message {
        /// The payload.
        data: Vec<u8>,
        /// Whether it is binary; otherwise it is UTF-8 (unless validation is off).
        binary: bool,
    },
    /// A page has said that it can come back.
    Hello {
        /// It has been reloaded since it could not go on.
        is_reloaded: bool,
    },
    /// A ping, already answered where the server answers pings.
    Ping(Vec<u8>),
    /// A pong.
    Pong(Vec<u8>),
    /// The peer's close frame.
    CloseFrame {
        /// The peer's code; 1005 for none.
        code: u16,
        /// The peer's reason.
        reason: Vec<u8>,
    },
    /// The peer broke the protocol and is being closed for it.
    ProtocolError(ProtocolError),
    /// The frame of a send with this token has been written.
    Sent(u32),
    /// The outbox overflowed; by default what was unsent is gone and a reload will follow. Told
    /// once until that has been sent.
    Dropped {
        /// Frames dropped at once.
        frames: usize,
        /// Whether the connection is closed for it instead.
        closing: bool,
    },
    /// A client that had lost messages reads again, and is sent a reload.
    Recovered {
        /// Frames dropped in between.
        frames: usize,
    },
    /// While watched: a keepalive ping has been sent.
    KeepalivePing,
    /// While watched: a keepalive ping was answered, after this long.
    KeepalivePong(Duration),
    /// While watched: a message from the peer, with a listener or without.
    Observed {
        /// The beginning of its payload.
        data: Vec<u8>,
        /// The length of its payload, in bytes.
        length: usize,
        /// Whether it is binary.
        binary: bool,
    },
    /// The connection is over. Nothing follows for it.
    Closed {
        /// The peer's close code; 1005 for none, 1006 for no close frame.
        code: u16,
        /// The reason in the peer's close frame.
        reason: Vec<u8>,
        /// Why the client left.
        disconnect: DisconnectReason,
    },
}

impl Event {
    fn payload_bytes(&self) -> usize {
        match self {
            Event::Message { data, .. } | Event::Observed { data, .. } => data.len(),
            Event::Ping(data) | Event::Pong(data) => data.len(),
            _ => 0,
        }
    }
}

/// The events of one server, in order.
pub struct EventQueue {
    state: Mutex<State>,
    waiting_bytes: AtomicUsize,
    wake: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct State {
    events: VecDeque<(Arc<Peer>, Event)>,
    /// Peers whose messages the caller took with the last batch, how many in a row, and their bytes.
    taken: Vec<(Arc<Peer>, usize, usize)>,
    taken_bytes: usize,
    woken: bool,
}

impl EventQueue {
    /// An empty queue. `wake` is called, from any thread, when the caller should [`Self::take`].
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let state = Mutex::default();
        Self { state, waiting_bytes: AtomicUsize::new(0), wake: Box::new(wake) }
    }

    /// Queues an event and wakes the caller if it is not already on its way.
    pub fn emit(&self, peer: &Arc<Peer>, event: Event) {
        let bytes = cost(&event);
        self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if is_message(&event) {
            peer.on_message_queued(bytes);
        }
        let mut state = self.lock();
        state.events.push_back((peer.clone(), event));
        let woken = std::mem::replace(&mut state.woken, true);
        drop(state);
        if !woken {
            (self.wake)();
        }
    }

    /// The caller will [`Self::take`] soon, and need not be woken before.
    pub(crate) fn announce_take(&self) {
        self.lock().woken = true;
    }

    /// Whether the announced [`Self::take`] has anything to take. If not, the caller needs not come.
    pub(crate) fn keep_announcement(&self) -> bool {
        let mut state = self.lock();
        state.woken = !state.events.is_empty();
        state.woken
    }

    /// Whether so much waits that clients of which something does should not be read.
    pub fn is_full(&self) -> bool {
        self.waiting_bytes.load(Ordering::Relaxed) > HIGH_WATER_BYTES
    }

    /// Whether the caller is so far behind that it gets no events that it can do without.
    pub(crate) fn is_busy(&self) -> bool {
        self.waiting_bytes.load(Ordering::Relaxed) > BUSY_BYTES
    }

    /// Takes up to `most` events. The caller has dealt with those of the call before: their peers
    /// are handed to `handled` with the number of their messages and what these counted. An empty
    /// batch ends the wake-up.
    ///
    /// Returns the batch and whether connections that had stopped reading may go on.
    pub fn take(
        &self,
        most: usize,
        mut handled: impl FnMut(Arc<Peer>, usize, usize),
    ) -> (Batch, bool) {
        let mut state = self.lock();
        let done = std::mem::take(&mut state.taken);
        let before = self.waiting_bytes.fetch_sub(state.taken_bytes, Ordering::Relaxed);
        let relieved = before > LOW_WATER_BYTES && before - state.taken_bytes <= LOW_WATER_BYTES;
        let count = state.events.len().min(most);
        let batch: Batch = state.events.drain(..count).collect();
        for (peer, event) in batch.iter().filter(|(_, event)| is_message(event)) {
            let bytes = cost(event);
            match state.taken.last_mut() {
                Some((last, count, sum)) if Arc::ptr_eq(last, peer) => {
                    *count += 1;
                    *sum += bytes;
                }
                _ => state.taken.push((peer.clone(), 1, bytes)),
            }
        }
        state.taken_bytes = batch.iter().map(|(_, event)| cost(event)).sum();
        if batch.is_empty() {
            state.woken = false;
            state.events.shrink_to(64);
        }
        drop(state);
        done.into_iter().for_each(|(peer, count, bytes)| handled(peer, count, bytes));
        (batch, relieved)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Events and the connections they belong to.
pub type Batch = Vec<(Arc<Peer>, Event)>;

fn is_message(event: &Event) -> bool {
    matches!(event, Event::Message { .. } | Event::Ping(_) | Event::Pong(_))
}

fn cost(event: &Event) -> usize {
    EVENT_OVERHEAD_BYTES + event.payload_bytes()
}
