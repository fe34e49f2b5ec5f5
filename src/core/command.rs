//! The orders that a thread takes through its FIFO.

use super::broadcast::Broadcast;
use super::hub::Hub;
use super::outbox::Entry;
use super::peer::Peer;
use super::shard::Source;
use std::sync::Arc;
use std::task::Waker;

/// What a thread is told to do.
pub(crate) enum Command {
    Open {
        hub: Arc<Hub>,
        peer: Arc<Peer>,
        source: Source,
        head: Vec<u8>,
    },
    Start(u32),
    Broadcast {
        hub: Arc<Hub>,
        broadcast: Broadcast,
    },
    Send {
        id: u32,
        entry: Entry,
    },
    Close {
        id: u32,
        code: Option<u16>,
        reason: Vec<u8>,
    },
    Conclude(u32),
    Terminate(u32),
    SetPaused {
        id: u32,
        is_paused: bool,
    },
    Push {
        id: u32,
        data: Vec<u8>,
    },
    PushEnd {
        id: u32,
        is_gone: bool,
    },
    Written {
        id: u32,
        bytes: usize,
    },
    Unthrottle(u32),
    UnthrottleAll {
        hub: u32,
    },
    PingAll {
        hub: u32,
    },
    CloseAll {
        hub: u32,
    },
    /// Another thread has something to do as well.
    Wake(Waker),
}

impl Command {
    /// Payload bytes that wait in the FIFO with it.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Command::Broadcast { broadcast, .. } => broadcast.frame.len(),
            Command::Send { entry, .. } => entry.frame.len(),
            Command::Push { data, .. } => data.len(),
            _ => 0,
        }
    }
}
