//! The pages that may come back, as JavaScript sees them.

use super::delivery::NativeDelivery;
use super::server::{NativeServer, replay};
use crate::core::outgoing::payload::apart;
use napi_derive::napi;

#[napi]
impl NativeServer {
    /// Sends a payload of Vite's protocol to a page, and keeps it for when it comes back.
    #[napi(catch_unwind)]
    pub fn send_to_session(
        &self,
        session: u32,
        payload: String,
        is_replayed: bool,
        delivery: Option<&NativeDelivery>,
    ) {
        let receipt = |id| delivery.map(|delivery| delivery.0.receipt(id));
        self.hub.send_to_session(
            session,
            apart(payload.into_bytes()),
            replay(is_replayed),
            receipt,
        );
    }

    /// Welcomes a page that has said hello. Its number, for when it comes back; 0 if it is gone.
    #[napi(catch_unwind)]
    pub fn begin_session(&self, id: u32, instance: String, key: String) -> u32 {
        self.hub.begin_session(id, &instance, &key).unwrap_or(0)
    }

    /// The page will not come back.
    #[napi(catch_unwind)]
    pub fn end_session(&self, session: u32) {
        self.hub.end_session(session);
    }

    /// Forgets messages that are too old for anybody to come for.
    #[napi(catch_unwind)]
    pub fn expire(&self) {
        self.hub.expire();
    }

    /// The number of the last message that has one.
    #[napi(catch_unwind)]
    pub fn last_sequence(&self) -> f64 {
        self.hub.last_sequence() as f64
    }

    /// How many messages a page missed since the message with this number; -1 if one of them is
    /// not kept.
    #[napi(catch_unwind)]
    pub fn missed(&self, session: u32, since: f64) -> f64 {
        self.hub.missed(session, since as u64).map_or(-1.0, |missed| missed as f64)
    }

    /// Messages without a number that a page was sent.
    #[napi(catch_unwind)]
    pub fn raw_sent(&self, session: u32) -> f64 {
        self.hub.raw_sent(session) as f64
    }

    /// Welcomes a page on another connection, with all that it missed since this number. False if
    /// one of those messages is not kept.
    #[napi(catch_unwind)]
    pub fn resume(&self, id: u32, instance: String, key: String, since: f64) -> bool {
        self.hub.resume(id, &instance, &key, since as u64)
    }
}
