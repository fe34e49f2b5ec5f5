//! Who has got what, and when.

use serde::Serialize;

/// The account of one series of broadcasts to one crowd.
#[derive(Debug, Default)]
pub struct Tally {
    first: u64,
    receivers: usize,
    broadcasts: Vec<Broadcast>,
    delivered: usize,
    faults: Faults,
}

#[derive(Clone, Copy, Debug, Default)]
struct Broadcast {
    sent_ns: u64,
    last_ns: u64,
    receipts: usize,
}

/// What should not happen.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Faults {
    /// Payloads that were skipped, or had not come when time was up.
    pub missing: u64,
    /// Payloads that came a second time, or after a later one.
    pub repeated: u64,
    /// Payloads with a wrong byte, and frames that break the protocol.
    pub damaged: u64,
    /// Messages that nobody sent.
    pub strange: u64,
    /// Connections that ended.
    pub ended: u64,
}

/// What became of a series.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// For each broadcast that everybody got, the time until the last one had it.
    pub latency_ns: Vec<u64>,
    /// From the first sending to the last receipt.
    pub span_ns: u64,
    /// Receipts of payloads.
    pub delivered: usize,
    /// Broadcasts sent before everybody had the one before.
    pub overlaps: usize,
    /// What went wrong.
    pub faults: Faults,
}

impl Tally {
    /// Expects `count` broadcasts from number `first` on, for each of `receivers`.
    pub fn expect(first: u64, count: usize, receivers: usize) -> Self {
        let broadcasts = vec![Broadcast::default(); count];
        Self { first, receivers, broadcasts, ..Self::default() }
    }

    /// The number that every client is to get first.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// A client that expected number `next` got `sequence`.
    pub fn on_payload(&mut self, next: &mut u64, sequence: u64, sent_ns: u64, got_ns: u64) {
        let place = sequence.checked_sub(self.first).map(|place| place as usize);
        let Some(broadcast) = place.and_then(|place| self.broadcasts.get_mut(place)) else {
            self.faults.strange += 1;
            return;
        };
        if sequence < *next {
            self.faults.repeated += 1;
            return;
        }
        self.faults.missing += sequence - *next;
        *next = sequence + 1;
        self.delivered += 1;
        broadcast.sent_ns = sent_ns;
        broadcast.receipts += 1;
        broadcast.last_ns = broadcast.last_ns.max(got_ns);
    }

    /// What should not happen, to be counted.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Whether nothing more is to come.
    pub fn is_complete(&self) -> bool {
        self.delivered + self.faults.missing as usize >= self.broadcasts.len() * self.receivers
    }

    /// The outcome. What has not come by now counts as missing.
    pub fn report(&self) -> Report {
        let mut faults = self.faults;
        faults.missing = (self.broadcasts.len() * self.receivers - self.delivered) as u64;
        let complete = |broadcast: &&Broadcast| broadcast.receipts == self.receivers;
        let latency = |broadcast: &Broadcast| broadcast.last_ns.saturating_sub(broadcast.sent_ns);
        let first_sent = self.broadcasts.iter().map(|broadcast| broadcast.sent_ns).min();
        let last_got = self.broadcasts.iter().map(|broadcast| broadcast.last_ns).max();
        let pairs = self.broadcasts.windows(2);
        Report {
            latency_ns: self.broadcasts.iter().filter(complete).map(latency).collect(),
            span_ns: last_got.unwrap_or(0).saturating_sub(first_sent.unwrap_or(0)),
            delivered: self.delivered,
            overlaps: pairs.filter(|pair| pair[1].sent_ns < pair[0].last_ns).count(),
            faults,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_and_a_repetition_are_both_noticed() {
        let mut tally = Tally::expect(10, 3, 1);
        let mut next = tally.first();
        for sequence in [10, 12, 11] {
            tally.on_payload(&mut next, sequence, 1, 2);
        }
        let report = tally.report();
        assert_eq!((report.faults.missing, report.faults.repeated), (1, 1));
        assert!(tally.is_complete());
    }

    #[test]
    fn the_last_client_counts() {
        let mut tally = Tally::expect(10, 1, 2);
        let mut nexts = [10, 10];
        tally.on_payload(&mut nexts[0], 10, 100, 250);
        assert!(!tally.is_complete());
        tally.on_payload(&mut nexts[1], 10, 100, 180);
        assert_eq!(tally.report().latency_ns, [150]);
    }
}
