//! The commands that a thread takes through its FIFO.

use crate::core::context::Context;
use crate::core::io::opening::Opening;
use crate::core::outgoing::broadcast::{Broadcast, MAX_JOINED_BYTES};
use crate::core::outgoing::outbox::Entry;
use std::iter::Peekable;
use std::sync::Arc;
use std::task::Waker;

/// A command for a thread.
pub(crate) enum Command {
    Open(Opening),
    /// Reading begins, after `connected` has been sent to a client that is welcomed.
    Start {
        id: u32,
        is_welcome: bool,
    },
    Broadcast {
        broadcast: Broadcast,
        load: Load,
    },
    /// Broadcasts were not sent, since too much was on its way to this thread.
    LoseBroadcasts {
        context: Arc<Context>,
    },
    Send {
        id: u32,
        entry: Entry,
    },
    /// Messages to one client were not sent, since too much was waiting for it.
    LoseSends(u32),
    /// Entries that go out in one piece, as far as they can.
    SendAll {
        id: u32,
        entries: Vec<Entry>,
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
    /// The end of the stream, without a close frame.
    End(u32),
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
        let Command::Broadcast { broadcast, mut load } = self else { return self };
        let most = MAX_JOINED_BYTES.min(load.context.config().marks.high_water_bytes);
        let mut bytes = broadcast.frame.len();
        let mut followers = Vec::new();
        let follows = |command: &Command| {
            matches!(command, Command::Broadcast { broadcast: next, .. }
                if broadcast.is_joined_by(next))
        };
        while let Some(Command::Broadcast { broadcast: next, load: more }) =
            rest.next_if(|command| follows(command) && bytes + command.bytes() <= most)
        {
            bytes += next.frame.len();
            load.add(more);
            followers.push(next);
        }
        Command::Broadcast { broadcast: broadcast.join(&followers), load }
    }

    /// Payload bytes that wait in the FIFO with it.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Command::Broadcast { broadcast, .. } => broadcast.frame.len(),
            Command::Send { entry, .. } => entry.frame.len(),
            Command::SendAll { entries, .. } => entries.iter().map(|entry| entry.frame.len()).sum(),
            _ => 0,
        }
    }
}

/// Broadcasts on their way to a thread, counted until they have arrived or been thrown away.
pub(crate) struct Load {
    context: Arc<Context>,
    thread: Option<usize>,
    bytes: usize,
    frames: usize,
}

impl Load {
    /// Counts one broadcast.
    pub(crate) fn new(context: Arc<Context>, thread: Option<usize>, bytes: usize) -> Self {
        context.threads().under_way(thread).add(bytes);
        Self { context, thread, bytes, frames: 1 }
    }

    pub(crate) fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// Takes over another one of the same server and thread.
    fn add(&mut self, mut other: Self) {
        self.bytes += std::mem::take(&mut other.bytes);
        self.frames += std::mem::take(&mut other.frames);
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.context.threads().under_way(self.thread).remove(self.bytes, self.frames);
    }
}
