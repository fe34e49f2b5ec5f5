//! When to ping a silent peer and when to give it up. Pure; time is passed in.

use std::time::{Duration, Instant};

/// What a silent connection needs now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Wait,
    /// A ping frame.
    Ping,
    /// An end: nothing came for two periods, though it was pinged.
    TimeOut,
}

/// The silence of one peer, in running time (see [`RunningClock`]).
#[derive(Clone, Copy, Debug)]
pub struct Keepalive {
    heard: Duration,
    pinged: bool,
}

impl Keepalive {
    /// A peer that was heard at `now`.
    pub fn new(now: Duration) -> Self {
        Self { heard: now, pinged: false }
    }

    /// Any byte from the peer counts as life.
    pub fn on_received(&mut self, now: Duration) {
        *self = Self::new(now);
    }

    /// Decides for a peer at `now`. A period of zero turns keepalive off.
    pub fn check(&mut self, now: Duration, period: Duration) -> Action {
        if period.is_zero() {
            return Action::Wait;
        }
        let silence = now.saturating_sub(self.heard);
        if self.pinged && silence >= period * 2 {
            return Action::TimeOut;
        }
        if !self.pinged && silence >= period {
            self.pinged = true;
            return Action::Ping;
        }
        Action::Wait
    }
}

/// Counts only time in which this process was running and looking.
///
/// After a suspend, or a stop by a debugger, the wall clock has moved on although no peer had a
/// chance to be heard. A gap between two looks counts as at most [`RunningClock::MOST_TICKS`]
/// ticks.
#[derive(Debug)]
pub struct RunningClock {
    last: Instant,
    running: Duration,
}

impl RunningClock {
    /// How many ticks a longer gap counts as.
    pub const MOST_TICKS: u32 = 2;

    /// A clock that starts at zero.
    pub fn new(now: Instant) -> Self {
        Self { last: now, running: Duration::ZERO }
    }

    /// Moves on to `now`; looks are expected every `tick`.
    pub fn advance(&mut self, now: Instant, tick: Duration) -> Duration {
        let elapsed = now.saturating_duration_since(self.last);
        self.last = now;
        self.running += elapsed.min(tick * Self::MOST_TICKS);
        self.running
    }

    /// Running time at the last look.
    pub fn now(&self) -> Duration {
        self.running
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_secs(20);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn silence_is_pinged_once_and_ended_after_two_periods() {
        let mut peer = Keepalive::new(at(0));
        assert_eq!(peer.check(at(19), PERIOD), Action::Wait);
        assert_eq!(peer.check(at(20), PERIOD), Action::Ping);
        assert_eq!(peer.check(at(30), PERIOD), Action::Wait);
        assert_eq!(peer.check(at(40), PERIOD), Action::TimeOut);
    }

    #[test]
    fn any_byte_starts_the_silence_anew() {
        let mut peer = Keepalive::new(at(0));
        assert_eq!(peer.check(at(25), PERIOD), Action::Ping);
        peer.on_received(at(39));
        assert_eq!(peer.check(at(41), PERIOD), Action::Wait);
        assert_eq!(peer.check(at(59), PERIOD), Action::Ping);
    }

    #[test]
    fn nobody_is_ended_without_having_been_pinged() {
        let mut peer = Keepalive::new(at(0));
        assert_eq!(peer.check(at(1000), PERIOD), Action::Ping);
    }

    #[test]
    fn a_period_of_zero_is_off() {
        assert_eq!(Keepalive::new(at(0)).check(at(1000), Duration::ZERO), Action::Wait);
    }

    #[test]
    fn a_suspend_counts_as_two_ticks() {
        let start = Instant::now();
        let mut clock = RunningClock::new(start);
        let tick = Duration::from_secs(1);
        assert_eq!(clock.advance(start + at(1), tick), at(1));
        assert_eq!(clock.advance(start + at(3601), tick), at(3));
        assert_eq!(clock.advance(start + at(3602), tick), at(4));
    }
}
