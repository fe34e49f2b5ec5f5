//! Traffic of one connection. Its I/O thread alone counts what comes in, and the thread that
//! writes counts what goes out; any thread may read.

use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A number with one writer at a time, so that adding takes no locked instruction.
#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Counter {
    fn add(&self, count: u64) {
        self.set(self.get() + count);
    }

    fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters of one connection. Those that a broadcast touches stand first; see [`crate::core::peer`].
#[derive(Debug)]
#[repr(C)]
pub struct Traffic {
    messages_out: Counter,
    frames_out: Counter,
    bytes_out: Counter,
    opened: Instant,
    messages_in: Counter,
    frames_in: Counter,
    bytes_in: Counter,
    /// Milliseconds from `opened` to the last byte from the peer.
    last_byte_ms: Counter,
    /// Microseconds, and one more; 0 before the first.
    round_trip_us: Counter,
}

/// Traffic of one connection, or of many. Handshakes are not in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Whole messages from peers, control frames not among them.
    pub messages_in: u64,
    /// Whole messages written.
    pub messages_out: u64,
    /// Frames from peers, control frames among them.
    pub frames_in: u64,
    /// Frames written.
    pub frames_out: u64,
    /// Bytes read, headers included.
    pub bytes_in: u64,
    /// Bytes written, headers included.
    pub bytes_out: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Totals) {
        self.messages_in += other.messages_in;
        self.messages_out += other.messages_out;
        self.frames_in += other.frames_in;
        self.frames_out += other.frames_out;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
    }
}

impl Traffic {
    /// The counters of a connection that begins at `now`.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            opened: now,
            messages_in: Counter::default(),
            messages_out: Counter::default(),
            frames_in: Counter::default(),
            frames_out: Counter::default(),
            bytes_in: Counter::default(),
            bytes_out: Counter::default(),
            last_byte_ms: Counter::default(),
            round_trip_us: Counter::default(),
        }
    }

    pub(crate) fn on_read(&self, bytes: usize, now: Instant) {
        self.bytes_in.add(bytes as u64);
        self.last_byte_ms.set(now.saturating_duration_since(self.opened).as_millis() as u64);
    }

    pub(crate) fn on_received(&self, frames: u64, messages: u64) {
        self.frames_in.add(frames);
        self.messages_in.add(messages);
    }

    pub(crate) fn on_written(&self, bytes: usize, frames: u64, messages: u64) {
        self.bytes_out.add(bytes as u64);
        self.frames_out.add(frames);
        self.messages_out.add(messages);
    }

    pub(crate) fn on_round_trip(&self, round_trip: Duration) {
        self.round_trip_us.set(round_trip.as_micros() as u64 + 1);
    }

    /// All that has passed so far.
    pub fn totals(&self) -> Totals {
        Totals {
            messages_in: self.messages_in.get(),
            messages_out: self.messages_out.get(),
            frames_in: self.frames_in.get(),
            frames_out: self.frames_out.get(),
            bytes_in: self.bytes_in.get(),
            bytes_out: self.bytes_out.get(),
        }
    }

    /// How long nothing has come from the peer.
    pub fn silence(&self, now: Instant) -> Duration {
        let open = now.saturating_duration_since(self.opened);
        open.saturating_sub(Duration::from_millis(self.last_byte_ms.get()))
    }

    /// From the last keepalive ping to its pong.
    pub fn round_trip(&self) -> Option<Duration> {
        self.round_trip_us.get().checked_sub(1).map(Duration::from_micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_counts_from_the_last_byte() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let traffic = Traffic::new(start);
        assert_eq!(traffic.silence(at(5)), Duration::from_secs(5));
        traffic.on_read(10, at(7));
        assert_eq!(traffic.silence(at(9)), Duration::from_secs(2));
        assert_eq!(traffic.silence(at(6)), Duration::ZERO);
        assert_eq!(traffic.totals().bytes_in, 10);
    }

    #[test]
    fn a_round_trip_of_nothing_is_one_too() {
        let traffic = Traffic::new(Instant::now());
        assert_eq!(traffic.round_trip(), None);
        traffic.on_round_trip(Duration::ZERO);
        assert_eq!(traffic.round_trip(), Some(Duration::ZERO));
    }
}
