//! The caller's own thread, as far as it serves connections: those over streams of the caller's.
//! They move only while the caller is in one of these calls, and nothing of them crosses a thread.

use super::command::Command;
use super::opening::Parts;
use super::subscribers::Subscribers;
use crate::core::connection::Connection;
use crate::core::connection::agenda::Agenda;
use crate::core::connection::bridge::{Bridge, Step, Steps};
use crate::core::connection::keepalive::RunningClock;
use crate::core::connection::transport::Transport;
use crate::core::context::Context;
use crate::core::events::disconnect::DisconnectReason;
use crate::core::outgoing::broadcast::Broadcast;
use crate::core::outgoing::delivery::Receipt;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{self, Wake, Waker};
use std::time::{Duration, Instant};

/// A queue that has become larger than this is not kept.
const MAX_SPARE_COMMANDS: usize = 256;

/// Commands for the connections of one server on the caller's thread. They wait until it comes for
/// them.
#[derive(Default)]
pub(crate) struct CallerFifo(Mutex<VecDeque<Command>>);

impl CallerFifo {
    pub(crate) fn push(&self, command: Command) {
        self.lock().push_back(command);
    }

    /// Takes all commands, and leaves an empty queue in their place.
    fn replace(&self, empty: VecDeque<Command>) -> VecDeque<Command> {
        std::mem::replace(&mut *self.lock(), empty)
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Command>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes that a connection has more to do.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The bridged connections of one server. It belongs to the thread that calls it.
pub struct CallerThread {
    context: Arc<Context>,
    fifo: Arc<CallerFifo>,
    /// An empty queue for the next exchange, so that a send makes none.
    spare: Cell<VecDeque<Command>>,
    connections: RefCell<HashMap<u32, Rc<Connection>>>,
    /// The tracked ones.
    subscribers: RefCell<Subscribers>,
    steps: Rc<Steps>,
    flag: Arc<Flag>,
    waker: Waker,
    clock: RefCell<RunningClock>,
    agenda: RefCell<Agenda>,
    /// Receipts of writes that the caller is to report, by the number that it was given.
    receipts: RefCell<HashMap<u32, Vec<Receipt>>>,
    last_receipt: Cell<u32>,
}

impl CallerThread {
    /// No connections yet.
    pub(crate) fn new(context: Arc<Context>, fifo: Arc<CallerFifo>) -> Self {
        let flag = Arc::<Flag>::default();
        Self {
            context,
            fifo,
            spare: Cell::default(),
            connections: RefCell::default(),
            subscribers: RefCell::default(),
            steps: Rc::default(),
            waker: Waker::from(flag.clone()),
            flag,
            clock: RefCell::new(RunningClock::new(Instant::now())),
            agenda: RefCell::default(),
            receipts: RefCell::default(),
            last_receipt: Cell::new(0),
        }
    }

    /// Carries out all commands so far. Appends the steps for the caller's streams to `steps`, in
    /// order, and returns whether it should come again behind that.
    pub fn carry(&self, steps: &mut VecDeque<(u32, Step)>) -> bool {
        for id in self.steps.take_unfinished() {
            self.with(id, Connection::wake);
        }
        self.apply();
        self.steps.take(steps);
        self.steps.has_unfinished()
    }

    /// Whether [`Self::carry`] would find anything to do.
    pub fn has_work(&self) -> bool {
        !self.fifo.is_empty() || !self.steps.is_empty()
    }

    /// Bytes from the peer of a connection. True if its stream is to be paused, until a
    /// [`Step::Resume`].
    pub fn push(&self, id: u32, data: &[u8]) -> bool {
        self.apply();
        self.with_bridge(id, |bridge| bridge.push(data));
        let bridged = self.connections.borrow().get(&id).cloned();
        bridged.is_some_and(|it| it.transport().bridge().is_some_and(Bridge::pause_if_full))
    }

    /// The peer will send nothing more.
    pub fn on_end(&self, id: u32) {
        self.apply();
        self.with_bridge(id, Bridge::on_end);
    }

    /// The stream of a connection is closed.
    pub fn on_closed(&self, id: u32) {
        self.apply();
        self.with_bridge(id, Bridge::on_closed);
    }

    /// A stream has this many bytes that it cannot write yet. It gets no more until that is 0.
    pub fn set_unwritten(&self, id: u32, bytes: usize) {
        self.with_bridge(id, |bridge| bridge.set_unwritten(bytes));
    }

    /// Keeps receipts until the caller has written; a number to name them by.
    pub fn keep_receipts(&self, receipts: Vec<Receipt>) -> u32 {
        let number = self.last_receipt.get().wrapping_add(1);
        self.last_receipt.set(number);
        self.receipts.borrow_mut().insert(number, receipts);
        number
    }

    /// The writes of these receipts are done, or lost.
    pub fn settle(&self, number: u32, is_written: bool) {
        let receipts = self.receipts.borrow_mut().remove(&number).unwrap_or_default();
        if is_written {
            receipts.into_iter().for_each(|receipt| receipt.sign(Instant::now()));
        }
    }

    /// How often [`Self::tick`] is to be called.
    pub fn period(&self) -> Duration {
        self.context.config().tick()
    }

    /// Looks at the deadlines of the connections that may have one. Time in which the caller did not come does not
    /// count as silence of a peer: its bytes were not read.
    pub fn tick(&self) {
        let now = Instant::now();
        let running = self.clock.borrow_mut().advance(now, self.period());
        let taken = self.agenda.borrow_mut().take(running);
        for (id, due) in taken {
            let connection = self.connections.borrow().get(&id).cloned();
            let Some(connection) = connection.filter(|it| it.next_look().begin(due)) else {
                continue;
            };
            let rest = connection.look(now, running);
            self.agenda.borrow_mut().enter(connection.next_look(), rest, running);
            self.serve_if_woken(&connection);
        }
    }

    fn apply(&self) {
        loop {
            let mut taken = self.fifo.replace(self.spare.take());
            let is_done = taken.is_empty();
            let mut commands = taken.drain(..).peekable();
            while let Some(command) = commands.next() {
                self.apply_one(command.join(&mut commands));
            }
            drop(commands);
            if taken.capacity() <= MAX_SPARE_COMMANDS {
                self.spare.set(taken);
            }
            if is_done {
                return;
            }
        }
    }

    fn apply_one(&self, command: Command) {
        match command {
            Command::Open(opening) => {
                if let Some(parts) = opening.take() {
                    self.open(parts);
                }
            }
            Command::Broadcast { broadcast, load } => {
                drop(load);
                self.broadcast(&broadcast);
            }
            Command::LoseBroadcasts { context } => {
                let frames = context.threads().take_lost(None);
                self.with_all(|connection| {
                    if connection.peer().is_tracked() {
                        connection.lose(frames, true);
                        connection.flush(None);
                    }
                });
            }
            Command::LoseSends(id) => self.with(id, |connection| {
                let lost = connection.peer().take_lost();
                connection.lose(lost.frames, lost.are_droppable);
                connection.flush(None);
            }),
            Command::Send { id, entry } => self.with(id, |connection| {
                connection.take_over(entry);
                connection.flush(None);
            }),
            Command::SendAll { id, entries } => self.with(id, |connection| {
                entries.into_iter().for_each(|entry| connection.take_over(entry));
                connection.flush(None);
            }),
            Command::SendRest { id, entry, written } => {
                self.with(id, |connection| connection.take_over_rest(entry, written));
            }
            Command::Close { id, code, reason } => self.with(id, |connection| {
                connection.close(DisconnectReason::ServerClosed, code, &reason);
                connection.flush(None);
            }),
            Command::Start { id, is_welcome } => self.with(id, |connection| {
                if is_welcome {
                    connection.welcome();
                    connection.flush(None);
                }
                connection.start();
            }),
            Command::FinishClose(id) => self.with(id, Connection::finish_close),
            Command::End(id) => self.with(id, Connection::end),
            Command::Terminate(id) => {
                self.with(id, |connection| connection.terminate(DisconnectReason::Terminated));
            }
            Command::SetPaused { id, is_paused } => {
                self.with(id, |connection| connection.set_paused(is_paused));
            }
            Command::Unthrottle(id) => self.with(id, Connection::unthrottle),
            Command::UnthrottleAll { .. } => self.with_all(Connection::unthrottle),
            Command::PingAll { .. } => self.with_all(Connection::ping),
            Command::CloseAll { .. } => {
                self.with_all(|connection| connection.terminate(DisconnectReason::ServerShutdown));
            }
            Command::Wake(thread) => thread.wake(),
        }
    }

    fn open(&self, parts: Parts) {
        let Parts { context, peer, beneath, head, .. } = parts;
        let (id, is_tracked) = (peer.id(), peer.is_tracked());
        let transport = Transport::Bridge(Bridge::new(id, self.steps.clone(), beneath));
        if self.connections.borrow().is_empty() {
            self.agenda.borrow_mut().clear();
            self.clock.borrow_mut().advance(Instant::now(), Duration::ZERO);
        }
        let running = self.clock.borrow().now();
        let next_look = self.agenda.borrow().add(id);
        let connection = Connection::new(peer, context, transport, head, running, next_look);
        let connection = Rc::new(connection);
        if is_tracked {
            self.subscribers.borrow_mut().add(connection.clone());
        }
        self.connections.borrow_mut().insert(id, connection.clone());
        self.serve(&connection);
    }

    fn broadcast(&self, broadcast: &Broadcast) {
        let subscribers = self.subscribers.borrow().clone();
        for connection in subscribers.iter() {
            if connection.give(broadcast) {
                continue;
            }
            let under_way = self.context.under_way_to(connection.peer());
            connection.push(broadcast.entry_for(connection.peer()), under_way);
            connection.flush(None);
            self.serve_if_woken(connection);
        }
    }

    fn with(&self, id: u32, act: impl FnOnce(&Connection)) {
        let connection = self.connections.borrow().get(&id).cloned();
        if let Some(connection) = connection {
            act(&connection);
            self.serve_if_woken(&connection);
            self.finish_close_if_replied(&connection);
        }
    }

    /// Lets a connection end whose messages have all been replied to.
    fn finish_close_if_replied(&self, connection: &Connection) {
        if connection.take_replied() {
            self.fifo.push(Command::FinishClose(connection.peer().id()));
        }
    }

    fn with_bridge(&self, id: u32, act: impl FnOnce(&Bridge)) {
        self.with(id, |connection| {
            if let Some(bridge) = connection.transport().bridge() {
                act(bridge);
                connection.wake();
            }
        });
    }

    fn with_all(&self, act: impl Fn(&Connection)) {
        for connection in self.all() {
            act(&connection);
            self.serve_if_woken(&connection);
        }
    }

    fn all(&self) -> Vec<Rc<Connection>> {
        self.connections.borrow().values().cloned().collect()
    }

    fn serve_if_woken(&self, connection: &Connection) {
        if self.flag.0.swap(false, Ordering::Relaxed) {
            self.serve(connection);
        }
    }

    /// Lets a connection read and write as far as it can, and forgets it if it is over.
    fn serve(&self, connection: &Connection) {
        let mut cx = task::Context::from_waker(&self.waker);
        let running = self.clock.borrow().now();
        loop {
            self.flag.0.store(false, Ordering::Relaxed);
            if connection.poll(&mut cx, &mut [], running).is_ready() {
                self.forget(connection.peer().id());
            } else if self.flag.0.load(Ordering::Relaxed) {
                continue;
            }
            return self.finish_close_if_replied(connection);
        }
    }

    fn forget(&self, id: u32) {
        self.connections.borrow_mut().remove(&id);
        self.subscribers.borrow_mut().remove(id);
    }
}
