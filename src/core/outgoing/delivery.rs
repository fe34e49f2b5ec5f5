//! Receivers of one message, and when each got it. Recorded only while the inspector is open.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Receivers that are named; all are counted.
const MAX_NAMED: usize = 64;

/// Delivery of a message to one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its last byte was handed to the kernel this long after it was sent.
    Delivered(Duration),
    /// It was dropped, or its client is gone.
    Lost,
}

/// Delivery of a message so far.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Clients that have it.
    pub delivered: usize,
    /// Clients that will not get it.
    pub lost: usize,
    /// The client that got it last, and when.
    pub last: Option<(u32, Duration)>,
    /// The first clients to have it, or to lose it.
    pub named: Vec<(u32, Outcome)>,
}

/// One message on its way to its clients.
#[derive(Debug)]
pub struct Delivery {
    sent: Instant,
    report: Mutex<Report>,
}

impl Delivery {
    /// A message that is sent at `now`.
    pub fn new(now: Instant) -> Arc<Self> {
        Arc::new(Self { sent: now, report: Mutex::default() })
    }

    /// The receipt of one client.
    pub fn receipt(self: &Arc<Self>, client: u32) -> Receipt {
        Receipt { delivery: self.clone(), client, outcome: Outcome::Lost }
    }

    /// Whether nothing more will be known: it is on its way nowhere any more.
    pub fn is_settled(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) == 1
    }

    /// Its state so far.
    pub fn report(&self) -> Report {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says what became of a message for one client when it is dropped.
#[derive(Debug)]
pub struct Receipt {
    delivery: Arc<Delivery>,
    client: u32,
    outcome: Outcome,
}

impl Receipt {
    /// The message has been written.
    pub fn sign(mut self, now: Instant) {
        self.outcome = Outcome::Delivered(now.saturating_duration_since(self.delivery.sent));
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        let mut report = self.delivery.lock();
        match self.outcome {
            Outcome::Delivered(after) => {
                report.delivered += 1;
                if report.last.is_none_or(|(_, latest)| after >= latest) {
                    report.last = Some((self.client, after));
                }
            }
            Outcome::Lost => report.lost += 1,
        }
        if report.named.len() < MAX_NAMED {
            report.named.push((self.client, self.outcome));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_is_accounted_for() {
        let sent = Instant::now();
        let delivery = Delivery::new(sent);
        let receipts: Vec<_> = (0..3).map(|client| delivery.receipt(client)).collect();
        assert!(!delivery.is_settled());
        for (receipt, milliseconds) in receipts.into_iter().zip([2, 5]) {
            receipt.sign(sent + Duration::from_millis(milliseconds));
        }
        assert!(delivery.is_settled());
        let report = delivery.report();
        assert_eq!((report.delivered, report.lost), (2, 1));
        assert_eq!(report.last, Some((1, Duration::from_millis(5))));
        assert!(report.named.contains(&(2, Outcome::Lost)));
    }

    #[test]
    fn only_the_first_are_named() {
        let delivery = Delivery::new(Instant::now());
        for client in 0..1000 {
            delivery.receipt(client).sign(Instant::now());
        }
        let report = delivery.report();
        assert_eq!((report.delivered, report.named.len()), (1000, MAX_NAMED));
    }
}
