//! Resources of a connection, taken before its handshake is answered.

use super::Hub;
use crate::core::error::Error;
use crate::core::io::place::Place;
use crate::core::io::pool::IoThread;
use crate::core::socket::{Adopted, Socket};

/// A socket and its place on an I/O thread, for a connection that is about to open. Dropping it gives
/// both back.
///
/// A process at its limit of threads or descriptors learns it here, while the client can still be
/// refused: after the 101 it could only be cut.
pub struct Reservation {
    pub(super) place: Place,
    pub(super) socket: Socket,
}

impl Hub {
    /// Reserves what a connection over a socket of Node's needs.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`Self::close_all`]; [`Error::Thread`] or [`Error::Descriptors`] if
    /// there is no I/O thread and none can be had; [`Error::NotAdoptable`] if the kernel does not
    /// watch the socket.
    pub fn reserve(&self, adopted: Adopted) -> Result<Reservation, Error> {
        self.expect_open()?;
        let (place, socket) = IoThread::register(adopted)?;
        Ok(Reservation { place, socket })
    }
}
