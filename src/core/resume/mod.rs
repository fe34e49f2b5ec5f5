//! Sessions of pages that may come back on another connection, and the messages kept for them.

pub mod journal;
pub mod resumption;
pub mod session;
