//! The two ways in which the bytes of a connection travel.

use crate::core::connection::bridge::Bridge;
use crate::core::socket::{Adopted, Socket, Writer};
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::task::{Context, Poll};

/// Where the bytes of a new connection come from.
pub enum Source {
    /// A socket taken over from Node.
    Adopted(Adopted),
    /// The caller carries them.
    Bridged,
}

impl Source {
    pub(crate) fn is_adopted(&self) -> bool {
        !matches!(self, Source::Bridged)
    }
}

/// Where a connection reads and writes.
pub enum Transport {
    /// A descriptor taken over from Node.
    Socket(Socket),
    /// Bytes that the caller carries.
    Bridge(Bridge),
}

impl Transport {
    /// Reads what is there, by way of `buffer` where the transport has none of its own, and hands
    /// it to `consume`. Zero bytes are the end of the stream.
    pub(crate) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
        consume: impl FnOnce(&mut [u8]),
    ) -> Poll<io::Result<usize>> {
        match self {
            Transport::Socket(socket) => socket.poll_read(cx, buffer).map_ok(|count| {
                consume(&mut buffer[..count]);
                count
            }),
            Transport::Bridge(bridge) => bridge.poll_take().map(|mut data| {
                consume(&mut data);
                Ok(data.len())
            }),
        }
    }

    /// Writes as soon as something is taken; wakes the task of `cx` then.
    pub(crate) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            Transport::Socket(socket) => socket.poll_write(cx, slices),
            Transport::Bridge(bridge) if bridge.is_writable() => {
                Poll::Ready(bridge.try_write(slices))
            }
            Transport::Bridge(_) => Poll::Pending,
        }
    }

    /// Writes what is taken at once.
    pub(crate) fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Transport::Socket(socket) => socket.try_write(slices),
            Transport::Bridge(bridge) => bridge.try_write(slices),
        }
    }

    /// Tells the peer that nothing more will be sent.
    pub(crate) fn end(&self) {
        match self {
            Transport::Socket(socket) => socket.shutdown(Shutdown::Write),
            Transport::Bridge(bridge) => bridge.end(),
        }
    }

    /// Ends both directions at once. Closing our descriptor would not: Node holds another.
    pub(crate) fn terminate(&self) {
        if let Transport::Socket(socket) = self {
            socket.shutdown(Shutdown::Both);
        }
    }

    /// For senders that write by themselves, where there is a socket to write to.
    pub(crate) fn writer(&self) -> Option<Writer> {
        match self {
            Transport::Socket(socket) => Some(socket.writer()),
            Transport::Bridge(_) => None,
        }
    }

    pub(crate) fn bridge(&self) -> Option<&Bridge> {
        match self {
            Transport::Socket(_) => None,
            Transport::Bridge(bridge) => Some(bridge),
        }
    }
}
