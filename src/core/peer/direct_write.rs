//! The right to write to a socket: its I/O thread has it, or, while nothing waits there, the sender.
//!
//! To wake a thread that sleeps takes longer than to write a small frame. A tab that is alone gets
//! its updates sooner this way, and JavaScript is free sooner.

use crate::core::protocol::frame::Frame;
use crate::core::socket::Writer;
use std::io::IoSlice;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// The writing end of one connection, held by one thread at a time.
#[derive(Debug, Default)]
pub(crate) struct DirectWriter(Mutex<WriterState>);

/// State of a socket's writing side, for the thread that holds it.
#[derive(Debug, Default)]
pub(crate) struct WriterState {
    /// None for a connection that only its thread writes to.
    writer: Option<Writer>,
    /// Whether the I/O thread has nothing left to write and nothing against more.
    is_idle: bool,
    /// Whether a frame has been begun whose rest is still on its way to the I/O thread.
    awaits_rest: bool,
}

/// How much of a frame went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// All of it.
    All,
    /// These bytes. The I/O thread writes nothing until it has been given the rest.
    Part(usize),
    /// Nothing.
    Nothing,
}

impl DirectWriter {
    /// Locks the writer for the I/O thread.
    pub(crate) fn lock(&self) -> MutexGuard<'_, WriterState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a frame at once if the I/O thread is done with all that was sent before it.
    /// `on_written` is called with the bytes before the right is given back.
    pub(crate) fn send(&self, frame: &Frame, on_written: impl FnOnce(usize)) -> Written {
        let mut hold = match self.0.try_lock() {
            Ok(hold) => hold,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Written::Nothing,
        };
        let Some(writer) = hold.writer.as_ref().filter(|_| hold.is_idle) else {
            return Written::Nothing;
        };
        let slices = frame.slices().map(IoSlice::new);
        let slices = if slices[1].is_empty() { &slices[..1] } else { &slices[..] };
        // The I/O thread finds out what is wrong with the socket.
        let Ok(count @ 1..) = writer.try_write(slices) else { return Written::Nothing };
        on_written(count);
        if count == frame.len() {
            return Written::All;
        }
        hold.is_idle = false;
        hold.awaits_rest = true;
        Written::Part(count)
    }
}

impl WriterState {
    /// Lets senders write by themselves.
    pub(crate) fn open(&mut self, writer: Writer) {
        self.writer = Some(writer);
    }

    /// No sender writes any more.
    pub(crate) fn close(&mut self) {
        self.writer = None;
    }

    /// Whether the I/O thread has to wait for the rest of a frame.
    pub(crate) fn awaits_rest(&self) -> bool {
        self.awaits_rest
    }

    /// The rest of a frame has come.
    pub(crate) fn on_rest_queued(&mut self) {
        self.awaits_rest = false;
    }

    /// Whether the next frame may be written by its sender.
    pub(crate) fn set_idle(&mut self, is_idle: bool) {
        self.is_idle = is_idle;
    }
}
