//! One server: its clients, wherever their threads are, and the order of what they are sent.

mod direct_send;
mod resume;
mod shutdown;

use crate::core::connection::transport::Source;
use crate::core::context::config::Config;
use crate::core::context::stats::Snapshot;
use crate::core::context::{self, Context};
use crate::core::error::Error;
use crate::core::events::event::Batch;
use crate::core::events::filter::EventFilter;
use crate::core::events::observe::Observation;
use crate::core::io::caller_thread::{CallerFifo, CallerThread};
use crate::core::io::command::Command;
use crate::core::io::pool::IoThread;
use crate::core::outgoing::broadcast::Broadcast;
use crate::core::outgoing::delivery::{Delivery, Receipt};
use crate::core::outgoing::outbox::Entry;
use crate::core::peer::{Peer, Subscriptions};
use crate::core::protocol::frame::Frame;
use crate::core::protocol::opcode::Opcode;
use crate::core::resume::resumption::{Replay, Resumption};
use crate::core::resume::session::MARK;
use bytes::Bytes;
use direct_send::Pace;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, RwLockWriteGuard};
use std::time::Instant;

/// A server.
///
/// Every send goes through the FIFO of the connection's thread, so a client gets broadcasts,
/// single messages and its close in the order of the calls.
pub struct Hub {
    context: Arc<Context>,
    resumption: Resumption,
    /// Counts the turns of the caller's event loop in which something was sent.
    turn: AtomicU32,
    pace: Pace,
    is_closed: AtomicBool,
    /// Commands for connections over streams of the caller's.
    caller_fifo: Arc<CallerFifo>,
}

impl Hub {
    /// A server without clients. `wake` is called, from any thread, when [`Self::take_events`]
    /// has something to give.
    pub fn new(config: Config, wake: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            resumption: Resumption::new(config.journal),
            context: Arc::new(Context::new(config, wake)),
            turn: AtomicU32::new(1),
            pace: Pace::new(Instant::now()),
            is_closed: AtomicBool::new(false),
            caller_fifo: Arc::default(),
        })
    }

    /// The caller is about to take events and need not be woken for those that come before.
    pub fn announce_take(&self) {
        self.context.events().announce_take();
    }

    /// The caller's own thread, for its connections over streams of the caller's. One for each server.
    pub fn caller_thread(&self) -> CallerThread {
        CallerThread::new(self.context.clone(), self.caller_fifo.clone())
    }

    /// What is told beyond what the server needs.
    pub fn observation(&self) -> &Observation {
        self.context.observation()
    }

    /// Changes which custom events are worth telling the caller.
    pub fn filter_mut(&self) -> RwLockWriteGuard<'_, EventFilter> {
        self.context.filter_mut()
    }

    /// Takes over a connection whose handshake is done. It reads nothing until [`Self::start`].
    /// Broadcasts go to it if `is_tracked`. With a `page`, it takes the place of that page's
    /// earlier connection.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`Self::close_all`]; [`Error::Thread`] if the first connection of
    /// the process cannot have its thread.
    pub fn open(
        &self,
        source: Source,
        head: Vec<u8>,
        is_tracked: bool,
        wants: Subscriptions,
        session: Option<u32>,
    ) -> Result<Arc<Peer>, Error> {
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(Error::Closed);
        }
        let is_adopted = source.is_adopted();
        let (index, socket) = match source {
            Source::Adopted(adopted) => {
                let (index, socket) = IoThread::register(adopted)?;
                (Some(index), Some(socket))
            }
            Source::Bridged => (None, None),
        };
        let id = context::next_id();
        let session = session.and_then(|session| self.resumption.session(session));
        if let Some(session) = &session {
            session.claim(id);
        }
        let peer = Arc::new(Peer::new(id, index, is_tracked, wants, session));
        let context = self.context.clone();
        context.threads().on_opened(index);
        if is_tracked {
            context.stats().on_opened(is_adopted);
        }
        context.registry().add(peer.clone());
        self.push_command(&peer, Command::Open { context, peer: peer.clone(), socket, head });
        Ok(peer)
    }

    /// Sends a payload of Vite's protocol to every tracked client, noting who has got it if there
    /// is a `delivery`.
    pub fn broadcast(
        &self,
        payload: impl Into<Bytes>,
        replay: Replay,
        delivery: Option<Arc<Delivery>>,
    ) {
        self.context.backpressure().wait();
        let payload = payload.into();
        let numbered = self.resumption.number_broadcast(&payload, replay);
        let turn = self.turn.load(Ordering::Relaxed);
        let broadcast = Broadcast { frame: Frame::text(payload), numbered, turn, delivery };
        if self.send_directly(&broadcast) {
            return;
        }
        let mut sleeper = None;
        for (index, thread) in self.io_threads() {
            self.context.threads().on_broadcast_sent(Some(index), broadcast.frame.len());
            let (context, broadcast) = (self.context.clone(), broadcast.clone());
            let command = Command::Broadcast { context, broadcast };
            sleeper = thread.fifo().relay(command, sleeper);
        }
        if let Some(thread) = sleeper {
            thread.wake();
        }
        if self.context.threads().is_caller_used() {
            self.context.threads().on_broadcast_sent(None, broadcast.frame.len());
            let context = self.context.clone();
            self.caller_fifo.push(Command::Broadcast { context, broadcast });
        }
    }

    /// What is sent from here on belongs to another turn of the caller's event loop.
    pub fn end_turn(&self) {
        self.turn.fetch_add(1, Ordering::Relaxed);
    }

    /// The threads that this server has, or had, connections on.
    fn io_threads(&self) -> impl Iterator<Item = (usize, &'static IoThread)> {
        let used = self.context.threads().used();
        used.filter_map(|index| Some((index, IoThread::get(index)?)))
    }

    /// Sends a frame to one client. False if it is gone.
    pub fn send(&self, id: u32, entry: Entry) -> bool {
        let Some(peer) = self.peer(id) else { return false };
        self.send_to(&peer, entry);
        true
    }

    fn send_to(&self, peer: &Peer, mut entry: Entry) {
        self.context.backpressure().wait();
        entry.turn = self.turn.load(Ordering::Relaxed);
        peer.on_sent(entry.frame.len());
        self.push_command(peer, Command::Send { id: peer.id(), entry });
    }

    /// Sends a payload of Vite's protocol to one client. False if it is gone.
    pub fn send_payload(
        &self,
        id: u32,
        payload: impl Into<Bytes>,
        replay: Replay,
        receipt: Option<Receipt>,
    ) -> bool {
        let Some(peer) = self.peer(id) else { return false };
        let payload = payload.into();
        let frame = match peer.session() {
            Some(session) => self.resumption.number(session, &payload, replay),
            None => Frame::text(payload),
        };
        self.send_directly_to(&peer, Entry { receipt, ..Entry::new(frame, true) });
        true
    }

    /// Sends a frame as the caller means it to one client, which is told of `token` when it has
    /// been written. False if it is gone.
    pub fn send_raw(
        &self,
        id: u32,
        opcode: Opcode,
        fin: bool,
        data: Vec<u8>,
        token: Option<u32>,
    ) -> bool {
        let Some(peer) = self.peer(id) else { return false };
        let is_marked = opcode == Opcode::Text && data.first() == Some(&MARK);
        let data = if is_marked && peer.session().is_some() {
            [&[MARK, b'='], data.as_slice()].concat()
        } else {
            data
        };
        let frame = Frame::new(opcode, fin, data);
        self.send_to(&peer, Entry { token, ..Entry::new(frame, false) });
        true
    }

    /// Begins to read from a connection.
    pub fn start(&self, id: u32) {
        self.command(id, Command::Start(id));
    }

    /// Starts the close handshake.
    pub fn close(&self, id: u32, code: Option<u16>, reason: Vec<u8>) {
        self.command(id, Command::Close { id, code, reason });
    }

    /// Ends a connection without a close frame.
    pub fn terminate(&self, id: u32) {
        self.command(id, Command::Terminate(id));
    }

    /// Stops or resumes reading.
    pub fn set_paused(&self, id: u32, is_paused: bool) {
        self.command(id, Command::SetPaused { id, is_paused });
    }

    /// Changes which events of a connection are worth telling the caller.
    pub fn set_subscriptions(&self, id: u32, wants: Subscriptions) {
        if let Some(peer) = self.peer(id) {
            peer.set_subscriptions(wants);
        }
    }

    /// Bytes sent to a client and not yet written.
    pub fn buffered_bytes(&self, id: u32) -> usize {
        self.peer(id).map_or(0, |peer| self.context.queued_bytes(&peer))
    }

    /// Takes up to `most` events, the calls before having been dealt with.
    pub fn take_events(&self, most: usize) -> Batch {
        let (batch, is_relieved) = self.context.events().take(most, |peer, count| {
            let handled = peer.on_messages_handled(count);
            if handled.may_finish_close {
                self.finish_close(&peer);
            } else if handled.has_caught_up {
                self.push_command(&peer, Command::Unthrottle(peer.id()));
            }
        });
        if is_relieved {
            for (_, thread) in self.io_threads() {
                thread.fifo().push(Command::UnthrottleAll { server: self.context.id() });
            }
            self.command_caller(Command::UnthrottleAll { server: self.context.id() });
        }
        batch
    }

    /// Pings every client, to measure its round trip.
    pub fn ping_all(&self) {
        for (_, thread) in self.io_threads() {
            thread.fifo().push(Command::PingAll { server: self.context.id() });
        }
        self.command_caller(Command::PingAll { server: self.context.id() });
    }

    /// The counters, and the clients.
    pub fn snapshot(&self) -> Snapshot {
        self.context.snapshot()
    }

    /// Lets a connection end, after what has been sent to it.
    fn finish_close(&self, peer: &Peer) {
        self.push_command(peer, Command::FinishClose(peer.id()));
    }

    fn peer(&self, id: u32) -> Option<Arc<Peer>> {
        self.context.registry().get(id)
    }

    fn command(&self, id: u32, command: Command) {
        if let Some(peer) = self.peer(id) {
            self.push_command(&peer, command);
        }
    }

    /// A command for all connections on the caller's thread.
    fn command_caller(&self, command: Command) {
        if self.context.threads().is_caller_used() {
            self.caller_fifo.push(command);
        }
    }

    fn push_command(&self, peer: &Peer, command: Command) {
        match peer.io_thread() {
            None => self.caller_fifo.push(command),
            Some(index) => {
                if let Some(thread) = IoThread::get(index) {
                    thread.fifo().push(command);
                }
            }
        }
    }
}
