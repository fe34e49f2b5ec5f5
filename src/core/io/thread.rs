//! A thread that serves connections: the one worker that empties its FIFO of commands.

use super::command::Command;
use super::fifo::Fifo;
use super::opening::{Opening, Parts};
use super::place::Place;
use super::subscribers::Subscribers;
use crate::core::connection::Connection;
use crate::core::connection::agenda::Agenda;
use crate::core::connection::keepalive::RunningClock;
use crate::core::connection::transport::Transport;
use crate::core::context::Context;
use crate::core::events::disconnect::DisconnectReason;
use crate::core::outgoing::broadcast::Broadcast;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::LocalSet;

/// How long commands are carried out before connections may read and answer pings.
const TURN: Duration = Duration::from_millis(2);
/// The read buffer that the connections of a thread share. All messages of one read are handled in one
/// turn: with 64 KiB, 40 clients that send events without end delay a pong by 90 ms.
const READ_BUFFER_BYTES: usize = 16 * 1024;

/// Serves connections for as long as the process lives. A panic ends those that there are, of which
/// each is reported, and the next ones are served again.
pub(super) fn serve(index: usize, runtime: &Runtime, fifo: &Arc<Fifo>) {
    loop {
        let worker = Rc::new(Worker::new(index, fifo.clone()));
        let tasks = LocalSet::new();
        let run = AssertUnwindSafe(|| tasks.block_on(runtime, worker.clone().run()));
        let Err(_panic) = catch_unwind(run) else { return };
        let _ = catch_unwind(AssertUnwindSafe(move || drop((tasks, worker))));
    }
}

/// The state of a thread.
struct Worker {
    index: usize,
    fifo: Arc<Fifo>,
    connections: RefCell<HashMap<u32, Rc<Connection>>>,
    /// The tracked connections of each server.
    subscribers: RefCell<HashMap<u32, Subscribers>>,
    dirty: RefCell<Vec<Rc<Connection>>>,
    /// An empty list, kept for its room.
    clean: RefCell<Vec<Rc<Connection>>>,
    clock: RefCell<RunningClock>,
    agenda: RefCell<Agenda>,
    tick: Cell<Duration>,
    read_buffer: RefCell<Vec<u8>>,
    /// Since when commands are carried out without a break.
    turn_began: Cell<Instant>,
}

impl Worker {
    fn new(index: usize, fifo: Arc<Fifo>) -> Self {
        Self {
            index,
            fifo,
            connections: RefCell::default(),
            subscribers: RefCell::default(),
            dirty: RefCell::default(),
            clean: RefCell::default(),
            clock: RefCell::new(RunningClock::new(Instant::now())),
            agenda: RefCell::default(),
            tick: Cell::new(Duration::MAX),
            read_buffer: RefCell::new(vec![0; READ_BUFFER_BYTES]),
            turn_began: Cell::new(Instant::now()),
        }
    }

    async fn run(self: Rc<Self>) {
        let mut commands = Vec::new();
        let mut next_tick = tokio::time::Instant::now();
        loop {
            let is_idle = self.connections.borrow().is_empty();
            if is_idle {
                self.tick.set(Duration::MAX);
                self.agenda.borrow_mut().clear();
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(next_tick), if !is_idle => {
                    self.check_deadlines();
                    next_tick = tokio::time::Instant::now() + self.tick.get();
                }
                () = self.take(&mut commands) => {
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

    /// Looks at the deadlines of the connections that may have one.
    fn check_deadlines(&self) {
        let now = Instant::now();
        let running = self.clock.borrow_mut().advance(now, self.tick.get());
        let taken = self.agenda.borrow_mut().take(running);
        for (id, due) in taken {
            self.with(id, |connection| {
                if connection.next_look().begin(due) {
                    let rest = connection.look(now, running);
                    self.agenda.borrow_mut().enter(connection.next_look(), rest, running);
                }
            });
        }
    }

    /// Takes the next commands of a server, or waits for them.
    async fn take(&self, commands: &mut Vec<Command>) {
        let mut has_slept = false;
        poll_fn(|cx| {
            let taken = self.fifo.poll_take(cx, commands);
            has_slept |= taken.is_pending();
            taken
        })
        .await;
        if has_slept {
            self.turn_began.set(Instant::now());
        }
    }

    async fn apply(self: &Rc<Self>, commands: &mut Vec<Command>) {
        self.let_others_read().await;
        let _carried = Carried { fifo: &self.fifo, count: commands.len() };
        let mut commands = commands.drain(..).peekable();
        while let Some(command) = commands.next() {
            match command.join(&mut commands) {
                Command::Broadcast { broadcast, load } if commands.peek().is_none() => {
                    let context = load.context().clone();
                    drop(load);
                    self.broadcast_now(&context, &broadcast).await;
                }
                command => self.apply_one(command),
            }
        }
        self.flush().await;
    }

    fn apply_one(self: &Rc<Self>, command: Command) {
        match command {
            Command::Open(opening) => self.open(opening),
            Command::Broadcast { broadcast, load } => {
                let context = load.context().clone();
                drop(load);
                self.broadcast(&context, &broadcast);
            }
            Command::LoseBroadcasts { context } => {
                let frames = context.threads().take_lost(Some(self.index));
                for connection in self.subscribers_of(&context).iter() {
                    connection.lose(frames, true);
                    self.mark(connection);
                }
            }
            Command::Send { id, entry } => self.with(id, |connection| {
                connection.take_over(entry);
                self.mark(connection);
            }),
            Command::LoseSends(id) => self.with(id, |connection| {
                let lost = connection.peer().take_lost();
                connection.lose(lost.frames, lost.are_droppable);
                self.mark(connection);
            }),
            Command::SendAll { id, entries } => self.with(id, |connection| {
                entries.into_iter().for_each(|entry| connection.take_over(entry));
                self.mark(connection);
            }),
            Command::SendRest { id, entry, written } => self.with(id, |connection| {
                connection.take_over_rest(entry, written);
                self.mark(connection);
            }),
            Command::Close { id, code, reason } => self.with(id, |connection| {
                connection.close(DisconnectReason::ServerClosed, code, &reason);
                self.mark(connection);
            }),
            Command::Start { id, is_welcome } => self.with(id, |connection| {
                if is_welcome {
                    connection.welcome();
                    self.mark(connection);
                }
                connection.start();
                self.finish_close_if_replied(connection);
            }),
            Command::FinishClose(id) => self.with(id, |connection| connection.finish_close()),
            Command::End(id) => self.with(id, |connection| connection.end()),
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

    fn open(self: &Rc<Self>, opening: Opening) {
        let Some(parts) = opening.take() else { return };
        let Parts { context, peer, socket, handshake, head, .. } = parts;
        let Some((place, socket)) = socket else { return };
        self.tick.set(self.tick.get().min(context.config().tick()));
        let (id, server) = (peer.id(), context.id());
        let is_tracked = peer.is_tracked();
        let running = self.clock.borrow().now();
        let transport = Transport::Socket(socket);
        let next_look = self.agenda.borrow().add(id);
        let connection = Connection::new(peer, context, transport, head, running, next_look);
        let connection = Rc::new(connection);
        connection.answer_handshake(handshake);
        self.connections.borrow_mut().insert(id, connection.clone());
        if is_tracked {
            let mut subscribers = self.subscribers.borrow_mut();
            subscribers.entry(server).or_default().add(connection.clone());
        }
        let worker = self.clone();
        tokio::task::spawn_local(async move {
            let served = Served { worker, connection, _place: place };
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
            let command = Command::FinishClose(connection.peer().id());
            self.fifo.push(connection.context().id(), command);
        }
    }

    /// Queues a broadcast behind which more is to be written.
    fn broadcast(&self, context: &Context, broadcast: &Broadcast) {
        let broadcast = broadcast.split_off();
        for connection in self.subscribers_of(context).iter() {
            let under_way = self.under_way_to(connection);
            connection.push(broadcast.entry_for(connection.peer()), under_way);
            self.mark(connection);
        }
    }

    /// Writes a broadcast to one client after the other. To queue it for all of them first would
    /// fetch the state of each into the processor's cache twice.
    async fn broadcast_now(&self, context: &Context, broadcast: &Broadcast) {
        let broadcast = broadcast.split_off();
        for connection in self.subscribers_of(context).iter() {
            self.let_others_read().await;
            connection.broadcast(&broadcast, || self.under_way_to(connection));
        }
    }

    /// Bytes that wait in the FIFO for a client.
    fn under_way_to(&self, connection: &Connection) -> usize {
        connection.context().under_way_to(connection.peer())
    }

    /// Lets connections read and answer, if commands have been carried out for long enough.
    async fn let_others_read(&self) {
        if self.turn_began.get().elapsed() >= TURN {
            tokio::task::yield_now().await;
            self.turn_began.set(Instant::now());
        }
    }

    fn subscribers_of(&self, context: &Context) -> Subscribers {
        self.subscribers.borrow().get(&context.id()).cloned().unwrap_or_default()
    }

    /// Writes what has been queued since the last time.
    async fn flush(&self) {
        let mut dirty = self.dirty.replace(self.clean.take());
        for connection in dirty.drain(..) {
            self.let_others_read().await;
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

/// Commands that count as carried out when this is dropped, a panic or not.
struct Carried<'a> {
    fifo: &'a Fifo,
    count: usize,
}

impl Drop for Carried<'_> {
    fn drop(&mut self) {
        self.fifo.on_done(self.count);
    }
}

/// A connection in the care of its task; however that ends, the thread forgets it.
struct Served {
    worker: Rc<Worker>,
    connection: Rc<Connection>,
    _place: Place,
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
    }
}
