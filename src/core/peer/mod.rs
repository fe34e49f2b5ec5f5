//! The part of a connection that both its I/O thread and its caller may touch.

pub(crate) mod direct_write;
pub mod traffic;

use crate::core::peer::direct_write::{DirectWriter, Written};
use crate::core::peer::traffic::Traffic;
use crate::core::protocol::frame::Frame;
use crate::core::resume::session::Session;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::Instant;

/// Which events of a connection somebody listens for.
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
const MAX_UNHANDLED: usize = 512;
/// Waiting messages at which it is read again.
const CAUGHT_UP: usize = 128;

/// What follows from messages having been dealt with.
pub(crate) struct Handled {
    /// The end of the connection was waiting for them.
    pub may_finish_close: bool,
    /// A connection that was ahead of the caller may be read again.
    pub has_caught_up: bool,
}

/// One client, as seen from any thread.
///
/// What a broadcast touches stands first, side by side, in one or two lines of the processor's cache.
#[derive(Debug)]
#[repr(C)]
pub struct Peer {
    direct_writer: DirectWriter,
    /// Bytes that the I/O thread has yet to write.
    outbox_bytes: AtomicUsize,
    session: Option<Arc<Session>>,
    traffic: Traffic,
    id: u32,
    is_tracked: bool,
    wants: AtomicU8,
    thread: Option<usize>,
    /// Bytes on their way to the I/O thread.
    fifo_bytes: AtomicUsize,
    /// Messages that the caller has been given, or is about to be, and has not dealt with.
    unhandled: AtomicUsize,
    /// The end of the connection waits for those messages.
    is_closing: AtomicBool,
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
            session,
            traffic: Traffic::new(Instant::now()),
            id,
            is_tracked,
            wants: AtomicU8::new(wants.0),
            thread,
            fifo_bytes: AtomicUsize::new(0),
            unhandled: AtomicUsize::new(0),
            is_closing: AtomicBool::new(false),
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
        self.session.as_ref()
    }

    /// What has passed over its connection.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Whoever writes to its connection holds this.
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

    /// Whether somebody listens for all of `what`.
    pub fn is_subscribed_to(&self, what: Subscriptions) -> bool {
        Subscriptions(self.wants.load(Ordering::Relaxed)).contains(what)
    }

    pub(crate) fn set_subscriptions(&self, wants: Subscriptions) {
        self.wants.store(wants.0, Ordering::Relaxed);
    }

    /// Bytes sent to this peer and not yet written, frame headers included. Broadcasts that have
    /// not reached the I/O thread are not among them.
    pub fn buffered_bytes(&self) -> usize {
        let waiting = [&self.fifo_bytes, &self.outbox_bytes];
        waiting.into_iter().map(|bytes| bytes.load(Ordering::Relaxed)).sum()
    }

    pub(crate) fn on_sent(&self, bytes: usize) {
        self.fifo_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn on_arrived(&self, bytes: usize) {
        self.fifo_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn set_outbox_bytes(&self, bytes: usize) {
        self.outbox_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn on_message_queued(&self) {
        self.unhandled.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether so many of its messages wait for the caller that no more should be read: one
    /// client's flood must not stand before the messages of the others.
    pub(crate) fn is_ahead(&self) -> bool {
        self.unhandled.load(Ordering::SeqCst) >= MAX_UNHANDLED
    }

    /// The caller has dealt with `count` messages.
    pub(crate) fn on_messages_handled(&self, count: usize) -> Handled {
        let before = self.unhandled.fetch_sub(count, Ordering::SeqCst);
        Handled {
            may_finish_close: before == count && self.is_closing.load(Ordering::SeqCst),
            has_caught_up: before > CAUGHT_UP && before - count <= CAUGHT_UP,
        }
    }

    /// The peer has sent a close frame, or broken the protocol. True when it can be answered at
    /// once: what the caller sends in reply to earlier messages would otherwise come too late.
    #[must_use]
    pub(crate) fn on_closing(&self) -> bool {
        self.is_closing.store(true, Ordering::SeqCst);
        self.unhandled.load(Ordering::SeqCst) == 0
    }
}
