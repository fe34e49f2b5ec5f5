//! The pages of a server that may come back on another connection.

use super::Hub;
use crate::core::outgoing::outbox::Entry;
use crate::core::protocol::frame::Frame;
use crate::core::resume::session::MARK;
use bytes::Bytes;

impl Hub {
    /// A page that may come back on another connection, by its number.
    pub fn add_session(&self) -> u32 {
        self.resumption.add_session()
    }

    /// The page will not come back.
    pub fn remove_session(&self, session: u32) {
        self.resumption.remove_session(session);
    }

    /// The number of the last message that has one.
    pub fn last_sequence(&self) -> u64 {
        self.resumption.last_sequence()
    }

    /// Messages taken from a page so far.
    pub fn received_from(&self, session: u32) -> u64 {
        self.resumption.session(session).map_or(0, |session| session.received())
    }

    /// Whether a page can be given all that it missed since the message `since`.
    pub fn can_resume(&self, session: u32, since: u64) -> bool {
        let session = self.resumption.session(session);
        session.is_some_and(|session| self.resumption.missed(&session, since).is_some())
    }

    /// The first message of a page's connection, and all that it missed since `since`.
    pub fn send_hello(&self, id: u32, hello: impl Into<Bytes>, since: u64) {
        let Some(peer) = self.peer(id) else { return };
        let Some(session) = peer.session() else { return };
        self.send_to(&peer, Entry::new(Frame::prefixed(&[MARK, b'h'], hello), false));
        for frame in self.resumption.missed(session, since).unwrap_or_default() {
            self.send_to(&peer, Entry::new(frame, true));
        }
    }
}
