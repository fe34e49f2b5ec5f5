//! A stream of frames, cut anywhere.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::receiver::check(data));
