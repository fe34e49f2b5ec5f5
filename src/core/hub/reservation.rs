//! Resources of a connection, taken before its handshake is answered.

use super::Hub;
use crate::core::connection::transport::Source;
use crate::core::error::Error;
use crate::core::io::place::Place;
use crate::core::io::pool::IoThread;
use crate::core::socket::Socket;

/// A socket and its place on an I/O thread, for a connection that is about to open; nothing for one
/// over a stream of the caller's. Dropping it gives both back.
///
/// A process at its limit of threads or descriptors learns it here, while the client can still be
/// refused: after the 101 it could only be cut.
pub struct Reservation(pub(super) Option<(Place, Socket)>);

impl Reservation {
    /// The same for a stream of the caller's.
    #[must_use]
    pub fn bridged(self) -> Self {
        Self(None)
    }
}

impl Hub {
    /// Reserves what a connection from `source` needs.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`Self::close_all`]; [`Error::Thread`] or [`Error::Descriptors`] if
    /// there is no I/O thread and none can be had; [`Error::NotAdoptable`] if the kernel does not
    /// watch the socket.
    pub fn reserve(&self, source: Source) -> Result<Reservation, Error> {
        self.expect_open()?;
        match source {
            Source::Adopted(adopted) => IoThread::register(adopted).map(Some).map(Reservation),
            Source::Bridged => Ok(Reservation(None)),
        }
    }
}
