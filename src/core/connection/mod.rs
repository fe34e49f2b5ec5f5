//! One peer on its I/O thread: what it sends is read and answered, what it is owed is written.

pub(crate) mod agenda;
pub mod bridge;
pub mod keepalive;
mod reading;
pub mod rtt;
mod state;
pub mod transport;
mod writing;

use crate::core::connection::agenda::{NextLook, Rest};
use crate::core::connection::keepalive::Action;
use crate::core::connection::state::{Phase, State};
use crate::core::connection::transport::Transport;
use crate::core::context::Context;
use crate::core::events::disconnect::DisconnectReason;
use crate::core::events::event::Event;
use crate::core::outgoing::outbox::Entry;
use crate::core::peer::Peer;
use crate::core::protocol::frame::Frame;
use crate::core::protocol::opcode::Opcode;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::task::{self, Poll, Waker};
use std::time::{Duration, Instant};

/// Close codes of RFC 6455, 7.4.1, and its registry.
const TRY_AGAIN_LATER: u16 = 1013;
const ABNORMAL_CLOSURE: u16 = 1006;
const NO_STATUS_RECEIVED: u16 = 1005;

/// A live connection. It stays on the thread that made it.
///
/// The fields that a broadcast touches stand first, in one line of the processor's cache.
#[repr(C)]
pub struct Connection {
    peer: Arc<Peer>,
    /// Whether it is in its thread's list of connections with something new to write.
    pub(crate) is_dirty: Cell<bool>,
    context: Arc<Context>,
    transport: Transport,
    state: RefCell<State>,
    waker: RefCell<Option<Waker>>,
    /// Whether the connection is to be concluded, see [`Self::take_replied`].
    is_replied: Cell<bool>,
    next_look: NextLook,
}

/// The token of the answer to a probe; those of callers count from 1.
const ACKNOWLEDGEMENT: u32 = u32::MAX;

impl Connection {
    pub(crate) fn new(
        peer: Arc<Peer>,
        context: Arc<Context>,
        transport: Transport,
        head: Vec<u8>,
        running: Duration,
        next_look: NextLook,
    ) -> Self {
        let state = State::new(context.config(), head, running);
        if let Some(writer) = transport.writer() {
            peer.direct_writer().lock().open(writer);
        }
        let (state, waker) = (RefCell::new(state), RefCell::default());
        let (is_dirty, is_replied) = (Cell::new(false), Cell::new(false));
        Self { peer, context, transport, state, waker, is_dirty, is_replied, next_look }
    }

    pub(crate) fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    pub(crate) fn context(&self) -> &Arc<Context> {
        &self.context
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Reads and writes as far as possible; ready when the connection is over.
    pub(crate) fn poll(
        &self,
        cx: &mut task::Context<'_>,
        buffer: &mut [u8],
        running: Duration,
    ) -> Poll<()> {
        self.waker.replace(Some(cx.waker().clone()));
        self.flush(Some(cx));
        self.read(cx, buffer, running);
        self.flush(Some(cx));
        if self.state.borrow().phase == Phase::Ended { Poll::Ready(()) } else { Poll::Pending }
    }

    fn emit(&self, event: Event) {
        self.context.events().emit(&self.peer, event);
    }

    /// Makes the task of this connection run again.
    pub(crate) fn wake(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }

    /// Begins to read. Everything queued before this is sent before any reply.
    pub(crate) fn start(&self) {
        let mut head = {
            let mut state = self.state.borrow_mut();
            if state.phase == Phase::Starting {
                state.phase = Phase::Open;
            }
            state.window = self.transport.window();
            std::mem::take(&mut state.head)
        };
        if !head.is_empty() {
            self.peer.traffic().on_read(head.len(), Instant::now());
            self.receive(&mut head);
        }
        self.wake();
    }

    /// Stops or resumes reading on the caller's behalf.
    pub(crate) fn set_paused(&self, is_paused: bool) {
        self.state.borrow_mut().is_paused = is_paused;
        self.wake();
    }

    /// The caller has caught up; reading may go on.
    pub(crate) fn unthrottle(&self) {
        if std::mem::take(&mut self.state.borrow_mut().is_throttled) {
            self.wake();
        }
    }

    /// No more messages are taken. The close frame that answers goes through the FIFO, behind what
    /// the caller sends in reply to the messages before it.
    fn stop_receiving(&self, why: DisconnectReason, code: Option<u16>, reason: Vec<u8>) {
        let is_answer_due = {
            let mut state = self.state.borrow_mut();
            state.phase = Phase::Draining;
            state.last_close = Some((code, reason));
            state.disconnect_for(why);
            self.set_deadline(&mut state);
            !state.close_sent
        };
        self.end_after_replies(is_answer_due);
    }

    /// Ends the stream once the caller has replied to all messages; if a close frame is due, once
    /// it does not hold that back either.
    fn end_after_replies(&self, is_answer_due: bool) {
        if self.peer.on_closing(is_answer_due) {
            self.is_replied.set(true);
        }
    }

    /// Whether the caller has replied to all messages of a client that is leaving. True once. Its
    /// end then has to go through the FIFO, behind those replies.
    pub(crate) fn take_replied(&self) -> bool {
        self.is_replied.take()
    }

    /// Sends the last close frame, if one is due, and ends the stream. Nothing follows.
    pub(crate) fn finish_close(&self) {
        let last_close = self.state.borrow_mut().last_close.take();
        if let Some((code, reason)) = last_close {
            self.send_close(code, &reason);
        }
        self.end_when_flushed();
    }

    /// Starts the close handshake, once, for this reason.
    pub(crate) fn close(&self, why: DisconnectReason, code: Option<u16>, reason: &[u8]) {
        self.state.borrow_mut().disconnect_for(why);
        self.send_close(code, reason);
        // It is the answer as well, to a peer that was faster.
        if self.state.borrow().last_close.is_some() {
            self.end_after_replies(false);
            self.wake();
        }
    }

    fn send_close(&self, code: Option<u16>, reason: &[u8]) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Ended || std::mem::replace(&mut state.close_sent, true) {
            return;
        }
        let frame = Frame::close(code, reason);
        state.outbox.push(Entry::new(frame, false), 0, Duration::ZERO);
        self.peer.direct_writer().lock().set_idle(false);
        self.set_deadline(&mut state);
    }

    fn set_deadline(&self, state: &mut State) {
        let timeout = self.context.config().close_timeout;
        state.deadline.get_or_insert_with(|| Instant::now() + timeout);
        self.next_look.rouse();
    }

    /// Ends the stream without the close frame that may be due. Nothing follows.
    pub(crate) fn end(&self) {
        self.state.borrow_mut().last_close = None;
        self.end_when_flushed();
    }

    fn end_when_flushed(&self) {
        {
            let mut state = self.state.borrow_mut();
            if state.phase == Phase::Open {
                state.close_sent = true;
                self.peer.direct_writer().lock().set_idle(false);
                state.disconnect_for(DisconnectReason::ServerClosed);
                self.set_deadline(&mut state);
            }
            state.ends_when_flushed = true;
        }
        self.wake();
    }

    /// The next look at this connection.
    pub(crate) fn next_look(&self) -> &NextLook {
        &self.next_look
    }

    /// Looks at the deadlines of this connection. Returns how long it can do without another look.
    pub(crate) fn look(&self, now: Instant, running: Duration) -> Rest {
        self.check_deadlines(now, running);
        let state = self.state.borrow();
        let is_waiting = state.deadline.is_some() || state.dropped > 0 || !state.outbox.is_empty();
        let period = self.context.config().keepalive;
        match state.phase {
            Phase::Ended => Rest::Endless,
            _ if is_waiting || state.keepalive.is_pinged() => Rest::None,
            _ if period.is_zero() => Rest::Endless,
            _ => Rest::Until(state.keepalive.due(period)),
        }
    }

    fn check_deadlines(&self, now: Instant, running: Duration) {
        self.review_outbox(now);
        let mut state = self.state.borrow_mut();
        let timeout = self.context.config().close_timeout;
        if state.cut_at(timeout).is_some_and(|cut_at| now >= cut_at) {
            drop(state);
            // An answer that was held back until now.
            self.finish_close();
            self.flush(None);
            return self.finish(DisconnectReason::CloseTimeout);
        }
        let is_reading = state.phase == Phase::Open && !state.is_paused && !state.is_throttled;
        if !is_reading || state.close_sent {
            state.keepalive.on_received(running);
            return;
        }
        let period = self.context.config().keepalive;
        let is_sent = state.outbox.has_sent_pings();
        let window = state.window;
        let acknowledgement = || self.transport.acknowledgement(window);
        match state.keepalive.check(running, period, is_sent, acknowledgement) {
            Action::Wait => {}
            Action::Ping => {
                drop(state);
                self.ping();
            }
            Action::TimeOut => {
                drop(state);
                self.context.stats().on_keepalive_timeout();
                self.finish(DisconnectReason::KeepaliveTimeout);
            }
        }
    }

    /// Sends a ping frame.
    pub(crate) fn ping(&self) {
        {
            let mut state = self.state.borrow_mut();
            if state.phase != Phase::Open || state.close_sent || !state.outbox.has_sent_pings() {
                return;
            }
            let frame = Frame::new(Opcode::Ping, true, Vec::new());
            state.outbox.push(Entry::keepalive_ping(frame), 0, Duration::ZERO);
            state.round_trip.on_ping(Instant::now());
        }
        self.context.stats().on_ping();
        if self.context.observation().includes_keepalive() {
            self.emit(Event::KeepalivePing);
        }
        self.flush(None);
    }

    /// Ends the connection without a close frame, behind as much of what was sent before as is taken
    /// at once: a `send` of `ws` has written by the time it returns.
    pub(crate) fn terminate(&self, why: DisconnectReason) {
        self.flush(None);
        self.finish(why);
    }

    /// Ends the connection now, for this reason if there has been no other.
    pub(crate) fn finish(&self, why: DisconnectReason) {
        let (code, reason, disconnect) = {
            let mut state = self.state.borrow_mut();
            if state.phase == Phase::Ended {
                return;
            }
            state.phase = Phase::Ended;
            state.outbox.clear();
            self.peer.set_outbox_bytes(0);
            let disconnect = DisconnectReason::then(state.disconnect, why);
            let (code, reason) =
                state.close_received.take().unwrap_or((ABNORMAL_CLOSURE, Vec::new()));
            (code, reason, disconnect)
        };
        self.peer.direct_writer().lock().close();
        self.transport.terminate();
        self.context.on_closed(&self.peer);
        self.emit(Event::Closed { code, reason, disconnect });
        self.wake();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.finish(DisconnectReason::ConnectionLost);
    }
}
