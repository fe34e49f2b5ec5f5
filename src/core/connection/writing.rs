//! What a peer is owed: frames are queued, written as far as the kernel takes them, or given up.

use super::{Connection, Phase, State, TRY_AGAIN_LATER};
use crate::core::event::Event;
use crate::core::outbox::{Entry, Outbox, Pushed};
use std::io::{self, IoSlice};
use std::task::{Context, Poll};

/// Slices given to one vectored write. Beyond this many the system call no longer dominates.
const MAX_SLICES: usize = 256;

impl Connection {
    /// Queues a frame. Nothing follows a close frame.
    pub(crate) fn push(&self, entry: Entry) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Ended || state.close_sent {
            return;
        }
        let pushed = state.outbox.push(entry);
        self.peer.set_outbox_bytes(state.outbox.bytes());
        match pushed {
            Pushed::Queued => {}
            Pushed::Dropped { frames, first } => {
                state.dropped_frames += frames;
                self.hub.stats().on_dropped(frames);
                if first {
                    self.tell(Event::Dropped { frames: state.dropped_frames, closing: false });
                }
            }
            Pushed::Overflow => {
                self.hub.stats().on_dropped(1);
                self.tell(Event::Dropped { frames: 1, closing: true });
                drop(state);
                self.close(Some(TRY_AGAIN_LATER), &[]);
            }
        }
    }

    /// Writes what is queued. Without a context it does not wait: if the kernel is full, the
    /// connection's own task is woken to do that.
    pub(crate) fn flush(&self, mut cx: Option<&mut Context<'_>>) {
        let mut state = self.state.borrow_mut();
        loop {
            if state.outbox.take_recovery() && !state.close_sent {
                let frame = self.hub.reload().clone();
                state.outbox.push(Entry { frame, droppable: true, token: None });
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
                    state.outbox.advance(count, |token| self.tell(Event::Sent(token)));
                    self.peer.set_outbox_bytes(state.outbox.bytes());
                }
                Poll::Ready(Err(_broken)) => {
                    self.on_write_error(&mut state);
                    break;
                }
                Poll::Pending => break,
            }
        }
        if state.awaits_pongs && state.outbox.pongs() < self.hub.config().max_pending_pongs {
            state.awaits_pongs = false;
            self.wake();
        }
        let is_flushed = state.outbox.is_empty() && state.phase != Phase::Ended;
        if is_flushed && state.ends_when_flushed && !state.end_sent {
            state.end_sent = true;
            self.transport.end();
        }
        let is_over = state.end_sent && state.end_received;
        drop(state);
        if is_over {
            self.finish();
        }
    }

    /// Nothing more can be sent. What the peer sent before it left, its close frame perhaps, is
    /// still to be read.
    fn on_write_error(&self, state: &mut State) {
        state.outbox.clear();
        self.peer.set_outbox_bytes(0);
        state.close_sent = true;
        state.end_sent = true;
        self.set_deadline(state);
        self.wake();
    }

    fn write<const SLICES: usize>(
        &self,
        outbox: &Outbox,
        cx: &mut Option<&mut Context<'_>>,
    ) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let count = outbox.fill(&mut slices);
        if let Some(cx) = cx {
            return self.transport.poll_write(cx, &slices[..count]);
        }
        match self.transport.try_write(&slices[..count]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.wake();
                Poll::Pending
            }
            result => Poll::Ready(result),
        }
    }
}
