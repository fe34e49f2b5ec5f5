//! The outbound half of a connection: frames are queued, written as far as the kernel takes them, or
//! given up.

use super::bridge::Bridge;
use super::state::{Phase, State};
use super::transport::Transport;
use super::{ACKNOWLEDGEMENT, Connection, TRY_AGAIN_LATER};
use crate::core::events::disconnect::DisconnectReason;
use crate::core::events::event::Event;
use crate::core::outgoing::broadcast::Broadcast;
use crate::core::outgoing::outbox::{Entry, Outbox, Pushed};
use crate::core::peer::direct_write::Written;
use crate::core::protocol::frame::Frame;
use std::cell::RefMut;
use std::io::{self, IoSlice};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Slices given to one vectored write. Beyond this many the system call no longer dominates.
const MAX_SLICES: usize = 256;

impl Connection {
    /// Queues the answer to the handshake, if it is left to us. It goes out with what follows.
    pub(crate) fn answer_handshake(&self, handshake: Vec<u8>) {
        if !handshake.is_empty() {
            self.push(Entry::new(Frame::handshake(handshake), false), 0);
        }
    }

    /// Queues the first message of a client.
    pub(crate) fn welcome(&self) {
        self.push(Entry::new(self.context.connected().clone(), true), 0);
    }

    /// Queues a frame that was sent to this client alone.
    pub(crate) fn take_over(&self, entry: Entry) {
        let under_way = self.peer.under_way();
        under_way.take_over(entry.frame.len(), || {
            self.push(entry, self.context.under_way_to(&self.peer));
        });
    }

    /// Queues the rest of a frame that was sent to this client alone.
    pub(crate) fn take_over_rest(&self, entry: Entry, written: usize) {
        let rest = entry.frame.len() - written;
        self.peer.under_way().take_over(rest, || self.push_rest(entry, written));
    }

    /// Queues a frame, behind which `under_way` bytes are on their way here. Nothing follows a close
    /// frame.
    pub(crate) fn push(&self, entry: Entry, under_way: usize) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Ended || state.close_sent {
            return;
        }
        let count = entry.frame.count();
        let still_for = self.still_for(&state, entry.frame.cost());
        let pushed = state.outbox.push(entry, under_way, still_for);
        self.on_pushed(state, pushed, count);
    }

    /// So many frames are not going to be sent, since too much waits already.
    pub(crate) fn lose(&self, frames: usize, are_droppable: bool) {
        let mut state = self.state.borrow_mut();
        if frames > 0 && state.phase != Phase::Ended && !state.close_sent {
            let pushed = state.outbox.lose(frames, are_droppable);
            self.on_pushed(state, pushed, frames);
        }
    }

    /// Judges by the clock what waits, for a client that takes nothing.
    pub(super) fn review_outbox(&self, now: Instant) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Ended || state.close_sent {
            return;
        }
        // After a late review, a busy machine may be the cause, or a caller that did not carry its stream's
        // bytes: that is no stall.
        let tick = self.context.config().tick();
        let looked = state.looked.replace(now);
        let is_late = looked.is_none_or(|looked| now.saturating_duration_since(looked) > tick * 2);
        if is_late {
            state.moved_at = state.moved_at.map(|_| now);
        }
        let still_for = state.still_for(now);
        state.still_when_looked = still_for;
        if let Some(judgement) = state.outbox.review(still_for) {
            self.on_pushed(state, judgement, 0);
        }
    }

    /// How long the client has taken nothing. It matters, and is asked for, above the mark only.
    fn still_for(&self, state: &State, more: usize) -> Duration {
        let mark = self.context.config().marks.high_water_bytes;
        if state.outbox.cost() + more <= mark {
            return Duration::ZERO;
        }
        match self.transport {
            Transport::Socket(_) => state.still_for(Instant::now()),
            Transport::Bridge(_) => state.still_when_looked,
        }
    }

    /// Takes note of the judgement on an outbox; `refused` frames were to be added.
    fn on_pushed(&self, mut state: RefMut<'_, State>, pushed: Pushed, refused: usize) {
        self.peer.set_outbox_bytes(state.outbox.bytes());
        match pushed {
            Pushed::Queued => {}
            Pushed::Dropped { frames } => {
                let is_first = state.dropped == 0;
                state.dropped += frames;
                if is_first {
                    self.context.stats().on_overflow();
                    self.emit(Event::Dropped { frames, closing: false });
                }
                self.context.stats().on_dropped(frames);
            }
            Pushed::Overflow => {
                self.context.stats().on_overflow();
                self.context.stats().on_dropped(refused);
                self.emit(Event::Dropped { frames: refused, closing: true });
                drop(state);
                self.close(DisconnectReason::Overflow, Some(TRY_AGAIN_LATER), &[]);
                self.flush(None);
            }
        }
    }

    /// Sends a broadcast, at once if nothing waits to be written before it. In that case, the usual
    /// one, no more of a connection has to be fetched into the processor's cache than its peer.
    pub(crate) fn broadcast(&self, broadcast: &Broadcast, under_way: impl FnOnce() -> usize) {
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
            Written::Nothing => self.push(broadcast.entry_for(peer), under_way()),
        }
        self.flush(None);
    }

    /// Queues the rest of a frame that its sender has begun to write.
    fn push_rest(&self, entry: Entry, written: usize) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Ended || state.end_sent {
            return;
        }
        state.outbox.push_rest(entry, written);
        self.peer.set_outbox_bytes(state.outbox.bytes());
        self.peer.direct_writer().lock().on_rest_queued();
    }

    /// Gives a broadcast to the caller's stream, if nothing waits to be written before it.
    pub(crate) fn give(&self, broadcast: &Broadcast) -> bool {
        let Some(bridge) = self.transport.bridge().filter(|bridge| bridge.has_room()) else {
            return false;
        };
        let state = self.state.borrow();
        let is_clear = state.outbox.is_empty() && !state.outbox.is_dropping();
        if state.phase != Phase::Open || state.close_sent || !is_clear {
            return false;
        }
        let frame = broadcast.frame_for(&self.peer).clone();
        let (bytes, count, messages) = (frame.len(), frame.count(), frame.messages());
        bridge.give(frame, broadcast.receipt_of(&self.peer));
        self.peer.traffic().on_written(bytes, count as u64, messages as u64);
        true
    }

    /// Writes what is queued. Without a context it does not wait: if the kernel is full, the
    /// connection's own task is woken to do that.
    pub(crate) fn flush(&self, mut cx: Option<&mut Context<'_>>) {
        let mut state = self.state.borrow_mut();
        let mut writer = self.peer.direct_writer().lock();
        if writer.awaits_rest() {
            return;
        }
        loop {
            // A stream of the caller's that has taken nothing would not take the reload either.
            let has_room = self.transport.bridge().is_none_or(Bridge::is_written);
            if has_room && state.outbox.take_recovery() && !state.close_sent {
                let frame = self.context.reload().clone();
                state.outbox.push(Entry::new(frame, true), 0, Duration::ZERO);
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
                    let mut is_acknowledged = false;
                    let left = state.outbox.advance(count, |entry| {
                        if entry.token == Some(ACKNOWLEDGEMENT) {
                            is_acknowledged = true;
                        } else {
                            self.on_left(entry);
                        }
                    });
                    if is_acknowledged {
                        self.on_acknowledged(&mut state);
                    }
                    let framed = count.saturating_sub(left.unframed);
                    self.peer.traffic().on_written(framed, left.frames, left.messages);
                    self.peer.set_outbox_bytes(state.outbox.bytes());
                    state.moved_at = (!state.outbox.is_empty()).then(Instant::now);
                }
                Poll::Ready(Err(_broken)) => {
                    self.on_write_error(&mut state);
                    break;
                }
                Poll::Pending => {
                    if state.moved_at.is_none() {
                        let now = Instant::now();
                        (state.moved_at, state.looked) = (Some(now), Some(now));
                    }
                    self.next_look.rouse();
                    break;
                }
            }
        }
        if state.awaits_answers && state.outbox.answers() < self.context.config().max_pending_pongs
        {
            state.awaits_answers = false;
            self.wake();
        }
        let is_flushed = state.outbox.is_empty() && state.phase != Phase::Ended;
        writer.set_idle(is_flushed && state.phase == Phase::Open && !state.close_sent);
        drop(writer);
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
