//! When to ping a silent peer and when to give it up. Pure; time is passed in.

use crate::core::acknowledgement::Acknowledgement;
use std::time::{Duration, Instant};

/// The least time for which a peer that had room for no more may leave probes unanswered; see
/// [`Acknowledgement::Probed`].
const PROBE_PATIENCE: Duration = Duration::from_secs(3);

/// Next action for a silent connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Wait,
    /// A ping frame.
    Ping,
    /// An end: nothing came for two periods, and the peer is frozen or has vanished.
    TimeOut,
}

/// The silence of one peer, in running time (see [`RunningClock`]).
///
/// A silent peer that was given our ping is frozen: its program does not run. One that acknowledges
/// nothing has vanished. One that is given nothing, since it has no room for what waits before the
/// ping, and acknowledges that, is paused, as a page at a breakpoint; it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Keepalive {
    heard: Duration,
    /// The last look.
    looked: Duration,
    ping: Option<Ping>,
}

/// A ping that has not been answered.
#[derive(Clone, Copy, Debug, Default)]
struct Ping {
    /// Since when the peer has it: since the last look at which it did not, at the earliest.
    given: Option<Duration>,
    /// Since when the peer's system has not answered.
    unanswered: Option<Duration>,
}

impl Keepalive {
    /// A peer that was heard at `now`.
    pub fn new(now: Duration) -> Self {
        Self { heard: now, looked: now, ping: None }
    }

    /// Any byte from the peer counts as life.
    pub fn on_received(&mut self, now: Duration) {
        self.heard = now;
        self.ping = None;
    }

    /// Whether there is a ping that has not been answered.
    pub fn is_pinged(&self) -> bool {
        self.ping.is_some()
    }

    /// When a peer that stays silent is to be pinged.
    pub fn due(&self, period: Duration) -> Duration {
        self.heard + period
    }

    /// Decides for a peer at `now`. A period of zero turns keepalive off.
    ///
    /// `is_sent` says whether the ping has been written; `acknowledgement` is asked for once there
    /// has been one.
    pub fn check(
        &mut self,
        now: Duration,
        period: Duration,
        is_sent: bool,
        acknowledgement: impl FnOnce() -> Acknowledgement,
    ) -> Action {
        let before = std::mem::replace(&mut self.looked, now);
        if period.is_zero() {
            return Action::Wait;
        }
        let silence = now.saturating_sub(self.heard);
        let Some(ping) = &mut self.ping else {
            if silence < period {
                return Action::Wait;
            }
            self.ping = Some(Ping::default());
            return Action::Ping;
        };
        let known = acknowledgement();
        ping.look(now, before, is_sent, known);
        let patience = match known {
            Acknowledgement::Probed(_) => period.max(PROBE_PATIENCE),
            _ => period,
        };
        let has_lasted = |since: Option<Duration>, least: Duration| {
            since.is_some_and(|since| now.saturating_sub(since) >= least)
        };
        let is_gone = has_lasted(ping.given, period) || has_lasted(ping.unanswered, patience);
        if silence >= period * 2 && is_gone { Action::TimeOut } else { Action::Wait }
    }
}

impl Ping {
    fn look(&mut self, now: Duration, before: Duration, is_sent: bool, known: Acknowledgement) {
        let is_taken = matches!(known, Acknowledgement::Complete | Acknowledgement::Unknown);
        if is_sent && is_taken {
            self.given.get_or_insert(before);
        }
        self.unanswered = match known {
            Acknowledgement::Outstanding(last) | Acknowledgement::Probed(last) => {
                let last = now.saturating_sub(last);
                Some(self.unanswered.unwrap_or(before).max(last))
            }
            _ => None,
        };
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

    fn check(peer: &mut Keepalive, seconds: u64, known: Acknowledgement) -> Action {
        peer.check(at(seconds), PERIOD, true, || known)
    }

    #[test]
    fn silence_is_pinged_once_and_ended_after_two_periods() {
        for given in [Acknowledgement::Complete, Acknowledgement::Unknown] {
            let mut peer = Keepalive::new(at(0));
            assert_eq!(check(&mut peer, 19, given), Action::Wait);
            assert_eq!(check(&mut peer, 20, given), Action::Ping);
            assert_eq!(check(&mut peer, 21, given), Action::Wait);
            assert_eq!(check(&mut peer, 39, given), Action::Wait);
            assert_eq!(check(&mut peer, 40, given), Action::TimeOut);
        }
    }

    #[test]
    fn any_byte_starts_the_silence_anew() {
        let mut peer = Keepalive::new(at(0));
        assert_eq!(check(&mut peer, 25, Acknowledgement::Complete), Action::Ping);
        peer.on_received(at(39));
        assert_eq!(check(&mut peer, 41, Acknowledgement::Complete), Action::Wait);
        assert_eq!(check(&mut peer, 59, Acknowledgement::Complete), Action::Ping);
    }

    #[test]
    fn nobody_is_ended_without_having_been_pinged() {
        let mut peer = Keepalive::new(at(0));
        assert_eq!(check(&mut peer, 1000, Acknowledgement::Complete), Action::Ping);
    }

    #[test]
    fn who_has_no_room_for_the_ping_is_kept_until_it_has() {
        let mut peer = Keepalive::new(at(0));
        assert_eq!(check(&mut peer, 20, Acknowledgement::Unread), Action::Ping);
        for seconds in 21..600 {
            assert_eq!(check(&mut peer, seconds, Acknowledgement::Unread), Action::Wait);
        }
        let not_written = peer.check(at(600), PERIOD, false, || Acknowledgement::Complete);
        assert_eq!(not_written, Action::Wait);
        assert_eq!(check(&mut peer, 601, Acknowledgement::Complete), Action::Wait, "it has it now");
        assert_eq!(check(&mut peer, 619, Acknowledgement::Complete), Action::Wait);
        assert_eq!(check(&mut peer, 620, Acknowledgement::Complete), Action::TimeOut);
    }

    #[test]
    fn who_was_given_the_ping_has_it_whatever_is_sent_later() {
        let mut peer = Keepalive::new(at(0));
        assert_eq!(check(&mut peer, 20, Acknowledgement::Complete), Action::Ping);
        assert_eq!(check(&mut peer, 21, Acknowledgement::Complete), Action::Wait);
        assert_eq!(check(&mut peer, 40, Acknowledgement::Unread), Action::TimeOut);
    }

    #[test]
    fn who_acknowledges_nothing_has_vanished_whatever_waits() {
        let mut peer = Keepalive::new(at(0));
        let silent = |seconds| Acknowledgement::Outstanding(at(seconds));
        let mut look = |seconds, known| peer.check(at(seconds), PERIOD, false, || known);
        assert_eq!(look(20, silent(20)), Action::Ping);
        assert_eq!(look(21, silent(21)), Action::Wait);
        assert_eq!(look(39, silent(39)), Action::Wait);
        assert_eq!(look(40, silent(40)), Action::TimeOut);
    }

    #[test]
    fn a_probe_or_two_may_go_unanswered_however_short_the_period() {
        let period = Duration::from_millis(500);
        let mut peer = Keepalive::new(at(0));
        let mut look = |ms, last_ms| {
            let known = Acknowledgement::Probed(Duration::from_millis(last_ms));
            peer.check(Duration::from_millis(ms), period, true, || known)
        };
        assert_eq!(look(500, 100), Action::Ping);
        assert_eq!(look(600, 200), Action::Wait);
        assert_eq!(look(3400, 3000), Action::Wait);
        assert_eq!(look(3600, 3200), Action::TimeOut);
    }

    #[test]
    fn every_word_of_the_peers_system_counts() {
        let mut peer = Keepalive::new(at(0));
        let silent = |seconds| Acknowledgement::Outstanding(at(seconds));
        let mut look = |seconds, known| peer.check(at(seconds), PERIOD, false, || known);
        assert_eq!(look(20, silent(20)), Action::Ping);
        assert_eq!(look(39, silent(39)), Action::Wait);
        assert_eq!(look(40, silent(5)), Action::Wait, "it had answered at 35");
        assert_eq!(look(54, silent(19)), Action::Wait);
        assert_eq!(look(55, Acknowledgement::Unread), Action::Wait);
        assert_eq!(look(56, silent(21)), Action::Wait, "it had answered before the last look");
        assert_eq!(look(75, silent(40)), Action::TimeOut);
    }

    #[test]
    fn a_period_of_zero_is_off() {
        let mut peer = Keepalive::new(at(0));
        let known = || Acknowledgement::Complete;
        assert_eq!(peer.check(at(1000), Duration::ZERO, true, known), Action::Wait);
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
