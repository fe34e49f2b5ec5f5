//! Frames of RFC 6455: just enough to read a server's and to write a client's.

use std::ops::Range;

const MAX_HEADER_BYTES: usize = 10;

/// Opcodes that occur here.
pub mod opcode {
    /// A text message.
    pub const TEXT: u8 = 0x1;
    /// The end.
    pub const CLOSE: u8 = 0x8;
    /// A question.
    pub const PING: u8 = 0x9;
    /// Its answer.
    pub const PONG: u8 = 0xa;
}

/// A client's frame. The mask is the same each time: no proxy is on the way that could be fooled.
pub fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut frame = header(opcode, payload.len());
    frame[1] |= 0x80;
    frame.extend_from_slice(&MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// The header of a server's frame.
pub fn header(opcode: u8, length: usize) -> Vec<u8> {
    let mut header = vec![0x80 | opcode];
    match length {
        0..=125 => header.push(length as u8),
        126..=0xffff => {
            header.push(126);
            header.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            header.push(127);
            header.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    header
}

/// A part of what was read.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// A frame begins.
    Begin {
        /// Its opcode.
        opcode: u8,
        /// The length of its payload.
        length: usize,
    },
    /// Bytes of its payload, as a range of what was read.
    Piece(Range<usize>),
    /// The frame is complete.
    End,
}

/// Something that no server may send.
#[derive(Debug)]
pub struct Malformed;

/// Finds the frames in a stream that comes in pieces.
#[derive(Debug, Default)]
pub struct Reader {
    header: [u8; MAX_HEADER_BYTES],
    known: usize,
    left: Option<usize>,
}

impl Reader {
    /// The next part of `data` from `at`, which moves on.
    ///
    /// # Errors
    /// Fragments, reserved bits and masks, none of which the servers here send.
    pub fn next(&mut self, data: &[u8], at: &mut usize) -> Result<Option<Part>, Malformed> {
        if let Some(left) = self.left {
            if left == 0 {
                self.left = None;
                return Ok(Some(Part::End));
            }
            let end = data.len().min(*at + left);
            if end == *at {
                return Ok(None);
            }
            self.left = Some(left - (end - *at));
            let piece = *at..end;
            *at = end;
            return Ok(Some(Part::Piece(piece)));
        }
        while self.known < self.header_length() {
            let Some(byte) = data.get(*at) else { return Ok(None) };
            self.header[self.known] = *byte;
            self.known += 1;
            *at += 1;
        }
        self.known = 0;
        let [first, second, ..] = self.header;
        if first & 0xf0 != 0x80 || second & 0x80 != 0 {
            return Err(Malformed);
        }
        let length = match second {
            126 => usize::from(u16::from_be_bytes([self.header[2], self.header[3]])),
            127 => self.header[2..].iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
            short => usize::from(short),
        };
        self.left = Some(length);
        Ok(Some(Part::Begin { opcode: first & 0xf, length }))
    }

    fn header_length(&self) -> usize {
        match (self.known, self.header[1]) {
            (0 | 1, _) => 2,
            (_, 126) => 4,
            (_, 127) => 10,
            _ => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_however_they_are_cut() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let mut stream = header(opcode::TEXT, length);
            stream.resize(stream.len() + length, b'x');
            let stream = stream.repeat(2);
            for piece in [1, 3, 1000, stream.len()] {
                let mut reader = Reader::default();
                let (mut frames, mut bytes) = (0, 0);
                for data in stream.chunks(piece) {
                    let mut at = 0;
                    while let Some(part) = reader.next(data, &mut at).expect("well-formed") {
                        match part {
                            Part::Begin { length: told, .. } => assert_eq!(told, length),
                            Part::Piece(range) => bytes += range.len(),
                            Part::End => frames += 1,
                        }
                    }
                }
                assert_eq!((frames, bytes), (2, 2 * length));
            }
        }
    }
}
