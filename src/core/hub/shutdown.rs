//! How a server comes to its end.

use super::Hub;
use crate::core::io::command::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How often [`Hub::drain`] looks.
const POLL_INTERVAL: Duration = Duration::from_micros(200);

impl Hub {
    /// Ends every connection without a close frame, as Vite's server does, and takes no more.
    pub fn close_all(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        for (_, thread) in self.io_threads() {
            self.push_all(thread, |server| Command::CloseAll { server });
        }
        self.command_caller(Command::CloseAll { server: self.context.id() });
    }

    /// Waits until what was sent so far has been handed to the kernel, as far as that takes it, but
    /// no longer than `most`. For the exit of the process alone, after which nobody writes: there
    /// JavaScript does wait.
    pub fn drain(&self, most: Duration) {
        let end = Instant::now() + most;
        while !self.io_threads().all(|(_, thread)| thread.fifo().is_idle()) && Instant::now() < end
        {
            std::thread::sleep(POLL_INTERVAL);
        }
    }
}
