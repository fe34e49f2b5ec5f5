//! The same stream interface over bytes that the caller carries: TLS, any Duplex, Windows.

use crate::core::context::Context;
use crate::core::events::event::Event;
use crate::core::peer::Peer;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

/// Bytes handed to the caller and not yet written by it: enough for a full pipe, little enough
/// that a stalled client is noticed by its outbox and not by Node's heap.
const CREDIT_BYTES: usize = 256 * 1024;
/// Pushed bytes above which the caller is told to pause.
pub(crate) const PUSH_HIGH_WATER_BYTES: usize = 64 * 1024;
/// Pushed bytes at which it may resume.
const PUSH_LOW_WATER_BYTES: usize = 16 * 1024;

/// A connection whose bytes pass through the caller.
pub struct Bridge {
    peer: Arc<Peer>,
    context: Arc<Context>,
    credit: Cell<usize>,
    pushed: RefCell<VecDeque<Vec<u8>>>,
    is_ended: Cell<bool>,
    is_gone: Cell<bool>,
}

impl Bridge {
    pub(crate) fn new(peer: Arc<Peer>, context: Arc<Context>) -> Self {
        Self {
            peer,
            context,
            credit: Cell::new(CREDIT_BYTES),
            pushed: RefCell::default(),
            is_ended: Cell::new(false),
            is_gone: Cell::new(false),
        }
    }

    /// Bytes from the peer.
    pub(crate) fn push(&self, data: Vec<u8>) {
        self.pushed.borrow_mut().push_back(data);
    }

    /// The peer will send nothing more. If the stream is gone, it gets nothing either.
    pub(crate) fn push_end(&self, is_gone: bool) {
        self.is_ended.set(true);
        self.is_gone.set(self.is_gone.get() || is_gone);
    }

    /// The caller has written this many bytes.
    pub(crate) fn on_written(&self, bytes: usize) {
        self.credit.set((self.credit.get() + bytes).min(CREDIT_BYTES));
        self.peer.unwritten_bytes.store(CREDIT_BYTES - self.credit.get(), Ordering::Relaxed);
    }

    /// The next pushed bytes; an empty vector for the end of the stream.
    pub(crate) fn poll_take(&self) -> Poll<Vec<u8>> {
        let Some(data) = self.pushed.borrow_mut().pop_front() else {
            return if self.is_ended.get() { Poll::Ready(Vec::new()) } else { Poll::Pending };
        };
        let before = self.peer.unread_bytes.fetch_sub(data.len(), Ordering::SeqCst);
        let is_low = before - data.len() <= PUSH_LOW_WATER_BYTES;
        if is_low && self.peer.is_push_paused.swap(false, Ordering::SeqCst) {
            self.context.events().emit(&self.peer, Event::Resume);
        }
        Poll::Ready(data)
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.is_gone.get() || self.credit.get() > 0
    }

    pub(crate) fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.is_gone.get() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let credit = self.credit.get();
        if credit == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let wanted: usize = slices.iter().map(|slice| slice.len()).sum();
        let mut data = Vec::with_capacity(wanted.min(credit));
        for slice in slices {
            let room = credit - data.len();
            data.extend_from_slice(&slice[..slice.len().min(room)]);
        }
        let count = data.len();
        self.credit.set(credit - count);
        self.peer.unwritten_bytes.store(CREDIT_BYTES - self.credit.get(), Ordering::Relaxed);
        self.context.events().emit(&self.peer, Event::Write(data));
        Ok(count)
    }

    /// Nothing more will be written.
    pub(crate) fn end(&self) {
        self.context.events().emit(&self.peer, Event::End);
    }
}
