//! A client gets what was queued for it, whole and in order, but for what is reported dropped.
//!
//! Input: the policy, the two marks, then operations of one byte and an operand.

use std::io::IoSlice;
use std::time::Duration;
use vite_native_ws::core::outgoing::backpressure::{OverflowPolicy, STALL, WaterMarks};
use vite_native_ws::core::outgoing::outbox::{Entry, Outbox, Pushed, Role};
use vite_native_ws::core::protocol::frame::{Frame, QUEUE_PLACE_BYTES};
use vite_native_ws::core::protocol::opcode::Opcode;

/// Most operations of one input: the model is slow.
const MAX_OPERATIONS: usize = 200;

/// A length that makes a frame of two slices.
const LONG_PAYLOAD_BYTES: usize = 20_000;

/// Long frames are few: copying them takes most of the time.
const MAX_WAITING_BEFORE_LONG: usize = 3;

/// What the marks of an input are multiplied by, so that some frames have room below them.
const MARK_FACTOR: usize = 16;

/// Asserts the above for one input.
pub fn check(data: &[u8]) {
    let [policy, high, low, operations @ ..] = data else { return };
    let marks = WaterMarks {
        high_water_bytes: usize::from(*high) * MARK_FACTOR,
        low_water_bytes: usize::from(*low),
        policy: [OverflowPolicy::Reload, OverflowPolicy::Close, OverflowPolicy::Keep]
            [usize::from(policy % 3)],
    };
    let mut queue = Queue::new(marks);
    let mut operations = operations.iter().copied().take(2 * MAX_OPERATIONS);
    while let Some(operation) = operations.next() {
        let operand = operations.next().unwrap_or_default();
        let choice = usize::from(operation >> 3);
        match operation & 7 {
            0..=2 => queue.push(Opcode::Text, Role::Message, true, operand, choice),
            3 => queue.push(Opcode::Binary, Role::Message, false, operand, choice),
            4 => {
                let opcode = [Opcode::Ping, Opcode::Pong, Opcode::Close, Opcode::Text][choice % 4];
                let role = [Role::KeepalivePing, Role::Message, Role::Message, Role::Answer];
                queue.push(opcode, role[choice % 4], false, operand, choice);
            }
            5 | 6 => queue.write(1 + choice, usize::from(operand)),
            _ if choice < 16 => queue.recover(),
            _ if choice < 24 => queue.review(choice),
            _ => queue.lose(usize::from(operand), choice),
        }
        queue.check();
    }
    if policy & 0x80 != 0 {
        queue.clear();
    }
    queue.drain();
}

struct Waiting {
    bytes: Vec<u8>,
    droppable: bool,
    is_answer: bool,
    is_keepalive_ping: bool,
    token: Option<u32>,
}

/// The outbox and what it should hold.
struct Queue {
    outbox: Outbox,
    marks: WaterMarks,
    waiting: Vec<Waiting>,
    /// Bytes of the first waiting frame that are written.
    begun: usize,
    /// Frames pushed so far; each carries its number.
    pushed: u32,
    is_dropping: bool,
    /// Whether a whole frame has left since the last drop, or none was left.
    is_moving: bool,
}

impl Queue {
    fn new(marks: WaterMarks) -> Self {
        Self {
            outbox: Outbox::new(marks),
            marks,
            waiting: Vec::new(),
            begun: 0,
            pushed: 0,
            is_dropping: false,
            is_moving: false,
        }
    }

    /// The bytes that are still to be written.
    fn stream(&self) -> Vec<u8> {
        let frames: Vec<_> = self.waiting.iter().map(|frame| frame.bytes.as_slice()).collect();
        let mut stream = frames.concat();
        stream.drain(..self.begun);
        stream
    }

    fn bytes(&self) -> usize {
        self.waiting.iter().map(|frame| frame.bytes.len()).sum::<usize>() - self.begun
    }

    fn check(&self) {
        let Self { outbox, waiting, .. } = self;
        assert_eq!(outbox.bytes(), self.bytes());
        assert_eq!(outbox.len(), waiting.len());
        assert_eq!(outbox.is_empty(), waiting.is_empty());
        assert_eq!(outbox.cost(), self.cost());
        assert_eq!(outbox.answers(), waiting.iter().filter(|frame| frame.is_answer).count());
        assert_eq!(outbox.has_sent_pings(), !waiting.iter().any(|frame| frame.is_keepalive_ping));
        assert_eq!(outbox.is_dropping(), self.is_dropping);
    }

    fn cost(&self) -> usize {
        self.bytes() + self.waiting.len() * QUEUE_PLACE_BYTES
    }

    /// Whether so much is too much.
    fn is_over(&self, waiting: usize, is_stalled: bool) -> bool {
        let WaterMarks { high_water_bytes, policy, .. } = self.marks;
        let bound = if is_stalled { high_water_bytes } else { self.marks.hard_limit_bytes() };
        policy != OverflowPolicy::Keep && waiting > bound
    }

    fn push(&mut self, opcode: Opcode, role: Role, droppable: bool, length: u8, choice: usize) {
        let is_long = length == 255 && self.waiting.len() < MAX_WAITING_BEFORE_LONG;
        let length = if is_long { LONG_PAYLOAD_BYTES } else { usize::from(length) };
        let is_stalled = choice % 3 == 2;
        let under_way = if choice < 16 { 0 } else { choice * MARK_FACTOR };
        let token = choice.is_multiple_of(2).then_some(self.pushed);
        let frame = Frame::new(opcode, true, self.payload(length));
        let bytes = frame.slices().concat();
        self.pushed += 1;
        let cost = frame.cost();
        let is_lenient = opcode.is_control() || role == Role::Answer;
        let is_too_much = |queue: &Self, more: usize| {
            let waiting = queue.cost() + cost + more;
            opcode != Opcode::Close
                && !queue.waiting.is_empty()
                && queue.is_over(waiting, is_stalled && !is_lenient)
        };
        let entry = Entry { token, role, ..Entry::new(frame, droppable) };
        let pushed = self.outbox.push(entry, under_way, still_for(is_stalled));
        if droppable {
            if self.is_dropping || is_too_much(self, under_way) {
                return self.expect_lost(pushed, 1, true);
            }
            assert_eq!(pushed, Pushed::Queued);
        } else if is_too_much(self, 0) {
            let frames = if self.can_drop() { self.drop_unsent() } else { 0 };
            if is_too_much(self, 0) {
                return assert_eq!(pushed, Pushed::Overflow);
            }
            assert_eq!(pushed, Pushed::Dropped { frames });
        } else {
            assert_eq!(pushed, Pushed::Queued);
        }
        self.waiting.push(Waiting {
            bytes,
            droppable,
            is_answer: role == Role::Answer || opcode == Opcode::Pong,
            is_keepalive_ping: role == Role::KeepalivePing,
            token,
        });
    }

    fn lose(&mut self, frames: usize, choice: usize) {
        let droppable = choice.is_multiple_of(2);
        let pushed = self.outbox.lose(frames, droppable);
        self.expect_lost(pushed, frames, droppable);
    }

    /// So many frames were not queued: all that may be dropped went with them.
    fn expect_lost(&mut self, pushed: Pushed, frames: usize, droppable: bool) {
        if self.marks.policy != OverflowPolicy::Reload || !droppable {
            return assert_eq!(pushed, Pushed::Overflow);
        }
        let dropped = self.drop_unsent();
        assert_eq!(pushed, Pushed::Dropped { frames: frames + dropped });
    }

    fn drop_unsent(&mut self) -> usize {
        let before = self.waiting.len();
        let begun = (self.begun > 0).then(|| self.waiting.remove(0));
        self.waiting.retain(|frame| !frame.droppable);
        self.waiting.splice(0..0, begun);
        self.is_dropping = true;
        self.is_moving = self.waiting.is_empty();
        before - self.waiting.len()
    }

    fn can_drop(&self) -> bool {
        let is_begun = usize::from(self.begun > 0);
        let mut waiting = self.waiting.iter().skip(is_begun);
        self.marks.policy == OverflowPolicy::Reload && waiting.any(|frame| frame.droppable)
    }

    fn review(&mut self, choice: usize) {
        let is_stalled = !choice.is_multiple_of(3);
        let judged = self.outbox.review(still_for(is_stalled));
        if self.waiting.is_empty() || !self.is_over(self.cost(), is_stalled) {
            return assert_eq!(judged, None);
        }
        if self.marks.policy == OverflowPolicy::Close {
            return assert_eq!(judged, Some(Pushed::Overflow));
        }
        if self.can_drop() {
            let frames = self.drop_unsent();
            return assert_eq!(judged, Some(Pushed::Dropped { frames }));
        }
        assert!(matches!(judged, None | Some(Pushed::Overflow)), "{judged:?}");
    }

    /// Bytes that tell one frame and one place from another.
    fn payload(&self, length: usize) -> Vec<u8> {
        let mut payload = vec![self.pushed as u8; length];
        payload.iter_mut().step_by(97).enumerate().for_each(|(place, byte)| *byte ^= place as u8);
        payload
    }

    fn write(&mut self, width: usize, count: usize) {
        let stream = self.stream();
        let mut slices = vec![IoSlice::new(&[]); width];
        let used = self.outbox.fill(&mut slices);
        let offered: Vec<u8> = slices[..used].iter().flat_map(|slice| slice.to_vec()).collect();
        assert!(slices[..used].iter().all(|slice| !slice.is_empty()));
        assert!(stream.starts_with(&offered), "other bytes than were queued");
        assert!(used == width || offered.len() == stream.len(), "bytes are held back");
        let count = if count == 255 { offered.len() } else { count.min(offered.len()) };
        let mut tokens = Vec::new();
        self.outbox.advance(count, |entry| tokens.extend(entry.token));
        self.begun += count;
        let mut expected = Vec::new();
        while self.waiting.first().is_some_and(|frame| frame.bytes.len() <= self.begun) {
            let frame = self.waiting.remove(0);
            self.begun -= frame.bytes.len();
            self.is_moving = true;
            expected.extend(frame.token);
        }
        assert_eq!(tokens, expected);
    }

    fn recover(&mut self) {
        let is_low = self.bytes() <= self.marks.low_water_bytes;
        let expected = self.is_dropping && self.is_moving && is_low;
        assert_eq!(self.outbox.take_recovery(), expected);
        assert!(!self.outbox.take_recovery(), "told twice");
        self.is_dropping &= !expected;
    }

    fn clear(&mut self) {
        self.outbox.clear();
        self.waiting.clear();
        self.begun = 0;
        self.is_dropping = false;
        self.check();
    }

    /// A client that reads everything is in the end told of what it missed.
    fn drain(&mut self) {
        while !self.waiting.is_empty() {
            self.write(3, 255);
            self.check();
        }
        if self.is_dropping {
            assert!(self.outbox.take_recovery(), "the client never learns of the drop");
        }
    }
}

fn still_for(is_stalled: bool) -> Duration {
    if is_stalled { STALL } else { Duration::ZERO }
}
