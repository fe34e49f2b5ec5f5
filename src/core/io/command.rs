//! The orders that a thread takes through its FIFO.

use crate::core::context::Context;
use crate::core::outgoing::broadcast::{Broadcast, MAX_JOINED_BYTES};
use crate::core::outgoing::outbox::Entry;
use crate::core::peer::Peer;
use crate::core::socket::Socket;
use std::iter::Peekable;
use std::sync::Arc;
use std::task::Waker;

/// What a thread is told to do.
pub(crate) enum Command {
    Open {
        context: Arc<Context>,
        peer: Arc<Peer>,
        /// None for a stream of the caller's.
        socket: Option<Socket>,
        head: Vec<u8>,
    },
    Start(u32),
    Broadcast {
        context: Arc<Context>,
        broadcast: Broadcast,
    },
    Send {
        id: u32,
        entry: Entry,
    },
    /// The rest of an entry of which the sender itself has written the beginning.
    SendRest {
        id: u32,
        entry: Entry,
        written: usize,
    },
    Close {
        id: u32,
        code: Option<u16>,
        reason: Vec<u8>,
    },
    FinishClose(u32),
    Terminate(u32),
    SetPaused {
        id: u32,
        is_paused: bool,
    },
    Unthrottle(u32),
    UnthrottleAll {
        server: u32,
    },
    PingAll {
        server: u32,
    },
    CloseAll {
        server: u32,
    },
    /// Another thread has something to do as well.
    Wake(Waker),
}

impl Command {
    /// This order as one with those that follow and go to the same clients.
    pub(crate) fn join<I: Iterator<Item = Self>>(self, rest: &mut Peekable<I>) -> Self {
        let Command::Broadcast { context, broadcast } = self else { return self };
        let mut bytes = broadcast.frame.len();
        let most = MAX_JOINED_BYTES.min(context.config().marks.high_water_bytes);
        let mut followers = Vec::new();
        let follows = |command: &Command| {
            matches!(command, Command::Broadcast { context: other, broadcast: next }
                if Arc::ptr_eq(&context, other) && broadcast.is_joined_by(next))
        };
        while let Some(next) =
            rest.next_if(|command| follows(command) && bytes + command.bytes() <= most)
        {
            bytes += next.bytes();
            if let Command::Broadcast { broadcast, .. } = next {
                followers.push(broadcast);
            }
        }
        Command::Broadcast { context, broadcast: broadcast.join(&followers) }
    }

    /// Payload bytes that wait in the FIFO with it.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Command::Broadcast { broadcast, .. } => broadcast.frame.len(),
            Command::Send { entry, .. } => entry.frame.len(),
            _ => 0,
        }
    }
}
