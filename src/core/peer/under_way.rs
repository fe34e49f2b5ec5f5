//! Messages on their way from the caller to an I/O thread.

use crate::core::protocol::frame::QUEUE_PLACE_BYTES;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Frames that a thread has yet to take over. Anybody may count.
#[derive(Debug, Default)]
pub(crate) struct UnderWay {
    bytes: AtomicUsize,
    frames: AtomicUsize,
    /// Bytes of a frame that a thread is taking over, so that no reader finds it nowhere.
    arriving: AtomicUsize,
}

impl UnderWay {
    pub(crate) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.frames.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn remove(&self, bytes: usize, frames: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Release);
        self.frames.fetch_sub(frames, Ordering::Relaxed);
    }

    /// Removes a frame, and calls `queue` to put it where it waits from now on.
    pub(crate) fn take_over(&self, bytes: usize, queue: impl FnOnce()) {
        self.arriving.fetch_add(bytes, Ordering::Relaxed);
        self.remove(bytes, 1);
        queue();
        self.arriving.fetch_sub(bytes, Ordering::Release);
    }

    /// Their bytes, headers included.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Their bytes, and those of a frame that is being taken over, which may be queued already.
    pub(crate) fn bytes_until_queued(&self) -> usize {
        self.bytes.load(Ordering::Acquire) + self.arriving.load(Ordering::Acquire)
    }

    /// Bytes that they count against the bounds of an outbox.
    pub(crate) fn cost(&self) -> usize {
        self.bytes() + self.frames.load(Ordering::Relaxed) * QUEUE_PLACE_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_counted_until_it_is_queued() {
        let under_way = UnderWay::default();
        under_way.add(10);
        under_way.add(5);
        under_way.take_over(10, || {
            assert_eq!(under_way.bytes(), 5, "what is behind it");
            assert_eq!(under_way.bytes_until_queued(), 15);
        });
        assert_eq!(under_way.bytes_until_queued(), 5);
    }
}
