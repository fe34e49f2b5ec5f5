//! One payload on its way to every client of a server.

use crate::core::outgoing::delivery::{Delivery, Receipt};
use crate::core::outgoing::outbox::Entry;
use crate::core::peer::Peer;
use crate::core::protocol::frame::Frame;
use std::sync::Arc;

/// Bytes of broadcasts that are joined at most, and no more than the high-water mark: what a client
/// has begun to get is not dropped any more.
pub(crate) const MAX_JOINED_BYTES: usize = 64 * 1024;

/// A payload for all clients, encoded once for each kind of them.
#[derive(Clone)]
pub(crate) struct Broadcast {
    /// For clients that cannot come back.
    pub frame: Frame,
    /// For pages that can.
    pub numbered: Option<Frame>,
    /// Record of its receivers, while the inspector is open.
    pub delivery: Option<Arc<Delivery>>,
}

impl Broadcast {
    /// Whether `next` may go out in one piece with this.
    pub(crate) fn is_joined_by(&self, next: &Self) -> bool {
        self.numbered.is_some() == next.numbered.is_some()
            && self.delivery.is_none()
            && next.delivery.is_none()
    }

    /// This and all of `rest` as one, so that a burst costs each client as much as one message.
    pub(crate) fn join(self, rest: &[Self]) -> Self {
        if rest.is_empty() {
            return self;
        }
        let all = || std::iter::once(&self).chain(rest);
        let frames: Vec<_> = all().map(|broadcast| &broadcast.frame).collect();
        let numbered: Vec<_> = all().filter_map(|broadcast| broadcast.numbered.as_ref()).collect();
        Self {
            frame: Frame::joined(&frames),
            numbered: self.numbered.is_some().then(|| Frame::joined(&numbered)),
            ..self
        }
    }

    /// The same for the clients of one thread.
    pub(crate) fn split_off(&self) -> Self {
        let numbered = self.numbered.as_ref().map(Frame::split_off);
        Self { frame: self.frame.split_off(), numbered, ..self.clone() }
    }

    /// The frame for one client.
    pub(crate) fn frame_for(&self, peer: &Peer) -> &Frame {
        peer.session().and(self.numbered.as_ref()).unwrap_or(&self.frame)
    }

    /// The same, to be queued.
    pub(crate) fn entry_for(&self, peer: &Peer) -> Entry {
        let frame = self.frame_for(peer).clone();
        Entry { receipt: self.receipt_of(peer), ..Entry::new(frame, true) }
    }

    /// The receipt of one client, while the inspector is open.
    pub(crate) fn receipt_of(&self, peer: &Peer) -> Option<Receipt> {
        self.delivery.as_ref().map(|delivery| delivery.receipt(peer.id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn broadcast(payload: &'static str) -> Broadcast {
        let numbered = Some(Frame::prefixed(b"#", payload));
        Broadcast { frame: Frame::text(payload), numbered, delivery: None }
    }

    fn bytes(frame: Option<&Frame>) -> Vec<u8> {
        frame.map(|frame| frame.slices().concat()).unwrap_or_default()
    }

    #[test]
    fn joined_broadcasts_are_the_same_frames_in_order() {
        let all = broadcast("a").join(&[broadcast("bc"), broadcast("")]).split_off();
        assert_eq!(bytes(Some(&all.frame)), b"\x81\x01a\x81\x02bc\x81\x00");
        assert_eq!(bytes(all.numbered.as_ref()), b"\x81\x02#a\x81\x03#bc\x81\x01#");
        assert_eq!((all.frame.count(), all.frame.messages()), (3, 3));
    }

    #[test]
    fn what_is_told_apart_is_not_joined() {
        let first = broadcast("a");
        assert!(first.is_joined_by(&broadcast("b")));
        assert!(!first.is_joined_by(&Broadcast { numbered: None, ..broadcast("b") }));
        let watched = Some(Delivery::new(Instant::now()));
        assert!(!first.is_joined_by(&Broadcast { delivery: watched, ..broadcast("b") }));
    }
}
