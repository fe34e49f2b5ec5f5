//! The headers of an opening handshake.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::handshake::check(data));
