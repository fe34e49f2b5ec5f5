//! JavaScript is woken for exactly the messages that it would find a listener for.
//!
//! Input: the message.

use super::json;
use serde_json::Value;
use vite_native_ws::core::events::filter::{EventFilter, event_of};

/// An object with this key is something else to `serde_json::Value`, so that it is no oracle there.
const RAW_VALUE_KEY: &str = "private::RawValue";

/// Asserts the above for one input.
pub fn check(message: &[u8]) {
    let text = String::from_utf8_lossy(message);
    let parsed = json::parse(&text);
    let is_raw = text.contains(RAW_VALUE_KEY);
    if let Some(value) = serde_json::from_str(&text).ok().filter(|_| !is_raw) {
        let expected = custom_event(&value).map(|event| event.encode_utf16().collect());
        assert_eq!(parsed, Some(json::Parsed { event: expected }), "the two oracles: {text:?}");
    }
    let event = parsed.and_then(|parsed| parsed.event);
    // A listener's name has come the same way: half a surrogate pair is U+FFFD in UTF-8.
    let event = event.map(|event| String::from_utf16_lossy(&event));
    assert_eq!(event_of(&text).as_deref(), event.as_deref(), "{text:?}");
    check_filter(message, event.as_deref().unwrap_or_default());
}

/// The event of a custom message that `serde_json` reads whole.
fn custom_event(value: &Value) -> Option<&str> {
    let is_custom = value.get("type")?.as_str()? == "custom";
    value.get("event")?.as_str().filter(|event| is_custom && !event.is_empty())
}

/// Only who listens for this very event is woken; nobody if it is empty, for then there is none.
fn check_filter(message: &[u8], event: &str) {
    let mut filter = EventFilter::default();
    assert!(!filter.passes(message), "nobody listens");
    filter.add(format!("{event}+"));
    assert!(!filter.passes(message), "somebody listens for another event than {event:?}");
    filter.add(event.to_owned());
    assert_eq!(filter.passes(message), !event.is_empty(), "{event:?}");
    filter.remove(event);
    assert!(!filter.passes(message), "nobody listens for {event:?} any more");
}
