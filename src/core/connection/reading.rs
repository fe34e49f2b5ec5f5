//! The inbound half of a connection: messages become events, pings are answered, a close frame or a
//! protocol error begins the end.

use super::state::{Phase, ProbeAnswer, State};
use super::{ACKNOWLEDGEMENT, Connection, NO_STATUS_RECEIVED};
use crate::core::context;
use crate::core::events::disconnect::DisconnectReason;
use crate::core::events::event::Event;
use crate::core::outgoing::outbox::{Entry, Outbox, Pushed};
use crate::core::peer::Subscriptions;
use crate::core::protocol::frame::Frame;
use crate::core::protocol::opcode::Opcode;
use crate::core::protocol::receiver::Item;
use crate::core::resume::control::{self, Incoming};
use std::borrow::Cow;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Bytes read from one connection before the others get their turn.
const READ_BUDGET_BYTES: usize = 64 * 1024;
/// Bytes of a message that nobody listens for that are given back to the system at a time.
const RELEASE_BYTES: usize = 1024 * 1024;
/// Bytes that a message counts beyond its own: many small ones take longer than a large one.
const MESSAGE_COST_BYTES: usize = 1024;

impl Connection {
    pub(super) fn read(&self, cx: &mut Context<'_>, buffer: &mut [u8], running: Duration) {
        let mut budget = READ_BUDGET_BYTES;
        while self.wants_to_read() {
            let mut messages = 0;
            let read = self.transport.poll_read(cx, buffer, |data| {
                {
                    let mut state = self.state.borrow_mut();
                    state.keepalive.on_received(running);
                    if !self.context.config().keepalive.is_zero() {
                        state.note_window(&self.transport, running);
                    }
                }
                self.peer.traffic().on_read(data.len(), Instant::now());
                messages = self.receive(data);
            });
            let cost = |count| count + messages * MESSAGE_COST_BYTES;
            match read {
                Poll::Pending => return,
                // Nobody hears an answer any more, whatever it waits for.
                Poll::Ready(Ok(0)) if self.transport.is_lost() => {
                    return self.finish(DisconnectReason::ConnectionLost);
                }
                Poll::Ready(Ok(0)) => return self.on_end(),
                Poll::Ready(Ok(count)) if cost(count) < budget => budget -= cost(count),
                Poll::Ready(Ok(_)) => return self.transport.read_on_later(cx),
                Poll::Ready(Err(_reset)) => return self.finish(DisconnectReason::ConnectionLost),
            }
        }
        self.watch_paused(cx);
    }

    /// A peer that has gone is noticed while nothing is read from it: with a reset, and also when it
    /// has said that nothing more comes and nothing waits to be read.
    fn watch_paused(&self, cx: &mut Context<'_>) {
        let is_paused = {
            let state = self.state.borrow();
            state.phase == Phase::Open && state.is_paused && !self.transport.is_lost()
        };
        if !is_paused {
            return;
        }
        match self.transport.poll_end(cx) {
            Poll::Pending => {}
            Poll::Ready(Ok(())) => self.on_end(),
            Poll::Ready(Err(_reset)) => self.finish(DisconnectReason::ConnectionLost),
        }
    }

    fn wants_to_read(&self) -> bool {
        let mut state = self.state.borrow_mut();
        match state.phase {
            Phase::Starting | Phase::Ended => false,
            _ if state.end_received => self.transport.is_lost(),
            Phase::Draining => true,
            // The rest of what a peer has sent that is gone is read at once.
            Phase::Open if state.is_paused => self.transport.is_lost(),
            // A flood of pings ends up in the peer's own TCP buffer.
            Phase::Open if state.outbox.answers() >= self.context.config().max_pending_pongs => {
                state.awaits_answers = true;
                false
            }
            // A client that makes the server hold too much is not read; the others are.
            Phase::Open => {
                let is_held = self.peer.is_unhandled() && self.context.events().is_full();
                state.is_throttled = self.peer.is_ahead() || is_held;
                !state.is_throttled
            }
        }
    }

    /// Takes bytes of the peer. Returns how many messages they completed.
    pub(super) fn receive(&self, data: &mut [u8]) -> usize {
        let mut closing = None;
        let mut messages = 0;
        let fed = {
            let state = &mut *self.state.borrow_mut();
            if state.phase != Phase::Open {
                return messages;
            }
            let State { receiver, outbox, close_sent, round_trip, probe_answer, .. } = state;
            let answers = self.context.config().auto_pong && !*close_sent;
            let fed = receiver.feed(data, |item| match item {
                Item::Message { binary, data } => {
                    messages += 1;
                    match self.classify(binary, &data) {
                        Incoming::Message => self.on_message(binary, data),
                        Incoming::Hello { is_reloaded } => self.on_hello(is_reloaded),
                        Incoming::Probe => self.on_probe(probe_answer, outbox, *close_sent),
                    }
                }
                Item::Ping(data) => {
                    if answers {
                        let frame = Frame::new(Opcode::Pong, true, data.to_vec());
                        self.answer(outbox, frame);
                    }
                    self.emit_if(Subscriptions::PINGS, || Event::Ping(data.to_vec()));
                }
                Item::Pong(data) => {
                    if let Some(after) = round_trip.on_pong(data, Instant::now()) {
                        self.on_round_trip(after);
                    }
                    self.emit_if(Subscriptions::PONGS, || Event::Pong(data.to_vec()));
                }
                Item::Close { code, reason } => closing = Some((code, reason.to_vec())),
            });
            self.peer.traffic().on_received(receiver.take_frames(), messages as u64);
            fed
        };
        if let Some((code, reason)) = closing {
            let answer = Some(code).filter(|code| *code != NO_STATUS_RECEIVED);
            self.state.borrow_mut().close_received = Some((code, reason.clone()));
            self.emit(Event::CloseFrame { code, reason: reason.clone() });
            self.stop_receiving(DisconnectReason::ClientClosed, answer, reason);
        } else if let Err(error) = fed {
            let code = error.close_code;
            self.emit(Event::ProtocolError(error));
            self.stop_receiving(DisconnectReason::ProtocolError, Some(code), Vec::new());
        }
        messages
    }

    /// Queues what the peer is answered at once. From here on no sender writes by itself: the caller
    /// may already be at its reply to the next message.
    fn answer(&self, outbox: &mut Outbox, frame: Frame) {
        self.peer.direct_writer().lock().set_idle(false);
        outbox.push(Entry::answer(frame), 0, Duration::ZERO);
    }

    fn on_round_trip(&self, after: Duration) {
        self.peer.traffic().on_round_trip(after);
        if self.context.observation().includes_keepalive() {
            self.emit(Event::KeepalivePong(after));
        }
    }

    /// Pages that can come back are clients of Vite's protocol, and so of a tracked connection.
    fn classify(&self, binary: bool, data: &[u8]) -> Incoming {
        if binary || !self.peer.is_tracked() { Incoming::Message } else { control::classify(data) }
    }

    fn on_message(&self, binary: bool, data: Cow<'_, [u8]>) {
        let Some(session) = self.peer.session() else { return self.emit_message(binary, data) };
        // Before the session is locked: to parse a large message takes its time.
        let event = self.event_of(binary, data);
        session.take(self.peer.id(), || event.into_iter().for_each(|event| self.emit(event)));
    }

    /// Messages of the page count from here on, although the caller welcomes it later.
    fn on_hello(&self, is_reloaded: bool) {
        if self.peer.begin_session(context::next_id()) {
            self.emit(Event::Hello { is_reloaded });
        }
    }

    /// One answer at most waits to be written: it is as good for all the questions before it.
    fn on_probe(&self, answer: &mut ProbeAnswer, outbox: &mut Outbox, close_sent: bool) {
        if close_sent {
            return;
        }
        if *answer == ProbeAnswer::None {
            self.peer.direct_writer().lock().set_idle(false);
            self.acknowledge(answer, outbox);
        } else {
            *answer = ProbeAnswer::Again;
        }
    }

    fn acknowledge(&self, answer: &mut ProbeAnswer, outbox: &mut Outbox) {
        let Some(session) = self.peer.session() else { return };
        let frame = control::acknowledgement(session.received());
        let entry = Entry { token: Some(ACKNOWLEDGEMENT), ..Entry::answer(frame) };
        if outbox.push(entry, 0, Duration::ZERO) == Pushed::Queued {
            *answer = ProbeAnswer::Waits;
        }
    }

    /// The answer to a probe has been written. The writer is locked.
    pub(super) fn on_acknowledged(&self, state: &mut State) {
        let State { probe_answer, outbox, close_sent, .. } = state;
        let before = std::mem::replace(probe_answer, ProbeAnswer::None);
        if before == ProbeAnswer::Again && !*close_sent {
            self.acknowledge(probe_answer, outbox);
        }
    }

    fn emit_message(&self, binary: bool, data: Cow<'_, [u8]>) {
        self.event_of(binary, data).into_iter().for_each(|event| self.emit(event));
    }

    /// The event of a message, if it has a listener.
    fn event_of(&self, binary: bool, data: Cow<'_, [u8]>) -> Option<Event> {
        if self.examine(binary, &data) {
            return Some(Event::Message { data: data.into_owned(), binary });
        }
        release(data);
        None
    }

    /// Shows a message to the inspector. True if it has a listener.
    fn examine(&self, binary: bool, data: &[u8]) -> bool {
        if let Some(most) =
            self.context.observation().copy_bytes().filter(|_| self.peer.is_tracked())
        {
            self.observe(binary, data, most);
        }
        self.peer.is_subscribed_to(Subscriptions::MESSAGES)
            || self.peer.is_subscribed_to(Subscriptions::EVENTS)
                && self.context.filter().passes(data)
    }

    /// Copies a message for the inspector. It misses some while the caller is behind: reading goes on.
    fn observe(&self, binary: bool, data: &[u8], most: usize) {
        if self.context.events().is_busy() {
            return;
        }
        let beginning = data[..data.len().min(most)].to_vec();
        self.emit(Event::Observed { data: beginning, length: data.len(), binary });
    }

    fn emit_if(&self, wants: Subscriptions, event: impl FnOnce() -> Event) {
        if self.peer.is_subscribed_to(wants) {
            self.emit(event());
        }
    }

    /// The peer will send nothing more; what it is owed is still sent.
    fn on_end(&self) {
        let is_answer_due = {
            let mut state = self.state.borrow_mut();
            state.end_received = true;
            state.phase = Phase::Draining;
            state.disconnect_for(DisconnectReason::ConnectionLost);
            self.set_deadline(&mut state);
            state.last_close.is_some() && !state.close_sent
        };
        self.end_after_replies(is_answer_due);
    }
}

/// Frees a message, a large one piece by piece: while the system takes pages back, no thread of the
/// process can map memory, and JavaScript's would wait.
fn release(data: Cow<'_, [u8]>) {
    let Cow::Owned(mut data) = data else { return };
    while data.capacity() > RELEASE_BYTES {
        let rest = data.capacity() - RELEASE_BYTES;
        data.truncate(rest);
        data.shrink_to(rest);
    }
}
