//! Events for the inspector, while it is open.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const OFF: usize = usize::MAX;

/// Observation by the inspector. Off, it costs one load for each message.
#[derive(Debug)]
pub struct Observation {
    copy_bytes: AtomicUsize,
    keepalive: AtomicBool,
}

impl Default for Observation {
    fn default() -> Self {
        Self { copy_bytes: AtomicUsize::new(OFF), keepalive: AtomicBool::new(false) }
    }
}

impl Observation {
    /// Tells every message from a client, with up to this many of its bytes; none turns it off.
    pub fn set_messages(&self, copy_bytes: Option<usize>) {
        let bytes = copy_bytes.map_or(OFF, |bytes| bytes.min(OFF - 1));
        self.copy_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Tells of keepalive pings and their pongs.
    pub fn set_keepalive(&self, is_included: bool) {
        self.keepalive.store(is_included, Ordering::Relaxed);
    }

    pub(crate) fn copy_bytes(&self) -> Option<usize> {
        Some(self.copy_bytes.load(Ordering::Relaxed)).filter(|bytes| *bytes != OFF)
    }

    pub(crate) fn includes_keepalive(&self) -> bool {
        self.keepalive.load(Ordering::Relaxed)
    }
}
