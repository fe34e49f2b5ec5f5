//! Journal of the last numbered frames, for clients that return. Bounded in count, bytes and age. No
//! I/O and no clock here.

use crate::core::protocol::frame::Frame;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The bounds of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Frames kept.
    pub messages: usize,
    /// Bytes of frames kept.
    pub bytes: usize,
    /// How long a frame is kept.
    pub age: Duration,
}

#[derive(Debug)]
struct Entry {
    sequence: u64,
    frame: Frame,
    recorded_at: Instant,
}

/// The last frames that were sent, by sequence number.
#[derive(Debug)]
pub struct Journal {
    bounds: Bounds,
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The highest number that has been forgotten.
    forgotten: u64,
}

impl Journal {
    /// An empty journal.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, entries: VecDeque::new(), bytes: 0, forgotten: 0 }
    }

    /// Keeps a frame, whose number is above those before. What exceeds a bound is forgotten, the
    /// oldest first.
    pub fn record(&mut self, sequence: u64, frame: Frame, now: Instant) {
        self.bytes += frame.len();
        self.entries.push_back(Entry { sequence, frame, recorded_at: now });
        self.forget(now);
    }

    /// A message is not kept: a page that misses it cannot go on, so nothing before it is of use.
    pub fn lose(&mut self, sequence: u64) {
        self.entries = VecDeque::new();
        self.bytes = 0;
        self.forgotten = sequence;
    }

    /// Forgets the oldest frame.
    pub fn drop_oldest(&mut self) {
        if let Some(oldest) = self.entries.pop_front() {
            self.bytes -= oldest.frame.len();
            self.forgotten = oldest.sequence;
        }
    }

    /// The number of the oldest frame that is kept.
    pub fn oldest(&self) -> Option<u64> {
        self.entries.front().map(|entry| entry.sequence)
    }

    /// Bytes of the frames that are kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Forgets what is too old.
    pub fn expire(&mut self, now: Instant) {
        self.forget(now);
        if self.entries.is_empty() {
            self.entries = VecDeque::new();
        }
    }

    /// The frames above the number `since`, in order. None if one of them has been forgotten.
    pub fn missed(&mut self, since: u64, now: Instant) -> Option<Vec<(u64, Frame)>> {
        self.forget(now);
        if since < self.forgotten {
            return None;
        }
        let first = self.entries.partition_point(|entry| entry.sequence <= since);
        let missed = self.entries.range(first..);
        Some(missed.map(|entry| (entry.sequence, entry.frame.clone())).collect())
    }

    fn forget(&mut self, now: Instant) {
        let Bounds { messages, bytes, age } = self.bounds;
        while let Some(oldest) = self.entries.front() {
            let is_old = now.saturating_duration_since(oldest.recorded_at) > age;
            if self.entries.len() <= messages && self.bytes <= bytes && !is_old {
                break;
            }
            self.drop_oldest();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { messages: 3, bytes: 100, age: Duration::from_secs(10) };

    fn frame(payload_bytes: usize) -> Frame {
        Frame::text(vec![b'x'; payload_bytes])
    }

    /// Records the frames 1 to `count`, one a second.
    fn journal(count: u64, start: Instant) -> Journal {
        let mut journal = Journal::new(BOUNDS);
        for sequence in 1..=count {
            journal.record(sequence, frame(1), start + Duration::from_secs(sequence));
        }
        journal
    }

    fn numbers(missed: Option<Vec<(u64, Frame)>>) -> Option<Vec<u64>> {
        missed.map(|frames| frames.into_iter().map(|(sequence, _)| sequence).collect())
    }

    #[test]
    fn what_was_missed_comes_in_order() {
        let start = Instant::now();
        let mut journal = journal(3, start);
        assert_eq!(numbers(journal.missed(1, start)), Some(vec![2, 3]));
        assert_eq!(numbers(journal.missed(3, start)), Some(vec![]));
        assert_eq!(numbers(journal.missed(0, start)), Some(vec![1, 2, 3]));
    }

    #[test]
    fn numbers_may_skip() {
        let start = Instant::now();
        let mut journal = journal(2, start);
        journal.record(9, frame(1), start);
        assert_eq!(numbers(journal.missed(5, start)), Some(vec![9]));
    }

    #[test]
    fn too_many_frames_push_the_oldest_out() {
        let start = Instant::now();
        let mut journal = journal(4, start);
        assert_eq!(numbers(journal.missed(1, start)), Some(vec![2, 3, 4]));
        assert_eq!(numbers(journal.missed(0, start)), None);
    }

    #[test]
    fn too_many_bytes_push_the_oldest_out() {
        let start = Instant::now();
        let mut journal = journal(2, start);
        journal.record(3, frame(98), start);
        assert_eq!(numbers(journal.missed(1, start)), None);
        assert_eq!(numbers(journal.missed(2, start)), Some(vec![3]));
        journal.record(4, frame(200), start);
        assert_eq!(numbers(journal.missed(3, start)), None);
        assert_eq!(numbers(journal.missed(4, start)), Some(vec![]));
    }

    #[test]
    fn old_frames_are_forgotten_when_somebody_asks() {
        let start = Instant::now();
        let mut journal = journal(2, start);
        let later = start + Duration::from_millis(11_500);
        assert_eq!(numbers(journal.missed(0, later)), None);
        assert_eq!(numbers(journal.missed(1, later)), Some(vec![2]));
    }

    #[test]
    fn who_misses_what_was_not_kept_cannot_go_on() {
        let start = Instant::now();
        let mut journal = journal(2, start);
        journal.lose(3);
        assert_eq!((journal.bytes(), journal.oldest()), (0, None));
        assert_eq!(numbers(journal.missed(2, start)), None);
        assert_eq!(numbers(journal.missed(3, start)), Some(vec![]));
    }

    #[test]
    fn nothing_recorded_means_nothing_missed_however_late() {
        let start = Instant::now();
        let mut journal = Journal::new(BOUNDS);
        assert_eq!(numbers(journal.missed(0, start + BOUNDS.age * 100)), Some(vec![]));
    }
}
