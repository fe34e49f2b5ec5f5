//! How what was written to a peer stands with the peer's system. Pure; the system is asked by
//! [`crate::core::socket`].

use std::time::Duration;

/// What the peer's system has said of what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledgement {
    /// It has taken all of it.
    Complete,
    /// It has room for no more, and says so when it is asked: the program behind it does not read.
    WindowClosed,
    /// It has yet to answer what was sent last. Its last word came this long ago.
    Outstanding(Duration),
    /// It cannot be asked here; all has been written.
    Unknown,
}

/// Where the fields of Linux' `struct tcp_info` begin that are read here (`linux/tcp.h`). It only
/// ever grows at its end.
#[cfg(any(target_os = "linux", test))]
mod offset {
    pub const PROBES: usize = 3;
    pub const UNACKED: usize = 24;
    pub const LAST_DATA_SENT: usize = 44;
    pub const LAST_ACK_RECV: usize = 56;
    pub const NOTSENT_BYTES: usize = 144;
    pub const END: usize = 148;
}

/// Bytes of `struct tcp_info` that [`Acknowledgement::from_tcp_info`] needs.
#[cfg(any(target_os = "linux", test))]
pub const TCP_INFO_BYTES: usize = offset::END;

#[cfg(any(target_os = "linux", test))]
impl Acknowledgement {
    /// Reads a `struct tcp_info`; one of an old kernel is too short and says nothing.
    ///
    /// A peer whose window is closed acknowledges the kernel's probes, which come seldom after a
    /// while: so it counts what was sent after the last acknowledgement, and not how long that has
    /// been. `TCP_USER_TIMEOUT` is of no use, since it ends such a peer too.
    pub fn from_tcp_info(info: &[u8]) -> Self {
        let number = |at: usize| {
            let bytes = info.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            bytes.map(u32::from_ne_bytes)
        };
        let (Some(unacked), Some(sent_ms), Some(acked_ms), Some(unsent)) = (
            number(offset::UNACKED),
            number(offset::LAST_DATA_SENT),
            number(offset::LAST_ACK_RECV),
            number(offset::NOTSENT_BYTES),
        ) else {
            return Self::Unknown;
        };
        let is_probing = info[offset::PROBES] > 0;
        if is_probing || unacked > 0 && sent_ms < acked_ms {
            Self::Outstanding(Duration::from_millis(acked_ms.into()))
        } else if unacked > 0 || unsent > 0 {
            Self::WindowClosed
        } else {
            Self::Complete
        }
    }
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
    }

    const IDLE: Tcp = Tcp { probes: 0, unacked: 0, sent_ms: 5000, acked_ms: 5000, unsent: 0 };

    fn read(tcp: Tcp) -> Acknowledgement {
        let mut info = [0; TCP_INFO_BYTES];
        info[offset::PROBES] = tcp.probes;
        for (at, number) in [
            (offset::UNACKED, tcp.unacked),
            (offset::LAST_DATA_SENT, tcp.sent_ms),
            (offset::LAST_ACK_RECV, tcp.acked_ms),
            (offset::NOTSENT_BYTES, tcp.unsent),
        ] {
            info[at..at + 4].copy_from_slice(&number.to_ne_bytes());
        }
        Acknowledgement::from_tcp_info(&info)
    }

    #[test]
    fn a_paused_peer_is_told_from_one_that_has_vanished() {
        let answered = Acknowledgement::WindowClosed;
        let silent = Acknowledgement::Outstanding(Duration::from_secs(60));
        assert_eq!(read(IDLE), Acknowledgement::Complete);
        assert_eq!(read(Tcp { unsent: 9, acked_ms: 60_000, ..IDLE }), answered, "between probes");
        assert_eq!(read(Tcp { unsent: 9, probes: 1, acked_ms: 60_000, ..IDLE }), silent);
        let sent = Tcp { unacked: 3, sent_ms: 60_000, acked_ms: 60_000, ..IDLE };
        assert_eq!(
            read(sent),
            answered,
            "a segment that found no room is acknowledged by its absence"
        );
        assert_eq!(read(Tcp { unacked: 3, sent_ms: 100, acked_ms: 60_000, ..IDLE }), silent);
    }

    #[test]
    fn what_an_old_kernel_says_is_too_little() {
        assert_eq!(
            Acknowledgement::from_tcp_info(&[0; TCP_INFO_BYTES - 1]),
            Acknowledgement::Unknown
        );
    }
}
