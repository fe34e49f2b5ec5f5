//! A browser page that can come back: what has been taken from it, over all its connections, and
//! what it alone was sent.

use crate::core::protocol::frame::Frame;
use crate::core::resume::journal::{Bounds, Journal};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What is kept of the messages to one page alone: `connected`, and answers to its own questions.
const BOUNDS: Bounds =
    Bounds { messages: 100, bytes: 1024 * 1024, age: Duration::from_secs(10 * 60) };

/// What begins a text message that is not a plain payload; JSON never does.
pub(crate) const MARK: u8 = 0x01;

/// A page, across its connections.
#[derive(Debug)]
pub struct Session {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The one connection whose messages count.
    connection: u32,
    /// Messages taken so far.
    received: u64,
    journal: Journal,
}

/// A text message from a page, told apart by its beginning.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming<'a> {
    /// For the caller.
    Message(&'a [u8]),
    /// The page asks how many of its messages have been taken, and whether anybody is there.
    Probe,
    /// Of a later version.
    Unknown,
}

/// Reads the beginning of a text message from a page.
pub(crate) fn classify(text: &[u8]) -> Incoming<'_> {
    match text {
        [MARK, b'?', ..] => Incoming::Probe,
        [MARK, b'=', literal @ ..] => Incoming::Message(literal),
        [MARK, ..] => Incoming::Unknown,
        text => Incoming::Message(text),
    }
}

/// A payload under its number.
pub(crate) fn numbered(sequence: u64, payload: impl Into<bytes::Bytes>) -> Frame {
    Frame::prefixed(format!("\u{1}{sequence} ").as_bytes(), payload)
}

/// The answer to a probe.
pub(crate) fn acknowledgement(received: u64) -> Frame {
    Frame::text(format!("\u{1}!{received}"))
}

impl Session {
    /// A page without a connection.
    pub(crate) fn new() -> Self {
        let journal = Journal::new(BOUNDS);
        Self { state: Mutex::new(State { connection: 0, received: 0, journal }) }
    }

    /// From here on only messages of this connection count: what others have yet to read is lost
    /// to them, and the page sends it again.
    pub(crate) fn claim(&self, connection: u32) {
        self.state().connection = connection;
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

    pub(crate) fn record(&self, sequence: u64, frame: Frame, now: Instant) {
        self.state().journal.record(sequence, frame, now);
    }

    pub(crate) fn missed(&self, since: u64, now: Instant) -> Option<Vec<(u64, Frame)>> {
        self.state().journal.missed(since, now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_messages() {
        assert_eq!(classify(b"\x01?"), Incoming::Probe);
        assert_eq!(classify(b"\x01=\x01?"), Incoming::Message(b"\x01?"));
        assert_eq!(classify(b"\x01"), Incoming::Unknown);
        assert_eq!(classify(b"{}"), Incoming::Message(b"{}"));
        assert_eq!(classify(b""), Incoming::Message(b""));
    }

    #[test]
    fn a_number_stands_before_the_payload() {
        let small = numbered(42, b"{}".to_vec());
        assert_eq!(small.slices().concat(), b"\x81\x06\x0142 {}");
        let large = numbered(7, vec![b'x'; 70_000]);
        let bytes = large.slices().concat();
        assert_eq!(bytes[..10], [0x81, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x73]);
        assert_eq!(&bytes[10..13], b"\x017 ");
        assert_eq!(bytes.len(), 10 + 3 + 70_000);
    }

    #[test]
    fn only_the_last_connection_is_heard() {
        let session = Session::new();
        let mut heard = Vec::new();
        session.claim(1);
        session.take(1, || heard.push("a"));
        session.claim(2);
        session.take(1, || heard.push("lost"));
        session.take(2, || heard.push("b"));
        assert_eq!((heard, session.received()), (vec!["a", "b"], 2));
    }
}
