//! One payload on its way to every client of a server.

use super::delivery::Delivery;
use super::frame::Frame;
use super::outbox::Entry;
use super::peer::Peer;
use std::sync::Arc;

/// A payload for all clients, encoded once for each kind of them.
#[derive(Clone)]
pub(crate) struct Broadcast {
    /// For clients that cannot come back.
    pub frame: Frame,
    /// For pages that can.
    pub numbered: Option<Frame>,
    /// The turn of the caller's event loop in which it was sent.
    pub turn: u32,
    /// Notes who has got it, while somebody watches.
    pub delivery: Option<Arc<Delivery>>,
}

impl Broadcast {
    /// What one client is sent.
    pub(crate) fn entry_for(&self, peer: &Peer) -> Entry {
        let Self { frame, numbered, turn, delivery } = self;
        let frame = peer.page().and(numbered.as_ref()).unwrap_or(frame).clone();
        let receipt = delivery.as_ref().map(|delivery| delivery.receipt(peer.id()));
        Entry { turn: *turn, receipt, ..Entry::new(frame, true) }
    }
}
