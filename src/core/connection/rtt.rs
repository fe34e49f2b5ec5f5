//! How long a ping of ours takes to come back. Pure; time is passed in.

use std::time::{Duration, Instant};

/// The ping of ours that one peer has yet to answer. Its payload is empty, as that of its pong.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundTrip {
    pinged: Option<Instant>,
}

impl RoundTrip {
    /// A ping has been queued. While one is unanswered, a further one does not start the clock anew.
    pub fn on_ping(&mut self, now: Instant) {
        self.pinged.get_or_insert(now);
    }

    /// A pong has come. The time since the ping, if it answers one of ours.
    pub fn on_pong(&mut self, payload: &[u8], now: Instant) -> Option<Duration> {
        if !payload.is_empty() {
            return None;
        }
        self.pinged.take().map(|pinged| now.saturating_duration_since(pinged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pong_is_measured_from_the_first_ping_that_it_answers() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut round_trip = RoundTrip::default();
        assert_eq!(round_trip.on_pong(b"", at(1)), None, "nobody asked");
        round_trip.on_ping(at(2));
        round_trip.on_ping(at(9));
        assert_eq!(round_trip.on_pong(b"of somebody else", at(10)), None);
        assert_eq!(round_trip.on_pong(b"", at(12)), Some(Duration::from_millis(10)));
        assert_eq!(round_trip.on_pong(b"", at(13)), None, "once");
    }
}
