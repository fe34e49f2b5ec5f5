//! Batches of events for JavaScript.

use super::constants::{self, EventKind, HEAD_KINDS};
use crate::core::events::disconnect::DisconnectReason;
use crate::core::events::event::{Batch, Event};
use crate::core::peer::{Peer, Subscriptions};
use napi::bindgen_prelude::{Array, BufferSlice, Env, Result, ToNapiValue};
use napi_derive::napi;

/// Bytes of a payload up to which it is part of the common text, which a batch therefore bounds.
const SHORT_PAYLOAD_BYTES: usize = 4096;

/// Numbers before those of the events: how many there are, and whether `carry` has something to do.
#[napi]
pub const LEADING_HEADS: u32 = 2;
const LEADING: usize = LEADING_HEADS as usize;
/// Events that are taken at once.
const MOST_EVENTS: usize = 512;
/// Records of one event at most: the end of a connection has two.
const MOST_RECORDS: usize = 2;

/// Numbers that the heads of a batch need room for.
#[napi]
pub const EVENT_HEADS: u32 = (LEADING + 2 * MOST_EVENTS * MOST_RECORDS) as u32;

/// An array of JavaScript's, for numbers.
pub type Heads<'a> = &'a mut [f64];

/// Events that find room in the heads.
pub fn room(heads: &[f64]) -> usize {
    heads.len().saturating_sub(LEADING) / (2 * MOST_RECORDS)
}

/// Renders a batch, which finds room, into arrays that JavaScript makes once: every object that is made
/// for a batch costs more than a message. Two numbers an event follow the leading one, `HEAD_KINDS ×
/// connection + kind` and the one that comes with the kind; `values` has each value at the place of its
/// event. Returns the short payloads, one behind the other.
pub fn render(env: &Env, batch: Batch, heads: Heads<'_>, values: Array<'_>) -> Result<String> {
    let mut parts = Parts { env, heads, events: 0, text: String::new(), values };
    for (peer, event) in batch {
        parts.push(&peer, event)?;
    }
    let Parts { heads, events, text, .. } = parts;
    heads[0] = events as f64;
    Ok(text)
}

/// The parts of a batch while it is put together.
struct Parts<'a> {
    env: &'a Env,
    heads: Heads<'a>,
    events: usize,
    text: String,
    values: Array<'a>,
}

impl Parts<'_> {
    fn push(&mut self, peer: &Peer, event: Event) -> Result<()> {
        let (kind, number) = match event {
            Event::Message { data, binary } if peer.is_subscribed_to(Subscriptions::MESSAGES) => {
                self.set_buffer(&data)?;
                (if binary { EventKind::Binary } else { EventKind::Text }, 0.0)
            }
            Event::Message { data, .. } => self.add_payload(&data)?,
            Event::Hello { is_reloaded } => (EventKind::Hello, f64::from(u8::from(is_reloaded))),
            Event::Ping(data) => {
                self.set_buffer(&data)?;
                (EventKind::Ping, 0.0)
            }
            Event::Pong(data) => {
                self.set_buffer(&data)?;
                (EventKind::Pong, 0.0)
            }
            Event::CloseFrame { code, reason } => {
                self.set_buffer(&reason)?;
                (EventKind::CloseFrame, f64::from(code))
            }
            Event::Closed { code, reason, disconnect } => {
                self.push_disconnect(peer, disconnect);
                self.set_buffer(&reason)?;
                (EventKind::Closed, f64::from(code))
            }
            Event::ProtocolError(error) => {
                let text = format!("{} {}", error.code, error.message);
                self.set_value(text)?;
                (EventKind::ProtocolError, 0.0)
            }
            Event::Sent(token) => (EventKind::Sent, f64::from(token)),
            Event::Dropped { frames, closing } => {
                (if closing { EventKind::Overflow } else { EventKind::Dropped }, frames as f64)
            }
            Event::Recovered { frames } => (EventKind::Recovered, frames as f64),
            Event::KeepalivePing => (EventKind::KeepalivePing, 0.0),
            Event::KeepalivePong(after) => (EventKind::KeepalivePong, after.as_secs_f64() * 1e3),
            Event::Observed { data, length, binary } => {
                self.set_buffer(&data)?;
                let kind = if binary { EventKind::ObservedBinary } else { EventKind::ObservedText };
                (kind, length as f64)
            }
        };
        self.push_head(peer, kind, number);
        Ok(())
    }

    fn push_head(&mut self, peer: &Peer, kind: EventKind, number: f64) {
        let connection = f64::from(peer.id());
        let head = connection * f64::from(HEAD_KINDS) + f64::from(kind as u32);
        let at = LEADING + 2 * self.events;
        self.heads[at..at + 2].copy_from_slice(&[head, number]);
        self.events += 1;
    }

    fn push_disconnect(&mut self, peer: &Peer, reason: DisconnectReason) {
        let number = constants::DisconnectReason::from(reason) as u32;
        self.push_head(peer, EventKind::Disconnected, f64::from(number));
    }

    /// Adds a message of Vite's protocol to the text, or to the values if it is long.
    fn add_payload(&mut self, data: &[u8]) -> Result<(EventKind, f64)> {
        let payload = String::from_utf8_lossy(data);
        if payload.len() > SHORT_PAYLOAD_BYTES {
            self.set_value(payload.as_ref())?;
            return Ok((EventKind::LongPayload, 0.0));
        }
        self.text.push_str(&payload);
        Ok((EventKind::Payload, utf16_length(&payload) as f64))
    }

    /// Sets the value of the next event.
    fn set_buffer(&mut self, data: &[u8]) -> Result<()> {
        self.set_value(&BufferSlice::copy_from(self.env, data)?)
    }

    fn set_value<T: ToNapiValue>(&mut self, value: T) -> Result<()> {
        self.values.set(self.events as u32, value)
    }
}

/// The length of a text as JavaScript counts it.
fn utf16_length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}
