//! Sessions of pages that may come back on another connection, and the messages kept for them.

pub mod control;
pub mod journal;
mod mailboxes;
pub mod resumption;
pub mod session;
