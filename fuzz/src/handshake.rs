//! A request is accepted exactly when it is a handshake, and else refused for the first reason.
//!
//! Input: lines of method, version, upgrade and key; the last two are absent unless they begin
//! with `=`. What follows the third line is the key.

use vite_native_ws::core::protocol::handshake::accept;

/// Asserts the above for one input.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(4, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (method, version, upgrade, key) = (next(), next(), next(), next());
    let version = version.parse().unwrap_or(f64::NAN);
    let (upgrade, key) = (upgrade.strip_prefix('='), key.strip_prefix('='));
    let accepted = accept(method, upgrade, key, version);
    let expected = refusal(method, upgrade, key, version);
    match accepted {
        Ok(token) => {
            assert_eq!(expected, None, "accepted: {text:?}");
            assert!(is_base64(&token, 27, "="), "{token:?} is no hash of 20 bytes");
            let again = accept(method, upgrade, key, version);
            assert_eq!(again.as_deref(), Ok(token.as_str()));
        }
        Err(refused) => {
            let is_version = refused.message.contains("Version");
            assert_eq!(Some((refused.status, refused.message)), expected, "{text:?}");
            assert_eq!(refused.names_versions, is_version, "{text:?}");
        }
    }
}

/// The refusals of `ws` in their order (RFC 6455, 4.2.1; versions 8 and 13 as `ws` takes them).
fn refusal(
    method: &str,
    upgrade: Option<&str>,
    key: Option<&str>,
    version: f64,
) -> Option<(u16, &'static str)> {
    let upgrade = upgrade.map(str::to_ascii_lowercase);
    if method != "GET" {
        Some((405, "Invalid HTTP method"))
    } else if upgrade.as_deref() != Some("websocket") {
        Some((400, "Invalid Upgrade header"))
    } else if !key.is_some_and(|key| is_base64(key, 22, "==")) {
        Some((400, "Missing or invalid Sec-WebSocket-Key header"))
    } else if ![8.0, 13.0].contains(&version) {
        Some((400, "Missing or invalid Sec-WebSocket-Version header"))
    } else {
        None
    }
}

fn is_base64(text: &str, digits: usize, padding: &str) -> bool {
    text.len() == digits + padding.len()
        && text.is_char_boundary(digits)
        && text[digits..] == *padding
        && text[..digits]
            .chars()
            .all(|digit| matches!(digit, 'A'..='Z' | 'a'..='z' | '0'..='9' | '+' | '/'))
}
