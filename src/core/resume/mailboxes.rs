//! Messages to one page alone: answers to its requests, mostly. Bounded for each page and for all
//! of them together. No I/O and no clock here.

use crate::core::protocol::frame::Frame;
use crate::core::resume::journal::{Bounds, Journal};
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// Bounds for one page: more answers than a page awaits at once.
const MAX_MESSAGES: usize = 1000;
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Bytes kept for all pages.
const MAX_TOTAL_BYTES: usize = 16 * 1024 * 1024;

/// The messages kept for each page alone.
#[derive(Debug)]
pub(crate) struct Mailboxes {
    bounds: Bounds,
    by_session: HashMap<u32, Journal>,
    /// The session of each journal's oldest message, by the number of that.
    oldest: BTreeMap<u64, u32>,
    bytes: usize,
}

impl Mailboxes {
    /// No mailboxes yet; what will be in them is kept as long as `age`.
    pub(crate) fn new(age: Duration) -> Self {
        let bounds = Bounds { messages: MAX_MESSAGES, bytes: MAX_BYTES, age };
        Self { bounds, by_session: HashMap::new(), oldest: BTreeMap::new(), bytes: 0 }
    }

    pub(crate) fn add(&mut self, session: u32) {
        self.by_session.insert(session, Journal::new(self.bounds));
    }

    pub(crate) fn remove(&mut self, session: u32) {
        self.change(session, |journal| journal.lose(0));
        self.by_session.remove(&session);
    }

    /// Keeps a message; the oldest ones of all pages give way.
    pub(crate) fn record(&mut self, session: u32, sequence: u64, frame: Frame, now: Instant) {
        self.change(session, |journal| journal.record(sequence, frame, now));
        while self.bytes > MAX_TOTAL_BYTES {
            let Some((_, session)) = self.oldest.first_key_value() else { break };
            self.change(*session, Journal::drop_oldest);
        }
    }

    /// A message to one page is not kept.
    pub(crate) fn lose(&mut self, session: u32, sequence: u64) {
        self.change(session, |journal| journal.lose(sequence));
    }

    /// The messages above the number `since`, in order. None if one of them has been forgotten.
    pub(crate) fn missed(
        &mut self,
        session: u32,
        since: u64,
        now: Instant,
    ) -> Option<Vec<(u64, Frame)>> {
        let mut missed = None;
        self.change(session, |journal| missed = journal.missed(since, now));
        missed
    }

    /// Forgets what is too old.
    pub(crate) fn expire(&mut self, now: Instant) {
        while let Some((number, session)) = self.oldest.first_key_value() {
            let number = *number;
            self.change(*session, |journal| journal.expire(now));
            if self.oldest.contains_key(&number) {
                break;
            }
        }
    }

    fn change(&mut self, session: u32, act: impl FnOnce(&mut Journal)) {
        let Some(journal) = self.by_session.get_mut(&session) else { return };
        let (oldest, bytes) = (journal.oldest(), journal.bytes());
        act(journal);
        self.bytes = self.bytes - bytes + journal.bytes();
        if oldest != journal.oldest() {
            oldest.map(|number| self.oldest.remove(&number));
            journal.oldest().map(|number| self.oldest.insert(number, session));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_secs(10);
    const MIB: usize = 1024 * 1024;

    fn frame(payload_bytes: usize) -> Frame {
        Frame::text(vec![b'x'; payload_bytes])
    }

    #[test]
    fn all_pages_together_are_bounded_and_the_oldest_messages_give_way() {
        let now = Instant::now();
        let mut mailboxes = Mailboxes::new(AGE);
        for session in 1..=40 {
            mailboxes.add(session);
            mailboxes.record(session, u64::from(session), frame(MIB), now);
        }
        assert!(mailboxes.bytes <= MAX_TOTAL_BYTES);
        assert!(mailboxes.missed(1, 0, now).is_none());
        assert_eq!(mailboxes.missed(40, 0, now).map(|missed| missed.len()), Some(1));
        (1..=40).for_each(|session| mailboxes.remove(session));
        assert_eq!((mailboxes.bytes, mailboxes.oldest.len()), (0, 0));
    }

    #[test]
    fn a_busy_page_takes_nothing_from_the_others() {
        let now = Instant::now();
        let mut mailboxes = Mailboxes::new(AGE);
        [1, 2].into_iter().for_each(|session| mailboxes.add(session));
        mailboxes.record(1, 1, frame(1), now);
        (2..40).for_each(|number| mailboxes.record(2, number, frame(MIB), now));
        assert_eq!(mailboxes.missed(1, 0, now).map(|missed| missed.len()), Some(1));
        assert!(mailboxes.missed(2, 0, now).is_none());
        assert_eq!(mailboxes.missed(2, 36, now).map(|missed| missed.len()), Some(3));
    }

    #[test]
    fn what_is_too_old_is_given_back() {
        let now = Instant::now();
        let mut mailboxes = Mailboxes::new(AGE);
        for session in [1, 2] {
            mailboxes.add(session);
            let at = now + Duration::from_secs(u64::from(session));
            mailboxes.record(session, u64::from(session), frame(MIB), at);
        }
        mailboxes.expire(now + AGE + Duration::from_millis(1500));
        assert_eq!(mailboxes.oldest.len(), 1);
        mailboxes.expire(now + AGE * 2);
        assert_eq!(mailboxes.bytes, 0);
    }
}
