//! The I/O threads, and the commands that they take.

pub(crate) mod command;
mod fifo;
pub(crate) mod pool;
mod scheduling;
mod subscribers;
mod thread;
