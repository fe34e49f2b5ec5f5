//! A browser page that can come back, across its connections.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A page, across its connections.
#[derive(Debug)]
pub struct Session {
    number: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The one connection whose messages count.
    connection: u32,
    /// Messages taken so far.
    received: u64,
    /// Messages sent so far that have no number.
    raw_sent: u64,
}

impl Session {
    /// A page with its first connection.
    pub(crate) fn new(number: u32, connection: u32) -> Self {
        let state = State { connection, ..State::default() };
        Self { number, state: Mutex::new(state) }
    }

    /// Its number, unique in the process.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// From here on only messages of this connection count: what others have yet to read is lost
    /// to them, and the page sends it again.
    pub(crate) fn claim(&self, connection: u32) {
        self.state().connection = connection;
    }

    /// The connection that was claimed last. It may have ended.
    pub(crate) fn connection(&self) -> u32 {
        self.state().connection
    }

    /// Counts a message and hands it on, unless the page has another connection by now.
    pub(crate) fn take(&self, connection: u32, hand_on: impl FnOnce()) {
        let mut state = self.state();
        if state.connection == connection {
            state.received += 1;
            hand_on();
        }
    }

    /// Messages taken so far.
    pub(crate) fn received(&self) -> u64 {
        self.state().received
    }

    /// A message without a number is sent. A page that has had fewer of them has missed one.
    pub(crate) fn on_raw_sent(&self) {
        self.state().raw_sent += 1;
    }

    /// The messages without a number so far.
    pub(crate) fn raw_sent(&self) -> u64 {
        self.state().raw_sent
    }

    /// Sends the page its place in the numbering: earlier messages do not count.
    pub(crate) fn begin(&self) {
        self.state().raw_sent = 0;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_connection_is_heard() {
        let session = Session::new(9, 1);
        let mut heard = Vec::new();
        session.take(1, || heard.push("a"));
        session.claim(2);
        session.take(1, || heard.push("lost"));
        session.take(2, || heard.push("b"));
        assert_eq!((heard, session.received()), (vec!["a", "b"], 2));
    }
}
