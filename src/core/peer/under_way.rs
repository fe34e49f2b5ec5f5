//! Messages on their way from the caller to an I/O thread.

use crate::core::protocol::frame::QUEUE_PLACE_BYTES;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Frames that a thread has yet to take over. Anybody may count.
#[derive(Debug, Default)]
pub(crate) struct UnderWay {
    bytes: AtomicUsize,
    frames: AtomicUsize,
}

impl UnderWay {
    pub(crate) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.frames.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn remove(&self, bytes: usize, frames: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.frames.fetch_sub(frames, Ordering::Relaxed);
    }

    /// Their bytes, headers included.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Bytes that they count against the bounds of an outbox.
    pub(crate) fn cost(&self) -> usize {
        self.bytes() + self.frames.load(Ordering::Relaxed) * QUEUE_PLACE_BYTES
    }
}
