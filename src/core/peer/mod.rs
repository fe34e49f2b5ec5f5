//! The part of a connection that both its I/O thread and its caller may touch.

pub(crate) mod direct_write;
pub mod traffic;
pub(crate) mod under_way;

use crate::core::peer::direct_write::{DirectWriter, Written};
use crate::core::peer::traffic::Traffic;
use crate::core::peer::under_way::UnderWay;
use crate::core::protocol::frame::Frame;
use crate::core::resume::session::Session;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// Events of a connection that have a listener.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subscriptions(u8);

impl Subscriptions {
    /// Every message, as it came.
    pub const MESSAGES: Subscriptions = Subscriptions(1);
    /// Pings.
    pub const PINGS: Subscriptions = Subscriptions(2);
    /// Pongs.
    pub const PONGS: Subscriptions = Subscriptions(4);
    /// Messages of Vite's protocol whose event is listened for.
    pub const EVENTS: Subscriptions = Subscriptions(8);

    /// All of them.
    pub const ALL: Subscriptions = Subscriptions(15);

    /// Its bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set with these bits; unknown ones are ignored.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// Whether all of `other` is wanted.
    pub fn contains(self, other: Subscriptions) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Messages of one client that may wait for the caller before no more is read from it.
const MAX_UNHANDLED: Unhandled = Unhandled { messages: 512, bytes: 1024 * 1024 };
/// Messages that may wait when it is read again.
const CAUGHT_UP: Unhandled = Unhandled { messages: 128, bytes: 256 * 1024 };

/// Messages that the caller has been given, or is about to be, and has not dealt with.
#[derive(Clone, Copy, Debug)]
struct Unhandled {
    messages: usize,
    bytes: usize,
}

impl Unhandled {
    /// Whether neither is above its bound.
    fn is_within(self, bound: Self) -> bool {
        self.messages <= bound.messages && self.bytes <= bound.bytes
    }
}

/// Messages to one client that were not sent, since too much was waiting for it.
pub(crate) struct Lost {
    pub frames: usize,
    /// Whether a reload makes up for all of them.
    pub are_droppable: bool,
}

/// Consequences of messages that have been handled.
pub(crate) struct Handled {
    /// The end of the connection was waiting for them.
    pub may_finish_close: bool,
    /// A connection that was ahead of the caller may be read again.
    pub has_caught_up: bool,
}

/// One client, as seen from any thread.
///
/// The fields that a broadcast touches stand first, in one or two lines of the processor's cache.
#[derive(Debug)]
#[repr(C)]
pub struct Peer {
    direct_writer: DirectWriter,
    /// Bytes that the I/O thread has yet to write.
    outbox_bytes: AtomicUsize,
    session: OnceLock<Arc<Session>>,
    traffic: Traffic,
    id: u32,
    is_tracked: bool,
    wants: AtomicU8,
    thread: Option<usize>,
    /// Single messages on their way to the I/O thread.
    under_way: UnderWay,
    /// See [`Lost`]; those that the thread does not know of yet.
    lost: AtomicUsize,
    lost_undroppable: AtomicBool,
    /// See [`Unhandled`].
    unhandled: AtomicUsize,
    unhandled_bytes: AtomicUsize,
    /// The end of the connection waits for those messages.
    is_closing: AtomicBool,
    /// Likewise, and until the caller no longer holds it back.
    is_answer_due: AtomicBool,
    is_answer_held: AtomicBool,
}

impl Peer {
    /// A peer served by the I/O thread `thread`, or by the caller's. Broadcasts go to tracked peers only.
    pub(crate) fn new(
        id: u32,
        thread: Option<usize>,
        is_tracked: bool,
        wants: Subscriptions,
        session: Option<Arc<Session>>,
    ) -> Self {
        Self {
            direct_writer: DirectWriter::default(),
            outbox_bytes: AtomicUsize::new(0),
            session: session.map_or_else(OnceLock::new, OnceLock::from),
            traffic: Traffic::new(Instant::now()),
            id,
            is_tracked,
            wants: AtomicU8::new(wants.0),
            thread,
            under_way: UnderWay::default(),
            lost: AtomicUsize::new(0),
            lost_undroppable: AtomicBool::new(false),
            unhandled: AtomicUsize::new(0),
            unhandled_bytes: AtomicUsize::new(0),
            is_closing: AtomicBool::new(false),
            is_answer_due: AtomicBool::new(false),
            is_answer_held: AtomicBool::new(false),
        }
    }

    /// Its number, unique in the process.
    pub fn id(&self) -> u32 {
        self.id
    }

    pub(crate) fn io_thread(&self) -> Option<usize> {
        self.thread
    }

    pub(crate) fn is_tracked(&self) -> bool {
        self.is_tracked
    }

    /// The page behind it, if that can come back on another connection.
    pub(crate) fn session(&self) -> Option<&Arc<Session>> {
        self.session.get()
    }

    /// The page has said that it can come back. True once.
    pub(crate) fn begin_session(&self, number: u32) -> bool {
        self.session.set(Arc::new(Session::new(number, self.id))).is_ok()
    }

    /// The traffic of its connection.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Held by the thread that writes to its connection.
    pub(crate) fn direct_writer(&self) -> &DirectWriter {
        &self.direct_writer
    }

    /// Writes a frame at once if nothing waits to be written before it.
    pub(crate) fn try_send(&self, frame: &Frame) -> Written {
        self.direct_writer.send(frame, |bytes| {
            let is_whole = u64::from(bytes == frame.len());
            let (count, messages) = (frame.count() as u64, frame.messages() as u64);
            self.traffic.on_written(bytes, count * is_whole, messages * is_whole);
        })
    }

    /// Whether all of `what` have a listener.
    pub fn is_subscribed_to(&self, what: Subscriptions) -> bool {
        Subscriptions(self.wants.load(Ordering::Relaxed)).contains(what)
    }

    pub(crate) fn set_subscriptions(&self, wants: Subscriptions) {
        self.wants.store(wants.0, Ordering::Relaxed);
    }

    /// Bytes sent to this peer and not yet written, frame headers included. Broadcasts that have
    /// not reached the I/O thread are not among them.
    pub fn buffered_bytes(&self) -> usize {
        // In this order: a frame goes from the one to the other.
        self.under_way.bytes_until_queued() + self.outbox_bytes()
    }

    /// Single messages on their way to the I/O thread.
    pub(crate) fn under_way(&self) -> &UnderWay {
        &self.under_way
    }

    /// A message is not sent. True if the I/O thread does not know yet that some were not.
    pub(crate) fn lose(&self, is_droppable: bool) -> bool {
        self.lost_undroppable.fetch_or(!is_droppable, Ordering::Relaxed);
        self.lost.fetch_add(1, Ordering::Release) == 0
    }

    /// Messages that were not sent since the last call.
    pub(crate) fn take_lost(&self) -> Lost {
        let frames = self.lost.swap(0, Ordering::Acquire);
        let are_droppable = !self.lost_undroppable.swap(false, Ordering::Relaxed);
        Lost { frames, are_droppable }
    }

    /// Bytes that the I/O thread has yet to write.
    pub(crate) fn outbox_bytes(&self) -> usize {
        self.outbox_bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn set_outbox_bytes(&self, bytes: usize) {
        self.outbox_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn on_message_queued(&self, bytes: usize) {
        self.unhandled.fetch_add(1, Ordering::SeqCst);
        self.unhandled_bytes.fetch_add(bytes, Ordering::SeqCst);
    }

    fn unhandled(&self) -> Unhandled {
        let read = |count: &AtomicUsize| count.load(Ordering::SeqCst);
        Unhandled { messages: read(&self.unhandled), bytes: read(&self.unhandled_bytes) }
    }

    /// Whether so much of it waits for the caller that no more should be read: one client's flood
    /// must not stand before the messages of the others.
    pub(crate) fn is_ahead(&self) -> bool {
        !self.unhandled().is_within(MAX_UNHANDLED)
    }

    /// Whether anything of it waits for the caller.
    pub(crate) fn is_unhandled(&self) -> bool {
        self.unhandled.load(Ordering::SeqCst) > 0
    }

    /// The caller has dealt with `count` messages of so many `bytes`.
    pub(crate) fn on_messages_handled(&self, count: usize, bytes: usize) -> Handled {
        let before = Unhandled {
            messages: self.unhandled.fetch_sub(count, Ordering::SeqCst),
            bytes: self.unhandled_bytes.fetch_sub(bytes, Ordering::SeqCst),
        };
        let now = Unhandled { messages: before.messages - count, bytes: before.bytes - bytes };
        Handled {
            may_finish_close: now.messages == 0 && self.may_finish_close(),
            has_caught_up: !before.is_within(CAUGHT_UP) && now.is_within(CAUGHT_UP),
        }
    }

    /// The peer has begun the end. True when that can be concluded at once: what the caller sends in
    /// reply to earlier messages would otherwise come too late. `is_answer_due` if it has sent a close
    /// frame, or broken the protocol, and is not just gone.
    #[must_use]
    pub(crate) fn on_closing(&self, is_answer_due: bool) -> bool {
        self.is_answer_due.store(is_answer_due, Ordering::SeqCst);
        self.is_closing.store(true, Ordering::SeqCst);
        self.may_finish_close()
    }

    /// The caller holds a close frame that answers the peer's back, or no longer does. True when it
    /// was waited for.
    pub(crate) fn hold_answer(&self, is_held: bool) -> bool {
        self.is_answer_held.store(is_held, Ordering::SeqCst);
        !is_held && self.may_finish_close()
    }

    fn may_finish_close(&self) -> bool {
        let is = |flag: &AtomicBool| flag.load(Ordering::SeqCst);
        let is_held = is(&self.is_answer_due) && is(&self.is_answer_held);
        is(&self.is_closing) && !is_held && !self.is_unhandled()
    }
}
