//! Counters for JavaScript.

use crate::core::context::stats::{ClientSnapshot, Snapshot};
use napi::bindgen_prelude::Float64Array;
use napi_derive::napi;
use std::time::Duration;

/// Counters of a server.
#[napi(object)]
pub struct NativeStats {
    pub io_threads: u32,
    pub adopted: f64,
    pub bridged: f64,
    pub dropped_messages: f64,
    pub overflows: f64,
    pub pings: f64,
    pub keepalive_timeouts: f64,
    pub messages_in: f64,
    pub messages_out: f64,
    pub frames_in: f64,
    pub frames_out: f64,
    pub bytes_in: f64,
    pub bytes_out: f64,
    /// For each client the numbers that `clientColumns` names.
    pub clients: Float64Array,
}

/// A number of a client: its name, and where it comes from.
type Column = (&'static str, fn(&ClientSnapshot) -> f64);

const COLUMNS: [Column; 10] = [
    ("id", |client| f64::from(client.id)),
    ("messagesIn", |client| client.totals.messages_in as f64),
    ("messagesOut", |client| client.totals.messages_out as f64),
    ("framesIn", |client| client.totals.frames_in as f64),
    ("framesOut", |client| client.totals.frames_out as f64),
    ("bytesIn", |client| client.totals.bytes_in as f64),
    ("bytesOut", |client| client.totals.bytes_out as f64),
    ("queuedBytes", |client| client.queued_bytes as f64),
    ("silence", |client| milliseconds(client.silence)),
    ("roundTrip", |client| client.round_trip.map_or(f64::NAN, milliseconds)),
];

/// The names of the numbers of each client in `NativeStats.clients`, in their order. `silence` is
/// milliseconds since its last byte; `roundTrip` is milliseconds of its last round trip, or NaN.
#[napi(catch_unwind)]
pub fn client_columns() -> Vec<&'static str> {
    COLUMNS.map(|(name, _)| name).to_vec()
}

fn row(client: &ClientSnapshot) -> [f64; COLUMNS.len()] {
    COLUMNS.map(|(_, read)| read(client))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

impl From<Snapshot> for NativeStats {
    fn from(snapshot: Snapshot) -> Self {
        let Snapshot { totals, .. } = snapshot;
        let rows: Vec<f64> = snapshot.clients.iter().flat_map(row).collect();
        Self {
            io_threads: snapshot.io_threads as u32,
            adopted: snapshot.adopted as f64,
            bridged: snapshot.bridged as f64,
            dropped_messages: snapshot.dropped_messages as f64,
            overflows: snapshot.overflows as f64,
            pings: snapshot.pings as f64,
            keepalive_timeouts: snapshot.keepalive_timeouts as f64,
            messages_in: totals.messages_in as f64,
            messages_out: totals.messages_out as f64,
            frames_in: totals.frames_in as f64,
            frames_out: totals.frames_out as f64,
            bytes_in: totals.bytes_in as f64,
            bytes_out: totals.bytes_out as f64,
            clients: rows.into(),
        }
    }
}
