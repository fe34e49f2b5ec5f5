//! A client gets what was queued for it, whole and in order, but for what is reported dropped.
//!
//! Input: the policy, the two marks, then operations of one byte and an operand.

use std::io::IoSlice;
use vite_native_ws::core::outgoing::outbox::{Entry, Outbox, OverflowPolicy, Pushed, WaterMarks};
use vite_native_ws::core::protocol::frame::Frame;
use vite_native_ws::core::protocol::opcode::Opcode;

/// Most operations of one input: the model is slow.
const MAX_OPERATIONS: usize = 200;

/// A length that makes a frame of two slices.
const LONG_PAYLOAD_BYTES: usize = 20_000;

/// Long frames are few: copying them takes most of the time.
const MAX_WAITING_BEFORE_LONG: usize = 3;

/// How far above the mark one burst may go, for a client that is not at fault.
const MAX_BURST_FACTOR: usize = 8;

/// Asserts the above for one input.
pub fn check(data: &[u8]) {
    let [policy, high, low, operations @ ..] = data else { return };
    let marks = WaterMarks {
        high_water_bytes: usize::from(*high) * 4,
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
            0..=2 => queue.push(Opcode::Text, true, operand, choice),
            3 => queue.push(Opcode::Binary, false, operand, choice),
            4 => queue.push(
                [Opcode::Ping, Opcode::Pong, Opcode::Close][choice % 3],
                false,
                operand,
                0,
            ),
            5 | 6 => queue.write(1 + choice, usize::from(operand)),
            _ => queue.recover(),
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
    is_pong: bool,
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
    turn: u32,
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
            turn: 0,
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
        assert_eq!(outbox.pongs(), waiting.iter().filter(|frame| frame.is_pong).count());
        assert_eq!(outbox.is_over(), self.bytes() > self.marks.high_water_bytes);
    }

    /// When to drop is the outbox's own judgement between two marks; what it then does is not.
    fn push(&mut self, opcode: Opcode, droppable: bool, length: u8, choice: usize) {
        let is_long = length == 255 && self.waiting.len() < MAX_WAITING_BEFORE_LONG;
        let length = if is_long { LONG_PAYLOAD_BYTES } else { usize::from(length) };
        let mark_factor = 1 + choice % 3;
        let token = choice.is_multiple_of(2).then_some(self.pushed);
        let frame = Frame::new(opcode, true, self.payload(length));
        let bytes = frame.slices().concat();
        self.pushed += 1;
        self.turn += u32::from(choice >= 16);
        let total = self.bytes() + bytes.len();
        let is_kept = opcode.is_control() || self.marks.policy == OverflowPolicy::Keep;
        let is_small = self.bytes() == 0 || total <= self.marks.high_water_bytes;
        let is_large = total > self.marks.high_water_bytes * mark_factor * MAX_BURST_FACTOR;
        let must_queue = is_kept || is_small && !self.is_dropping;
        let must_refuse = !is_kept && (self.is_dropping || is_large && self.bytes() > 0);
        let may_drop = self.marks.policy == OverflowPolicy::Reload && droppable;
        let entry = Entry { token, turn: self.turn, ..Entry::new(frame, droppable) };
        match self.outbox.push(entry, mark_factor) {
            Pushed::Queued => {
                assert!(!must_refuse, "{total} bytes queued");
                self.waiting.push(Waiting {
                    bytes,
                    droppable,
                    is_pong: opcode == Opcode::Pong,
                    token,
                });
            }
            Pushed::Overflow => assert!(!must_queue && !may_drop, "overflow at {total} bytes"),
            Pushed::Dropped { frames } => {
                assert!(!must_queue && may_drop, "dropped at {total} bytes");
                let before = self.waiting.len();
                let begun = (self.begun > 0).then(|| self.waiting.remove(0));
                self.waiting.retain(|frame| !frame.droppable);
                self.waiting.splice(0..0, begun);
                assert_eq!(frames, before - self.waiting.len() + 1);
                self.is_dropping = true;
                self.is_moving = self.waiting.is_empty();
            }
        }
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
