//! The number in front of a payload for pages that could come back: `{"vite-native-ws":42,"type":…`.

const FIELD: &[u8] = br#"{"vite-native-ws":"#;
const AFTER_NUMBER: u8 = b',';
/// What is left of the field: the payload's own brace.
const BRACE: &[u8] = b"{";

/// What is known of the number of one message.
#[derive(Debug)]
pub struct Number {
    length: usize,
    skipped: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    /// So much of the field has been read.
    Field(usize),
    /// The digits.
    Within,
    /// It has just ended, and nobody has asked for what is left.
    Ended,
    Passed,
}

impl Number {
    /// Of a message of `length` bytes.
    pub fn begin(length: usize) -> Self {
        Self { length, skipped: 0, state: State::Field(0) }
    }

    /// What of the payload can be told from the next bytes: what was held back until now, and what of
    /// `piece` is behind the number.
    pub fn skip<'a>(&mut self, piece: &'a [u8]) -> [&'a [u8]; 2] {
        let mut rest = piece;
        if let State::Field(read) = self.state {
            let count = rest.len().min(FIELD.len() - read);
            if rest[..count] != FIELD[read..read + count] {
                self.state = State::Passed;
                return [&FIELD[..read], piece];
            }
            self.skipped += count;
            rest = &rest[count..];
            let read = read + count;
            self.state = if read == FIELD.len() { State::Within } else { State::Field(read) };
        }
        if !matches!(self.state, State::Within) {
            return [&[], rest];
        }
        let Some(end) = rest.iter().position(|byte| *byte == AFTER_NUMBER) else {
            self.skipped += rest.len();
            return [&[], &[]];
        };
        self.skipped += end + 1;
        self.state = State::Ended;
        [BRACE, &rest[end + 1..]]
    }

    /// The length of the payload, once, when there was a number and it has ended.
    pub fn payload_length(&mut self) -> Option<usize> {
        if !matches!(self.state, State::Ended) {
            return None;
        }
        self.state = State::Passed;
        Some(self.length - self.skipped + BRACE.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &[u8], piece: usize) -> (Vec<u8>, Option<usize>) {
        let mut number = Number::begin(message.len());
        let (mut payload, mut length) = (Vec::new(), None);
        for piece in message.chunks(piece) {
            payload.extend(number.skip(piece).concat());
            length = length.or(number.payload_length());
        }
        (payload, length)
    }

    #[test]
    fn a_number_is_skipped_however_it_is_cut() {
        let message = br#"{"vite-native-ws":42,"a": 1}"#;
        for piece in 1..30 {
            assert_eq!(read(message, piece), (br#"{"a": 1}"#.to_vec(), Some(8)), "{piece}");
        }
    }

    #[test]
    fn a_message_without_a_number_is_left_as_it_is() {
        for message in [&br#"{"a": 1}"#[..], br#"{"vite": 1}"#, b"x"] {
            for piece in 1..12 {
                assert_eq!(read(message, piece), (message.to_vec(), None), "{piece}");
            }
        }
    }
}
