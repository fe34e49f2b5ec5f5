//! A thread that serves connections: the one worker that empties its FIFO of commands.

use super::command::Command;
use super::fifo::Fifo;
use super::subscribers::Subscribers;
use crate::core::connection::Connection;
use crate::core::connection::keepalive::RunningClock;
use crate::core::connection::transport::Transport;
use crate::core::context::Context;
use crate::core::events::disconnect::DisconnectReason;
use crate::core::outgoing::broadcast::Broadcast;
use crate::core::peer::Peer;
use crate::core::socket::Socket;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Bytes handed to the outboxes before they are written, so that a long queue in the FIFO is not
/// mistaken for a client that does not read.
const FLUSH_BYTES: usize = 256 * 1024;
/// Connections flushed before others may read.
const FLUSHES_BEFORE_YIELD: usize = 128;
/// The read buffer that the connections of a thread share.
const READ_BUFFER_BYTES: usize = 64 * 1024;

/// The state of a thread.
pub(super) struct Worker {
    index: usize,
    fifo: Arc<Fifo>,
    /// How many connections the thread has.
    count: Arc<AtomicUsize>,
    connections: RefCell<HashMap<u32, Rc<Connection>>>,
    /// The tracked connections of each server.
    subscribers: RefCell<HashMap<u32, Subscribers>>,
    dirty: RefCell<Vec<Rc<Connection>>>,
    /// An empty list, kept for its room.
    clean: RefCell<Vec<Rc<Connection>>>,
    clock: RefCell<RunningClock>,
    tick: Cell<Duration>,
    read_buffer: RefCell<Vec<u8>>,
}

impl Worker {
    pub(super) fn new(index: usize, fifo: Arc<Fifo>, count: Arc<AtomicUsize>) -> Self {
        Self {
            index,
            fifo,
            count,
            connections: RefCell::default(),
            subscribers: RefCell::default(),
            dirty: RefCell::default(),
            clean: RefCell::default(),
            clock: RefCell::new(RunningClock::new(Instant::now())),
            tick: Cell::new(Duration::MAX),
            read_buffer: RefCell::new(vec![0; READ_BUFFER_BYTES]),
        }
    }

    pub(super) async fn run(self: Rc<Self>) {
        let mut commands = Vec::new();
        let mut next_tick = tokio::time::Instant::now();
        loop {
            let is_idle = self.connections.borrow().is_empty();
            if is_idle {
                self.tick.set(Duration::MAX);
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(next_tick), if !is_idle => {
                    self.look();
                    next_tick = tokio::time::Instant::now() + self.tick.get();
                }
                () = poll_fn(|cx| self.fifo.poll_take(cx, &mut commands)) => {
                    let tick = self.tick.get();
                    self.apply(&mut commands).await;
                    if self.tick.get() < tick {
                        self.clock.borrow_mut().advance(Instant::now(), Duration::ZERO);
                        next_tick = tokio::time::Instant::now() + self.tick.get();
                    }
                }
            }
        }
    }

    /// Looks at the deadlines of all connections.
    fn look(&self) {
        let now = Instant::now();
        let running = self.clock.borrow_mut().advance(now, self.tick.get());
        let connections: Vec<_> = self.connections.borrow().values().cloned().collect();
        for connection in connections {
            connection.tick(now, running);
        }
    }

    async fn apply(self: &Rc<Self>, commands: &mut Vec<Command>) {
        let count = commands.len();
        let mut unflushed = 0;
        let mut drained = 0;
        let mut commands = commands.drain(..).peekable();
        while let Some(command) = commands.next() {
            let command = command.join(&mut commands);
            let bytes = command.bytes();
            drained += bytes;
            unflushed += bytes;
            match command {
                Command::Broadcast { context, broadcast } if commands.peek().is_none() => {
                    self.broadcast_now(&context, &broadcast).await;
                }
                command => self.apply_one(command),
            }
            if unflushed >= FLUSH_BYTES {
                self.flush().await;
                self.fifo.on_drained(std::mem::take(&mut drained));
                unflushed = 0;
            }
        }
        self.flush().await;
        self.fifo.on_drained(drained);
        self.fifo.on_done(count);
    }

    fn apply_one(self: &Rc<Self>, command: Command) {
        match command {
            Command::Open { context, peer, socket, head } => {
                if let Some(socket) = socket {
                    self.open(context, peer, socket, head);
                }
            }
            Command::Broadcast { context, broadcast } => self.broadcast(&context, &broadcast),
            Command::Send { id, entry } => self.with(id, |connection| {
                connection.peer().on_arrived(entry.frame.len());
                connection.push(entry);
                self.mark(connection);
            }),
            Command::SendRest { id, entry, written } => self.with(id, |connection| {
                connection.push_rest(entry, written);
                self.mark(connection);
            }),
            Command::Close { id, code, reason } => self.with(id, |connection| {
                connection.close(DisconnectReason::ServerClosed, code, &reason);
                self.mark(connection);
            }),
            Command::Start(id) => self.with(id, |connection| {
                connection.start();
                self.finish_close_if_replied(connection);
            }),
            Command::FinishClose(id) => self.with(id, |connection| connection.finish_close()),
            Command::Terminate(id) => self.with(id, |connection| {
                connection.terminate(DisconnectReason::Terminated);
            }),
            Command::SetPaused { id, is_paused } => {
                self.with(id, |connection| connection.set_paused(is_paused));
            }
            Command::Unthrottle(id) => self.with(id, |connection| connection.unthrottle()),
            Command::UnthrottleAll { server } => {
                self.of(server).iter().for_each(|connection| connection.unthrottle());
            }
            Command::Wake(thread) => thread.wake(),
            Command::PingAll { server } => {
                self.of(server).iter().for_each(|connection| connection.ping());
            }
            Command::CloseAll { server } => {
                let reason = DisconnectReason::ServerShutdown;
                self.of(server).iter().for_each(|connection| connection.terminate(reason));
            }
        }
    }

    fn open(
        self: &Rc<Self>,
        context: Arc<Context>,
        peer: Arc<Peer>,
        socket: Socket,
        head: Vec<u8>,
    ) {
        self.tick.set(self.tick.get().min(context.config().tick()));
        let (id, server) = (peer.id(), context.id());
        let is_tracked = peer.is_tracked();
        let running = self.clock.borrow().now();
        let transport = Transport::Socket(socket);
        let connection = Rc::new(Connection::new(peer, context, transport, head, running));
        self.connections.borrow_mut().insert(id, connection.clone());
        if is_tracked {
            let mut subscribers = self.subscribers.borrow_mut();
            subscribers.entry(server).or_default().add(connection.clone());
        }
        let worker = self.clone();
        tokio::task::spawn_local(async move {
            let served = Served { worker, connection };
            poll_fn(|cx| {
                let mut buffer = served.worker.read_buffer.borrow_mut();
                let running = served.worker.clock.borrow().now();
                let poll = served.connection.poll(cx, &mut buffer, running);
                served.worker.finish_close_if_replied(&served.connection);
                poll
            })
            .await;
        });
    }

    /// Lets a connection end whose messages have all been replied to.
    fn finish_close_if_replied(&self, connection: &Connection) {
        if connection.take_replied() {
            self.fifo.push(Command::FinishClose(connection.peer().id()));
        }
    }

    /// Queues a broadcast behind which more is to be written.
    fn broadcast(&self, context: &Context, broadcast: &Broadcast) {
        context.threads().on_broadcast_arrived(Some(self.index), broadcast.frame.len());
        let broadcast = broadcast.split_off();
        for connection in self.subscribers_of(context).iter() {
            connection.push(broadcast.entry_for(connection.peer()));
            self.mark(connection);
        }
    }

    /// Writes a broadcast to one client after the other. To queue it for all of them first would
    /// fetch the state of each into the processor's cache twice.
    async fn broadcast_now(&self, context: &Context, broadcast: &Broadcast) {
        context.threads().on_broadcast_arrived(Some(self.index), broadcast.frame.len());
        let broadcast = broadcast.split_off();
        for (count, connection) in self.subscribers_of(context).iter().enumerate() {
            let_others_read(count).await;
            connection.broadcast(&broadcast);
        }
    }

    fn subscribers_of(&self, context: &Context) -> Subscribers {
        self.subscribers.borrow().get(&context.id()).cloned().unwrap_or_default()
    }

    /// Writes what has been queued since the last time.
    async fn flush(&self) {
        let mut dirty = self.dirty.replace(self.clean.take());
        for (count, connection) in dirty.drain(..).enumerate() {
            let_others_read(count).await;
            connection.is_dirty.set(false);
            connection.flush(None);
        }
        self.clean.replace(dirty);
    }

    fn mark(&self, connection: &Rc<Connection>) {
        if !connection.is_dirty.replace(true) {
            self.dirty.borrow_mut().push(connection.clone());
        }
    }

    fn with(&self, id: u32, act: impl FnOnce(&Rc<Connection>)) {
        let connection = self.connections.borrow().get(&id).cloned();
        if let Some(connection) = connection {
            act(&connection);
        }
    }

    fn of(&self, server: u32) -> Vec<Rc<Connection>> {
        let connections = self.connections.borrow();
        connections
            .values()
            .filter(|connection| connection.context().id() == server)
            .cloned()
            .collect()
    }
}

/// Called between connections that are written to, with their count so far.
async fn let_others_read(count: usize) {
    if count > 0 && count.is_multiple_of(FLUSHES_BEFORE_YIELD) {
        tokio::task::yield_now().await;
    }
}

/// A connection in the care of its task; however that ends, the thread forgets it.
struct Served {
    worker: Rc<Worker>,
    connection: Rc<Connection>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.connection.finish(DisconnectReason::ConnectionLost);
        let (id, server) = (self.connection.peer().id(), self.connection.context().id());
        self.worker.connections.borrow_mut().remove(&id);
        let mut all = self.worker.subscribers.borrow_mut();
        if let Some(subscribers) = all.get_mut(&server) {
            subscribers.remove(id);
            if subscribers.is_empty() {
                all.remove(&server);
            }
        }
        self.worker.count.fetch_sub(1, Ordering::Relaxed);
    }
}
