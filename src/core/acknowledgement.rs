//! How what was written to a peer stands with the peer's system. Pure; the system is asked by
//! [`crate::core::socket`].

use std::time::Duration;

/// TCP's knowledge of the bytes written: how many the peer's system has acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledgement {
    /// It has taken all of it.
    Complete,
    /// It says that the program behind it has not read what came last, or that it has no room for more.
    Unread,
    /// It has yet to acknowledge what was sent last. Its last word came this long ago.
    Outstanding(Duration),
    /// It had room for no more, and has yet to answer a probe. Its last word came this long ago. Linux
    /// answers no more than two of them a second (`tcp_invalid_ratelimit`), so that one which follows
    /// another closely goes unanswered, and the next may come a second later.
    Probed(Duration),
    /// It cannot be asked here; all has been written.
    Unknown,
}

/// Where the fields of Linux' `struct tcp_info` begin that are read here (`linux/tcp.h`). It only
/// ever grows at its end.
#[cfg(any(target_os = "linux", test))]
mod offset {
    pub const PROBES: usize = 3;
    /// Of the peer's window, in the lower four bits.
    pub const WSCALE: usize = 6;
    pub const UNACKED: usize = 24;
    pub const LAST_DATA_SENT: usize = 44;
    pub const LAST_ACK_RECV: usize = 56;
    pub const NOTSENT_BYTES: usize = 144;
    pub const SND_WND: usize = 228;
    pub const END: usize = 232;
}

/// How far the peer's window may be below what it was when the peer was heard: less is taken for
/// rounding, or for what a program had yet to read when it froze.
#[cfg(any(target_os = "linux", test))]
const SLACK_BYTES: u32 = 8 * 1024;

/// Bytes of `struct tcp_info` that are read here. Those before the window are there since Linux 4.6, it
/// itself since 5.4.
#[cfg(any(target_os = "linux", test))]
pub const TCP_INFO_BYTES: usize = offset::END;

#[cfg(any(target_os = "linux", test))]
impl Acknowledgement {
    /// Reads a `struct tcp_info`; one of an old kernel is too short and says nothing. `window` is what
    /// the peer's window was when it was heard last: what its program has not read makes it smaller.
    ///
    /// A peer whose window is closed acknowledges the kernel's probes, which come seldom after a
    /// while: so it counts what was sent after the last acknowledgement, and not how long that has
    /// been. `TCP_USER_TIMEOUT` is of no use, since it ends such a peer too.
    pub fn from_tcp_info(info: &[u8], window: Option<u32>) -> Self {
        let number = |at: usize| number(info, at);
        let (Some(unacked), Some(sent_ms), Some(acked_ms), Some(unsent)) = (
            number(offset::UNACKED),
            number(offset::LAST_DATA_SENT),
            number(offset::LAST_ACK_RECV),
            number(offset::NOTSENT_BYTES),
        ) else {
            return Self::Unknown;
        };
        let last_word = Duration::from_millis(acked_ms.into());
        if unacked > 0 && sent_ms < acked_ms {
            Self::Outstanding(last_word)
        } else if info[offset::PROBES] > 0 {
            Self::Probed(last_word)
        } else if unacked > 0 || unsent > 0 || is_smaller(info, window) {
            Self::Unread
        } else {
            Self::Complete
        }
    }
}

/// The peer's window, in bytes.
#[cfg(any(target_os = "linux", test))]
pub fn window(info: &[u8]) -> Option<u32> {
    number(info, offset::SND_WND)
}

#[cfg(any(target_os = "linux", test))]
fn number(info: &[u8], at: usize) -> Option<u32> {
    let bytes = info.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map(u32::from_ne_bytes)
}

/// Whether the peer's window is clearly smaller than it was.
#[cfg(any(target_os = "linux", test))]
fn is_smaller(info: &[u8], before: Option<u32>) -> bool {
    let (Some(before), Some(now)) = (before, window(info)) else { return false };
    let rounding = 2 << (info[offset::WSCALE] & 0xf);
    before.saturating_sub(now) >= SLACK_BYTES.max(rounding)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tcp {
        probes: u8,
        unacked: u32,
        sent_ms: u32,
        acked_ms: u32,
        unsent: u32,
        window: u32,
    }

    const WINDOW: u32 = 64 * 1024;
    const IDLE: Tcp =
        Tcp { probes: 0, unacked: 0, sent_ms: 5000, acked_ms: 5000, unsent: 0, window: WINDOW };

    fn read(tcp: Tcp) -> Acknowledgement {
        let mut info = [0; TCP_INFO_BYTES];
        info[offset::PROBES] = tcp.probes;
        for (at, number) in [
            (offset::UNACKED, tcp.unacked),
            (offset::LAST_DATA_SENT, tcp.sent_ms),
            (offset::LAST_ACK_RECV, tcp.acked_ms),
            (offset::NOTSENT_BYTES, tcp.unsent),
            (offset::SND_WND, tcp.window),
        ] {
            info[at..at + 4].copy_from_slice(&number.to_ne_bytes());
        }
        Acknowledgement::from_tcp_info(&info, Some(WINDOW))
    }

    #[test]
    fn a_paused_peer_is_told_from_one_that_has_vanished() {
        let answered = Acknowledgement::Unread;
        let silent = Acknowledgement::Outstanding(Duration::from_secs(60));
        assert_eq!(read(IDLE), Acknowledgement::Complete);
        assert_eq!(read(Tcp { unsent: 9, acked_ms: 60_000, ..IDLE }), answered, "between probes");
        let probed = read(Tcp { unsent: 9, probes: 1, acked_ms: 60_000, ..IDLE });
        assert_eq!(probed, Acknowledgement::Probed(Duration::from_secs(60)));
        let sent = Tcp { unacked: 3, sent_ms: 60_000, acked_ms: 60_000, ..IDLE };
        assert_eq!(
            read(sent),
            answered,
            "a segment that found no room is acknowledged by its absence"
        );
        assert_eq!(read(Tcp { unacked: 3, sent_ms: 100, acked_ms: 60_000, ..IDLE }), silent);
    }

    #[test]
    fn what_is_taken_and_not_read_makes_the_window_smaller() {
        let with = |window| read(Tcp { window, ..IDLE });
        assert_eq!(with(WINDOW - SLACK_BYTES), Acknowledgement::Unread);
        assert_eq!(with(WINDOW - SLACK_BYTES + 1), Acknowledgement::Complete);
        assert_eq!(with(WINDOW * 2), Acknowledgement::Complete);
    }

    #[test]
    fn what_an_old_kernel_says_is_too_little() {
        let read = |length| Acknowledgement::from_tcp_info(&[0; TCP_INFO_BYTES][..length], Some(1));
        assert_eq!(read(offset::NOTSENT_BYTES + 3), Acknowledgement::Unknown);
        assert_eq!(read(offset::NOTSENT_BYTES + 4), Acknowledgement::Complete);
    }
}
