//! What is sent, and the check that exactly this arrived.
//!
//! A payload of Vite's protocol that carries its number and the time of sending, filled up to its
//! size with a pattern: `{"type":"custom",…,"data":{"seq":1000000000,"at":"…","fill":"0123…"}}`.

const BEFORE_SEQUENCE: &[u8] = br#"{"type":"custom","event":"bench","data":{"seq":"#;
const BEFORE_TIME: &[u8] = br#","at":""#;
const BEFORE_FILL: &[u8] = br#"","fill":""#;
const AFTER_FILL: &[u8] = br#""}}"#;
const SEQUENCE_DIGITS: usize = 10;
const TIME_DIGITS: usize = 16;
const TIME_AT: usize = BEFORE_SEQUENCE.len() + SEQUENCE_DIGITS + BEFORE_TIME.len();
/// Bytes before the fill.
pub const HEAD_BYTES: usize = TIME_AT + TIME_DIGITS + BEFORE_FILL.len();
/// The shortest payload.
pub const MIN_BYTES: usize = HEAD_BYTES + AFTER_FILL.len();
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The longest piece that is checked at once.
pub const MAX_PIECE_BYTES: usize = 128 * 1024;
static FILL: [u8; MAX_PIECE_BYTES + ALPHABET.len()] = fill();

const fn fill<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        bytes[at] = ALPHABET[at % ALPHABET.len()];
        at += 1;
    }
    bytes
}

/// A payload of `size` bytes.
pub fn write(sequence: u64, at_ns: u64, size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(BEFORE_SEQUENCE);
    bytes.extend_from_slice(format!("{sequence:010}").as_bytes());
    bytes.extend_from_slice(BEFORE_TIME);
    bytes.extend_from_slice(format!("{at_ns:016}").as_bytes());
    bytes.extend_from_slice(BEFORE_FILL);
    bytes.extend((0..size.saturating_sub(MIN_BYTES)).map(|at| ALPHABET[at % ALPHABET.len()]));
    bytes.extend_from_slice(AFTER_FILL);
    bytes
}

/// Changes the time of sending of a payload.
pub fn stamp(payload: &mut [u8], at_ns: u64) {
    payload[TIME_AT..][..TIME_DIGITS].copy_from_slice(format!("{at_ns:016}").as_bytes());
}

/// What a message turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Vite's greeting.
    Connected,
    /// A payload of the benchmark.
    Payload {
        /// Its number.
        sequence: u64,
        /// When it was sent.
        at_ns: u64,
        /// Whether all of its bytes are right.
        is_intact: bool,
    },
    /// Something else.
    Other,
}

/// The check of one message, piece by piece.
#[derive(Debug)]
pub struct Check {
    head: [u8; MIN_BYTES],
    seen: usize,
    length: usize,
    is_intact: bool,
}

impl Check {
    /// A check of a message of `length` bytes.
    pub fn new(length: usize) -> Self {
        Self { head: [0; MIN_BYTES], seen: 0, length, is_intact: true }
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, mut piece: &[u8]) {
        if self.length < MIN_BYTES {
            return self.keep(piece);
        }
        if self.seen < HEAD_BYTES {
            let (head, rest) = piece.split_at(piece.len().min(HEAD_BYTES - self.seen));
            self.keep(head);
            piece = rest;
        }
        let fill_end = self.length - AFTER_FILL.len();
        if !piece.is_empty() && self.seen < fill_end {
            let (fill, rest) = piece.split_at(piece.len().min(fill_end - self.seen));
            let from = (self.seen - HEAD_BYTES) % ALPHABET.len();
            self.is_intact &= fill == &FILL[from..from + fill.len()];
            self.seen += fill.len();
            piece = rest;
        }
        if !piece.is_empty() {
            let from = self.seen - fill_end;
            self.is_intact &= AFTER_FILL.get(from..from + piece.len()) == Some(piece);
            self.seen += piece.len();
        }
    }

    fn keep(&mut self, piece: &[u8]) {
        self.head[self.seen..self.seen + piece.len()].copy_from_slice(piece);
        self.seen += piece.len();
    }

    /// What the message was, once all of it has been fed.
    pub fn verdict(&self) -> Verdict {
        if &self.head[..self.seen.min(MIN_BYTES)] == br#"{"type":"connected"}"# {
            return Verdict::Connected;
        }
        let sequence = number(&self.head[BEFORE_SEQUENCE.len()..][..SEQUENCE_DIGITS]);
        let at_ns = number(&self.head[TIME_AT..][..TIME_DIGITS]);
        match (sequence, at_ns) {
            (Some(sequence), Some(at_ns)) if self.length >= MIN_BYTES => {
                let head = write(sequence, at_ns, 0);
                let is_intact = self.is_intact
                    && self.seen == self.length
                    && head[..HEAD_BYTES] == self.head[..HEAD_BYTES];
                Verdict::Payload { sequence, at_ns, is_intact }
            }
            _ => Verdict::Other,
        }
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], piece: usize) -> Verdict {
        let mut check = Check::new(bytes.len());
        bytes.chunks(piece).for_each(|piece| check.feed(piece));
        check.verdict()
    }

    #[test]
    fn an_intact_payload_is_recognized_however_it_is_cut() {
        let bytes = write(1_000_000_007, 123_456_789, 4096);
        assert_eq!(bytes.len(), 4096);
        for piece in [1, 7, 88, 1000, 4095, 4096] {
            let expected =
                Verdict::Payload { sequence: 1_000_000_007, at_ns: 123_456_789, is_intact: true };
            assert_eq!(check(&bytes, piece), expected);
        }
    }

    #[test]
    fn any_wrong_byte_is_noticed() {
        let bytes = write(1_000_000_007, 123_456_789, 200);
        for at in 0..bytes.len() {
            let mut wrong = bytes.clone();
            wrong[at] ^= 1;
            let right =
                Verdict::Payload { sequence: 1_000_000_007, at_ns: 123_456_789, is_intact: true };
            assert_ne!(check(&wrong, 64), right, "byte {at}");
        }
    }

    #[test]
    fn the_greeting_and_strangers_are_told_apart() {
        assert_eq!(check(br#"{"type":"connected"}"#, 3), Verdict::Connected);
        assert_eq!(check(br#"{"type":"full-reload"}"#, 3), Verdict::Other);
        assert_eq!(check(&[b'x'; 300], 64), Verdict::Other);
    }
}
