//! What a peer is owed: frames are queued, written as far as the kernel takes them, or given up.

use super::transport::Transport;
use super::{Connection, Phase, State, TRY_AGAIN_LATER};
use crate::core::events::disconnect::DisconnectReason;
use crate::core::events::event::Event;
use crate::core::outgoing::broadcast::Broadcast;
use crate::core::outgoing::outbox::{Entry, Outbox, Pushed};
use crate::core::peer::direct_write::Written;
use std::io::{self, IoSlice};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Slices given to one vectored write. Beyond this many the system call no longer dominates.
const MAX_SLICES: usize = 256;

/// How long the kernel may take nothing before a client above its mark counts as stalled.
const STALL: Duration = Duration::from_secs(1);
/// What the mark is multiplied by while a client takes what it is sent, if slower than it comes.
const FACTOR_WHILE_MOVING: usize = 2;

impl State {
    /// Whether the kernel has taken nothing for so long that nobody waits for this client.
    fn is_stalled(&self) -> bool {
        self.moved_at.is_some_and(|moved_at| moved_at.elapsed() >= STALL)
    }
}

impl Connection {
    /// Queues a frame. Nothing follows a close frame.
    pub(crate) fn push(&self, entry: Entry) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Ended || state.close_sent {
            return;
        }
        let count = entry.frame.count();
        let mark_factor = self.mark_factor(&state, entry.frame.len());
        let was_dropping = state.outbox.is_dropping();
        let pushed = state.outbox.push(entry, mark_factor);
        self.update_backpressure(&mut state);
        self.peer.set_outbox_bytes(state.outbox.bytes());
        match pushed {
            Pushed::Queued => {}
            Pushed::Dropped { frames } => {
                state.dropped += frames;
                if !was_dropping {
                    self.context.stats().on_overflow();
                    self.emit(Event::Dropped { frames, closing: false });
                }
                self.context.stats().on_dropped(frames);
            }
            Pushed::Overflow => {
                self.context.stats().on_overflow();
                self.context.stats().on_dropped(count);
                self.emit(Event::Dropped { frames: count, closing: true });
                drop(state);
                self.close(DisconnectReason::Overflow, Some(TRY_AGAIN_LATER), &[]);
            }
        }
    }

    /// Sends a broadcast, at once if nothing waits to be written before it. In that case, the usual
    /// one, no more of a connection has to be fetched into the processor's cache than its peer.
    pub(crate) fn broadcast(&self, broadcast: &Broadcast) {
        let peer = &self.peer;
        let sent = if self.is_dirty.get() {
            Written::Nothing
        } else {
            peer.try_send(broadcast.frame_for(peer))
        };
        match sent {
            Written::All => {
                broadcast.receipt_of(peer).into_iter().for_each(|it| it.sign(Instant::now()));
                return;
            }
            Written::Part(written) => self.push_rest(broadcast.entry_for(peer), written),
            Written::Nothing => self.push(broadcast.entry_for(peer)),
        }
        self.flush(None);
    }

    /// Queues the rest of a frame that its sender has begun to write.
    pub(crate) fn push_rest(&self, entry: Entry, written: usize) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Ended || state.end_sent {
            return;
        }
        state.outbox.push_rest(entry, written);
        self.peer.set_outbox_bytes(state.outbox.bytes());
        self.peer.direct_writer().lock().on_rest_queued();
    }

    /// How far above its mark this client may be.
    fn mark_factor(&self, state: &State, more: usize) -> usize {
        let is_within = state.outbox.bytes() + more <= self.context.config().marks.high_water_bytes;
        if is_within || state.is_stalled() { 1 } else { FACTOR_WHILE_MOVING }
    }

    /// Senders wait a moment for a client that takes what it is sent, but slower than it comes.
    pub(super) fn update_backpressure(&self, state: &mut State) {
        let is_waitable = self.transport.bridge().is_none() && state.phase != Phase::Ended;
        let is_over = is_waitable && state.outbox.is_over() && !state.is_stalled();
        if is_over != std::mem::replace(&mut state.is_counted_over, is_over) {
            self.context.backpressure().count(is_over);
        }
    }

    /// Writes what is queued. Without a context it does not wait: if the kernel is full, the
    /// connection's own task is woken to do that.
    pub(crate) fn flush(&self, mut cx: Option<&mut Context<'_>>) {
        let mut state = self.state.borrow_mut();
        let mut wire = self.peer.direct_writer().lock();
        if wire.awaits_rest() {
            return;
        }
        loop {
            if state.outbox.take_recovery() && !state.close_sent {
                let frame = self.context.reload().clone();
                state.outbox.push(Entry::new(frame, true), 1);
                self.emit(Event::Recovered { frames: std::mem::take(&mut state.dropped) });
            }
            if state.phase == Phase::Ended || state.outbox.is_empty() {
                break;
            }
            let written = if state.outbox.len() == 1 {
                self.write::<2>(&state.outbox, &mut cx)
            } else {
                self.write::<MAX_SLICES>(&state.outbox, &mut cx)
            };
            match written {
                Poll::Ready(Ok(count)) => {
                    let left = state.outbox.advance(count, |entry| self.on_left(entry));
                    self.peer.traffic().on_written(count, left.frames, left.messages);
                    self.peer.set_outbox_bytes(state.outbox.bytes());
                    state.moved_at = (!state.outbox.is_empty()).then(Instant::now);
                    self.update_backpressure(&mut state);
                }
                Poll::Ready(Err(_broken)) => {
                    self.on_write_error(&mut state);
                    break;
                }
                Poll::Pending => {
                    state.moved_at.get_or_insert_with(Instant::now);
                    break;
                }
            }
        }
        if state.awaits_pongs && state.outbox.pongs() < self.context.config().max_pending_pongs {
            state.awaits_pongs = false;
            self.wake();
        }
        let is_flushed = state.outbox.is_empty() && state.phase != Phase::Ended;
        wire.set_idle(is_flushed && state.phase == Phase::Open && !state.close_sent);
        drop(wire);
        if is_flushed && state.ends_when_flushed && !state.end_sent {
            state.end_sent = true;
            self.transport.end();
        }
        let is_ended = state.end_sent && state.end_received;
        let is_over = is_ended && self.transport.is_over_when_ended();
        drop(state);
        if is_over {
            self.finish(DisconnectReason::ConnectionLost);
        }
    }

    /// An entry has been written, or given to the stream that will write it.
    fn on_left(&self, entry: Entry) {
        if let Some(bridge) = self.transport.bridge() {
            return bridge.on_left(entry);
        }
        entry.token.into_iter().for_each(|token| self.emit(Event::Sent(token)));
        entry.receipt.into_iter().for_each(|receipt| receipt.sign(Instant::now()));
    }

    /// Nothing more can be sent. What the peer sent before it left, its close frame perhaps, is
    /// still to be read.
    fn on_write_error(&self, state: &mut State) {
        state.outbox.clear();
        self.update_backpressure(state);
        self.peer.set_outbox_bytes(0);
        state.close_sent = true;
        state.end_sent = true;
        state.disconnect_for(DisconnectReason::ConnectionLost);
        self.set_deadline(state);
        self.wake();
    }

    fn write<const SLICES: usize>(
        &self,
        outbox: &Outbox,
        cx: &mut Option<&mut Context<'_>>,
    ) -> Poll<io::Result<usize>> {
        let socket = match &self.transport {
            Transport::Socket(socket) => socket,
            Transport::Bridge(bridge) => return bridge.poll_write(outbox),
        };
        let mut slices = [IoSlice::new(&[]); SLICES];
        let count = outbox.fill(&mut slices);
        if let Some(cx) = cx {
            return socket.poll_write(cx, &slices[..count]);
        }
        match socket.try_write(&slices[..count]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.wake();
                Poll::Pending
            }
            result => Poll::Ready(result),
        }
    }
}
