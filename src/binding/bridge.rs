//! Work for JavaScript on the streams of bridged connections.
//!
//! It is asked for on every send, so it crosses in arrays that JavaScript makes once: to make an
//! object for it would take longer than the rest of the send.

use crate::core::connection::bridge::{self, MAX_JOINED_FRAMES, Step};
use crate::core::io::caller_thread::CallerThread;
use crate::core::protocol::frame::Frame;
use napi_derive::napi;
use std::cell::RefCell;
use std::collections::VecDeque;

/// An array of JavaScript's, for numbers.
pub type Numbers<'a> = &'a mut [i32];
/// An array of JavaScript's, for bytes.
pub type Bytes<'a> = &'a mut [u8];

/// Bytes that a stream may hold and not have written, above which it is given no more.
#[napi]
pub const MAX_UNWRITTEN_BYTES: u32 = bridge::MAX_UNWRITTEN_BYTES as u32;

/// One step for a stream: the second number of a record whose first is a connection.
#[napi]
pub enum StreamStep {
    /// Nothing more will be written.
    End,
    /// Read on.
    Resume,
    /// End it at once.
    Destroy,
    /// Write the first buffer of this batch; higher numbers are those of the next ones.
    Write,
}

/// The first number of a record that is not about one connection.
#[napi]
pub enum StreamRecord {
    /// A buffer in the pool, behind the one before. Its length.
    PooledBuffer = 0,
    /// A buffer to be filled by `fillBuffer`. Its length.
    LargeBuffer = -1,
    /// Belongs to the write before: the token of a send in it.
    Token = -2,
    /// Belongs to the write before: what to settle when that is done.
    Receipts = -3,
}

/// What is to be done after `push`; to be added up.
#[napi]
pub enum PushResult {
    /// Pause the stream, until a step resumes it.
    Pause = 1,
    /// Call `carry`.
    Carry = 2,
    /// Call `takeEvents`.
    TakeEvents = 4,
}

/// Numbers that a batch needs to have room for.
#[napi]
pub const MIN_STREAM_NUMBERS: u32 = 2 * (MAX_JOINED_FRAMES as u32 + 8);

/// Set in the result of `carry` if there is more behind the batch.
#[napi]
pub const HAS_MORE: i32 = 1 << 30;

/// Frames above this are not copied into the pool.
const MAX_POOLED_BYTES: usize = 8 * 1024;

/// The last frames of a batch and their places: a broadcast has two forms, with a number and without.
type Remembered = [Option<(Frame, i32)>; 2];

/// Decisions that JavaScript does not know yet.
#[derive(Default)]
pub struct Outgoing {
    steps: RefCell<VecDeque<(u32, Step)>>,
    large: RefCell<VecDeque<Frame>>,
}

impl Outgoing {
    /// Carries out all commands so far, and reports what to do with streams: records of two numbers,
    /// in order. Returns how many numbers, and [`HAS_MORE`].
    pub fn carry(&self, caller: &CallerThread, numbers: &mut [i32], pool: &mut [u8]) -> i32 {
        let mut steps = self.steps.borrow_mut();
        let mut has_more = false;
        if steps.is_empty() {
            has_more = caller.carry(&mut steps);
        }
        let mut large = self.large.borrow_mut();
        let mut batch = Batch { numbers, pool, large: &mut large, used: 0, pooled: 0, buffers: 0 };
        let mut last = Remembered::default();
        while batch.has_room() {
            let Some((id, step)) = steps.pop_front() else { break };
            match step {
                Step::Write { frame, tokens, receipts } => {
                    let place = batch.place_of(frame, &mut last);
                    batch.add(id as i32, StreamStep::Write as i32 + place);
                    tokens.iter().for_each(|token| {
                        batch.add(StreamRecord::Token as i32, *token as i32);
                    });
                    if !receipts.is_empty() {
                        let number = caller.keep_receipts(receipts);
                        batch.add(StreamRecord::Receipts as i32, number as i32);
                    }
                }
                Step::End => batch.add(id as i32, StreamStep::End as i32),
                Step::Resume => batch.add(id as i32, StreamStep::Resume as i32),
                Step::Destroy => batch.add(id as i32, StreamStep::Destroy as i32),
            }
        }
        has_more |= !steps.is_empty();
        batch.used as i32 | if has_more { HAS_MORE } else { 0 }
    }

    /// Fills the next large buffer of a batch.
    pub fn fill_buffer(&self, buffer: &mut [u8]) {
        let Some(frame) = self.large.borrow_mut().pop_front() else { return };
        let [head, tail] = frame.slices();
        if buffer.len() == head.len() + tail.len() {
            buffer[..head.len()].copy_from_slice(head);
            buffer[head.len()..].copy_from_slice(tail);
        }
    }
}

/// A batch while it is put together.
struct Batch<'a> {
    numbers: &'a mut [i32],
    pool: &'a mut [u8],
    large: &'a mut VecDeque<Frame>,
    used: usize,
    pooled: usize,
    buffers: i32,
}

impl Batch<'_> {
    /// Whether one more step surely fits.
    fn has_room(&self) -> bool {
        self.numbers.len() - self.used >= MIN_STREAM_NUMBERS as usize
    }

    fn add(&mut self, first: i32, second: i32) {
        self.numbers[self.used..self.used + 2].copy_from_slice(&[first, second]);
        self.used += 2;
    }

    /// The place of the buffer with this frame, added if it is not there. A frame for many clients
    /// becomes one.
    fn place_of(&mut self, frame: Frame, last: &mut Remembered) -> i32 {
        if let Some((_, place)) = last.iter().flatten().find(|(known, _)| known.is_same(&frame)) {
            return *place;
        }
        let place = self.buffers;
        self.buffers += 1;
        let length = frame.len();
        if length <= MAX_POOLED_BYTES && length <= self.pool.len() - self.pooled {
            for slice in frame.slices() {
                self.pool[self.pooled..self.pooled + slice.len()].copy_from_slice(slice);
                self.pooled += slice.len();
            }
            self.add(StreamRecord::PooledBuffer as i32, length as i32);
        } else {
            self.large.push_back(frame.clone());
            self.add(StreamRecord::LargeBuffer as i32, length as i32);
        }
        last.rotate_right(1);
        last[0] = Some((frame, place));
        place
    }
}
