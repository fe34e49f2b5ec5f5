//! WebSocket connections on threads of their own; nothing here knows of Node.
//!
//! The rooms, bottom to top. A room imports from those above it in this list only.
//!
//! * [`acknowledgement`]: TCP's knowledge of a peer.
//! * [`error`]: errors and their stable codes.
//! * [`socket`]: the file descriptor of Node, adopted.
//! * [`protocol`]: frames, the reader of a stream, the opening handshake (RFC 6455).
//! * [`resume`]: sessions of pages that may come back, and the messages kept for them.
//! * [`peer`]: one client as seen from any thread.
//! * [`outgoing`]: broadcasts, the outbox of a client and its bounds, delivery reports.
//! * [`events`]: the event queue to the caller, and the filter before it.
//! * [`context`]: configuration and statistics of a server.
//! * [`connection`]: one client on its I/O thread.
//! * [`io`]: the I/O threads and their commands.
//! * [`hub`]: one server.

pub mod acknowledgement;
pub mod connection;
pub mod context;
pub mod error;
pub mod events;
pub mod hub;
pub mod io;
pub mod outgoing;
pub mod peer;
pub mod protocol;
pub mod resume;
pub mod socket;
