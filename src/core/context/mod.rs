//! The state of a server that all its connections share.

pub mod config;
pub(crate) mod registry;
pub mod stats;
pub(crate) mod threads;

use crate::core::events::event::EventQueue;
use crate::core::events::filter::EventFilter;
use crate::core::events::observe::Observation;
use crate::core::peer::Peer;
use crate::core::protocol::frame::Frame;
use bytes::Bytes;
use config::Config;
use registry::Registry;
use stats::{ClientSnapshot, Snapshot, Stats};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};
use std::time::Instant;
use threads::Threads;

/// The payload that Vite's client waits for (Vite's protocol, all majors).
const CONNECTED: &[u8] = br#"{"type":"connected"}"#;
/// The payload that makes a page right that has missed updates (Vite's protocol, all majors).
const RELOAD: &[u8] = br#"{"type":"full-reload"}"#;

/// Numbers for servers and connections, unique in the process.
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

/// A number for a server or a connection, unique in the process. Later ones are higher.
pub(crate) fn next_id() -> u32 {
    NEXT_ID.fetch_add(1, Ordering::Relaxed)
}

/// The shared state of one server. The hub makes it and hands it down; each connection holds it.
pub struct Context {
    id: u32,
    config: Config,
    events: EventQueue,
    filter: RwLock<EventFilter>,
    observation: Observation,
    stats: Stats,
    registry: Registry,
    threads: Threads,
    connected: Frame,
    reload: Frame,
}

impl Context {
    /// The state of a server without clients. `wake` is called, from any thread, when there are
    /// events to take.
    pub(crate) fn new(config: Config, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            id: next_id(),
            config,
            events: EventQueue::new(wake),
            filter: RwLock::default(),
            observation: Observation::default(),
            stats: Stats::default(),
            registry: Registry::default(),
            threads: Threads::default(),
            connected: Frame::text(Bytes::from_static(CONNECTED)),
            reload: Frame::text(Bytes::from_static(RELOAD)),
        }
    }

    /// The number of the server.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// The behaviour of its connections.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The events for the caller.
    pub(crate) fn events(&self) -> &EventQueue {
        &self.events
    }

    /// The custom events that the caller listens for at this moment.
    pub(crate) fn filter(&self) -> EventFilter {
        self.filter.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same, to be changed.
    pub(crate) fn filter_mut(&self) -> RwLockWriteGuard<'_, EventFilter> {
        self.filter.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events that are reported beyond what the server needs.
    pub fn observation(&self) -> &Observation {
        &self.observation
    }

    /// The counters.
    pub(crate) fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The open connections.
    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The I/O threads that have its connections.
    pub(crate) fn threads(&self) -> &Threads {
        &self.threads
    }

    /// The frame with the welcome of a new client.
    pub(crate) fn connected(&self) -> &Frame {
        &self.connected
    }

    /// The frame with a reload.
    pub(crate) fn reload(&self) -> &Frame {
        &self.reload
    }

    /// A connection has ended.
    pub(crate) fn on_closed(&self, peer: &Peer) {
        self.registry.remove(peer, |peer| self.stats.on_left(peer.traffic().totals()));
    }

    /// Bytes sent to a client and not yet written.
    pub(crate) fn queued_bytes(&self, peer: &Peer) -> usize {
        let broadcasts = self.threads.under_way(peer.io_thread()).bytes();
        peer.buffered_bytes() + if peer.is_tracked() { broadcasts } else { 0 }
    }

    /// Bytes on their way to the outbox of a client, counted as they will be there.
    pub(crate) fn under_way_to(&self, peer: &Peer) -> usize {
        let broadcasts = self.threads.under_way(peer.io_thread()).cost();
        peer.under_way().cost() + if peer.is_tracked() { broadcasts } else { 0 }
    }

    /// The counters, and the clients.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let now = Instant::now();
        self.registry.with(|peers| {
            let tracked = peers.values().filter(|peer| peer.is_tracked());
            let clients = tracked.map(|peer| ClientSnapshot {
                id: peer.id(),
                totals: peer.traffic().totals(),
                queued_bytes: self.queued_bytes(peer),
                silence: peer.traffic().silence(now),
                round_trip: peer.traffic().round_trip(),
            });
            let snapshot = self.stats.snapshot(clients.collect());
            Snapshot { io_threads: self.threads.used().count(), ..snapshot }
        })
    }
}
