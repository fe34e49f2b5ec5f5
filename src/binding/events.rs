//! Batches of events for JavaScript.

use super::constants::{self, EventKind, HEAD_KINDS};
use crate::core::events::disconnect::DisconnectReason;
use crate::core::events::event::{Batch, Event};
use crate::core::peer::{Peer, Subscriptions};
use napi::bindgen_prelude::{Array, BufferSlice, Env, Float64ArraySlice, Result};
use napi_derive::napi;

/// Bytes of a payload up to which it is part of the common text, which a batch therefore bounds.
const SHORT_PAYLOAD_BYTES: usize = 4096;

/// Events for JavaScript. Every value of its own costs calls into the engine, so the numbers share
/// one array, and short payloads one text.
#[napi(object, object_from_js = false)]
pub struct EventBatch<'env> {
    /// Two numbers an event: `HEAD_KINDS × connection + kind`, and the one that comes with the kind.
    pub heads: Float64ArraySlice<'env>,
    /// The payloads, one behind the other.
    pub text: String,
    /// The values, each at the place of its event.
    pub values: Array<'env>,
}

/// Renders a batch.
pub fn render(env: &Env, batch: Batch) -> Result<EventBatch<'_>> {
    let heads = Vec::with_capacity(2 * batch.len());
    let mut parts = Parts { env, heads, text: String::new(), values: env.create_array(0)? };
    for (peer, event) in batch {
        parts.push(&peer, event)?;
    }
    let Parts { heads, text, values, .. } = parts;
    Ok(EventBatch { heads: Float64ArraySlice::copy_from(env, &heads)?, text, values })
}

/// The parts of a batch while it is put together.
struct Parts<'env> {
    env: &'env Env,
    heads: Vec<f64>,
    text: String,
    values: Array<'env>,
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
                self.values.set(self.place(), text)?;
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
        self.heads.extend([connection * f64::from(HEAD_KINDS) + f64::from(kind as u32), number]);
    }

    fn push_disconnect(&mut self, peer: &Peer, reason: DisconnectReason) {
        let number = constants::DisconnectReason::from(reason) as u32;
        self.push_head(peer, EventKind::Disconnected, f64::from(number));
    }

    /// Adds a message of Vite's protocol to the text, or to the values if it is long.
    fn add_payload(&mut self, data: &[u8]) -> Result<(EventKind, f64)> {
        let payload = String::from_utf8_lossy(data);
        if payload.len() > SHORT_PAYLOAD_BYTES {
            self.values.set(self.place(), payload.as_ref())?;
            return Ok((EventKind::LongPayload, 0.0));
        }
        self.text.push_str(&payload);
        Ok((EventKind::Payload, utf16_length(&payload) as f64))
    }

    /// Sets the value of the next event.
    fn set_buffer(&mut self, data: &[u8]) -> Result<()> {
        self.values.set(self.place(), &BufferSlice::copy_from(self.env, data)?)
    }

    /// The place of the next event.
    fn place(&self) -> u32 {
        self.heads.len() as u32 / 2
    }
}

/// The length of a text as JavaScript counts it.
fn utf16_length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}
