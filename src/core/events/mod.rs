//! Events for the caller: the queue, and the choice of messages that are worth an event.

pub mod disconnect;
pub mod event;
pub mod filter;
pub mod observe;
