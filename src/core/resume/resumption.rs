//! The numbered messages of one server, and the pages that may come back for them.

use crate::core::protocol::frame::Frame;
use crate::core::resume::journal::{Bounds, Journal};
use crate::core::resume::session::{self, Session};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Whether a message is sent again to a page that missed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// It is: the page is wrong without it.
    Yes,
    /// It is not: it was meant for the moment.
    No,
}

/// One numbering for all messages of a server, so that a page's place in them is one number.
pub(crate) struct Resumption {
    state: Mutex<State>,
}

struct State {
    /// The number of the last message.
    last: u64,
    journal: Journal,
    sessions: HashMap<u32, Arc<Session>>,
    last_session: u32,
}

impl Resumption {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let journal = Journal::new(bounds);
        let state = State { last: 0, journal, sessions: HashMap::new(), last_session: 0 };
        Self { state: Mutex::new(state) }
    }

    /// A new page and its number.
    pub(crate) fn add_session(&self) -> u32 {
        let mut state = self.state();
        state.last_session += 1;
        let id = state.last_session;
        state.sessions.insert(id, Arc::new(Session::new()));
        id
    }

    pub(crate) fn session(&self, id: u32) -> Option<Arc<Session>> {
        self.state().sessions.get(&id).cloned()
    }

    /// The page will not come back.
    pub(crate) fn remove_session(&self, id: u32) {
        self.state().sessions.remove(&id);
    }

    /// The number of the last message.
    pub(crate) fn last_sequence(&self) -> u64 {
        self.state().last
    }

    /// Numbers a message to all, if there is any page to number it for.
    pub(crate) fn number_broadcast(&self, payload: &Bytes, replay: Replay) -> Option<Frame> {
        let mut state = self.state();
        if state.sessions.is_empty() {
            return None;
        }
        let (sequence, frame) = state.number(payload);
        if replay == Replay::Yes {
            state.journal.record(sequence, frame.clone(), Instant::now());
        }
        Some(frame)
    }

    /// Numbers a message to one page.
    pub(crate) fn number(&self, session: &Session, payload: &Bytes, replay: Replay) -> Frame {
        let (sequence, frame) = self.state().number(payload);
        if replay == Replay::Yes {
            session.record(sequence, frame.clone(), Instant::now());
        }
        frame
    }

    /// What a page missed since the message with the number `since`, in order. None if that cannot
    /// be told any more.
    pub(crate) fn missed(&self, session: &Session, since: u64) -> Option<Vec<Frame>> {
        let now = Instant::now();
        let mut state = self.state();
        if since > state.last {
            return None;
        }
        let mut missed = state.journal.missed(since, now)?;
        missed.extend(session.missed(since, now)?);
        missed.sort_unstable_by_key(|(sequence, _)| *sequence);
        Some(missed.into_iter().map(|(_, frame)| frame).collect())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number(&mut self, payload: &Bytes) -> (u64, Frame) {
        self.last += 1;
        (self.last, session::numbered(self.last, payload.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const BOUNDS: Bounds = Bounds { messages: 10, bytes: 1000, age: Duration::from_secs(60) };

    fn texts(frames: Option<Vec<Frame>>) -> Option<Vec<String>> {
        let text = |frame: Frame| {
            let bytes = frame.slices().concat();
            String::from_utf8_lossy(&bytes[2..]).into_owned()
        };
        frames.map(|frames| frames.into_iter().map(text).collect())
    }

    #[test]
    fn nothing_is_numbered_before_there_is_a_page() {
        let resumption = Resumption::new(BOUNDS);
        assert!(resumption.number_broadcast(&Bytes::from("a"), Replay::Yes).is_none());
        assert_eq!(resumption.last_sequence(), 0);
    }

    #[test]
    fn a_page_is_replayed_what_went_to_all_and_to_itself_in_order() {
        let resumption = Resumption::new(BOUNDS);
        let [mine, other] = [(); 2].map(|()| resumption.session(resumption.add_session()));
        let (Some(mine), Some(other)) = (mine, other) else { panic!("pages were just added") };
        resumption.number_broadcast(&Bytes::from("a"), Replay::Yes);
        resumption.number(&mine, &Bytes::from("b"), Replay::Yes);
        resumption.number(&other, &Bytes::from("c"), Replay::Yes);
        resumption.number_broadcast(&Bytes::from("d"), Replay::No);
        resumption.number_broadcast(&Bytes::from("e"), Replay::Yes);
        let expected = ["\u{1}1 a", "\u{1}2 b", "\u{1}5 e"].map(str::to_owned).to_vec();
        assert_eq!(texts(resumption.missed(&mine, 0)), Some(expected));
        assert_eq!(texts(resumption.missed(&other, 5)), Some(vec![]));
        assert_eq!(texts(resumption.missed(&mine, 6)), None, "a number not yet given");
    }
}
