//! The server as JavaScript sees it.

use super::delivery::NativeDelivery;
use super::error::Result;
use super::events::{EventBatch, render};
use super::options::ServerOptions;
use super::stats::NativeStats;
use super::waker::Waker;
use crate::core::connection::transport::Source;
use crate::core::hub::Hub;
use crate::core::peer::Subscriptions;
use crate::core::protocol::opcode::Opcode;
use crate::core::resume::resumption::Replay;
use napi::bindgen_prelude::{Either, Env, Function, Uint8Array, Unknown};
use napi_derive::napi;
use std::sync::Arc;
use std::time::Duration;

/// Connections are named by numbers, unique in the process.
#[napi]
pub struct NativeServer {
    hub: Arc<Hub>,
    waker: Waker,
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
        Ok(Self { hub: Hub::new(options.into(), move || for_hub.wake()), waker })
    }

    /// Takes over the socket behind a file descriptor, which stays open and untouched by its
    /// owner until the connection's end.
    #[napi(catch_unwind)]
    pub fn adopt(
        &self,
        fd: i32,
        head: &[u8],
        is_tracked: bool,
        wants: u8,
        session: Option<u32>,
    ) -> Result<u32> {
        let source = Source::Adopted(crate::core::socket::adopt(fd)?);
        let wants = Subscriptions::from_bits(wants);
        Ok(self.hub.open(source, head.to_vec(), is_tracked, wants, session)?.id())
    }

    /// Opens a connection whose bytes JavaScript carries.
    #[napi(catch_unwind)]
    pub fn bridge(
        &self,
        head: &[u8],
        is_tracked: bool,
        wants: u8,
        session: Option<u32>,
    ) -> Result<u32> {
        let wants = Subscriptions::from_bits(wants);
        Ok(self.hub.open(Source::Bridged, head.to_vec(), is_tracked, wants, session)?.id())
    }

    /// Begins to read from a connection.
    #[napi(catch_unwind)]
    pub fn start(&self, id: u32) {
        self.hub.start(id);
    }

    /// Sends a payload of Vite's protocol to every tracked client, noting who gets it if asked to.
    #[napi(catch_unwind)]
    pub fn broadcast(&self, payload: String, is_replayed: bool, delivery: Option<&NativeDelivery>) {
        let delivery = delivery.map(|delivery| delivery.0.clone());
        self.hub.broadcast(payload.into_bytes(), replay(is_replayed), delivery);
    }

    /// Sends a payload of Vite's protocol to one client. False if it is gone.
    #[napi(catch_unwind)]
    pub fn send_payload(
        &self,
        id: u32,
        payload: String,
        is_replayed: bool,
        delivery: Option<&NativeDelivery>,
    ) -> bool {
        let receipt = delivery.map(|delivery| delivery.0.receipt(id));
        self.hub.send_payload(id, payload.into_bytes(), replay(is_replayed), receipt)
    }

    /// A page that may come back on another connection, by its number.
    #[napi(catch_unwind)]
    pub fn add_session(&self) -> u32 {
        self.hub.add_session()
    }

    /// The page will not come back.
    #[napi(catch_unwind)]
    pub fn remove_session(&self, session: u32) {
        self.hub.remove_session(session);
    }

    /// The number of the last message that has one.
    #[napi(catch_unwind)]
    pub fn last_sequence(&self) -> f64 {
        self.hub.last_sequence() as f64
    }

    /// Messages taken from a page so far.
    #[napi(catch_unwind)]
    pub fn received_from(&self, session: u32) -> f64 {
        self.hub.received_from(session) as f64
    }

    /// Whether a page can be given all that it missed since the message with this number.
    #[napi(catch_unwind)]
    pub fn can_resume(&self, session: u32, since: f64) -> bool {
        self.hub.can_resume(session, since as u64)
    }

    /// The first message of a page's connection, and all that it missed since this number.
    #[napi(catch_unwind)]
    pub fn send_hello(&self, id: u32, hello: String, since: f64) {
        self.hub.send_hello(id, hello.into_bytes(), since as u64);
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
        self.hub.send_raw(id, opcode, fin, payload, token)
    }

    /// What is sent from here on belongs to another turn of the event loop.
    #[napi(catch_unwind)]
    pub fn end_send_batch(&self) {
        self.hub.end_turn();
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

    /// Whether a custom event passes the event filter: somebody listens for it.
    #[napi(catch_unwind)]
    pub fn set_event_filter(&self, event: String, passes: bool) {
        let mut filter = self.hub.filter_mut();
        if passes { filter.add(event) } else { filter.remove(&event) }
    }

    /// Bridge: bytes from the peer. False when no more should be pushed for now.
    #[napi(catch_unwind)]
    pub fn push(&self, id: u32, data: &[u8]) -> bool {
        self.hub.push(id, data.to_vec())
    }

    /// Bridge: the peer will send nothing more, and, if the stream is gone, gets nothing either.
    #[napi(catch_unwind)]
    pub fn push_end(&self, id: u32, is_gone: bool) {
        self.hub.push_end(id, is_gone);
    }

    /// Bridge: these bytes have been written.
    #[napi(catch_unwind)]
    pub fn on_written(&self, id: u32, bytes: u32) {
        self.hub.on_written(id, bytes as usize);
    }

    /// Bytes sent to a client and not yet written.
    #[napi(catch_unwind)]
    pub fn buffered_amount(&self, id: u32) -> f64 {
        self.hub.buffered_bytes(id) as f64
    }

    /// Takes up to `most` events; those of the call before count as dealt with. Null ends the
    /// wake-up.
    #[napi(catch_unwind)]
    pub fn take_events<'env>(
        &self,
        env: &'env Env,
        most: u32,
    ) -> napi::Result<Option<EventBatch<'env>>> {
        let batch = self.hub.take_events(most as usize);
        if batch.is_empty() { Ok(None) } else { render(env, batch).map(Some) }
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

    /// Lets go of JavaScript: nothing is told any more.
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

fn replay(is_replayed: bool) -> Replay {
    if is_replayed { Replay::Yes } else { Replay::No }
}

impl Drop for NativeServer {
    fn drop(&mut self) {
        self.waker.release();
        self.hub.close_all();
    }
}
