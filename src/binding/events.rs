//! Events on their way to JavaScript: one wake-up, then batches in a flat array.

use crate::core::event::{Batch, Cause, Event};
use crate::core::peer::Wants;
use napi::bindgen_prelude::{Array, BufferSlice, Env, Function, Result, Status, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use std::sync::{Arc, PoisonError, RwLock};

/// Kinds of events, and what their two values are.
#[napi]
pub enum EventKind {
    /// A text message: a Buffer.
    Text,
    /// A binary message: a Buffer.
    Binary,
    /// A message of Vite's protocol with a listener: a string.
    Payload,
    /// A Buffer.
    Ping,
    /// A Buffer.
    Pong,
    /// Close code, Buffer.
    Closing,
    /// Code, message.
    Error,
    /// The token of a send.
    Sent,
    /// Frames dropped at once, whether the connection is closed for it.
    Dropped,
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
    /// The beginning of any text message, its length in bytes.
    ObservedText,
    /// The beginning of any binary message, its length in bytes.
    ObservedBinary,
}

/// Values in the array for each event: kind and connection in one number, and two more. Each value
/// costs a call into the engine.
const STRIDE: u32 = 3;
/// What the connection is multiplied by in that number; more than there are kinds.
const KINDS: f64 = 32.0;

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

/// Renders a batch as `[32 × connection + kind, a, b, …]`.
pub fn to_array<'env>(env: &'env Env, batch: Batch) -> Result<Array<'env>> {
    let mut array = env.create_array(STRIDE * batch.len() as u32)?;
    for ((peer, event), at) in batch.into_iter().zip((0..).step_by(STRIDE as usize)) {
        let buffer = |data: &[u8]| BufferSlice::copy_from(env, data);
        let (a, b) = (at + 1, at + 2);
        let kind = match event {
            Event::Message { data, binary } if peer.wants(Wants::MESSAGES) => {
                array.set(a, &buffer(&data)?)?;
                if binary { EventKind::Binary } else { EventKind::Text }
            }
            Event::Message { data, .. } => {
                array.set(a, String::from_utf8_lossy(&data).as_ref())?;
                EventKind::Payload
            }
            Event::Ping(data) => {
                array.set(a, &buffer(&data)?)?;
                EventKind::Ping
            }
            Event::Pong(data) => {
                array.set(a, &buffer(&data)?)?;
                EventKind::Pong
            }
            Event::Closing { code, reason } => {
                array.set(a, code)?;
                array.set(b, &buffer(&reason)?)?;
                EventKind::Closing
            }
            Event::Closed { code, reason } => {
                array.set(a, code)?;
                array.set(b, &buffer(&reason)?)?;
                EventKind::Closed
            }
            Event::Error(violation) => {
                array.set(a, violation.code)?;
                array.set(b, violation.message)?;
                EventKind::Error
            }
            Event::Sent(token) => {
                array.set(a, token)?;
                EventKind::Sent
            }
            Event::Dropped { frames, closing } => {
                array.set(a, frames as f64)?;
                array.set(b, closing)?;
                EventKind::Dropped
            }
            Event::Write(data) => {
                array.set(a, &buffer(&data)?)?;
                EventKind::Write
            }
            Event::End => EventKind::End,
            Event::Resume => EventKind::Resume,
            Event::Recovered { frames } => {
                array.set(a, frames as f64)?;
                EventKind::Recovered
            }
            Event::GivenUp(cause) => {
                array.set(a, u32::from(cause == Cause::CloseTimeout))?;
                EventKind::GivenUp
            }
            Event::Pinged => EventKind::Pinged,
            Event::Ponged(after) => {
                array.set(a, after.as_secs_f64() * 1e3)?;
                EventKind::Ponged
            }
            Event::Observed { data, length, binary } => {
                array.set(a, &buffer(&data)?)?;
                array.set(b, length as f64)?;
                if binary { EventKind::ObservedBinary } else { EventKind::ObservedText }
            }
        };
        array.set(at, f64::from(peer.id()) * KINDS + f64::from(kind as u32))?;
    }
    Ok(array)
}
