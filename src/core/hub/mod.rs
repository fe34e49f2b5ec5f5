//! One server: its clients, wherever their threads are, and the order in which they are told.

mod direct_send;
mod resume;
mod shutdown;

use crate::core::connection::transport::Source;
use crate::core::context::backpressure::Congestion;
use crate::core::context::config::Config;
use crate::core::context::stats::{ClientSnapshot, Snapshot, Stats};
use crate::core::error::Error;
use crate::core::events::event::{Batch, EventQueue};
use crate::core::events::filter::Interest;
use crate::core::events::observe::Watch;
use crate::core::io::command::Command;
use crate::core::io::pool::{MAX_SHARDS, Shard};
use crate::core::outgoing::broadcast::Broadcast;
use crate::core::outgoing::delivery::{Delivery, Receipt};
use crate::core::outgoing::outbox::Entry;
use crate::core::peer::{Peer, Wants};
use crate::core::protocol::frame::Frame;
use crate::core::protocol::opcode::Opcode;
use crate::core::resume::resumption::{Replay, Resumption};
use crate::core::resume::session::MARK;
use bytes::Bytes;
use direct_send::Pace;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

/// What makes a page right that has missed updates (Vite's protocol, all majors).
const RELOAD: &[u8] = br#"{"type":"full-reload"}"#;

/// Numbers for servers and connections, unique in the process.
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

#[derive(Default)]
struct Lane {
    is_used: AtomicBool,
    fifo_bytes: AtomicUsize,
}

/// A server, owned by its caller and by its connections.
///
/// Every send goes through the FIFO of the connection's thread, so a client gets broadcasts,
/// single messages and its close in the order of the calls.
pub struct Hub {
    id: u32,
    config: Config,
    events: Arc<EventQueue>,
    interest: RwLock<Interest>,
    stats: Stats,
    watch: Watch,
    reload: Frame,
    resumption: Resumption,
    /// The open connections.
    peers: Mutex<HashMap<u32, Arc<Peer>>>,
    /// Broadcast bytes on their way, and whether any connection ever was, for each I/O thread.
    shards: [Lane; MAX_SHARDS],
    congestion: Congestion,
    /// Counts the turns of the caller's event loop in which something was sent.
    turn: AtomicU32,
    pace: Pace,
    is_closed: AtomicBool,
}

impl Hub {
    /// A server without clients. `wake` is called, from any thread, when [`Self::take_events`]
    /// has something to give.
    pub fn new(config: Config, wake: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            resumption: Resumption::new(config.journal),
            config,
            events: Arc::new(EventQueue::new(wake)),
            interest: RwLock::default(),
            stats: Stats::default(),
            watch: Watch::default(),
            reload: Frame::text(Bytes::from_static(RELOAD)),
            peers: Mutex::default(),
            shards: Default::default(),
            congestion: Congestion::default(),
            turn: AtomicU32::new(1),
            pace: Pace::new(Instant::now()),
            is_closed: AtomicBool::new(false),
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// How its connections behave.
    pub fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn events(&self) -> &Arc<EventQueue> {
        &self.events
    }

    pub(crate) fn congestion(&self) -> &Congestion {
        &self.congestion
    }

    pub(crate) fn stats(&self) -> &Stats {
        &self.stats
    }

    /// What is told beyond what the server needs.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    pub(crate) fn reload(&self) -> &Frame {
        &self.reload
    }

    pub(crate) fn interest(&self) -> RwLockReadGuard<'_, Interest> {
        self.interest.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes which custom events are worth telling the caller.
    pub fn interest_mut(&self) -> RwLockWriteGuard<'_, Interest> {
        self.interest.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over a connection whose handshake is done. It reads nothing until [`Self::start`].
    /// Broadcasts go to it if `is_tracked`. With a `page`, it takes the place of that page's
    /// earlier connection.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`Self::close_all`]; [`Error::Thread`] if the first connection of
    /// the process cannot have its thread.
    pub fn open(
        self: &Arc<Self>,
        source: Source,
        head: Vec<u8>,
        is_tracked: bool,
        wants: Wants,
        page: Option<u32>,
    ) -> Result<Arc<Peer>, Error> {
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(Error::Closed);
        }
        let (index, shard) = Shard::for_new_connection()?;
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let page = page.and_then(|page| self.resumption.page(page));
        if let Some(page) = &page {
            page.claim(id);
        }
        let peer = Arc::new(Peer::new(id, index, is_tracked, wants, page));
        self.shards[index].is_used.store(true, Ordering::Relaxed);
        if is_tracked {
            self.stats.on_opened(source.is_adopted());
        }
        self.peers().insert(id, peer.clone());
        shard.fifo().push(Command::Open { hub: self.clone(), peer: peer.clone(), source, head });
        Ok(peer)
    }

    pub(crate) fn on_closed(&self, peer: &Peer) {
        let mut peers = self.peers();
        if peers.remove(&peer.id()).is_some() && peer.is_tracked() {
            self.stats.on_left(peer.traffic().totals());
        }
    }

    /// Sends a payload of Vite's protocol to every tracked client, noting who has got it if there
    /// is a `delivery`.
    pub fn broadcast(
        self: &Arc<Self>,
        payload: impl Into<Bytes>,
        replay: Replay,
        delivery: Option<Arc<Delivery>>,
    ) {
        self.congestion.wait();
        let payload = payload.into();
        let numbered = self.resumption.number_broadcast(&payload, replay);
        let turn = self.turn.load(Ordering::Relaxed);
        let broadcast = Broadcast { frame: Frame::text(payload), numbered, turn, delivery };
        if self.take_shortcut(&broadcast) {
            return;
        }
        let mut sleeper = None;
        for (shard, lane) in self.lanes() {
            lane.fifo_bytes.fetch_add(broadcast.frame.len(), Ordering::Relaxed);
            let command = Command::Broadcast { hub: self.clone(), broadcast: broadcast.clone() };
            sleeper = shard.fifo().relay(command, sleeper);
        }
        if let Some(thread) = sleeper {
            thread.wake();
        }
    }

    /// What is sent from here on belongs to another turn of the caller's event loop.
    pub fn end_turn(&self) {
        self.turn.fetch_add(1, Ordering::Relaxed);
    }

    /// A broadcast has reached the thread `shard`.
    pub(crate) fn on_broadcast_arrived(&self, shard: usize, bytes: usize) {
        self.shards[shard].fifo_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The threads that this server has, or had, connections on.
    fn lanes(&self) -> impl Iterator<Item = (&'static Shard, &Lane)> {
        let used = self.shards.iter().enumerate();
        used.filter(|(_, lane)| lane.is_used.load(Ordering::Relaxed))
            .filter_map(|(index, lane)| Some((Shard::get(index)?, lane)))
    }

    /// Sends a frame to one client. False if it is gone.
    pub fn send(&self, id: u32, entry: Entry) -> bool {
        let Some(peer) = self.peer(id) else { return false };
        self.send_to(&peer, entry);
        true
    }

    fn send_to(&self, peer: &Peer, mut entry: Entry) {
        self.congestion.wait();
        entry.turn = self.turn.load(Ordering::Relaxed);
        peer.on_sent(entry.frame.len());
        self.order(peer, Command::Send { id: peer.id(), entry });
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
        let frame = match peer.page() {
            Some(page) => self.resumption.number(page, &payload, replay),
            None => Frame::text(payload),
        };
        self.send_soon(&peer, Entry { receipt, ..Entry::new(frame, true) });
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
        let data = if is_marked && peer.page().is_some() {
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
        self.tell(id, Command::Start(id));
    }

    /// Starts the close handshake.
    pub fn close(&self, id: u32, code: Option<u16>, reason: Vec<u8>) {
        self.tell(id, Command::Close { id, code, reason });
    }

    /// Ends a connection without a close frame.
    pub fn terminate(&self, id: u32) {
        self.tell(id, Command::Terminate(id));
    }

    /// Stops or resumes reading.
    pub fn set_paused(&self, id: u32, is_paused: bool) {
        self.tell(id, Command::SetPaused { id, is_paused });
    }

    /// Changes which events of a connection are worth telling the caller.
    pub fn set_wants(&self, id: u32, wants: Wants) {
        if let Some(peer) = self.peer(id) {
            peer.set_wants(wants);
        }
    }

    /// Bridge: bytes from the peer. False when the caller should push no more for now.
    pub fn push(&self, id: u32, data: Vec<u8>) -> bool {
        let Some(peer) = self.peer(id) else { return true };
        let unread = peer.unread_bytes.fetch_add(data.len(), Ordering::SeqCst) + data.len();
        let is_full = unread > crate::core::connection::bridge::PUSH_HIGH_WATER_BYTES;
        if is_full {
            peer.is_push_paused.store(true, Ordering::SeqCst);
        }
        self.order(&peer, Command::Push { id, data });
        !is_full
    }

    /// Bridge: the peer will send nothing more, and, if the stream `is_gone`, gets nothing either.
    pub fn push_end(&self, id: u32, is_gone: bool) {
        self.tell(id, Command::PushEnd { id, is_gone });
    }

    /// Bridge: the caller has written these bytes.
    pub fn on_written(&self, id: u32, bytes: usize) {
        self.tell(id, Command::Written { id, bytes });
    }

    /// Bytes sent to a client and not yet written.
    pub fn buffered_bytes(&self, id: u32) -> usize {
        self.peer(id).map_or(0, |peer| self.queued_bytes(&peer))
    }

    fn queued_bytes(&self, peer: &Peer) -> usize {
        let lane = &self.shards[peer.shard()];
        let broadcast = lane.fifo_bytes.load(Ordering::Relaxed);
        peer.buffered_bytes() + if peer.is_tracked() { broadcast } else { 0 }
    }

    /// Takes up to `most` events, the calls before having been dealt with.
    pub fn take_events(&self, most: usize) -> Batch {
        let (batch, is_relieved) = self.events.take(most, |peer, count| {
            let handled = peer.on_messages_handled(count);
            if handled.was_last_of_closing {
                self.conclude(&peer);
            } else if handled.has_caught_up {
                self.order(&peer, Command::Unthrottle(peer.id()));
            }
        });
        if is_relieved {
            for (shard, _) in self.lanes() {
                shard.fifo().push(Command::UnthrottleAll { hub: self.id });
            }
        }
        batch
    }

    /// Pings every client, to measure its round trip.
    pub fn ping_all(&self) {
        for (shard, _) in self.lanes() {
            shard.fifo().push(Command::PingAll { hub: self.id });
        }
    }

    /// The counters, and the clients.
    pub fn snapshot(&self) -> Snapshot {
        let now = Instant::now();
        let peers = self.peers();
        let clients = peers.values().filter(|peer| peer.is_tracked()).map(|peer| ClientSnapshot {
            id: peer.id(),
            totals: peer.traffic().totals(),
            queued_bytes: self.queued_bytes(peer),
            silence: peer.traffic().silence(now),
            round_trip: peer.traffic().round_trip(),
        });
        let snapshot = self.stats.snapshot(clients.collect());
        Snapshot { connections: peers.len(), shards: self.lanes().count(), ..snapshot }
    }

    /// Lets a connection end, after what has been sent to it.
    pub(crate) fn conclude(&self, peer: &Peer) {
        self.order(peer, Command::Conclude(peer.id()));
    }

    fn peers(&self) -> MutexGuard<'_, HashMap<u32, Arc<Peer>>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn peer(&self, id: u32) -> Option<Arc<Peer>> {
        self.peers().get(&id).cloned()
    }

    fn tell(&self, id: u32, command: Command) {
        if let Some(peer) = self.peer(id) {
            self.order(&peer, command);
        }
    }

    fn order(&self, peer: &Peer, command: Command) {
        if let Some(shard) = Shard::get(peer.shard()) {
            shard.fifo().push(command);
        }
    }
}
