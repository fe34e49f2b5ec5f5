//! Frames queued, written and dropped in any order.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::outbox::check(data));
