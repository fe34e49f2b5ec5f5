//! The open connections of a server.

use crate::core::peer::Peer;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The peers of a server, by the numbers of their connections.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<HashMap<u32, Arc<Peer>>>);

impl Registry {
    /// Adds a new connection.
    pub(crate) fn add(&self, peer: Arc<Peer>) {
        self.with(|peers| peers.insert(peer.id(), peer));
    }

    /// Removes a connection; calls `on_left`, once, if it was that of a tracked client. A snapshot
    /// sees the client either here or counted by `on_left`.
    pub(crate) fn remove(&self, peer: &Peer, on_left: impl FnOnce(&Peer)) {
        self.with(|peers| {
            if peers.remove(&peer.id()).is_some() && peer.is_tracked() {
                on_left(peer);
            }
        });
    }

    /// The connection with this number.
    pub(crate) fn get(&self, id: u32) -> Option<Arc<Peer>> {
        self.with(|peers| peers.get(&id).cloned())
    }

    /// The tracked clients, if there are no more than `most` connections.
    pub(crate) fn tracked_up_to(&self, most: usize) -> Option<Vec<Arc<Peer>>> {
        self.with(|peers| {
            let tracked = peers.values().filter(|peer| peer.is_tracked());
            (peers.len() <= most).then(|| tracked.cloned().collect())
        })
    }

    /// Reads or changes all of them.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut HashMap<u32, Arc<Peer>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
