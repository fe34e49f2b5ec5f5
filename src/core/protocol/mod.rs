//! The WebSocket protocol without I/O (RFC 6455).

pub mod frame;
pub mod handshake;
pub mod opcode;
pub mod receiver;
