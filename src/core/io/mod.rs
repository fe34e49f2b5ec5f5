//! The threads that serve connections, ours and the caller's, and the commands that they take.

pub mod caller_thread;
pub(crate) mod command;
mod fifo;
pub(crate) mod opening;
pub(crate) mod place;
pub(crate) mod pool;
mod scheduling;
mod subscribers;
mod thread;
