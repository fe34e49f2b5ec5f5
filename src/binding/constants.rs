//! Names and numbers that cross to JavaScript. JavaScript reads them from here and keeps no copy.

use crate::core::context::config::{self, Config};
use crate::core::events::disconnect;
use crate::core::outgoing::backpressure;
use crate::core::peer::Subscriptions;
use crate::core::protocol::opcode;
use crate::core::resume::control;
use napi_derive::napi;

/// The kinds of events in a batch, each with the number and the value that come with it.
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
    /// A ping frame. A Buffer.
    Ping,
    /// A pong frame. A Buffer.
    Pong,
    /// A close frame. Its code (1005 for none), its reason as a Buffer.
    CloseFrame,
    /// The client broke RFC 6455. A string: code, space, message.
    ProtocolError,
    /// A frame has been written. The token of its send.
    Sent,
    /// Messages were dropped, and a reload follows. How many.
    Dropped,
    /// Messages were dropped, and the connection is closed for it. How many.
    Overflow,
    /// The connection has ended. Close code (1006 for no close frame), reason as a Buffer. Nothing
    /// follows.
    Closed,
    /// The client reads again, and a reload follows. Messages dropped before.
    Recovered,
    /// Observed: a keepalive ping has been sent.
    KeepalivePing,
    /// Observed: a keepalive ping was answered. Milliseconds.
    KeepalivePong,
    /// Observed: a text message. Its length in bytes, its beginning as a Buffer.
    ObservedText,
    /// Observed: a binary message. Its length in bytes, its beginning as a Buffer.
    ObservedBinary,
    /// The client left; `Closed` follows. A `DisconnectReason`.
    Disconnected,
    /// The client is a page that can come back on another connection. 1 if it has been reloaded since
    /// it could not go on.
    Hello,
}

/// Factor of the connection's number in the heads of a batch: above every kind.
#[napi]
pub const HEAD_KINDS: u32 = 32;

const _: () = assert!((EventKind::Hello as u32) < HEAD_KINDS);

/// Why a client left.
#[napi]
pub enum DisconnectReason {
    /// The client sent a close frame.
    ClientClosed,
    /// The stream ended or failed, and the client had sent no close frame.
    ConnectionLost,
    /// `close` was called.
    ServerClosed,
    /// `terminate` was called.
    Terminated,
    /// The server was closed.
    ServerShutdown,
    /// Nothing came for two keepalive periods, in spite of a ping.
    KeepaliveTimeout,
    /// The close handshake took longer than `closeTimeout`.
    CloseTimeout,
    /// The client did not read, and was closed with 1013.
    Overflow,
    /// The client broke RFC 6455.
    ProtocolError,
}

impl From<disconnect::DisconnectReason> for DisconnectReason {
    fn from(reason: disconnect::DisconnectReason) -> Self {
        use disconnect::DisconnectReason as Core;
        match reason {
            Core::ClientClosed => Self::ClientClosed,
            Core::ConnectionLost => Self::ConnectionLost,
            Core::ServerClosed => Self::ServerClosed,
            Core::Terminated => Self::Terminated,
            Core::ServerShutdown => Self::ServerShutdown,
            Core::KeepaliveTimeout => Self::KeepaliveTimeout,
            Core::CloseTimeout => Self::CloseTimeout,
            Core::Overflow => Self::Overflow,
            Core::ProtocolError => Self::ProtocolError,
        }
    }
}

/// The events of a connection that the addon reports; to be added up. All others always are.
#[napi]
pub enum Subscription {
    Nothing = 0,
    /// Every message, as it came.
    Messages = 1,
    Pings = 2,
    Pongs = 4,
    /// Messages of Vite's protocol whose event passes the event filter.
    Events = 8,
    Everything = 15,
}

const _: () = assert!(Subscription::Messages as u8 == Subscriptions::MESSAGES.bits());
const _: () = assert!(Subscription::Pings as u8 == Subscriptions::PINGS.bits());
const _: () = assert!(Subscription::Pongs as u8 == Subscriptions::PONGS.bits());
const _: () = assert!(Subscription::Events as u8 == Subscriptions::EVENTS.bits());
const _: () = assert!(Subscription::Everything as u8 == Subscriptions::ALL.bits());

/// The opcodes of frames (RFC 6455, 5.2).
#[napi]
pub enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

const _: () = {
    assert!(Opcode::Continuation as u8 == opcode::Opcode::Continuation.value());
    assert!(Opcode::Text as u8 == opcode::Opcode::Text.value());
    assert!(Opcode::Binary as u8 == opcode::Opcode::Binary.value());
    assert!(Opcode::Close as u8 == opcode::Opcode::Close.value());
    assert!(Opcode::Ping as u8 == opcode::Opcode::Ping.value());
    assert!(Opcode::Pong as u8 == opcode::Opcode::Pong.value());
};

/// The policy for a client over the high-water mark.
#[napi(string_enum = "lowercase")]
pub enum OverflowPolicy {
    /// Drop what the client has not been sent, and a reload once it reads again.
    Reload,
    /// Close the connection with 1013.
    Close,
    /// Queue without bound, as Vite and `ws` do.
    Keep,
}

impl From<OverflowPolicy> for backpressure::OverflowPolicy {
    fn from(policy: OverflowPolicy) -> Self {
        match policy {
            OverflowPolicy::Reload => Self::Reload,
            OverflowPolicy::Close => Self::Close,
            OverflowPolicy::Keep => Self::Keep,
        }
    }
}

impl From<backpressure::OverflowPolicy> for OverflowPolicy {
    fn from(policy: backpressure::OverflowPolicy) -> Self {
        match policy {
            backpressure::OverflowPolicy::Reload => Self::Reload,
            backpressure::OverflowPolicy::Close => Self::Close,
            backpressure::OverflowPolicy::Keep => Self::Keep,
        }
    }
}

/// The defaults of options, under the names of the options.
#[napi(object, object_from_js = false)]
pub struct Defaults {
    /// Milliseconds.
    pub keepalive: f64,
    /// Bytes.
    pub max_payload: f64,
    /// Parts of one message.
    pub max_fragments: u32,
    #[napi(js_name = "skipUTF8Validation")]
    pub skip_utf8_validation: bool,
    pub auto_pong: bool,
    pub max_pending_auto_pongs: u32,
    /// Milliseconds.
    pub close_timeout: f64,
    /// Bytes.
    pub high_water_mark: f64,
    /// Bytes.
    pub low_water_mark: f64,
    /// Bytes that may wait for a client in any case, in multiples of the high-water mark.
    pub hard_limit_factor: u32,
    /// Milliseconds after which a client that takes nothing is over at the high-water mark.
    pub stall: f64,
    #[napi(ts_type = "`${OverflowPolicy}`")]
    pub overflow: OverflowPolicy,
    /// Clients at once; JavaScript refuses the next one.
    pub max_clients: u32,
    pub reconnect: ReconnectDefaults,
}

/// The defaults of the option `reconnect`.
#[napi(object, object_from_js = false)]
pub struct ReconnectDefaults {
    pub max_messages: f64,
    pub max_bytes: f64,
    /// Milliseconds.
    pub max_age: f64,
}

/// The defaults of options.
#[napi(catch_unwind)]
pub fn defaults() -> Defaults {
    let Config { limits, marks, journal, .. } = Config::default();
    let config = Config::default();
    Defaults {
        keepalive: config.keepalive.as_millis() as f64,
        max_payload: limits.max_payload_bytes as f64,
        max_fragments: limits.max_fragments,
        skip_utf8_validation: limits.skip_utf8_validation,
        auto_pong: config.auto_pong,
        max_pending_auto_pongs: config.max_pending_pongs as u32,
        close_timeout: config.close_timeout.as_millis() as f64,
        high_water_mark: marks.high_water_bytes as f64,
        low_water_mark: marks.low_water_bytes as f64,
        hard_limit_factor: backpressure::HARD_LIMIT_FACTOR as u32,
        stall: backpressure::STALL.as_millis() as f64,
        overflow: marks.policy.into(),
        max_clients: config::DEFAULT_MAX_CLIENTS,
        reconnect: ReconnectDefaults {
            max_messages: journal.messages as f64,
            max_bytes: journal.bytes as f64,
            max_age: journal.age.as_millis() as f64,
        },
    }
}

/// How the messages begin by which pages and their server keep in step.
#[napi(object, object_from_js = false)]
pub struct ControlTexts {
    /// The whole of a page's first message.
    pub hello: String,
    /// The same of a page that has been reloaded since it could not go on.
    pub hello_again: String,
    /// The whole of a page's question.
    pub probe: String,
    /// The field in front of a numbered payload.
    pub field: String,
    /// The answer to a hello, and the first message of a later connection.
    pub welcome: String,
    /// The answer to a probe.
    pub acknowledgement: String,
}

/// How the messages begin by which pages and their server keep in step.
#[napi(catch_unwind)]
pub fn control_texts() -> ControlTexts {
    ControlTexts {
        hello: control::HELLO.to_owned(),
        hello_again: control::HELLO_AGAIN.to_owned(),
        probe: control::PROBE.to_owned(),
        field: control::NUMBER.to_owned(),
        welcome: control::WELCOME.to_owned(),
        acknowledgement: control::ACKNOWLEDGEMENT.to_owned(),
    }
}
