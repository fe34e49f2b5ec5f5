//! Errors that the caller gets.

use std::io;
use thiserror::Error;

/// An error of this server. Each variant has one stable code.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The descriptor is not a connected stream socket, so it cannot be adopted; bridge it instead.
    #[error("file descriptor {fd} cannot be adopted: {reason}")]
    NotAdoptable {
        /// The descriptor that was offered.
        fd: i32,
        /// Its actual kind.
        reason: String,
    },
    /// The server was closed; make a new one.
    #[error("the server is closed")]
    Closed,
    /// The system gives no thread, and there is none yet.
    #[error("the I/O thread could not be started: {0}")]
    Thread(#[source] io::Error),
    /// The process, or the system, has no file descriptor left.
    #[error("no file descriptor is left: {0}")]
    Descriptors(#[source] io::Error),
}

impl Error {
    /// The stable code, as JavaScript sees it.
    pub fn code(&self) -> &'static str {
        match self {
            Error::NotAdoptable { .. } => "ERR_NATIVE_WS_NOT_ADOPTABLE",
            Error::Closed => "ERR_NATIVE_WS_CLOSED",
            Error::Thread(_) => "ERR_NATIVE_WS_THREAD",
            Error::Descriptors(_) => "ERR_NATIVE_WS_DESCRIPTORS",
        }
    }

    /// A thread could not be started, for this reason.
    pub(crate) fn thread(error: io::Error) -> Self {
        if is_out_of_descriptors(&error) { Error::Descriptors(error) } else { Error::Thread(error) }
    }
}

/// Whether a system call failed for want of a file descriptor, of the process or of the system.
#[cfg(unix)]
pub(crate) fn is_out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

/// Elsewhere no connection takes a descriptor.
#[cfg(not(unix))]
pub(crate) fn is_out_of_descriptors(_error: &io::Error) -> bool {
    false
}

/// A breach of RFC 6455 by the peer: how the connection is closed for it, and what the `error`
/// event of `ws` would carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolError {
    /// The close code sent to the peer: 1002, 1007, 1008 or 1009.
    pub close_code: u16,
    /// The code of the `error` event (`ws` 8, `doc/ws.md`, "Error codes").
    pub code: &'static str,
    /// The message of the `error` event, as `ws` words it.
    pub message: String,
}

impl ProtocolError {
    fn new(close_code: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { close_code, code, message: message.into() }
    }

    pub(crate) fn unexpected_rsv_1() -> Self {
        Self::frame(1002, "WS_ERR_UNEXPECTED_RSV_1", "RSV1 must be clear")
    }

    pub(crate) fn unexpected_rsv_2_3() -> Self {
        Self::frame(1002, "WS_ERR_UNEXPECTED_RSV_2_3", "RSV2 and RSV3 must be clear")
    }

    pub(crate) fn invalid_opcode(opcode: u8) -> Self {
        Self::frame(1002, "WS_ERR_INVALID_OPCODE", &format!("invalid opcode {opcode}"))
    }

    pub(crate) fn expected_fin() -> Self {
        Self::frame(1002, "WS_ERR_EXPECTED_FIN", "FIN must be set")
    }

    pub(crate) fn expected_mask() -> Self {
        Self::frame(1002, "WS_ERR_EXPECTED_MASK", "MASK must be set")
    }

    pub(crate) fn invalid_control_length(length: u8) -> Self {
        let message = format!("invalid payload length {length}");
        Self::frame(1002, "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", &message)
    }

    pub(crate) fn invalid_close_code(code: u16) -> Self {
        Self::frame(1002, "WS_ERR_INVALID_CLOSE_CODE", &format!("invalid status code {code}"))
    }

    pub(crate) fn invalid_utf8() -> Self {
        Self::frame(1007, "WS_ERR_INVALID_UTF8", "invalid UTF-8 sequence")
    }

    pub(crate) fn unsupported_frame_length() -> Self {
        Self::new(
            1009,
            "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH",
            "Unsupported WebSocket frame: payload length > 2^53 - 1",
        )
    }

    pub(crate) fn unsupported_message_length() -> Self {
        Self::new(1009, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "Max payload size exceeded")
    }

    pub(crate) fn too_many_fragments() -> Self {
        Self::new(1008, "WS_ERR_TOO_MANY_BUFFERED_PARTS", "Too many message fragments")
    }

    fn frame(close_code: u16, code: &'static str, message: &str) -> Self {
        Self::new(close_code, code, format!("Invalid WebSocket frame: {message}"))
    }
}
