//! Messages on their way to clients. No I/O here.

pub mod backpressure;
pub(crate) mod broadcast;
pub mod delivery;
pub mod outbox;
pub mod payload;
