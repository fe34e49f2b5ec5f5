//! The state of a server that all its connections share.

pub mod backpressure;
pub mod config;
pub mod stats;
