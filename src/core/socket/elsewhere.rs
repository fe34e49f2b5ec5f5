//! Node has no descriptors to share there (on Windows it says -1), so no value of these types ever
//! exists; that they do spares the rest of the crate every `cfg`.

use crate::core::acknowledgement::Acknowledgement;
use crate::core::error::Error;
use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::task::{Context, Poll};

/// A socket taken over from Node, of which there is none on this platform.
#[derive(Debug)]
pub enum Adopted {}

impl Adopted {
    pub(crate) fn fd(&self) -> i32 {
        match *self {}
    }

    pub(crate) fn acknowledgement(&self, _window: Option<u32>) -> Acknowledgement {
        match *self {}
    }

    pub(crate) fn window(&self) -> Option<u32> {
        match *self {}
    }
}

/// Refuses.
///
/// # Errors
/// [`Error::NotAdoptable`], always.
pub fn adopt(fd: i32) -> Result<Adopted, Error> {
    let reason = "sockets are not taken over on this platform".to_owned();
    Err(Error::NotAdoptable { fd, reason })
}

/// A socket on its I/O thread, of which there is none on this platform.
#[derive(Debug)]
pub enum Socket {}

/// The same for other threads. Its field keeps from the rest of the crate that there is none:
/// the compiler would call what comes after it unreachable.
#[derive(Clone, Debug)]
pub struct Writer(Infallible);

impl Writer {
    pub(crate) fn try_write(&self, _slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.0 {}
    }
}

impl Socket {
    /// Never called.
    pub fn new(adopted: Adopted) -> io::Result<Self> {
        match adopted {}
    }

    pub(crate) fn poll_read(
        &self,
        _cx: &mut Context<'_>,
        _buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match *self {}
    }

    pub(crate) fn poll_end(&self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }

    pub(crate) fn is_reset(&self) -> bool {
        match *self {}
    }

    pub(crate) fn poll_write(
        &self,
        _cx: &mut Context<'_>,
        _slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match *self {}
    }

    pub(crate) fn try_write(&self, _slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match *self {}
    }

    pub(crate) fn writer(&self) -> Writer {
        match *self {}
    }

    pub(crate) fn shutdown(&self, _how: Shutdown) {
        match *self {}
    }

    pub(crate) fn acknowledgement(&self, _window: Option<u32>) -> Acknowledgement {
        match *self {}
    }

    pub(crate) fn window(&self) -> Option<u32> {
        match *self {}
    }
}
