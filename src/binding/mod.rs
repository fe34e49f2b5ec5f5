//! The only code that knows napi: it converts, delegates and returns.

mod error;
mod events;
mod handshake;
mod options;
mod server;
