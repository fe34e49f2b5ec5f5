//! Vite's hot-update WebSocket server as a native Node addon.
//!
//! # Layout
//!
//! * [`core`]: WebSocket connections on threads of their own. It knows nothing of Node; everything
//!   in it can be driven from Rust over real sockets. It calls up only by emitting
//!   [`core::events::event::Event`]s.
//! * `binding`: the only code that knows napi. It converts, delegates and returns.
//! * `lib/` (JavaScript): Vite's and `ws`'s interfaces on top of the binding.
//!
//! # The two flows
//!
//! A broadcast: `send` in JavaScript → one string → [`core::protocol::frame::Frame`], encoded once →
//! [`core::hub::Hub`] → the FIFO of each I/O thread → the [`core::outgoing::outbox`] of each
//! [`core::connection`] → one vectored write per client.
//!
//! A message: socket → [`core::protocol::receiver`] → [`core::events::filter`] drops events without a listener →
//! [`core::events::event`] queue → one wake-up of JavaScript drains the batch.

// Cargo's own tests link without Node, so they leave the binding out.
#[cfg(all(feature = "binding", not(test)))]
mod binding;
pub mod core;
