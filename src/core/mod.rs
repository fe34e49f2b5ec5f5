//! WebSocket connections on threads of their own; nothing here knows of Node.

pub mod bridge;
mod command;
pub mod config;
pub mod congestion;
pub mod connection;
pub mod delivery;
pub mod error;
pub mod event;
pub mod frame;
pub mod handshake;
pub mod hub;
pub mod inbound;
pub mod keepalive;
pub mod outbox;
pub mod peer;
pub mod receiver;
pub mod round_trip;
mod scheduling;
pub mod shard;
pub mod socket;
pub mod stats;
pub mod traffic;
pub mod transport;
pub mod watch;
