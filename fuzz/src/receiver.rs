//! A stream means the same however it is cut, and costs no more than it is long.
//!
//! Input: a byte of limits, the number of cuts, the cuts, the stream.

use super::allocations::{held, take_largest};
use super::frames::{End, Seen, read};
use vite_native_ws::core::protocol::receiver::{Item, Limits, Receiver};

/// A vector that grows by appending is at most twice as long as its content.
const BYTES_HELD_PER_BYTE_FED: usize = 2;
/// Room for the text of one error.
const BYTES_HELD_ANYWAY: usize = 256;

/// A ping that must not be heard any more.
const LATE: &[u8] = b"\x89\x80\0\0\0\0";

/// Asserts the above for one input.
pub fn check(data: &[u8]) {
    let [limits, cuts, rest @ ..] = data else { return };
    let limits = limits_of(*limits);
    let (cuts, stream) = rest.split_at(usize::from(*cuts).min(rest.len()));
    let expected = read(stream, limits);
    assert_eq!(feed(stream, &[], limits), expected, "in one piece, {limits:?}");
    assert_eq!(feed(stream, cuts, limits), expected, "cut by {cuts:?}, {limits:?}");
    check_memory(stream, cuts, limits);
}

fn limits_of(choice: u8) -> Limits {
    Limits {
        max_payload_bytes: [0, 20, 1000, 1 << 53][usize::from(choice >> 1 & 3)],
        max_fragments: [1, 2, 5, u32::MAX][usize::from(choice >> 3 & 3)],
        skip_utf8_validation: choice & 1 != 0,
    }
}

/// The stream cut into pieces of the lengths in `cuts`, over and over; whole without cuts. Zero
/// stands for an empty read.
fn pieces<'a>(mut stream: &'a mut [u8], cuts: &[u8]) -> impl Iterator<Item = &'a mut [u8]> {
    let cuts = if cuts.iter().all(|cut| *cut == 0) { vec![usize::MAX] } else { lengths(cuts) };
    let mut place = 0;
    std::iter::from_fn(move || {
        if stream.is_empty() {
            return None;
        }
        let cut = cuts[place % cuts.len()].min(stream.len());
        place += 1;
        let (piece, rest) = std::mem::take(&mut stream).split_at_mut(cut);
        stream = rest;
        Some(piece)
    })
}

/// Small cuts go byte by byte, so that they fall within headers; large ones span messages.
fn lengths(cuts: &[u8]) -> Vec<usize> {
    let length = |cut: &u8| match usize::from(*cut) {
        cut @ 0..128 => cut,
        cut => (cut - 127) * 32,
    };
    cuts.iter().map(length).collect()
}

fn feed(stream: &[u8], cuts: &[u8], limits: Limits) -> (Vec<Seen>, End) {
    let mut receiver = Receiver::new(limits);
    let mut seen = Vec::new();
    let mut end = End::More;
    let mut bytes = [stream, LATE].concat();
    let (stream, late) = bytes.split_at_mut(stream.len());
    for piece in pieces(stream, cuts) {
        let count = seen.len();
        let fed = receiver.feed(piece, |item| seen.push(own(item)));
        if end != End::More {
            assert_eq!((seen.len(), fed), (count, Ok(())), "heard after {end:?}");
            continue;
        }
        if let Err(error) = fed {
            end = End::Breach(error.close_code, error.code);
        } else if let Some(Seen::Close(..)) = seen.last() {
            end = End::Closed;
        }
    }
    if end != End::More {
        let fed = receiver.feed(late, |item| panic!("{item:?} after {end:?}"));
        assert_eq!(fed, Ok(()));
    }
    (seen, end)
}

fn own(item: Item<'_>) -> Seen {
    match item {
        Item::Message { binary, data } => Seen::Message(binary, data.into_owned()),
        Item::Ping(data) => Seen::Ping(data.to_vec()),
        Item::Pong(data) => Seen::Pong(data.to_vec()),
        Item::Close { code, reason } => Seen::Close(code, reason.to_vec()),
    }
}

fn check_memory(stream: &[u8], cuts: &[u8], limits: Limits) {
    let mut stream = stream.to_vec();
    let pieces: Vec<_> = pieces(&mut stream, cuts).collect();
    let mut receiver = Receiver::new(limits);
    let mut bound = BYTES_HELD_ANYWAY;
    let before = held();
    take_largest();
    for piece in pieces {
        bound += piece.len() * BYTES_HELD_PER_BYTE_FED;
        let fed = receiver.feed(piece, |_| {});
        let more = held().wrapping_sub(before);
        assert!(more <= bound, "{more} bytes held, {bound} allowed");
        let largest = take_largest();
        assert!(largest <= bound, "{largest} bytes asked for, {bound} allowed");
        drop(fed);
    }
}
