//! Messages to one or two tabs, written by the sending thread itself.

use super::Hub;
use crate::core::io::command::Command;
use crate::core::io::pool::IoThread;
use crate::core::outgoing::broadcast::Broadcast;
use crate::core::outgoing::outbox::Entry;
use crate::core::peer::Peer;
use crate::core::peer::direct_write::Written;
use crate::core::protocol::frame::Frame;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Clients above which to wake a thread costs less than to write to each of them. Measured: a wake
/// takes 25 to 50 µs, a write 10.
const MAX_CLIENTS: usize = 2;
/// Frames above this are copied into the kernel by a thread that has the time. The copy takes a tenth
/// of what `JSON.stringify` took.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// A message that follows another one sooner is part of a burst, which leaves in fewer writes when a
/// thread gathers it.
const PAUSE: Duration = Duration::from_millis(1);

/// When the last message was sent.
pub(super) struct Pace {
    start: Instant,
    last_us: AtomicU64,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { start: now, last_us: AtomicU64::new(0) }
    }

    /// Whether a message at `now` is the first for a while.
    fn is_first(&self, now: Instant) -> bool {
        let now = now.saturating_duration_since(self.start).as_micros() as u64;
        let last = self.last_us.swap(now, Ordering::Relaxed);
        u128::from(now.saturating_sub(last)) >= PAUSE.as_micros()
    }
}

impl Hub {
    /// Sends a broadcast that is fit for it without waking a thread. False if it is not sent.
    pub(super) fn send_directly(&self, broadcast: &Broadcast) -> bool {
        let Some(tracked) = self.context.registry().tracked_up_to(MAX_CLIENTS) else {
            return false;
        };
        if !self.may_send_directly(&broadcast.frame) {
            return false;
        }
        for peer in tracked {
            self.write_or_queue(&peer, broadcast.entry_for(&peer));
        }
        true
    }

    /// Sends an entry to one client, without waking its thread if it is fit for that.
    pub(super) fn send_directly_to(&self, peer: &Arc<Peer>, entry: Entry) {
        if self.may_send_directly(&entry.frame) {
            self.write_or_queue(peer, entry);
        } else {
            self.send_to(peer, entry);
        }
    }

    fn may_send_directly(&self, frame: &Frame) -> bool {
        self.pace.is_first(Instant::now()) && frame.len() <= MAX_BYTES
    }

    /// Writes a frame, or sends it to the thread of the connection if that has anything to do.
    fn write_or_queue(&self, peer: &Arc<Peer>, entry: Entry) {
        let thread = peer.io_thread().and_then(IoThread::get);
        let is_idle = thread.is_some_and(|thread| thread.fifo().is_idle());
        if !is_idle {
            return self.send_to(peer, entry);
        }
        match peer.try_send(&entry.frame) {
            Written::All => {
                entry.receipt.into_iter().for_each(|receipt| receipt.sign(Instant::now()))
            }
            Written::Part(written) => {
                peer.under_way().add(entry.frame.len() - written);
                self.push_command(peer, Command::SendRest { id: peer.id(), entry, written })
            }
            Written::Nothing => self.send_to(peer, entry),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_the_first_after_a_pause() {
        let start = Instant::now();
        let pace = Pace::new(start);
        let at = |us| pace.is_first(start + Duration::from_micros(us));
        assert!(at(5000));
        assert!(!at(5900));
        assert!(!at(6800), "counted from the last one");
        assert!(at(7800));
    }
}
