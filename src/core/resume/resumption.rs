//! The numbered messages of one server, and the pages that may come back for them.

use crate::core::protocol::frame::Frame;
use crate::core::resume::control;
use crate::core::resume::journal::{Bounds, Journal};
use crate::core::resume::mailboxes::Mailboxes;
use crate::core::resume::session::Session;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Whether a message is sent again to a page that missed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// It is.
    Yes,
    /// It is not: a page that missed it cannot go on.
    No,
}

/// One numbering for all messages of a server, so that a page's place in them is one number.
pub(crate) struct Resumption {
    state: Mutex<State>,
}

struct State {
    /// The number of the last message.
    last: u64,
    /// Messages to all.
    journal: Journal,
    /// Messages to one page.
    mailboxes: Mailboxes,
    sessions: HashMap<u32, Arc<Session>>,
}

impl Resumption {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let state = State {
            last: 0,
            journal: Journal::new(bounds),
            mailboxes: Mailboxes::new(bounds.age),
            sessions: HashMap::new(),
        };
        Self { state: Mutex::new(state) }
    }

    /// Keeps what this page may miss from now on.
    pub(crate) fn add(&self, session: Arc<Session>) {
        let mut state = self.state();
        state.mailboxes.add(session.number());
        state.sessions.insert(session.number(), session);
    }

    pub(crate) fn session(&self, number: u32) -> Option<Arc<Session>> {
        self.state().sessions.get(&number).cloned()
    }

    /// The page will not come back.
    pub(crate) fn remove(&self, number: u32) {
        let mut state = self.state();
        state.mailboxes.remove(number);
        if state.sessions.remove(&number).is_some() && state.sessions.is_empty() {
            let last = state.last;
            state.journal.lose(last);
        }
    }

    /// Forgets what is too old.
    pub(crate) fn expire(&self, now: Instant) {
        let mut state = self.state();
        state.journal.expire(now);
        state.mailboxes.expire(now);
    }

    /// The number of the last message.
    pub(crate) fn last_sequence(&self) -> u64 {
        self.state().last
    }

    /// Numbers a message to all, if there is any page to number it for, and if it can be.
    pub(crate) fn number_broadcast(&self, payload: &Bytes, replay: Replay) -> Option<Frame> {
        let mut state = self.state();
        if state.sessions.is_empty() {
            return None;
        }
        let (sequence, frame) = state.number(payload);
        match &frame {
            Some(frame) if replay == Replay::Yes => {
                state.journal.record(sequence, frame.clone(), Instant::now());
            }
            _ => state.journal.lose(sequence),
        }
        frame
    }

    /// Numbers a message to one page, if it can be.
    pub(crate) fn number(&self, session: u32, payload: &Bytes, replay: Replay) -> Option<Frame> {
        let mut state = self.state();
        let (sequence, frame) = state.number(payload);
        match &frame {
            Some(frame) if replay == Replay::Yes => {
                state.mailboxes.record(session, sequence, frame.clone(), Instant::now());
            }
            _ => state.mailboxes.lose(session, sequence),
        }
        frame
    }

    /// The messages that a page missed since the number `since`, in order. None if they are not all
    /// kept.
    pub(crate) fn missed(&self, session: u32, since: u64) -> Option<Vec<Frame>> {
        let now = Instant::now();
        let mut state = self.state();
        if since > state.last {
            return None;
        }
        let mut missed = state.journal.missed(since, now)?;
        missed.extend(state.mailboxes.missed(session, since, now)?);
        missed.sort_unstable_by_key(|(sequence, _)| *sequence);
        Some(missed.into_iter().map(|(_, frame)| frame).collect())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number(&mut self, payload: &Bytes) -> (u64, Option<Frame>) {
        self.last += 1;
        (self.last, control::numbered(self.last, payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const BOUNDS: Bounds = Bounds { messages: 10, bytes: 1000, age: Duration::from_secs(60) };
    const MINE: u32 = 1;
    const OTHER: u32 = 2;

    fn resumption() -> Resumption {
        let resumption = Resumption::new(BOUNDS);
        for number in [MINE, OTHER] {
            resumption.add(Arc::new(Session::new(number, 0)));
        }
        resumption
    }

    fn payload(name: &str) -> Bytes {
        Bytes::from(format!("{{\"{name}\":1}}"))
    }

    /// The names of payloads.
    fn names(frames: Option<Vec<Frame>>) -> Option<Vec<String>> {
        let name = |frame: Frame| {
            let text = String::from_utf8_lossy(&frame.slices().concat()).into_owned();
            text.split('"').nth(3).map(str::to_owned).unwrap_or_default()
        };
        frames.map(|frames| frames.into_iter().map(name).collect())
    }

    #[test]
    fn nothing_is_numbered_before_there_is_a_page() {
        let resumption = Resumption::new(BOUNDS);
        assert!(resumption.number_broadcast(&payload("a"), Replay::Yes).is_none());
        assert_eq!(resumption.last_sequence(), 0);
    }

    #[test]
    fn a_page_is_replayed_what_went_to_all_and_to_itself_in_order() {
        let resumption = resumption();
        resumption.number_broadcast(&payload("a"), Replay::Yes);
        resumption.number(MINE, &payload("b"), Replay::Yes);
        resumption.number(OTHER, &payload("c"), Replay::Yes);
        resumption.number_broadcast(&payload("d"), Replay::Yes);
        let expected = ["a", "b", "d"].map(str::to_owned).to_vec();
        assert_eq!(names(resumption.missed(MINE, 0)), Some(expected));
        assert_eq!(names(resumption.missed(OTHER, 4)), Some(vec![]));
        assert_eq!(names(resumption.missed(MINE, 5)), None, "a number not yet given");
    }

    #[test]
    fn who_missed_what_is_not_replayed_cannot_go_on() {
        let resumption = resumption();
        resumption.number_broadcast(&payload("a"), Replay::No);
        resumption.number(MINE, &payload("b"), Replay::No);
        assert_eq!(names(resumption.missed(MINE, 0)), None);
        assert_eq!(names(resumption.missed(MINE, 1)), None);
        assert_eq!(names(resumption.missed(MINE, 2)), Some(vec![]));
        assert_eq!(names(resumption.missed(OTHER, 1)), Some(vec![]));
        assert!(resumption.number_broadcast(&Bytes::from("[1]"), Replay::Yes).is_none());
        assert_eq!(names(resumption.missed(OTHER, 2)), None, "no object has no number");
    }

    #[test]
    fn nothing_is_kept_when_nobody_can_come_for_it() {
        let resumption = resumption();
        resumption.number_broadcast(&payload("a"), Replay::Yes);
        [MINE, OTHER].into_iter().for_each(|number| resumption.remove(number));
        assert_eq!(resumption.state().journal.bytes(), 0);
    }
}
