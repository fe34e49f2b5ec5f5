//! How much may wait for one client. Pure; time is passed in.

use std::time::Duration;

/// Bytes that may wait for a client that takes nothing. Frames are shared among clients, so this is
/// what a stalled tab can cost: a few large payloads, and thousands of ordinary updates.
pub const DEFAULT_HIGH_WATER_BYTES: usize = 8 * 1024 * 1024;
/// Waiting bytes at which a client counts as reading again: an eighth, so that one read does not
/// bring it straight back over the mark.
pub const DEFAULT_LOW_WATER_BYTES: usize = 1024 * 1024;
/// Factor of the high-water mark for a client that takes what it is sent, if slower than
/// it comes: enough for a burst that no browser could have read in the meantime.
pub const HARD_LIMIT_FACTOR: usize = 8;
/// How long a client may take nothing before it counts as stalled.
pub const STALL: Duration = Duration::from_secs(1);

/// Policy for a client over the high-water mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverflowPolicy {
    /// Drop what the client has not been sent; send it a reload once it reads again.
    Reload,
    /// Close the connection with 1013.
    Close,
    /// Queue without bound, as Vite and `ws` do.
    Keep,
}

/// The bounds of an outbox.
#[derive(Clone, Copy, Debug)]
pub struct WaterMarks {
    /// Bytes that may wait for a client that takes nothing; above them [`OverflowPolicy`] decides.
    pub high_water_bytes: usize,
    /// Queued bytes at or below which a client counts as reading again.
    pub low_water_bytes: usize,
    /// Policy above the high-water mark.
    pub policy: OverflowPolicy,
}

impl Default for WaterMarks {
    fn default() -> Self {
        Self {
            high_water_bytes: DEFAULT_HIGH_WATER_BYTES,
            low_water_bytes: DEFAULT_LOW_WATER_BYTES,
            policy: OverflowPolicy::Reload,
        }
    }
}

impl WaterMarks {
    /// Bytes that may wait for a client in any case.
    pub fn hard_limit_bytes(&self) -> usize {
        self.high_water_bytes.saturating_mul(HARD_LIMIT_FACTOR)
    }

    /// Whether so much is too much to wait for a client that has taken nothing for `still_for`.
    pub fn is_exceeded(&self, waiting_bytes: usize, still_for: Duration) -> bool {
        self.is_hard_limit_exceeded(waiting_bytes)
            || self.policy != OverflowPolicy::Keep
                && still_for >= STALL
                && waiting_bytes > self.high_water_bytes
    }

    /// Whether so much is too much to wait for any client.
    pub fn is_hard_limit_exceeded(&self, waiting_bytes: usize) -> bool {
        self.policy != OverflowPolicy::Keep && waiting_bytes > self.hard_limit_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: WaterMarks =
        WaterMarks { high_water_bytes: 100, low_water_bytes: 20, policy: OverflowPolicy::Reload };

    #[test]
    fn who_takes_nothing_is_over_at_the_mark_and_everybody_at_the_hard_limit() {
        let moving = STALL - Duration::from_millis(1);
        assert!(!MARKS.is_exceeded(100, STALL * 100));
        assert!(MARKS.is_exceeded(101, STALL));
        assert!(!MARKS.is_exceeded(101, moving));
        assert!(!MARKS.is_exceeded(800, moving));
        assert!(MARKS.is_exceeded(801, Duration::ZERO));
    }

    #[test]
    fn what_is_kept_has_no_bound() {
        let marks = WaterMarks { policy: OverflowPolicy::Keep, ..MARKS };
        assert!(!marks.is_exceeded(usize::MAX, STALL * 100));
        assert!(!marks.is_hard_limit_exceeded(usize::MAX));
    }
}
