//! The server as JavaScript sees it.

use super::bridge::{Bytes, Numbers, Outgoing, PushResult};
use super::delivery::NativeDelivery;
use super::error::Result;
use super::events::{self, Heads};
use super::options::ServerOptions;
use super::stats::NativeStats;
use super::waker::Waker;
use crate::core::hub::{Hub, Upgraded};
use crate::core::io::caller_thread::CallerThread;
use crate::core::outgoing::payload::apart;
use crate::core::peer::Subscriptions;
use crate::core::protocol::opcode::Opcode;
use crate::core::resume::resumption::Replay;
use crate::core::socket;
use napi::bindgen_prelude::{Array, Either, Env, Function, Uint8Array, Unknown};
use napi_derive::napi;
use std::sync::Arc;
use std::time::Duration;

/// Connections are named by numbers, unique in the process.
#[napi]
pub struct NativeServer {
    pub(super) hub: Arc<Hub>,
    waker: Waker,
    /// The bridged connections.
    caller: CallerThread,
    outgoing: Outgoing,
}

#[napi]
impl NativeServer {
    /// `pump` is called, from JavaScript's own thread, when there are events to take.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        options: ServerOptions,
        pump: Function<'_, (), Unknown<'static>>,
    ) -> napi::Result<Self> {
        let waker = Waker::new(pump)?;
        let for_hub = waker.clone();
        let hub = Hub::new(options.into(), move || for_hub.wake());
        let caller = hub.caller_thread();
        Ok(Self { hub, waker, caller, outgoing: Outgoing::default() })
    }

    /// Takes over a socket by its file descriptor, which stays open and untouched by its owner until the
    /// connection's end, and answers its handshake with `handshake`, unless JavaScript does before
    /// `start`.
    #[napi(catch_unwind)]
    pub fn adopt(
        &self,
        fd: i32,
        handshake: Option<String>,
        head: Option<&[u8]>,
        is_tracked: bool,
        wants: u8,
        session: Option<u32>,
    ) -> Result<u32> {
        let upgraded = Upgraded {
            adopted: Some(socket::adopt(fd)?),
            handshake: handshake.map_or_else(Vec::new, String::into_bytes),
            head: head.unwrap_or_default().to_vec(),
            beneath: None,
        };
        Ok(self.hub.open(upgraded, is_tracked, Subscriptions::from_bits(wants), session)?.id())
    }

    /// Opens a connection over a stream of JavaScript's, whose handshake has been answered. `fd` is of
    /// the socket beneath it, if there is one.
    #[napi(catch_unwind)]
    pub fn bridge(
        &self,
        head: Option<&[u8]>,
        is_tracked: bool,
        wants: u8,
        session: Option<u32>,
        fd: Option<i32>,
    ) -> Result<u32> {
        let upgraded = Upgraded {
            beneath: fd.filter(|_| self.hub.has_keepalive()).and_then(socket::beneath),
            head: head.unwrap_or_default().to_vec(),
            ..Upgraded::default()
        };
        Ok(self.hub.open(upgraded, is_tracked, Subscriptions::from_bits(wants), session)?.id())
    }

    /// Begins to read from a connection. With `is_welcome` it is sent `connected` before.
    #[napi(catch_unwind)]
    pub fn start(&self, id: u32, is_welcome: bool) {
        self.hub.start(id, is_welcome);
    }

    /// Sends a payload of Vite's protocol to every tracked client, and records its receivers in
    /// `delivery`.
    #[napi(catch_unwind)]
    pub fn broadcast(&self, payload: String, is_replayed: bool, delivery: Option<&NativeDelivery>) {
        let delivery = delivery.map(|delivery| delivery.0.clone());
        self.hub.broadcast(apart(payload.into_bytes()), replay(is_replayed), delivery);
    }

    /// Sends a payload of Vite's protocol to one client that cannot come back. False if it is gone.
    #[napi(catch_unwind)]
    pub fn send_payload(
        &self,
        id: u32,
        payload: String,
        delivery: Option<&NativeDelivery>,
    ) -> bool {
        let receipt = delivery.map(|delivery| delivery.0.receipt(id));
        self.hub.send_payload(id, apart(payload.into_bytes()), receipt)
    }

    /// Sends one frame, by its opcode. False if the client is gone.
    #[napi(catch_unwind)]
    pub fn send(
        &self,
        id: u32,
        opcode: u8,
        fin: bool,
        data: Either<String, Uint8Array>,
        token: Option<u32>,
    ) -> bool {
        let opcode = Opcode::from_value(opcode).unwrap_or(Opcode::Binary);
        let payload = match data {
            Either::A(text) => text.into_bytes(),
            Either::B(bytes) => bytes.to_vec(),
        };
        self.hub.send_raw(id, opcode, fin, apart(payload), token)
    }

    /// Starts the close handshake.
    #[napi(catch_unwind)]
    pub fn close(&self, id: u32, code: Option<u16>, reason: &[u8]) {
        self.hub.close(id, code, reason.to_vec());
    }

    /// Ends a connection without a close frame.
    #[napi(catch_unwind)]
    pub fn terminate(&self, id: u32) {
        self.hub.terminate(id);
    }

    /// Ends a connection behind what has been sent to it. `is_answered` if the close frame that is due,
    /// if one is, goes before that.
    #[napi(catch_unwind)]
    pub fn end(&self, id: u32, is_answered: bool) {
        self.hub.end(id, is_answered);
    }

    /// Holds the close frame that answers the peer's back, or no longer.
    #[napi(catch_unwind)]
    pub fn hold_answer(&self, id: u32, is_held: bool) {
        self.hub.hold_answer(id, is_held);
    }

    /// Stops or resumes reading.
    #[napi(catch_unwind)]
    pub fn set_paused(&self, id: u32, is_paused: bool) {
        self.hub.set_paused(id, is_paused);
    }

    /// Changes which events of a connection are reported: `Subscription`s, added up.
    #[napi(catch_unwind)]
    pub fn set_subscriptions(&self, id: u32, wants: u8) {
        self.hub.set_subscriptions(id, Subscriptions::from_bits(wants));
    }

    /// Whether a custom event passes the event filter, since it has a listener.
    #[napi(catch_unwind)]
    pub fn set_event_filter(&self, event: String, passes: bool) {
        let mut filter = self.hub.filter_mut();
        if passes { filter.add(event) } else { filter.remove(&event) }
    }

    /// Bridge: carries out all commands so far, and reports what to do with streams, in order:
    /// records of two numbers (see `StreamRecord` and `StreamStep`). Buffers are put into the pool from
    /// `place` on. Returns how many numbers there are, and `HAS_MORE`.
    #[napi(catch_unwind)]
    pub fn carry(
        &self,
        #[napi(ts_arg_type = "Int32Array")] numbers: Numbers<'_>,
        #[napi(ts_arg_type = "Uint8Array")] pool: Bytes<'_>,
        place: u32,
    ) -> i32 {
        let place = pool.len().min(place as usize);
        self.outgoing.carry(&self.caller, numbers, &mut pool[place..])
    }

    /// Bridge: `broadcast` and, behind it, `carry`.
    #[napi(catch_unwind)]
    pub fn broadcast_and_carry(
        &self,
        payload: String,
        is_replayed: bool,
        delivery: Option<&NativeDelivery>,
        #[napi(ts_arg_type = "Int32Array")] numbers: Numbers<'_>,
        #[napi(ts_arg_type = "Uint8Array")] pool: Bytes<'_>,
        place: u32,
    ) -> i32 {
        self.broadcast(payload, is_replayed, delivery);
        self.carry(numbers, pool, place)
    }

    /// Bridge: fills the next large buffer that `carry` reported.
    #[napi(catch_unwind)]
    pub fn fill_buffer(&self, #[napi(ts_arg_type = "Uint8Array")] buffer: Bytes<'_>) {
        self.outgoing.fill_buffer(buffer);
    }

    /// Bridge: bytes from the peer. Returns what is to be done then: `PushResult`s, added up. The events of it
    /// do not wake JavaScript.
    #[napi(catch_unwind)]
    pub fn push(&self, id: u32, data: &[u8]) -> u8 {
        self.hub.announce_take();
        let mut result = 0;
        if self.caller.push(id, data) {
            result |= PushResult::Pause as u8;
        }
        if self.caller.has_work() {
            result |= PushResult::Carry as u8;
        }
        if self.hub.keep_announcement() {
            result |= PushResult::TakeEvents as u8;
        }
        result
    }

    /// Bridge: the peer will send nothing more.
    #[napi(catch_unwind)]
    pub fn on_stream_end(&self, id: u32) {
        self.caller.on_end(id);
    }

    /// Bridge: the stream is closed.
    #[napi(catch_unwind)]
    pub fn on_stream_closed(&self, id: u32) {
        self.caller.on_closed(id);
    }

    /// Bridge: the stream has this many bytes that it cannot write yet. It gets no more until that
    /// is 0.
    #[napi(catch_unwind)]
    pub fn set_unwritten(&self, id: u32, bytes: f64) {
        self.caller.set_unwritten(id, bytes as usize);
    }

    /// Bridge: what these receipts are for has been written, or is lost.
    #[napi(catch_unwind)]
    pub fn settle_receipts(&self, number: i32, is_written: bool) {
        self.caller.settle(number as u32, is_written);
    }

    /// Bridge: looks at the deadlines of all connections, which is to happen every `tickMs`.
    #[napi(catch_unwind)]
    pub fn tick(&self) {
        self.caller.tick();
    }

    /// Milliseconds.
    #[napi(getter, catch_unwind)]
    pub fn tick_ms(&self) -> f64 {
        self.caller.period().as_secs_f64() * 1e3
    }

    /// Bytes sent to a client and not yet written.
    #[napi(catch_unwind)]
    pub fn buffered_amount(&self, id: u32) -> f64 {
        self.hub.buffered_bytes(id) as f64
    }

    /// Bytes that have passed over a connection, either way. It is active while they grow.
    #[napi(catch_unwind)]
    pub fn bytes_passed(&self, id: u32) -> f64 {
        self.hub.bytes_passed(id) as f64
    }

    /// Takes as many events as find room in `heads`, an array of [`EVENT_HEADS`](events::EVENT_HEADS)
    /// numbers; those of the call before count as dealt with. The first two numbers are how many events
    /// there are, and 1 if `carry` has something to do now. Returns the text of their payloads. Null ends
    /// the wake-up.
    #[napi(catch_unwind)]
    pub fn take_events(
        &self,
        env: &Env,
        #[napi(ts_arg_type = "Float64Array")] heads: Heads<'_>,
        #[napi(ts_arg_type = "unknown[]")] values: Array<'_>,
    ) -> napi::Result<Option<String>> {
        let batch = self.hub.take_events(events::room(heads));
        heads[..2].copy_from_slice(&[0.0, f64::from(u8::from(self.caller.has_work()))]);
        if batch.is_empty() {
            Ok(None)
        } else {
            events::render(env, batch, heads, values).map(Some)
        }
    }

    /// Whether live connections keep the process alive.
    #[napi(catch_unwind)]
    pub fn hold(&self, env: &Env, is_held: bool) -> napi::Result<()> {
        self.waker.hold(env, is_held)
    }

    /// Ends every connection without a close frame and takes no more.
    #[napi(catch_unwind)]
    pub fn close_all(&self) {
        self.hub.close_all();
    }

    /// Waits until what was sent so far has been written as far as it can be, at most so many
    /// milliseconds.
    #[napi(catch_unwind)]
    pub fn drain(&self, most: u32) {
        self.hub.drain(Duration::from_millis(u64::from(most)));
    }

    /// Releases JavaScript: no more events follow.
    #[napi(catch_unwind)]
    pub fn release(&self) {
        self.hub.close_all();
        self.waker.release();
    }

    #[napi(catch_unwind)]
    pub fn stats(&self) -> NativeStats {
        self.hub.snapshot().into()
    }

    /// Reports every message from clients, with up to `copy_bytes` of it; nothing turns it off.
    #[napi(catch_unwind)]
    pub fn observe_messages(&self, copy_bytes: Option<u32>) {
        self.hub.observation().set_messages(copy_bytes.map(|bytes| bytes as usize));
    }

    /// Reports keepalive pings and their pongs.
    #[napi(catch_unwind)]
    pub fn observe_keepalive(&self, is_included: bool) {
        self.hub.observation().set_keepalive(is_included);
    }

    /// Pings every client, to measure its round trip.
    #[napi(catch_unwind)]
    pub fn ping_all(&self) {
        self.hub.ping_all();
    }
}

pub(super) fn replay(is_replayed: bool) -> Replay {
    if is_replayed { Replay::Yes } else { Replay::No }
}

impl Drop for NativeServer {
    fn drop(&mut self) {
        self.waker.release();
        self.hub.close_all();
    }
}
