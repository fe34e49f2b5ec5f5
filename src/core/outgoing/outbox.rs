//! A bounded queue of frames for one client, and what to do when it is full. No I/O here.

use crate::core::outgoing::delivery::Receipt;
use crate::core::protocol::frame::Frame;
use crate::core::protocol::opcode::Opcode;
use std::collections::VecDeque;
use std::io::IoSlice;

/// What happens to a client over the high-water mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverflowPolicy {
    /// Drop what the client has not been sent; tell it to reload once it reads again.
    Reload,
    /// Close the connection with 1013.
    Close,
    /// Queue without bound, as Vite and `ws` do.
    Keep,
}

/// The bounds of an outbox.
#[derive(Clone, Copy, Debug)]
pub struct WaterMarks {
    /// Queued bytes above which [`OverflowPolicy`] decides.
    pub high_water_bytes: usize,
    /// Queued bytes at or below which a client counts as reading again.
    pub low_water_bytes: usize,
    /// What to do above the high-water mark.
    pub policy: OverflowPolicy,
}

/// A frame in the queue, or several that stay together.
#[derive(Debug)]
pub struct Entry {
    /// The bytes.
    pub frame: Frame,
    /// Whether the frame may be dropped and made good by a reload: true for Vite's payloads.
    pub droppable: bool,
    /// Told to the caller when the last byte has been written.
    pub token: Option<u32>,
    /// The turn of the caller's event loop in which it was sent.
    pub turn: u32,
    /// Signed when the last byte has been written, while somebody watches.
    pub receipt: Option<Receipt>,
}

/// What the marks are multiplied by for frames of one turn: in the middle of a burst nobody has
/// had the time to read.
const BURST_FACTOR: usize = 8;

impl Entry {
    /// An entry that nobody waits for, of no particular turn.
    pub fn new(frame: Frame, droppable: bool) -> Self {
        Self { frame, droppable, token: None, turn: 0, receipt: None }
    }
}

/// What became of a pushed entry.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It waits its turn.
    Queued,
    /// It, and perhaps others before it, will not be sent.
    Dropped {
        /// Frames dropped.
        frames: usize,
    },
    /// The client is to be closed with 1013.
    Overflow,
}

/// What has left an outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Frames of which the last byte was written.
    pub frames: u64,
    /// Those among them that ended a message.
    pub messages: u64,
}

/// The frames that one client has yet to get.
#[derive(Debug)]
pub struct Outbox {
    marks: WaterMarks,
    queue: VecDeque<Entry>,
    /// Bytes of the first entry that are already written.
    written: usize,
    bytes: usize,
    /// The turn of the last frame, and the length of its frames so far.
    turn: u32,
    turn_bytes: usize,
    pongs: usize,
    dropping: bool,
    /// Whether a whole frame has left since the last drop, or none was left to wait for.
    is_moving: bool,
}

impl Outbox {
    /// An empty outbox.
    pub fn new(marks: WaterMarks) -> Self {
        Self {
            marks,
            queue: VecDeque::new(),
            written: 0,
            bytes: 0,
            turn: 0,
            turn_bytes: 0,
            pongs: 0,
            dropping: false,
            is_moving: false,
        }
    }

    /// Bytes queued and not yet written.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Entries queued, the one under way included.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether something has been dropped that is yet to be made good by a reload.
    pub fn is_dropping(&self) -> bool {
        self.dropping
    }

    /// Whether everything has been written.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Pongs that wait to be written.
    pub fn pongs(&self) -> usize {
        self.pongs
    }

    /// Whether more is queued than the high-water mark allows.
    pub fn is_over(&self) -> bool {
        self.bytes > self.marks.high_water_bytes
    }

    /// Queues a frame, or applies the policy. Control frames are always queued.
    ///
    /// Frames sent in the same turn as this one do not count, up to eight times the mark.
    /// The mark is multiplied by `mark_factor`, for a client that is not at fault.
    pub fn push(&mut self, entry: Entry, mark_factor: usize) -> Pushed {
        let (length, count) = (entry.frame.len(), entry.frame.count());
        let is_control = entry.frame.opcode().is_control();
        let limit = self.marks.high_water_bytes.saturating_mul(mark_factor);
        if entry.turn != self.turn {
            self.turn = entry.turn;
            self.turn_bytes = 0;
        }
        let earlier = self.bytes.saturating_sub(self.turn_bytes);
        let over = self.bytes > 0
            && (earlier > 0 && earlier + length > limit
                || self.bytes + length > limit.saturating_mul(BURST_FACTOR));
        if !is_control && self.marks.policy != OverflowPolicy::Keep && (self.dropping || over) {
            if self.marks.policy == OverflowPolicy::Close || !entry.droppable {
                return Pushed::Overflow;
            }
            self.dropping = true;
            let frames = self.drop_unsent() + count;
            self.is_moving = self.queue.is_empty();
            return Pushed::Dropped { frames };
        }
        self.bytes += length;
        self.turn_bytes += length;
        self.pongs += usize::from(entry.frame.opcode() == Opcode::Pong);
        self.queue.push_back(entry);
        Pushed::Queued
    }

    /// Puts an entry before all others of which `written` bytes have been written elsewhere. No
    /// other entry may have been begun.
    pub fn push_rest(&mut self, entry: Entry, written: usize) {
        self.bytes += entry.frame.len() - written;
        self.written = written;
        self.queue.push_front(entry);
    }

    /// Drops every droppable frame of which no byte has been written; returns how many.
    fn drop_unsent(&mut self) -> usize {
        let mut dropped = 0;
        let mut is_started = self.written > 0;
        let bytes = &mut self.bytes;
        self.queue.retain(|entry| {
            let keep = std::mem::take(&mut is_started) || !entry.droppable;
            if !keep {
                *bytes -= entry.frame.len();
                dropped += entry.frame.count();
            }
            keep
        });
        dropped
    }

    /// Whether a client that was dropping has read enough to be told to reload. True once.
    pub fn take_recovery(&mut self) -> bool {
        let recovered = self.dropping && self.is_moving && self.bytes <= self.marks.low_water_bytes;
        self.dropping &= !recovered;
        recovered
    }

    /// Fills `slices` with the next bytes to write, in order, and returns how many it used.
    pub fn fill<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut skip = self.written;
        let mut count = 0;
        for slice in self.queue.iter().flat_map(|entry| entry.frame.slices()) {
            let start = skip.min(slice.len());
            skip -= start;
            if start == slice.len() {
                continue;
            }
            let Some(place) = slices.get_mut(count) else { break };
            *place = IoSlice::new(&slice[start..]);
            count += 1;
        }
        count
    }

    /// The frames in the queue, in order.
    pub fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.queue.iter().map(|entry| &entry.frame)
    }

    /// Records that `count` bytes were written; hands out the entries that left.
    pub fn advance(&mut self, count: usize, mut on_left: impl FnMut(Entry)) -> Left {
        let mut left = Left::default();
        self.written += count;
        self.bytes -= count;
        while let Some(first) = self.queue.front() {
            let length = first.frame.len();
            if self.written < length {
                break;
            }
            self.written -= length;
            if let Some(entry) = self.queue.pop_front() {
                self.pongs -= usize::from(entry.frame.opcode() == Opcode::Pong);
                self.is_moving = true;
                left.frames += entry.frame.count() as u64;
                left.messages += entry.frame.messages() as u64;
                on_left(entry);
            }
        }
        if self.queue.is_empty() {
            // Idle connections are many, and most frames never wait here.
            self.queue = VecDeque::new();
        }
        left
    }

    /// Empties the queue; what was in it is not going to be sent.
    pub fn clear(&mut self) {
        self.queue = VecDeque::new();
        self.bytes = 0;
        self.pongs = 0;
        self.written = 0;
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
