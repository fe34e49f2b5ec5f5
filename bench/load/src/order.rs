//! What the driver says, one JSON object a line.

use serde::Deserialize;

/// An order. Each is answered by one line, and the next is given only then.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Order {
    /// Connect, and answer when all have been greeted.
    Connect {
        /// Where to.
        port: u16,
        /// How many.
        count: usize,
        /// At most so many at a time.
        #[serde(default = "unlimited")]
        at_once: usize,
        /// Only those of group 0 are in the tally.
        #[serde(default)]
        group: u8,
        /// `SO_RCVBUF`, so that slowness reaches the server.
        receive_bytes: Option<usize>,
        /// Whether the kernel notes when data arrived.
        #[serde(default)]
        stamped: bool,
        /// The first message, if there is one.
        hello: Option<String>,
        /// Whether all that are connected are reset first.
        #[serde(default)]
        is_again: bool,
        /// Whether to speak TLS.
        #[serde(default)]
        tls: bool,
    },
    /// Begin a new tally.
    Expect {
        /// The number of the first broadcast.
        first: u64,
        /// How many will come.
        count: usize,
        /// Sleep until asked for the tally, and go by the kernel's time stamps.
        #[serde(default)]
        asleep: bool,
    },
    /// Answer when the tally is complete, or time is up.
    Collect {
        /// Milliseconds.
        within_ms: u64,
    },
    /// Have a group read as the kernel offers, not at all, or a little now and then.
    Read {
        /// Which one.
        group: u8,
        /// Bytes at a time; nothing for "as offered", 0 for "not at all".
        bytes: Option<usize>,
        /// Milliseconds in between.
        #[serde(default)]
        every_ms: u64,
    },
    /// Have everybody send messages.
    Talk {
        /// The message.
        text: String,
        /// How often each client sends it.
        count: usize,
    },
    /// Have everybody ping regularly; answer with the times until the pongs.
    Ping {
        /// Milliseconds from one ping of a client to its next.
        every_ms: u64,
        /// Milliseconds in all.
        for_ms: u64,
    },
    /// Leave without a word.
    Drop,
}

fn unlimited() -> usize {
    usize::MAX
}
