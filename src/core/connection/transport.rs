//! The two ways in which the bytes of a connection travel.

use crate::core::acknowledgement::Acknowledgement;
use crate::core::connection::bridge::Bridge;
use crate::core::socket::{Socket, Writer};
use std::io;
use std::net::Shutdown;
use std::pin::pin;
use std::task::{Context, Poll};

/// Where a connection reads and writes.
pub(crate) enum Transport {
    /// A descriptor taken over from Node.
    Socket(Socket),
    /// A stream of the caller's.
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

    /// The end of what the peer sends, when nothing before it waits to be read.
    pub(crate) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Transport::Socket(socket) => socket.poll_end(cx),
            Transport::Bridge(bridge) => bridge.poll_end().map(Ok),
        }
    }

    /// Whether the peer is gone for good, although something that it sent may wait to be read.
    pub(crate) fn is_lost(&self) -> bool {
        match self {
            Transport::Socket(socket) => socket.is_reset(),
            Transport::Bridge(bridge) => bridge.is_closed(),
        }
    }

    /// Asks for another turn to read. What the kernel has to tell of other connections comes before it:
    /// to be woken at once would be to come before those that nobody knows of yet.
    pub(crate) fn read_on_later(&self, cx: &mut Context<'_>) {
        match self {
            Transport::Socket(_) => {
                let _ = pin!(tokio::task::yield_now()).poll(cx);
            }
            Transport::Bridge(_) => cx.waker().wake_by_ref(),
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
        match self {
            Transport::Socket(socket) => socket.shutdown(Shutdown::Both),
            Transport::Bridge(bridge) => bridge.destroy(),
        }
    }

    /// TCP's knowledge of the bytes written.
    ///
    /// `window` is what [`Self::window`] was when the peer was heard last.
    pub(crate) fn acknowledgement(&self, window: Option<u32>) -> Acknowledgement {
        match self {
            Transport::Socket(socket) => socket.acknowledgement(window),
            Transport::Bridge(bridge) => bridge.acknowledgement(window),
        }
    }

    /// How much the peer's system has room for, where it is known.
    pub(crate) fn window(&self) -> Option<u32> {
        match self {
            Transport::Socket(socket) => socket.window(),
            Transport::Bridge(bridge) => bridge.window(),
        }
    }

    /// For senders that write by themselves, where there is a socket to write to.
    pub(crate) fn writer(&self) -> Option<Writer> {
        match self {
            Transport::Socket(socket) => Some(socket.writer()),
            Transport::Bridge(_) => None,
        }
    }

    /// Whether a connection is over once both sides have said that they will send nothing more. A
    /// stream of the caller's may still hold what it was given, and says itself when it is closed.
    pub(crate) fn is_over_when_ended(&self) -> bool {
        self.bridge().is_none_or(Bridge::is_closed)
    }

    pub(crate) fn bridge(&self) -> Option<&Bridge> {
        match self {
            Transport::Socket(_) => None,
            Transport::Bridge(bridge) => Some(bridge),
        }
    }
}
