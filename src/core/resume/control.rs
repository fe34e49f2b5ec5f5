//! Control messages between a server and pages that can come back: custom events of Vite's
//! protocol with a name of ours, which Vite's client ignores, and a number in front of its payloads.

use crate::core::protocol::frame::Frame;
use bytes::Bytes;

/// The first message of a page that can come back, byte for byte.
pub const HELLO: &str = r#"{"type":"custom","event":"vite-native-ws:hello"}"#;
/// The same of a page that has been reloaded since it could not go on.
pub const HELLO_AGAIN: &str =
    r#"{"type":"custom","event":"vite-native-ws:hello","data":"reloaded"}"#;
/// The question of a page whether anybody is there, and what has been taken; byte for byte.
pub const PROBE: &str = r#"{"type":"custom","event":"vite-native-ws:probe"}"#;
/// The beginning of the answer to a hello, and of the first message of a later connection.
pub const WELCOME: &str = r#"{"type":"custom","event":"vite-native-ws:welcome","data":"#;
/// The beginning of the answer to a probe.
pub const ACKNOWLEDGEMENT: &str =
    r#"{"type":"custom","event":"vite-native-ws:acknowledgement","data":"#;
/// The beginning of a payload with a number.
pub const NUMBER: &str = r#"{"vite-native-ws":"#;

/// A text message from a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// For the caller.
    Message,
    /// The page can come back.
    Hello {
        /// It has been reloaded since it could not go on.
        is_reloaded: bool,
    },
    /// The page asks.
    Probe,
}

/// Tells a text message of ours from the caller's.
pub(crate) fn classify(text: &[u8]) -> Incoming {
    if text == PROBE.as_bytes() {
        Incoming::Probe
    } else if text == HELLO.as_bytes() {
        Incoming::Hello { is_reloaded: false }
    } else if text == HELLO_AGAIN.as_bytes() {
        Incoming::Hello { is_reloaded: true }
    } else {
        Incoming::Message
    }
}

/// A payload with its number as the first field; a large one is shared and not copied. None if it
/// is no object of JSON.
pub(crate) fn numbered(sequence: u64, payload: &Bytes) -> Option<Frame> {
    let [b'{', second, ..] = payload[..] else { return None };
    let comma = if second == b'}' { "" } else { "," };
    let prefix = format!("{NUMBER}{sequence}{comma}");
    Some(Frame::prefixed(prefix.as_bytes(), payload.slice(1..)))
}

/// The answer to a probe.
pub(crate) fn acknowledgement(received: u64) -> Frame {
    Frame::text(format!("{ACKNOWLEDGEMENT}{received}}}"))
}

/// The first message to a page on each connection.
#[derive(Clone, Copy, Debug)]
pub struct Welcome<'a> {
    /// Names the life of the server. No character of it has to be escaped.
    pub instance: &'a str,
    /// Names the page, likewise.
    pub key: &'a str,
    /// The number up to which the page counts as informed.
    pub sequence: u64,
    /// Messages taken from it so far.
    pub received: u64,
    /// Messages that follow since it missed them.
    pub missed: usize,
}

impl Welcome<'_> {
    pub(crate) fn frame(&self) -> Frame {
        let Self { instance, key, sequence, received, missed } = self;
        Frame::text(format!(
            r#"{WELCOME}{{"session":"{instance}","client":"{key}","seq":{sequence},"received":{received},"missed":{missed}}}}}"#
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(frame: &Frame, header: usize) -> String {
        String::from_utf8_lossy(&frame.slices().concat()[header..]).into_owned()
    }

    #[test]
    fn messages_of_ours_are_told_byte_for_byte() {
        assert_eq!(classify(HELLO.as_bytes()), Incoming::Hello { is_reloaded: false });
        assert_eq!(classify(HELLO_AGAIN.as_bytes()), Incoming::Hello { is_reloaded: true });
        assert_eq!(classify(PROBE.as_bytes()), Incoming::Probe);
        assert_eq!(classify(format!("{PROBE} ").as_bytes()), Incoming::Message);
        assert_eq!(classify(b""), Incoming::Message);
    }

    #[test]
    fn a_number_is_the_first_field_of_a_payload() {
        let number = |payload: &'static str| numbered(42, &Bytes::from(payload));
        let read = |payload| number(payload).map(|frame| text(&frame, 2));
        assert_eq!(read(r#"{"type":"x"}"#).as_deref(), Some(r#"{"vite-native-ws":42,"type":"x"}"#));
        assert_eq!(read("{}").as_deref(), Some(r#"{"vite-native-ws":42}"#));
        for payload in ["", "{", "[1]", "7", r#""text""#] {
            assert!(number(payload).is_none(), "{payload}");
        }
    }

    #[test]
    fn a_large_payload_is_shared_and_not_copied() {
        let payload = Bytes::from(format!("{{\"data\":\"{}\"}}", "x".repeat(100_000)));
        let frame = numbered(7, &payload);
        let tail = frame.as_ref().map(|frame| frame.slices()[1].as_ptr());
        assert_eq!(tail, Some(payload[1..].as_ptr()));
    }

    #[test]
    fn a_welcome_says_where_the_page_stands() {
        let welcome = Welcome { instance: "i", key: "k", sequence: 3, received: 2, missed: 1 };
        let expected = r#"{"session":"i","client":"k","seq":3,"received":2,"missed":1}}"#;
        assert_eq!(text(&welcome.frame(), 2), format!("{WELCOME}{expected}"));
        assert_eq!(text(&acknowledgement(7), 2), format!("{ACKNOWLEDGEMENT}7}}"));
    }
}
