//! Which messages of Vite's protocol are worth waking JavaScript for.

use memchr::memmem;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// The longest message that is parsed to find its event. To parse a longer one would hold up the other
/// connections of the thread.
pub const MAX_PARSED_BYTES: usize = 1024 * 1024;
/// How a custom event of Vite's client begins (Vite 8.3 `client.ts`).
const CUSTOM_EVENT: &[u8] = br#"{"type":"custom","event":""#;

/// The custom events that have a listener. A clone is the list as it was, so that a caller that
/// changes it waits while a large message is read.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    events: Arc<HashSet<String>>,
}

impl EventFilter {
    /// `event` has a listener from now on.
    pub fn add(&mut self, event: String) {
        Arc::make_mut(&mut self.events).insert(event);
    }

    /// `event` has no listener any more.
    pub fn remove(&mut self, event: &str) {
        Arc::make_mut(&mut self.events).remove(event);
    }

    /// Whether JavaScript has a listener for this message: `{"type":"custom","event":…}` with an
    /// event that is listened for (Vite 8.3 `ws.ts`). Text and binary are read alike there.
    pub fn passes(&self, message: &[u8]) -> bool {
        if self.events.is_empty() {
            return false;
        }
        if message.len() > MAX_PARSED_BYTES {
            return self.may_pass(message);
        }
        let text = String::from_utf8_lossy(message);
        event_of(&text).is_some_and(|event| self.events.contains(event.as_ref()))
    }

    /// Whether JavaScript has to parse a message itself to know. Not if that is no object, nor if its
    /// event stands where Vite's client writes it, is not listened for, and no other may follow.
    fn may_pass(&self, message: &[u8]) -> bool {
        let is_object = message.trim_ascii_start().starts_with(b"{");
        let Some(rest) = message.strip_prefix(CUSTOM_EVENT) else { return is_object };
        let Some(end) = memchr::memchr2(b'"', b'\\', rest) else { return false };
        let (name, rest) = rest.split_at(end);
        let is_wanted = std::str::from_utf8(name).is_ok_and(|name| self.events.contains(name));
        let is_last = || memmem::find(rest, br#""event""#).is_none();
        is_wanted || rest[0] == b'\\' || !is_last() || memmem::find(rest, br"\u").is_some()
    }
}

/// The event of a custom message, whatever the depth of its data; none for any other text.
pub fn event_of(text: &str) -> Option<Cow<'_, str>> {
    if let Ok(event) = read_event(text) {
        return event;
    }
    // `JSON.parse` takes escapes of lone surrogates, which are no Unicode.
    let replaced = replace_lone_surrogates(text)?;
    let event = read_event(&replaced).ok()??;
    Some(Cow::Owned(event.into_owned()))
}

fn read_event(text: &str) -> serde_json::Result<Option<Cow<'_, str>>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let Fields { is_custom, event } = reader.deserialize_any(FieldsVisitor)?;
    reader.end()?;
    Ok(event.filter(|event| is_custom && !event.is_empty()))
}

/// The text with each `\\u` escape of half a surrogate pair made that of U+FFFD; none if it has
/// no such escape.
fn replace_lone_surrogates(text: &str) -> Option<String> {
    let mut replaced = String::new();
    let mut rest = text;
    let mut is_changed = false;
    while let Some(place) = rest.find('\\') {
        let (before, escape) = rest.split_at(place);
        replaced.push_str(before);
        let taken = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(_), _) => {
                is_changed = true;
                replaced.push_str("\\ufffd");
                rest = &escape[6..];
                continue;
            }
            // Whatever is escaped, a backslash too, is not the beginning of an escape.
            (None, _) => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        replaced.push_str(&escape[..taken]);
        rest = &escape[taken..];
    }
    replaced.push_str(rest);
    is_changed.then_some(replaced)
}

/// The surrogate that a text begins with as an escape.
fn surrogate(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let unit = u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    (0xd800..=0xdfff).contains(&unit).then_some(unit)
}

/// The last `type` and `event` of an object, as `JSON.parse` would keep them.
#[derive(Default)]
struct Fields<'a> {
    is_custom: bool,
    event: Option<Cow<'a, str>>,
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "type" => {
                    fields.is_custom = map.next_value::<Text>()?.0.as_deref() == Some("custom")
                }
                "event" => fields.event = map.next_value::<Text<'de>>()?.0,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(fields)
    }
}

/// A string, borrowed where it has no escapes; any other value is `None`, whatever is in it.
struct Text<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        if !raw.starts_with('"') {
            return Ok(Self(None));
        }
        let text = serde_json::Deserializer::from_str(raw).deserialize_str(TextVisitor);
        text.map(|text| Self(Some(text))).map_err(D::Error::custom)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(message: &str) -> bool {
        let mut filter = EventFilter::default();
        filter.add("my:event".to_owned());
        filter.passes(message.as_bytes())
    }

    #[test]
    fn only_custom_messages_with_a_wanted_event_are_wanted() {
        assert!(wanted(r#"{"type":"custom","event":"my:event","data":{"deep":[1,{}]}}"#));
        assert!(wanted(r#" {"data":null,"event":"my\u003aevent","type":"custom"} "#));
        assert!(wanted(r#"{"type":1e999,"event":1e999,"type":"custom","event":"my:event"}"#));
        assert!(wanted(r#"{"type":"x","type":"custom","event":0,"event":"my:event"}"#));
        for junk in [
            "",
            "null",
            "[]",
            "7",
            "{",
            r#"{"type":"ping"}"#,
            r#"{"type":"custom"}"#,
            r#"{"type":"custom","event":""}"#,
            r#"{"type":"custom","event":"other"}"#,
            r#"{"type":"custom","event":{"my:event":1}}"#,
            r#"{"type":["custom"],"event":"my:event"}"#,
            r#"{"type":"custom","event":"my:event"} trailing"#,
            "\u{feff}{\"type\":\"custom\",\"event\":\"my:event\"}",
        ] {
            assert!(!wanted(junk), "{junk}");
        }
    }

    #[test]
    fn what_is_no_unicode_is_read_as_javascript_reads_it() {
        assert!(wanted(r#"{"type":"custom","event":"my:event","data":"\ud800"}"#));
        assert!(wanted(r#"{"type":"custom","\udc00\ud83d\ude00":1,"event":"my:event"}"#));
        assert!(wanted(r#"{"type":"custom","event":"my:event","data":1e999}"#));
        assert!(!wanted(r#"{"type":"custom","event":"my:event\ud800"}"#));
        assert!(!wanted(r#"{"type":"custom","event":"\ud800","data":"\ud800x"}"#));
        assert!(!wanted(r#"{"type":"custom","event":"my:event","data":"\ud8 00"}"#));
        assert!(!wanted(r#"{"type":"custom","event":"my:event","data":"\\ud800}"#));
    }

    #[test]
    fn any_depth_is_skipped_without_recursion() {
        let deep = "[".repeat(500_000) + &"]".repeat(500_000);
        assert!(wanted(&format!(r#"{{"type":"custom","event":"my:event","data":{deep}}}"#)));
        assert!(!wanted(&deep));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_read_as_a_buffer_would_be() {
        let mut filter = EventFilter::default();
        filter.add("a\u{fffd}".to_owned());
        assert!(filter.passes(b"{\"type\":\"custom\",\"event\":\"a\xff\"}"));
    }

    #[test]
    fn a_large_message_passes_unless_its_event_is_certain() {
        let large = |before: &str, after: &str| {
            let data = "x".repeat(MAX_PARSED_BYTES);
            wanted(&format!(r#"{before}"{data}"{after}"#))
        };
        assert!(large(r#"{"type":"custom","event":"my:event","data":"#, "}"));
        assert!(large(r#"{"data":"#, r#","type":"custom","event":"my:event"}"#));
        assert!(large(r#" {"type":"custom","event":"my\u003aevent","data":"#, "}"));
        assert!(large(r#"{"type":"custom","event":"my\u003aevent","data":"#, "}"));
        assert!(large(r#"{"type":"custom","event":"other","data":"#, r#","event":"my:event"}"#));
        assert!(large(
            r#"{"type":"custom","event":"other","data":"#,
            r#","\u0065vent":"my:event"}"#
        ));
        assert!(!large(r#"{"type":"custom","event":"other","data":"#, r#"}"#));
        assert!(!large("", ""));
        assert!(!large("[", "]"));
    }

    #[test]
    fn without_listeners_nothing_is_read() {
        assert!(!EventFilter::default().passes(b"{\"type\":\"custom\",\"event\":\"my:event\"}"));
    }
}
