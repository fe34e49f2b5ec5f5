//! The opening handshake for JavaScript.

use crate::core::protocol::handshake;
use napi::bindgen_prelude::Either;
use napi_derive::napi;

/// Why a request is refused.
#[napi(object)]
pub struct HandshakeRefusal {
    pub status: u16,
    pub message: String,
    /// Whether to answer with `Sec-WebSocket-Version`.
    pub names_versions: bool,
}

/// The value of `Sec-WebSocket-Accept`, or why there is none.
#[napi(catch_unwind)]
pub fn accept_handshake(
    method: String,
    upgrade: Option<String>,
    key: Option<String>,
    version: f64,
) -> Either<String, HandshakeRefusal> {
    let accepted = handshake::accept(&method, upgrade.as_deref(), key.as_deref(), version);
    match accepted {
        Ok(accept) => Either::A(accept),
        Err(refusal) => Either::B(HandshakeRefusal {
            status: refusal.status,
            message: refusal.message.to_owned(),
            names_versions: refusal.names_versions,
        }),
    }
}
