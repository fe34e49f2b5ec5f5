//! The pages of a server that may come back on another connection.

use super::Hub;
use crate::core::io::command::Command;
use crate::core::outgoing::delivery::Receipt;
use crate::core::outgoing::outbox::Entry;
use crate::core::peer::Peer;
use crate::core::protocol::frame::Frame;
use crate::core::resume::control::Welcome;
use crate::core::resume::resumption::Replay;
use crate::core::resume::session::Session;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Instant;

impl Hub {
    /// Welcomes the page that has said hello on a connection: `instance` names the life of this
    /// server, `key` the page. From here on what the page may miss is kept. None if it is gone.
    pub fn begin_session(&self, id: u32, instance: &str, key: &str) -> Option<u32> {
        let peer = self.peer(id)?;
        let session = peer.session()?.clone();
        let number = session.number();
        session.begin();
        let welcome = Welcome {
            instance,
            key,
            sequence: self.resumption.last_sequence(),
            received: 0,
            missed: 0,
        };
        self.resumption.add(session);
        self.send_to(&peer, Entry::new(welcome.frame(), false));
        Some(number)
    }

    /// The page will not come back.
    pub fn end_session(&self, session: u32) {
        self.resumption.remove(session);
    }

    /// Forgets messages that are too old for anybody to come for.
    pub fn expire(&self) {
        self.resumption.expire(Instant::now());
    }

    /// The number of the last message that has one.
    pub fn last_sequence(&self) -> u64 {
        self.resumption.last_sequence()
    }

    /// How many messages a page missed since the message `since`. None if one of them is not kept.
    pub fn missed(&self, session: u32, since: u64) -> Option<usize> {
        self.resumption.missed(session, since).map(|missed| missed.len())
    }

    /// Messages without a number that a page was sent.
    pub fn raw_sent(&self, session: u32) -> u64 {
        self.resumption.session(session).map_or(0, |session| session.raw_sent())
    }

    /// Welcomes a page on another connection, and sends it at once all that it missed since the
    /// message `since`. False, and nothing is sent, if one of them is not kept.
    pub fn resume(&self, id: u32, instance: &str, key: &str, since: u64) -> bool {
        let Some((peer, session)) = self.peer(id).and_then(|peer| {
            let session = peer.session()?.clone();
            Some((peer, session))
        }) else {
            return false;
        };
        let Some(missed) = self.resumption.missed(session.number(), since) else { return false };
        let welcome = Welcome {
            instance,
            key,
            sequence: since,
            received: session.received(),
            missed: missed.len(),
        };
        let welcome = Entry::new(welcome.frame(), false);
        let missed = missed.into_iter().map(|frame| Entry::new(frame, true));
        let entries: Vec<_> = std::iter::once(welcome).chain(missed).collect();
        for entry in &entries {
            peer.under_way().add(entry.frame.len());
        }
        self.push_command(&peer, Command::SendAll { id, entries });
        true
    }

    /// Sends a payload of Vite's protocol to a page, and keeps it for when it comes back.
    pub fn send_to_session(
        &self,
        session: u32,
        payload: impl Into<Bytes>,
        replay: Replay,
        receipt: impl FnOnce(u32) -> Option<Receipt>,
    ) {
        let Some(session) = self.resumption.session(session) else { return };
        let payload = payload.into();
        let frame = self.resumption.number(session.number(), &payload, replay);
        let Some(peer) = self.live_peer(&session) else { return };
        let receipt = receipt(peer.id());
        match frame {
            Some(frame) => {
                self.send_directly_to(&peer, Entry { receipt, ..Entry::new(frame, true) })
            }
            // No object of JSON.
            None => {
                let frame = Frame::text(payload);
                self.send_directly_to(&peer, Entry { receipt, ..Entry::new(frame, true) });
            }
        }
    }

    fn live_peer(&self, session: &Session) -> Option<Arc<Peer>> {
        self.peer(session.connection())
    }
}
