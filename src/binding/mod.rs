//! The only code that knows napi: it converts, delegates and returns.

mod bridge;
mod constants;
mod delivery;
mod error;
mod events;
mod handshake;
mod options;
mod server;
mod sessions;
mod stats;
mod waker;
