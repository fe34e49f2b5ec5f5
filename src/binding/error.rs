//! Errors of the core become JavaScript errors with a stable `code`.

use crate::core;
use napi::Status;

/// The `code` of an error.
pub struct Code(&'static str);

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl From<Status> for Code {
    fn from(_: Status) -> Self {
        Self("ERR_NATIVE_WS_INTERNAL")
    }
}

/// A result whose error has a stable code.
pub type Result<T> = std::result::Result<T, napi::Error<Code>>;

impl From<core::error::Error> for napi::Error<Code> {
    fn from(error: core::error::Error) -> Self {
        napi::Error::new(Code(error.code()), error.to_string())
    }
}
