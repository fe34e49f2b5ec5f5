//! The clients of the benchmark, and the raw servers that they are compared with.
//!
//! - [`payload`]: what is sent, and the check that exactly this arrived
//! - [`number`]: what may stand before it
//! - [`frame`]: the frames around it
//! - [`stream`]: its socket, with TLS or without
//! - [`connection`]: one client
//! - [`crowd`]: all of them on one thread, doing what [`order`] says
//! - [`tally`]: who has got what, and when
//! - [`raw`]: the raw limit, a ready frame and one `write` per client
//! - [`clock`]: the clock that all processes of a run share

pub mod clock;
pub mod connection;
pub mod crowd;
pub mod frame;
pub mod number;
pub mod order;
pub mod payload;
pub mod pinger;
pub mod raw;
pub mod stream;
pub mod tally;
