//! A bounded queue of frames for one client, and what to do when it is full. No I/O here.

use crate::core::outgoing::backpressure::{OverflowPolicy, WaterMarks};
use crate::core::outgoing::delivery::Receipt;
use crate::core::protocol::frame::{Frame, QUEUE_PLACE_BYTES};
use crate::core::protocol::opcode::Opcode;
use std::collections::VecDeque;
use std::io::IoSlice;
use std::time::Duration;

/// A frame in the queue, or several that stay together.
#[derive(Debug)]
pub struct Entry {
    /// The bytes.
    pub frame: Frame,
    /// Whether the frame may be dropped and made good by a reload: true for Vite's payloads.
    pub droppable: bool,
    /// Told to the caller when the last byte has been written.
    pub token: Option<u32>,
    /// Its purpose.
    pub role: Role,
    /// Signed when the last byte has been written, while the inspector is open.
    pub receipt: Option<Receipt>,
}

/// Purpose of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The caller sends it.
    Message,
    /// The peer has asked for it, so that reading from it can wait for it.
    Answer,
    /// A ping of ours, of which it matters whether the peer has been given it.
    KeepalivePing,
}

impl Entry {
    /// An entry without a token.
    pub fn new(frame: Frame, droppable: bool) -> Self {
        Self { frame, droppable, token: None, role: Role::Message, receipt: None }
    }

    /// An answer to the peer, made without the caller.
    pub fn answer(frame: Frame) -> Self {
        Self { role: Role::Answer, ..Self::new(frame, false) }
    }

    /// A ping of ours.
    pub fn keepalive_ping(frame: Frame) -> Self {
        Self { role: Role::KeepalivePing, ..Self::new(frame, false) }
    }

    fn is_answer(&self) -> bool {
        self.role == Role::Answer || self.frame.opcode() == Opcode::Pong
    }

    fn is_keepalive_ping(&self) -> bool {
        self.role == Role::KeepalivePing
    }
}

/// Result of a push.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It waits its turn.
    Queued,
    /// It, or others that gave way to it, or both, will not be sent.
    Dropped {
        /// Frames dropped.
        frames: usize,
    },
    /// The client is to be closed with 1013.
    Overflow,
}

/// Frames that have left an outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Frames of which the last byte was written.
    pub frames: u64,
    /// Those among them that ended a message.
    pub messages: u64,
    /// Bytes that were in no frame: the answer to the handshake.
    pub unframed: usize,
}

/// The frames that one client has yet to get.
#[derive(Debug)]
pub struct Outbox {
    marks: WaterMarks,
    queue: VecDeque<Entry>,
    /// Bytes of the first entry that are already written.
    written: usize,
    bytes: usize,
    answers: usize,
    keepalive_pings: usize,
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
            answers: 0,
            keepalive_pings: 0,
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

    /// Answers that wait to be written.
    pub fn answers(&self) -> usize {
        self.answers
    }

    /// Whether every ping of ours has been written.
    pub fn has_sent_pings(&self) -> bool {
        self.keepalive_pings == 0
    }

    /// Bytes that what waits counts against the marks.
    pub fn cost(&self) -> usize {
        self.bytes + self.queue.len() * QUEUE_PLACE_BYTES
    }

    /// Queues a frame, or applies the policy. A close frame is always queued, and so is a frame for
    /// which nothing waits. To a frame that may not be dropped the others give way.
    ///
    /// `under_way_bytes` are on their way here behind it; the client has taken nothing for
    /// `still_for`.
    pub fn push(&mut self, entry: Entry, under_way_bytes: usize, still_for: Duration) -> Pushed {
        let mut pushed = Pushed::Queued;
        if entry.droppable {
            let waiting = self.cost() + entry.frame.cost() + under_way_bytes;
            if self.dropping || self.is_too_much(waiting, &entry, still_for) {
                return self.lose(entry.frame.count(), true);
            }
        } else if self.is_too_much(self.cost() + entry.frame.cost(), &entry, still_for) {
            let frames = if self.can_drop() { self.drop_unsent() } else { 0 };
            if self.is_too_much(self.cost() + entry.frame.cost(), &entry, still_for) {
                return Pushed::Overflow;
            }
            pushed = Pushed::Dropped { frames };
        }
        self.bytes += entry.frame.len();
        self.answers += usize::from(entry.is_answer());
        self.keepalive_pings += usize::from(entry.is_keepalive_ping());
        self.queue.push_back(entry);
        pushed
    }

    /// Whether an entry may not wait behind what waits already.
    fn is_too_much(&self, waiting_bytes: usize, entry: &Entry, still_for: Duration) -> bool {
        if self.queue.is_empty() {
            return false;
        }
        match entry.frame.opcode() {
            Opcode::Close => false,
            opcode if opcode.is_control() || entry.role == Role::Answer => {
                self.marks.is_hard_limit_exceeded(waiting_bytes)
            }
            _ => self.marks.is_exceeded(waiting_bytes, still_for),
        }
    }

    /// Whether something may be dropped and made good by a reload.
    fn can_drop(&self) -> bool {
        let is_begun = usize::from(self.written > 0);
        let mut waiting = self.queue.iter().skip(is_begun);
        self.marks.policy == OverflowPolicy::Reload && waiting.any(|entry| entry.droppable)
    }

    /// Applies the policy for so many frames that are not going to be sent.
    pub fn lose(&mut self, frames: usize, droppable: bool) -> Pushed {
        if self.marks.policy != OverflowPolicy::Reload || !droppable {
            return Pushed::Overflow;
        }
        Pushed::Dropped { frames: frames + self.drop_unsent() }
    }

    /// Applies the policy to what waits, although nothing is pushed: the client has taken nothing
    /// for `still_for`.
    pub fn review(&mut self, still_for: Duration) -> Option<Pushed> {
        if self.queue.is_empty() || !self.marks.is_exceeded(self.cost(), still_for) {
            return None;
        }
        if self.marks.policy == OverflowPolicy::Close {
            return Some(Pushed::Overflow);
        }
        if self.can_drop() {
            return Some(Pushed::Dropped { frames: self.drop_unsent() });
        }
        let first = self.queue.front().map_or(0, |entry| entry.frame.cost());
        let behind = self.cost().saturating_sub(first);
        self.marks.is_exceeded(behind, still_for).then_some(Pushed::Overflow)
    }

    /// Puts an entry before all others of which `written` bytes have been written elsewhere. No
    /// other entry may have been begun.
    pub fn push_rest(&mut self, entry: Entry, written: usize) {
        self.bytes += entry.frame.len() - written;
        self.written = written;
        self.queue.push_front(entry);
    }

    /// Drops every droppable frame of which no byte has been written; returns how many. A reload
    /// will make them good.
    fn drop_unsent(&mut self) -> usize {
        self.dropping = true;
        let mut dropped = 0;
        let mut kept = VecDeque::new();
        self.free_newest_first(|outbox, entry| {
            let is_started = outbox.queue.is_empty() && outbox.written > 0;
            if is_started || !entry.droppable {
                kept.push_front(entry);
            } else {
                outbox.bytes -= entry.frame.len();
                dropped += entry.frame.count();
            }
        });
        self.queue = kept;
        self.is_moving = self.queue.is_empty();
        dropped
    }

    /// Takes out all entries, the newest first. glibc's allocator gives memory back to the system from
    /// the end of what a thread has; oldest first, that would be all of it at once, 3 ms for 16 MiB in
    /// which JavaScript's thread, whose memory it is, waits for the allocator's lock.
    fn free_newest_first(&mut self, mut take: impl FnMut(&mut Self, Entry)) {
        while let Some(entry) = self.queue.pop_back() {
            take(self, entry);
        }
    }

    /// Whether a client that lost frames has read enough to be sent a reload. True once.
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
                self.answers -= usize::from(entry.is_answer());
                self.keepalive_pings -= usize::from(entry.is_keepalive_ping());
                self.is_moving = true;
                left.frames += entry.frame.count() as u64;
                left.messages += entry.frame.messages() as u64;
                left.unframed += if entry.frame.count() == 0 { length } else { 0 };
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
        self.free_newest_first(|_, entry| drop(entry));
        self.queue = VecDeque::new();
        self.dropping = false;
        self.bytes = 0;
        self.answers = 0;
        self.keepalive_pings = 0;
        self.written = 0;
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
