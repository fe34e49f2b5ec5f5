//! Options of a server, as JavaScript gives them. It has checked types and ranges.

use super::constants::OverflowPolicy;
use crate::core::context::config::Config;
use crate::core::outgoing::backpressure::WaterMarks;
use crate::core::protocol::receiver::Limits;
use crate::core::resume::journal::Bounds;
use napi_derive::napi;
use std::time::Duration;

/// Every field has the default of the core.
#[napi(object)]
#[derive(Default)]
pub struct ServerOptions {
    /// Bytes.
    pub max_payload: Option<f64>,
    /// Parts of one message.
    pub max_fragments: Option<u32>,
    #[napi(js_name = "skipUTF8Validation")]
    pub skip_utf8_validation: Option<bool>,
    pub auto_pong: Option<bool>,
    pub max_pending_auto_pongs: Option<u32>,
    /// Milliseconds.
    pub close_timeout: Option<f64>,
    /// Milliseconds; 0 is off.
    pub keepalive: Option<f64>,
    /// Bytes.
    pub high_water_mark: Option<f64>,
    /// Bytes.
    pub low_water_mark: Option<f64>,
    #[napi(ts_type = "`${OverflowPolicy}`")]
    pub overflow: Option<OverflowPolicy>,
    /// Messages kept for pages that come back.
    pub journal_messages: Option<f64>,
    /// Bytes of them.
    pub journal_bytes: Option<f64>,
    /// Milliseconds that they are kept.
    pub journal_age: Option<f64>,
}

impl From<ServerOptions> for Config {
    fn from(options: ServerOptions) -> Self {
        let default = Config::default();
        let milliseconds = |value: Option<f64>, default: Duration| {
            value.map_or(default, |value| Duration::from_millis(value as u64))
        };
        let count = |value: Option<f64>, default| value.map_or(default, |value| value as usize);
        Config {
            limits: Limits {
                max_payload_bytes: options
                    .max_payload
                    .map_or(default.limits.max_payload_bytes, |value| value as u64),
                max_fragments: options.max_fragments.unwrap_or(default.limits.max_fragments),
                skip_utf8_validation: options.skip_utf8_validation.unwrap_or_default(),
            },
            marks: WaterMarks {
                high_water_bytes: count(options.high_water_mark, default.marks.high_water_bytes),
                low_water_bytes: count(options.low_water_mark, default.marks.low_water_bytes),
                policy: options.overflow.map_or(default.marks.policy, Into::into),
            },
            close_timeout: milliseconds(options.close_timeout, default.close_timeout),
            keepalive: milliseconds(options.keepalive, default.keepalive),
            auto_pong: options.auto_pong.unwrap_or(default.auto_pong),
            max_pending_pongs: options
                .max_pending_auto_pongs
                .map_or(default.max_pending_pongs, |value| value as usize),
            journal: Bounds {
                messages: count(options.journal_messages, default.journal.messages),
                bytes: count(options.journal_bytes, default.journal.bytes),
                age: milliseconds(options.journal_age, default.journal.age),
            },
        }
    }
}
