//! A file descriptor of Node's becomes a socket of ours. All `unsafe` of this crate lives here.

#![cfg_attr(unix, expect(unsafe_code, reason = "a descriptor of Node's is adopted here"))]

#[cfg(not(unix))]
pub use elsewhere::*;
#[cfg(unix)]
pub use unix::*;

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

/// A duplicate of the socket beneath a stream, to ask how the peer is. None where nothing can be
/// learned of it, or no descriptor is left: the stream serves without.
pub fn beneath(fd: i32) -> Option<Adopted> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    adopt(fd).ok().filter(|socket| socket.window().is_some())
}
