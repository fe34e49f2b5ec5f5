//! Events on their way to JavaScript: one wake-up, then batches.

use crate::core::events::event::{Batch, Cause, Event};
use crate::core::peer::Wants;
use napi::bindgen_prelude::{
    Array, BufferSlice, Env, Float64ArraySlice, Function, Result, Status, Unknown,
};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use std::sync::{Arc, PoisonError, RwLock};

/// Kinds of events, with the number and the value that come with them.
#[napi]
pub enum EventKind {
    /// A text message. A Buffer.
    Text,
    /// A binary message. A Buffer.
    Binary,
    /// A message of Vite's protocol with a listener. Its length in the text of the batch.
    Payload,
    /// The same, if it is long. A string.
    LongPayload,
    /// A Buffer.
    Ping,
    /// A Buffer.
    Pong,
    /// Close code, Buffer.
    Closing,
    /// A string: code, space, message.
    Error,
    /// The token of a send.
    Sent,
    /// Frames dropped at once.
    Dropped,
    /// Frames dropped at once; the connection is closed for it.
    Overflow,
    /// Close code, Buffer. Nothing follows.
    Closed,
    /// A Buffer to write to the stream.
    Write,
    /// End the stream.
    End,
    /// More may be pushed.
    Resume,
    /// Frames dropped before the reload that follows.
    Recovered,
    /// Why: 0 silence, 1 a close handshake that took too long.
    GivenUp,
    /// A keepalive ping has been sent.
    Pinged,
    /// It was answered: milliseconds.
    Ponged,
    /// Any text message: its length in bytes, its beginning as a Buffer.
    ObservedText,
    /// Any binary message: likewise.
    ObservedBinary,
}

/// Events for JavaScript. Every value of its own costs calls into the engine, so the numbers share
/// one array, and short payloads one text.
#[napi(object, object_from_js = false)]
pub struct EventBatch<'env> {
    /// Two numbers an event: `32 × connection + kind`, and the one that comes with the kind.
    pub heads: Float64ArraySlice<'env>,
    /// The payloads, one behind the other.
    pub text: String,
    /// The values, each at the place of its event.
    pub values: Array<'env>,
}

/// What the connection is multiplied by; more than there are kinds.
const KINDS: f64 = 32.0;
/// Bytes of a payload up to which it is part of the common text, which a batch therefore bounds.
const SHORT_PAYLOAD_BYTES: usize = 4096;

type Pump = ThreadsafeFunction<(), Unknown<'static>, (), Status, false, true>;

/// Wakes JavaScript. Clones share the function, so that it can be released for all of them.
#[derive(Clone)]
pub struct Waker(Arc<RwLock<Option<Pump>>>);

impl Waker {
    pub fn new(pump: Function<'_, (), Unknown<'static>>) -> Result<Self> {
        let pump =
            pump.build_threadsafe_function().callee_handled::<false>().weak::<true>().build()?;
        Ok(Self(Arc::new(RwLock::new(Some(pump)))))
    }

    pub fn wake(&self) {
        if let Some(pump) = &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            // A failure means that the environment is going down; nobody is left to be told.
            pump.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Whether a coming event keeps the process alive.
    #[expect(deprecated, reason = "napi offers no other way to reference a weak function again")]
    pub fn hold(&self, env: &Env, is_held: bool) -> Result<()> {
        match &mut *self.0.write().unwrap_or_else(PoisonError::into_inner) {
            Some(pump) if is_held => pump.refer(env),
            Some(pump) => pump.unref(env),
            None => Ok(()),
        }
    }

    pub fn release(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Renders a batch.
pub fn render(env: &Env, batch: Batch) -> Result<EventBatch<'_>> {
    let mut heads = Vec::with_capacity(2 * batch.len());
    let mut text = String::new();
    let mut values = env.create_array(0)?;
    for ((peer, event), at) in batch.into_iter().zip(0..) {
        let mut buffer = |data: &[u8]| values.set(at, &BufferSlice::copy_from(env, data)?);
        let (kind, number) = match event {
            Event::Message { data, binary } if peer.wants(Wants::MESSAGES) => {
                buffer(&data)?;
                (if binary { EventKind::Binary } else { EventKind::Text }, 0.0)
            }
            Event::Message { data, .. } => {
                let payload = String::from_utf8_lossy(&data);
                if payload.len() > SHORT_PAYLOAD_BYTES {
                    values.set(at, payload.as_ref())?;
                    (EventKind::LongPayload, 0.0)
                } else {
                    text.push_str(&payload);
                    (EventKind::Payload, length_of(&payload) as f64)
                }
            }
            Event::Ping(data) => {
                buffer(&data)?;
                (EventKind::Ping, 0.0)
            }
            Event::Pong(data) => {
                buffer(&data)?;
                (EventKind::Pong, 0.0)
            }
            Event::Closing { code, reason } => {
                buffer(&reason)?;
                (EventKind::Closing, f64::from(code))
            }
            Event::Closed { code, reason } => {
                buffer(&reason)?;
                (EventKind::Closed, f64::from(code))
            }
            Event::Error(violation) => {
                values.set(at, format!("{} {}", violation.code, violation.message))?;
                (EventKind::Error, 0.0)
            }
            Event::Sent(token) => (EventKind::Sent, f64::from(token)),
            Event::Dropped { frames, closing } => {
                (if closing { EventKind::Overflow } else { EventKind::Dropped }, frames as f64)
            }
            Event::Write(data) => {
                buffer(&data)?;
                (EventKind::Write, 0.0)
            }
            Event::End => (EventKind::End, 0.0),
            Event::Resume => (EventKind::Resume, 0.0),
            Event::Recovered { frames } => (EventKind::Recovered, frames as f64),
            Event::GivenUp(cause) => {
                (EventKind::GivenUp, f64::from(u8::from(cause == Cause::CloseTimeout)))
            }
            Event::Pinged => (EventKind::Pinged, 0.0),
            Event::Ponged(after) => (EventKind::Ponged, after.as_secs_f64() * 1e3),
            Event::Observed { data, length, binary } => {
                buffer(&data)?;
                let kind = if binary { EventKind::ObservedBinary } else { EventKind::ObservedText };
                (kind, length as f64)
            }
        };
        heads.extend([f64::from(peer.id()) * KINDS + f64::from(kind as u32), number]);
    }
    Ok(EventBatch { heads: Float64ArraySlice::copy_from(env, &heads)?, text, values })
}

/// The length of a text as JavaScript counts it.
fn length_of(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}
