//! Delivery of one message, for the inspector.

use crate::core::outgoing::delivery::{Delivery, Outcome};
use napi::bindgen_prelude::Float64Array;
use napi_derive::napi;
use std::sync::Arc;
use std::time::Instant;

/// One message on its way to its clients: made before it is sent.
#[napi]
pub struct NativeDelivery(pub(super) Arc<Delivery>);

/// Its state so far.
#[napi(object)]
pub struct DeliveryReport {
    pub delivered: u32,
    pub lost: u32,
    /// The client that got it last; 0 while nobody has.
    pub last_client: u32,
    /// Milliseconds until then.
    pub last_ms: f64,
    /// For the first clients two numbers: its number, and milliseconds, or NaN where it was lost.
    pub named: Float64Array,
    /// Whether nothing more will be known.
    pub is_settled: bool,
}

#[napi]
impl NativeDelivery {
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self(Delivery::new(Instant::now()))
    }

    #[napi(catch_unwind)]
    pub fn report(&self) -> DeliveryReport {
        let is_settled = self.0.is_settled();
        let report = self.0.report();
        let (last_client, last) = report.last.unwrap_or_default();
        let named = report.named.iter().flat_map(|(client, outcome)| {
            let milliseconds = match outcome {
                Outcome::Delivered(after) => after.as_secs_f64() * 1e3,
                Outcome::Lost => f64::NAN,
            };
            [f64::from(*client), milliseconds]
        });
        DeliveryReport {
            delivered: report.delivered as u32,
            lost: report.lost as u32,
            last_client,
            last_ms: last.as_secs_f64() * 1e3,
            named: named.collect::<Vec<f64>>().into(),
            is_settled,
        }
    }
}
