//! Regular pings of many clients, and the times until their pongs.

use crate::clock::now_ns;
use serde::Serialize;

const MILLISECOND_NS: u64 = 1_000_000;

/// A plan of pings, spread evenly: clients that all ping at once would measure each other.
#[derive(Debug)]
pub struct Pinger {
    begun_ns: u64,
    end_ns: u64,
    every_ns: u64,
    clients: u64,
    sent: u64,
    latency_ns: Vec<u64>,
}

/// Times until pongs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Pings without a pong.
    pub unanswered: u64,
    /// In order of size.
    pub latency_ns: Vec<u64>,
}

impl Pinger {
    /// A plan that begins now.
    pub fn new(clients: usize, every_ms: u64, for_ms: u64) -> Self {
        let begun_ns = now_ns();
        Self {
            begun_ns,
            end_ns: begun_ns + for_ms * MILLISECOND_NS,
            every_ns: every_ms * MILLISECOND_NS,
            clients: clients.max(1) as u64,
            sent: 0,
            latency_ns: Vec::new(),
        }
    }

    /// The client whose turn to ping has come.
    pub fn next_due(&mut self) -> Option<usize> {
        let due_ns = self.begun_ns + self.sent * self.every_ns / self.clients;
        if due_ns > now_ns() || due_ns >= self.end_ns {
            return None;
        }
        self.sent += 1;
        Some(((self.sent - 1) % self.clients) as usize)
    }

    /// A pong that carries the time of its ping.
    pub fn on_pong(&mut self, sent_ns: u64) {
        self.latency_ns.push(now_ns().saturating_sub(sent_ns));
    }

    /// Whether all pongs have come, or are overdue.
    pub fn is_over(&self) -> bool {
        const PATIENCE_NS: u64 = 3000 * MILLISECOND_NS;
        let now = now_ns();
        let is_answered = self.latency_ns.len() as u64 == self.sent;
        now >= self.end_ns && is_answered || now >= self.end_ns + PATIENCE_NS
    }

    /// The outcome.
    pub fn report(mut self) -> Report {
        self.latency_ns.sort_unstable();
        let unanswered = self.sent - self.latency_ns.len() as u64;
        Report { unanswered, latency_ns: self.latency_ns }
    }
}
