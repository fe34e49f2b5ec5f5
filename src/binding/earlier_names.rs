//! The earlier names of methods, for JavaScript that still calls them by these.

use super::server::NativeServer;
use napi_derive::napi;

#[napi]
impl NativeServer {
    /// `addSession`
    #[napi(catch_unwind)]
    pub fn add_page(&self) -> u32 {
        self.add_session()
    }

    /// `removeSession`
    #[napi(catch_unwind)]
    pub fn remove_page(&self, page: u32) {
        self.remove_session(page);
    }

    /// `sendHello`
    #[napi(catch_unwind)]
    pub fn greet(&self, id: u32, hello: String, since: f64) {
        self.send_hello(id, hello, since);
    }

    /// `setSubscriptions`
    #[napi(catch_unwind)]
    pub fn set_wants(&self, id: u32, wants: u8) {
        self.set_subscriptions(id, wants);
    }

    /// `setEventFilter`
    #[napi(catch_unwind)]
    pub fn set_interest(&self, event: String, is_wanted: bool) {
        self.set_event_filter(event, is_wanted);
    }

    /// `observeMessages`
    #[napi(catch_unwind)]
    pub fn watch_messages(&self, copy_bytes: Option<u32>) {
        self.observe_messages(copy_bytes);
    }

    /// `observeKeepalive`
    #[napi(catch_unwind)]
    pub fn watch_keepalive(&self, is_observed: bool) {
        self.observe_keepalive(is_observed);
    }
}
