//! What must hold for any input, as plain functions: the fuzz targets run them with libFuzzer, and
//! `tests/seeds` runs them over the seeds and mutations of them.

pub mod allocations;
pub mod frames;
pub mod handshake;
pub mod inbound;
pub mod json;
pub mod outbox;
pub mod receiver;
