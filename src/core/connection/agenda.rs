//! The order in which connections are looked at. Most have nothing due for a whole keepalive period, and
//! many at rest shall cost nothing. Pure; time is passed in.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// The connections of one thread, by the running time of their next look.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    /// Entries that have been replaced are among them.
    due: BTreeMap<Duration, Vec<u32>>,
    restless: Rc<Restless>,
}

/// Connections that are looked at as soon as possible: something of them waits, or has a deadline.
#[derive(Debug, Default)]
pub(crate) struct Restless(RefCell<Vec<u32>>);

/// The next look at one connection.
#[derive(Debug)]
pub(crate) struct NextLook {
    id: u32,
    /// Its entry; [`Duration::MAX`] stands for none.
    due: Cell<Duration>,
    is_restless: Cell<bool>,
    restless: Rc<Restless>,
}

/// A connection's wish at the end of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// The next look may be the next one that there is.
    None,
    /// Nothing is due before.
    Until(Duration),
    /// Nothing is due by itself.
    Endless,
}

impl Agenda {
    /// The next look at a new connection, as soon as possible.
    pub(crate) fn add(&self, id: u32) -> NextLook {
        let restless = self.restless.clone();
        let next =
            NextLook { id, due: Cell::new(Duration::MAX), is_restless: Cell::new(false), restless };
        next.rouse();
        next
    }

    /// The connections to be looked at, each with the time for which it was entered. Those of which the
    /// time is not that of their entry any more are passed over, see [`NextLook::begin`].
    pub(crate) fn take(&mut self, now: Duration) -> Vec<(u32, Option<Duration>)> {
        let restless = self.restless.0.take();
        let mut taken: Vec<_> = restless.into_iter().map(|id| (id, None)).collect();
        while let Some(entry) = self.due.first_entry().filter(|entry| *entry.key() <= now) {
            let at = *entry.key();
            taken.extend(entry.remove().into_iter().map(|id| (id, Some(at))));
        }
        taken
    }

    /// Enters the next look at a connection that has been looked at.
    pub(crate) fn enter(&mut self, next: &NextLook, rest: Rest, now: Duration) {
        match rest {
            Rest::None => next.rouse(),
            Rest::Endless => {}
            // An earlier entry does: that look finds out.
            Rest::Until(_) if next.due.get() > now && next.due.get() < Duration::MAX => {}
            Rest::Until(at) => {
                next.due.set(at);
                self.due.entry(at).or_default().push(next.id);
            }
        }
    }

    /// Forgets all: there are no connections.
    pub(crate) fn clear(&mut self) {
        self.due.clear();
        self.restless.0.take();
    }
}

impl NextLook {
    /// Asks for a look as soon as possible.
    pub(crate) fn rouse(&self) {
        if !self.is_restless.replace(true) {
            self.restless.0.borrow_mut().push(self.id);
        }
    }

    /// Whether it is to be looked at now, as an entry for the time `at` says, or its restlessness.
    pub(crate) fn begin(&self, at: Option<Duration>) -> bool {
        match at {
            None => {
                self.is_restless.set(false);
                true
            }
            Some(at) if at == self.due.get() => {
                self.due.set(Duration::MAX);
                !self.is_restless.get()
            }
            Some(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// The connections that are looked at.
    fn looks(agenda: &mut Agenda, all: &[&NextLook], now: u64, rest: Rest) -> Vec<u32> {
        let mut looked = Vec::new();
        for (id, due) in agenda.take(at(now)) {
            let Some(next) = all.iter().find(|next| next.id == id) else { continue };
            if next.begin(due) {
                looked.push(id);
                agenda.enter(next, rest, at(now));
            }
        }
        looked
    }

    #[test]
    fn a_connection_at_rest_is_not_looked_at() {
        let mut agenda = Agenda::default();
        let (one, two) = (agenda.add(1), agenda.add(2));
        let all = [&one, &two];
        assert_eq!(looks(&mut agenda, &all, 1, Rest::Until(at(20))), [1, 2]);
        assert!(looks(&mut agenda, &all, 19, Rest::None).is_empty());
        assert_eq!(looks(&mut agenda, &all, 20, Rest::Until(at(40))), [1, 2]);
        assert!(looks(&mut agenda, &all, 21, Rest::None).is_empty());
    }

    #[test]
    fn a_restless_one_is_looked_at_each_time_and_its_rest_begins_anew() {
        let mut agenda = Agenda::default();
        let one = agenda.add(1);
        assert_eq!(looks(&mut agenda, &[&one], 1, Rest::Until(at(20))), [1]);
        one.rouse();
        one.rouse();
        assert_eq!(looks(&mut agenda, &[&one], 2, Rest::None), [1]);
        assert_eq!(looks(&mut agenda, &[&one], 3, Rest::Until(at(23))), [1]);
        assert!(looks(&mut agenda, &[&one], 4, Rest::None).is_empty());
        assert_eq!(looks(&mut agenda, &[&one], 20, Rest::Until(at(23))), [1], "its older entry");
        assert_eq!(looks(&mut agenda, &[&one], 23, Rest::Until(at(43))), [1]);
    }

    #[test]
    fn one_that_is_due_and_restless_is_looked_at_once() {
        let mut agenda = Agenda::default();
        let one = agenda.add(1);
        assert_eq!(looks(&mut agenda, &[&one], 1, Rest::Until(at(20))), [1]);
        one.rouse();
        assert_eq!(looks(&mut agenda, &[&one], 20, Rest::Until(at(40))), [1]);
        assert_eq!(looks(&mut agenda, &[&one], 40, Rest::Endless), [1]);
        assert!(looks(&mut agenda, &[&one], 400, Rest::None).is_empty());
    }
}
