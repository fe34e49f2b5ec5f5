//! A message of Vite's protocol.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::inbound::check(data));
