//! One server: its clients, wherever their threads are, and the order of what they are sent.

mod direct_send;
mod resume;
mod shutdown;

use crate::core::context::config::Config;
use crate::core::context::stats::Snapshot;
use crate::core::context::{self, Context};
use crate::core::error::Error;
use crate::core::events::event::Batch;
use crate::core::events::filter::EventFilter;
use crate::core::events::observe::Observation;
use crate::core::io::caller_thread::{CallerFifo, CallerThread};
use crate::core::io::command::{Command, Load};
use crate::core::io::opening::{Opening, Parts};
use crate::core::io::pool::IoThread;
use crate::core::outgoing::broadcast::Broadcast;
use crate::core::outgoing::delivery::{Delivery, Receipt};
use crate::core::outgoing::outbox::Entry;
use crate::core::peer::{Peer, Subscriptions};
use crate::core::protocol::frame::Frame;
use crate::core::protocol::opcode::Opcode;
use crate::core::resume::resumption::{Replay, Resumption};
use crate::core::socket::Adopted;
use bytes::Bytes;
use direct_send::Pace;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLockWriteGuard};
use std::time::Instant;

/// An upgraded connection as Node hands it over.
#[derive(Default)]
pub struct Upgraded {
    /// None for a stream of the caller's.
    pub adopted: Option<Adopted>,
    /// The TCP socket beneath a stream of the caller's, to ask how the peer is. Nothing passes it here.
    pub beneath: Option<Adopted>,
    /// The answer to the handshake, unless the caller writes it. It goes out with what follows.
    pub handshake: Vec<u8>,
    /// Bytes that came behind the upgrade request.
    pub head: Vec<u8>,
}

/// A server.
///
/// Every send goes through the FIFO of the connection's thread, so a client gets broadcasts,
/// single messages and its close in the order of the calls.
pub struct Hub {
    context: Arc<Context>,
    resumption: Resumption,
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
            pace: Pace::new(Instant::now()),
            is_closed: AtomicBool::new(false),
            caller_fifo: Arc::default(),
        })
    }

    /// The caller is about to take events and need not be woken for those that come before.
    pub fn announce_take(&self) {
        self.context.events().announce_take();
    }

    /// Whether there are events, as announced. If not, the caller needs not come for them.
    pub fn keep_announcement(&self) -> bool {
        self.context.events().keep_announcement()
    }

    /// The caller's own thread, for its connections over streams of the caller's. One for each server.
    pub fn caller_thread(&self) -> CallerThread {
        CallerThread::new(self.context.clone(), self.caller_fifo.clone())
    }

    /// Events for the inspector, beyond those that the server needs.
    pub fn observation(&self) -> &Observation {
        self.context.observation()
    }

    /// Changes which custom events are worth telling the caller.
    pub fn filter_mut(&self) -> RwLockWriteGuard<'_, EventFilter> {
        self.context.filter_mut()
    }

    /// Takes over a connection. It reads nothing until [`Self::start`], which has to follow: it wakes
    /// the thread. Broadcasts go to it if `is_tracked`. With a `session`, it takes the place of that
    /// page's earlier connection.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`Self::close_all`]; [`Error::Thread`] or [`Error::Descriptors`] if
    /// there is no I/O thread and none can be had; [`Error::NotAdoptable`] if the kernel does not
    /// watch the socket. The client can still be refused then.
    pub fn open(
        &self,
        upgraded: Upgraded,
        is_tracked: bool,
        wants: Subscriptions,
        session: Option<u32>,
    ) -> Result<Arc<Peer>, Error> {
        self.expect_open()?;
        let Upgraded { adopted, beneath, handshake, head } = upgraded;
        let socket = adopted.map(IoThread::register).transpose()?;
        let thread = socket.as_ref().map(|(place, _)| place.thread());
        let id = context::next_id();
        let session = session.and_then(|session| self.resumption.session(session));
        if let Some(session) = &session {
            session.claim(id);
        }
        let peer = Arc::new(Peer::new(id, thread, is_tracked, wants, session));
        let context = self.context.clone();
        context.threads().on_opened(thread);
        if is_tracked {
            context.stats().on_opened(thread.is_some());
        }
        context.registry().add(peer.clone());
        let parts = Parts { context, peer: peer.clone(), socket, beneath, handshake, head };
        self.defer_command(&peer, Command::Open(Opening::new(parts)));
        Ok(peer)
    }

    fn expect_open(&self) -> Result<(), Error> {
        if self.is_closed.load(Ordering::SeqCst) { Err(Error::Closed) } else { Ok(()) }
    }

    /// Sends a payload of Vite's protocol to every tracked client, and records its receivers in
    /// `delivery`.
    pub fn broadcast(
        &self,
        payload: impl Into<Bytes>,
        replay: Replay,
        delivery: Option<Arc<Delivery>>,
    ) {
        let payload = payload.into();
        let numbered = self.resumption.number_broadcast(&payload, replay);
        let broadcast = Broadcast { frame: Frame::text(payload), numbered, delivery };
        let has_threads = self.io_threads().next().is_some();
        if has_threads && self.send_directly(&broadcast) {
            return;
        }
        let mut sleeper = None;
        for (index, thread) in self.io_threads() {
            if let Some(command) = self.broadcast_to(Some(index), &broadcast) {
                sleeper = thread.fifo().relay(self.context.id(), command, sleeper);
            }
        }
        if let Some(thread) = sleeper {
            thread.wake();
        }
        if self.context.threads().is_caller_used() {
            let command = self.broadcast_to(None, &broadcast);
            command.into_iter().for_each(|command| self.caller_fifo.push(command));
        }
    }

    /// The command that sends a broadcast to the clients of a thread, or reports it as lost;
    /// none if such a report is on its way.
    fn broadcast_to(&self, thread: Option<usize>, broadcast: &Broadcast) -> Option<Command> {
        if self.is_overloaded(thread, &broadcast.frame) {
            let context = self.context.clone();
            let is_first = self.lose_broadcast(thread, broadcast);
            return is_first.then_some(Command::LoseBroadcasts { context });
        }
        let load = Load::new(self.context.clone(), thread, broadcast.frame.len());
        Some(Command::Broadcast { broadcast: broadcast.clone(), load })
    }

    /// Whether so much is on its way to a thread that no client of it may be sent more. The caller
    /// would be held up if it waited, and the memory is bounded.
    fn is_overloaded(&self, thread: Option<usize>, frame: &Frame) -> bool {
        let under_way = self.context.threads().under_way(thread).cost();
        let marks = &self.context.config().marks;
        under_way > 0 && marks.is_hard_limit_exceeded(under_way + frame.cost())
    }

    /// Notes that the clients of a thread do not get a broadcast. True if the thread is yet to be
    /// told.
    fn lose_broadcast(&self, thread: Option<usize>, broadcast: &Broadcast) -> bool {
        if broadcast.delivery.is_some() {
            self.context.registry().with(|peers| {
                let is_there = |peer: &&Arc<Peer>| peer.is_tracked() && peer.io_thread() == thread;
                for peer in peers.values().filter(is_there) {
                    drop(broadcast.receipt_of(peer));
                }
            });
        }
        self.context.threads().lose(thread)
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

    fn send_to(&self, peer: &Peer, entry: Entry) {
        // A frame that may not be dropped is judged in its outbox, where the others give way to it.
        let waiting = match entry.droppable {
            true => peer.outbox_bytes() + self.context.under_way_to(peer),
            false => peer.under_way().cost(),
        };
        let marks = &self.context.config().marks;
        if waiting > 0 && marks.is_hard_limit_exceeded(waiting + entry.frame.cost()) {
            if peer.lose(entry.droppable) {
                self.push_command(peer, Command::LoseSends(peer.id()));
            }
            return;
        }
        peer.under_way().add(entry.frame.len());
        self.push_command(peer, Command::Send { id: peer.id(), entry });
    }

    /// Sends a payload of Vite's protocol to one client that cannot come back. False if it is gone.
    pub fn send_payload(
        &self,
        id: u32,
        payload: impl Into<Bytes>,
        receipt: Option<Receipt>,
    ) -> bool {
        let Some(peer) = self.peer(id) else { return false };
        let frame = Frame::text(payload);
        self.send_directly_to(&peer, Entry { receipt, ..Entry::new(frame, true) });
        true
    }

    /// Sends one client a frame as the caller means it. An event with `token` follows when it has
    /// been written. False if it is gone.
    pub fn send_raw(
        &self,
        id: u32,
        opcode: Opcode,
        fin: bool,
        data: impl Into<Bytes>,
        token: Option<u32>,
    ) -> bool {
        let Some(peer) = self.peer(id) else { return false };
        let frame = Frame::new(opcode, fin, data);
        if let Some(session) = peer.session().filter(|_| frame.messages() > 0) {
            session.on_raw_sent();
        }
        self.send_to(&peer, Entry { token, ..Entry::new(frame, false) });
        true
    }

    /// Begins to read from a connection. With `is_welcome` it is sent `connected` before.
    pub fn start(&self, id: u32, is_welcome: bool) {
        self.command(id, Command::Start { id, is_welcome });
    }

    /// Starts the close handshake.
    pub fn close(&self, id: u32, code: Option<u16>, reason: Vec<u8>) {
        self.command(id, Command::Close { id, code, reason });
    }

    /// Ends a connection without a close frame.
    pub fn terminate(&self, id: u32) {
        self.command(id, Command::Terminate(id));
    }

    /// Ends a connection behind what has been sent to it. `is_answered` if the close frame that is due,
    /// if one is, goes before that.
    pub fn end(&self, id: u32, is_answered: bool) {
        self.command(id, if is_answered { Command::FinishClose(id) } else { Command::End(id) });
    }

    /// Whether silent clients are pinged.
    pub fn has_keepalive(&self) -> bool {
        !self.context.config().keepalive.is_zero()
    }

    /// Holds the close frame that answers the peer's back, or no longer: the caller has yet to hear
    /// what came before it, or to send what comes before it.
    pub fn hold_answer(&self, id: u32, is_held: bool) {
        if let Some(peer) = self.peer(id).filter(|peer| peer.hold_answer(is_held)) {
            self.finish_close(&peer);
        }
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

    /// Bytes that have passed over a connection, either way.
    pub fn bytes_passed(&self, id: u32) -> u64 {
        self.peer(id).map_or(0, |peer| {
            let totals = peer.traffic().totals();
            totals.bytes_in + totals.bytes_out
        })
    }

    /// Takes up to `most` events, the calls before having been dealt with.
    pub fn take_events(&self, most: usize) -> Batch {
        let (batch, is_relieved) = self.context.events().take(most, |peer, count, bytes| {
            let handled = peer.on_messages_handled(count, bytes);
            if handled.may_finish_close {
                self.finish_close(&peer);
            } else if handled.has_caught_up {
                self.push_command(&peer, Command::Unthrottle(peer.id()));
            }
        });
        if is_relieved {
            for (_, thread) in self.io_threads() {
                self.push_all(thread, |server| Command::UnthrottleAll { server });
            }
            self.command_caller(Command::UnthrottleAll { server: self.context.id() });
        }
        batch
    }

    /// Pings every client, to measure its round trip.
    pub fn ping_all(&self) {
        for (_, thread) in self.io_threads() {
            self.push_all(thread, |server| Command::PingAll { server });
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

    /// Appends a command that the thread need not be woken for: one that wakes it follows.
    fn defer_command(&self, peer: &Peer, command: Command) {
        match peer.io_thread().and_then(IoThread::get) {
            Some(thread) => thread.fifo().defer(self.context.id(), command),
            None => self.push_command(peer, command),
        }
    }

    fn push_command(&self, peer: &Peer, command: Command) {
        match peer.io_thread() {
            None => self.caller_fifo.push(command),
            Some(index) => {
                if let Some(thread) = IoThread::get(index) {
                    thread.fifo().push(self.context.id(), command);
                }
            }
        }
    }

    fn push_all(&self, thread: &IoThread, command: impl FnOnce(u32) -> Command) {
        let server = self.context.id();
        thread.fifo().push(server, command(server));
    }
}
