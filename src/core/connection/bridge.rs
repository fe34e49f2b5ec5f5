//! A connection over a stream of the caller's: TLS, any Duplex, Windows. Everything of it happens
//! on the caller's thread, inside its calls; what is to be done with the stream is noted, and the
//! caller does it before it does anything else.

use crate::core::acknowledgement::Acknowledgement;
use crate::core::outgoing::delivery::Receipt;
use crate::core::outgoing::outbox::{Entry, Outbox};
use crate::core::protocol::frame::Frame;
use crate::core::socket::Adopted;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::task::Poll;

/// Bytes that one stream is given before the caller has said whether it took them: enough for a full
/// pipe, little enough that a stalled client is noticed by its outbox and not by the caller's heap.
pub const MAX_UNWRITTEN_BYTES: usize = 256 * 1024;
/// Small frames for one client are joined up to this many bytes.
const MAX_JOINED_BYTES: usize = 64 * 1024;
/// The most frames that are joined.
pub const MAX_JOINED_FRAMES: usize = 256;
/// Frames above this are not joined: they are shared among clients, and the copy costs more than
/// the write.
const MAX_SMALL_BYTES: usize = 16 * 1024;
/// Pushed bytes above which the caller is to pause the stream.
const PAUSE_BYTES: usize = 64 * 1024;
/// Pushed bytes at which it is to resume.
const RESUME_BYTES: usize = 16 * 1024;

/// One thing to do with a stream of the caller's.
#[derive(Debug)]
pub enum Step {
    /// Write one or more whole frames.
    Write {
        /// The bytes. Frames for several clients share them.
        frame: Frame,
        /// The tokens of the sends in it.
        tokens: Vec<u32>,
        /// Signed when it has been written, while the inspector is open.
        receipts: Vec<Receipt>,
    },
    /// Nothing more will be written.
    End,
    /// More bytes may be pushed.
    Resume,
    /// End it at once.
    Destroy,
}

/// Steps for the streams of one caller, in order.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    steps: RefCell<VecDeque<(u32, Step)>>,
    /// How often they have been taken.
    round: Cell<u64>,
    /// Connections that had more than fits into one round.
    unfinished: RefCell<Vec<u32>>,
}

impl Steps {
    fn push(&self, id: u32, step: Step) {
        self.steps.borrow_mut().push_back((id, step));
    }

    /// Appends all steps so far to `taken`. When the caller comes for more, it has done them.
    pub(crate) fn take(&self, taken: &mut VecDeque<(u32, Step)>) {
        self.round.set(self.round.get() + 1);
        let mut steps = self.steps.borrow_mut();
        if taken.is_empty() {
            std::mem::swap(&mut *steps, taken);
        } else {
            taken.append(&mut steps);
        }
    }

    /// Whether there is nothing to take, and nothing will be without a cause.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.borrow().is_empty() && !self.has_unfinished()
    }

    pub(crate) fn take_unfinished(&self) -> Vec<u32> {
        self.unfinished.take()
    }

    pub(crate) fn has_unfinished(&self) -> bool {
        !self.unfinished.borrow().is_empty()
    }
}

/// The stream of one connection.
pub(crate) struct Bridge {
    id: u32,
    steps: Rc<Steps>,
    /// The TCP socket beneath it, for as long as the stream is open: the peer hears of its end once the
    /// last descriptor is closed.
    beneath: RefCell<Option<Adopted>>,
    /// The last round in which something was written, and its bytes.
    round: Cell<(u64, usize)>,
    /// Bytes that the stream has not taken, if that is too much to give it more.
    unwritten: Cell<usize>,
    pushed: RefCell<VecDeque<Vec<u8>>>,
    pushed_bytes: Cell<usize>,
    is_paused: Cell<bool>,
    is_ended: Cell<bool>,
    is_closed: Cell<bool>,
}

impl Bridge {
    pub(crate) fn new(id: u32, steps: Rc<Steps>, beneath: Option<Adopted>) -> Self {
        Self {
            id,
            steps,
            beneath: RefCell::new(beneath),
            round: Cell::new((0, 0)),
            unwritten: Cell::new(0),
            pushed: RefCell::default(),
            pushed_bytes: Cell::new(0),
            is_paused: Cell::new(false),
            is_ended: Cell::new(false),
            is_closed: Cell::new(false),
        }
    }

    /// Bytes from the peer.
    pub(crate) fn push(&self, data: &[u8]) {
        self.pushed_bytes.set(self.pushed_bytes.get() + data.len());
        self.pushed.borrow_mut().push_back(data.to_vec());
    }

    /// Whether so much is pushed and not read that the stream is to be paused. It is resumed later.
    pub(crate) fn pause_if_full(&self) -> bool {
        let is_full = self.pushed_bytes.get() > PAUSE_BYTES;
        if is_full {
            self.is_paused.set(true);
        }
        is_full
    }

    /// The peer will send nothing more.
    pub(crate) fn on_end(&self) {
        self.is_ended.set(true);
    }

    /// The stream is closed: nothing is read or written any more.
    pub(crate) fn on_closed(&self) {
        self.is_ended.set(true);
        self.is_closed.set(true);
        self.beneath.take();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// The stream has this many bytes that it could not write yet: it gets no more until that is 0.
    pub(crate) fn set_unwritten(&self, bytes: usize) {
        self.unwritten.set(bytes);
    }

    /// The next pushed bytes; an empty vector for the end of the stream.
    pub(crate) fn poll_take(&self) -> Poll<Vec<u8>> {
        let Some(data) = self.pushed.borrow_mut().pop_front() else {
            return if self.is_ended.get() { Poll::Ready(Vec::new()) } else { Poll::Pending };
        };
        self.pushed_bytes.set(self.pushed_bytes.get() - data.len());
        if self.pushed_bytes.get() <= RESUME_BYTES && self.is_paused.replace(false) {
            self.steps.push(self.id, Step::Resume);
        }
        Poll::Ready(data)
    }

    /// The end of the stream, when no pushed bytes wait.
    pub(crate) fn poll_end(&self) -> Poll<()> {
        let is_over = self.is_ended.get() && self.pushed.borrow().is_empty();
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Whether the stream has taken all that it was given, as far as it has been said.
    pub(crate) fn is_written(&self) -> bool {
        self.unwritten.get() == 0
    }

    /// TCP's knowledge of the bytes written, where there is a socket beneath. What the stream holds
    /// itself has found no room there.
    pub(crate) fn acknowledgement(&self, window: Option<u32>) -> Acknowledgement {
        let beneath = self.beneath.borrow();
        match beneath.as_ref().map(|socket| socket.acknowledgement(window)) {
            Some(Acknowledgement::Complete | Acknowledgement::Unknown) | None
                if !self.is_written() =>
            {
                Acknowledgement::Unread
            }
            known => known.unwrap_or(Acknowledgement::Unknown),
        }
    }

    /// How much the peer's system has room for, where it is known.
    pub(crate) fn window(&self) -> Option<u32> {
        self.beneath.borrow().as_ref().and_then(Adopted::window)
    }

    /// Gives the stream the next frames of an outbox, which are never parted; returns their length.
    pub(crate) fn poll_write(&self, outbox: &Outbox) -> Poll<io::Result<usize>> {
        if self.is_closed.get() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.unwritten.get() > 0 {
            return Poll::Pending;
        }
        if self.given() >= MAX_UNWRITTEN_BYTES {
            self.steps.unfinished.borrow_mut().push(self.id);
            return Poll::Pending;
        }
        let frame = next_frames(outbox);
        let length = frame.len();
        self.give(frame, None);
        Poll::Ready(Ok(length))
    }

    /// Whether the stream may be given more.
    pub(crate) fn has_room(&self) -> bool {
        !self.is_closed.get() && self.is_written() && self.given() < MAX_UNWRITTEN_BYTES
    }

    /// Bytes that it was given in this round.
    fn given(&self) -> usize {
        let (round, bytes) = self.round.get();
        if round == self.steps.round.get() { bytes } else { 0 }
    }

    /// Gives the stream one or more whole frames.
    pub(crate) fn give(&self, frame: Frame, receipt: Option<Receipt>) {
        self.round.set((self.steps.round.get(), self.given() + frame.len()));
        let receipts = receipt.into_iter().collect();
        self.steps.push(self.id, Step::Write { frame, tokens: Vec::new(), receipts });
    }

    /// An entry was part of the last write: its token is reported when that is done.
    pub(crate) fn on_left(&self, entry: Entry) {
        if entry.token.is_none() && entry.receipt.is_none() {
            return;
        }
        let mut steps = self.steps.steps.borrow_mut();
        if let Some((_, Step::Write { tokens, receipts, .. })) = steps.back_mut() {
            tokens.extend(entry.token);
            receipts.extend(entry.receipt);
        }
    }

    /// Nothing more will be written.
    pub(crate) fn end(&self) {
        self.steps.push(self.id, Step::End);
    }

    /// Nothing more is read or written.
    pub(crate) fn destroy(&self) {
        if !self.is_closed.replace(true) {
            self.beneath.take();
            self.steps.push(self.id, Step::Destroy);
        }
    }
}

/// The first frame of an outbox that is not empty, or those that are small enough to go in one piece.
fn next_frames(outbox: &Outbox) -> Frame {
    let mut frames = outbox.frames();
    if let (Some(only), None) = (frames.next(), frames.next()) {
        return only.clone();
    }
    let mut bytes = 0;
    let small: Vec<_> = outbox
        .frames()
        .take(MAX_JOINED_FRAMES)
        .take_while(|frame| {
            bytes += frame.len();
            frame.len() <= MAX_SMALL_BYTES && bytes <= MAX_JOINED_BYTES
        })
        .collect();
    match small[..] {
        [] => outbox.frames().next().cloned().unwrap_or_else(|| Frame::joined(&[])),
        [frame] => frame.clone(),
        _ => Frame::joined(&small),
    }
}
