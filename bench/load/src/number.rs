//! The number before a payload for pages that could come back: `\u{1}42 {"type":…`.

const MARK: u8 = 0x01;
const AFTER_NUMBER: u8 = b' ';

/// What is known of the number of one message.
#[derive(Debug)]
pub struct Number {
    length: usize,
    skipped: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Unread,
    Within,
    /// It has just ended, and nobody has asked for what is left.
    Ended,
    Passed,
}

impl Number {
    /// Of a message of `length` bytes.
    pub fn begin(length: usize) -> Self {
        Self { length, skipped: 0, state: State::Unread }
    }

    /// What of the next bytes is behind the number.
    pub fn skip<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        if let (State::Unread, Some(first)) = (&self.state, piece.first()) {
            self.state = if *first == MARK { State::Within } else { State::Passed };
        }
        if !matches!(self.state, State::Within) {
            return piece;
        }
        let Some(end) = piece.iter().position(|byte| *byte == AFTER_NUMBER) else {
            self.skipped += piece.len();
            return &[];
        };
        self.skipped += end + 1;
        self.state = State::Ended;
        &piece[end + 1..]
    }

    /// The length of the payload, once, when there was a number and it has ended.
    pub fn payload_length(&mut self) -> Option<usize> {
        if !matches!(self.state, State::Ended) {
            return None;
        }
        self.state = State::Passed;
        Some(self.length - self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &[u8], piece: usize) -> (Vec<u8>, Option<usize>) {
        let mut number = Number::begin(message.len());
        let (mut payload, mut length) = (Vec::new(), None);
        for piece in message.chunks(piece) {
            payload.extend_from_slice(number.skip(piece));
            length = length.or(number.payload_length());
        }
        (payload, length)
    }

    #[test]
    fn a_number_is_skipped_however_it_is_cut() {
        for piece in 1..12 {
            assert_eq!(read(b"\x0142 {\"a\": 1}", piece), (b"{\"a\": 1}".to_vec(), Some(8)));
        }
    }

    #[test]
    fn a_message_without_a_number_is_left_as_it_is() {
        assert_eq!(read(b"{\"a\": 1}", 3), (b"{\"a\": 1}".to_vec(), None));
    }
}
