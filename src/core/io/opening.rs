//! A connection on its way from the caller, which has its number already, to the thread that serves it.

use crate::core::context::Context;
use crate::core::events::disconnect::DisconnectReason;
use crate::core::events::event::Event;
use crate::core::io::place::Place;
use crate::core::peer::Peer;
use crate::core::socket::{Adopted, Socket};
use std::sync::Arc;

/// Close code of a connection that no thread has served (RFC 6455, 7.4.1).
const ABNORMAL_CLOSURE: u16 = 1006;

/// All that a thread needs to serve a connection. If that never happens, the caller gets the event that
/// the connection has ended: no client is left without a reader.
pub(crate) struct Opening(Option<Parts>);

/// The parts of an [`Opening`].
pub(crate) struct Parts {
    pub context: Arc<Context>,
    pub peer: Arc<Peer>,
    /// None for a stream of the caller's.
    pub socket: Option<(Place, Socket)>,
    /// The TCP socket beneath that stream.
    pub beneath: Option<Adopted>,
    /// The answer to the handshake, unless the caller has written it.
    pub handshake: Vec<u8>,
    pub head: Vec<u8>,
}

impl Opening {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Some(parts))
    }

    /// The parts. The taker answers for the connection's end from here on.
    pub(crate) fn take(mut self) -> Option<Parts> {
        self.0.take()
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let Some(Parts { context, peer, .. }) = &self.0 else { return };
        context.on_closed(peer);
        let disconnect = DisconnectReason::ConnectionLost;
        let closed = Event::Closed { code: ABNORMAL_CLOSURE, reason: Vec::new(), disconnect };
        context.events().emit(peer, closed);
    }
}
