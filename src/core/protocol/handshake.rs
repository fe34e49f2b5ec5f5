//! The opening handshake: which requests are well-formed, and the answers on the wire.

use tungstenite::handshake::derive_accept_key;

/// Why a request is no WebSocket handshake (`ws` 8.23, `websocket-server.js`, in its order).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The body of the answer.
    pub message: &'static str,
    /// Whether the answer names the versions that would have done.
    pub names_versions: bool,
}

const fn refuse(status: u16, message: &'static str) -> Refusal {
    Refusal { status, message, names_versions: false }
}

/// Checks a request and returns the value of `Sec-WebSocket-Accept`.
///
/// Repeated headers are expected joined by `, `, as Node does. The version is expected as
/// JavaScript reads a number, since `ws` does so.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn accept(
    method: &str,
    upgrade: Option<&str>,
    key: Option<&str>,
    version: f64,
) -> Result<String, Refusal> {
    if method != "GET" {
        return Err(refuse(405, "Invalid HTTP method"));
    }
    if !upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
        return Err(refuse(400, "Invalid Upgrade header"));
    }
    let Some(key) = key.filter(|key| is_valid_key(key)) else {
        return Err(refuse(400, "Missing or invalid Sec-WebSocket-Key header"));
    };
    if version != 13.0 && version != 8.0 {
        let refusal = refuse(400, "Missing or invalid Sec-WebSocket-Version header");
        return Err(Refusal { names_versions: true, ..refusal });
    }
    Ok(derive_accept_key(key.as_bytes()))
}

/// Sixteen bytes in base64: 22 digits and two signs of padding.
fn is_valid_key(key: &str) -> bool {
    let Some(digits) = key.strip_suffix("==") else { return false };
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    digits.len() == 22 && digits.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    #[test]
    fn the_example_of_the_rfc_is_accepted() {
        let accepted = accept("GET", Some("WebSocket"), Some(KEY), 13.0);
        assert_eq!(accepted, Ok("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned()));
        assert!(accept("GET", Some("websocket"), Some(KEY), 8.0).is_ok());
    }

    #[test]
    fn what_is_wrong_is_named_in_the_order_of_ws() {
        let status = |refused: Result<String, Refusal>| refused.map_err(|refusal| refusal.status);
        assert_eq!(status(accept("POST", None, None, 13.0)), Err(405));
        assert_eq!(accept("GET", None, None, 13.0), Err(refuse(400, "Invalid Upgrade header")));
        let no_key = accept("GET", Some("websocket"), Some("short=="), 13.0);
        assert_eq!(no_key, Err(refuse(400, "Missing or invalid Sec-WebSocket-Key header")));
        for version in [7.0, 0.0, f64::NAN] {
            let refused = accept("GET", Some("websocket"), Some(KEY), version);
            assert!(refused.is_err_and(|refusal| refusal.names_versions), "{version:?}");
        }
    }
}
