//! Bytes from a peer become messages and control frames, with the refusals of `ws`.
//!
//! tungstenite's own reader answers some fifty protocol errors without a close frame, refuses the
//! close code 1014 and reserves a frame's declared length up front. A drop-in for `ws` has to
//! give the answers of `ws` (8.23, `receiver.js`), so messages are put together here.

use super::opcode::Opcode;
use crate::core::error::ProtocolError;
use std::borrow::Cow;

/// Bounds on what one peer may make the server hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest message, in bytes.
    pub max_payload_bytes: u64,
    /// The most parts of one message.
    pub max_fragments: u32,
    /// Whether text and close reasons are taken without looking at their encoding.
    pub skip_utf8_validation: bool,
}

/// Something complete that the peer sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A whole message. Borrowed when it came in one frame and one read.
    Message {
        /// Whether the message is binary; otherwise it is UTF-8.
        binary: bool,
        /// The payload, unmasked.
        data: Cow<'a, [u8]>,
    },
    /// A ping and its payload.
    Ping(&'a [u8]),
    /// A pong and its payload.
    Pong(&'a [u8]),
    /// A close frame; nothing that follows it is read.
    Close {
        /// The peer's code, or 1005 where the frame was empty.
        code: u16,
        /// The peer's reason.
        reason: &'a [u8],
    },
}

const CONTINUATION: u8 = Opcode::Continuation.value();
const TEXT: u8 = Opcode::Text.value();
const BINARY: u8 = Opcode::Binary.value();
const CLOSE: u8 = Opcode::Close.value();
const PING: u8 = Opcode::Ping.value();
const PONG: u8 = Opcode::Pong.value();

/// The longest payload of a control frame (RFC 6455, 5.5).
const MAX_CONTROL_BYTES: u8 = 125;
/// Lengths that JavaScript could not count are refused, as `ws` does.
const MAX_SAFE_LENGTH: u64 = (1 << 53) - 1;

#[derive(Clone, Copy, Debug)]
struct Head {
    fin: bool,
    opcode: u8,
    remaining: u64,
    mask: [u8; 4],
}

/// The reading half of one connection.
#[derive(Debug)]
pub struct Receiver {
    limits: Limits,
    /// The header under way; at most 2 + 8 + 4 bytes.
    header: [u8; 14],
    header_len: u8,
    head: Option<Head>,
    control: Vec<u8>,
    message: Vec<u8>,
    /// Bytes of the message, from its beginning, that are known to be UTF-8.
    utf8_bytes: usize,
    /// Opcode of the message under way, if it is fragmented.
    fragmented: Option<u8>,
    fragments: u32,
    total: u64,
    /// Whole frames since they were last asked for.
    frames: u64,
    done: bool,
}

impl Receiver {
    /// A receiver at the start of a stream.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            header: [0; 14],
            header_len: 0,
            head: None,
            control: Vec::new(),
            message: Vec::new(),
            utf8_bytes: 0,
            fragmented: None,
            fragments: 0,
            total: 0,
            frames: 0,
            done: false,
        }
    }

    /// Takes the next bytes of the stream and hands out what they complete, in order. `input` is
    /// unmasked in place. After a close frame or a error the rest of the stream is ignored.
    ///
    /// # Errors
    /// The first breach of the protocol; the connection cannot go on after it.
    pub fn feed(
        &mut self,
        input: &mut [u8],
        mut deliver: impl FnMut(Item<'_>),
    ) -> Result<(), ProtocolError> {
        let mut rest = input;
        while !self.done {
            let Some(head) = self.head else {
                if rest.is_empty() {
                    return Ok(());
                }
                let taken = self.read_header(rest).inspect_err(|_| self.done = true)?;
                rest = &mut rest[taken..];
                continue;
            };
            let available = usize::try_from(head.remaining).unwrap_or(usize::MAX).min(rest.len());
            if available == 0 && head.remaining > 0 {
                return Ok(());
            }
            let (part, after) = rest.split_at_mut(available);
            rest = after;
            unmask(part, head.mask);
            let outcome = if head.opcode >= CLOSE {
                self.control_part(head, part, &mut deliver)
            } else {
                self.data_part(head, part, &mut deliver)
            };
            outcome.inspect_err(|_| self.done = true)?;
        }
        Ok(())
    }

    /// The frames that are complete since the last call.
    pub fn take_frames(&mut self) -> u64 {
        std::mem::take(&mut self.frames)
    }

    /// Collects a header and checks it as soon as each part is there. Returns the bytes taken.
    fn read_header(&mut self, input: &[u8]) -> Result<usize, ProtocolError> {
        let mut taken = 0;
        loop {
            let have = usize::from(self.header_len);
            let need = self.header_needs();
            if have == need {
                self.start_frame();
                return Ok(taken);
            }
            let count = (need - have).min(input.len() - taken);
            if count == 0 {
                return Ok(taken);
            }
            self.header[have..have + count].copy_from_slice(&input[taken..taken + count]);
            self.header_len += count as u8;
            taken += count;
            if have < 2 && self.header_len >= 2 {
                self.check_first_bytes()?;
            }
            if self.header_len >= 2 && usize::from(self.header_len) == 2 + self.length_bytes() {
                self.check_length()?;
            }
        }
    }

    /// How many header bytes are needed before something can be decided.
    fn header_needs(&self) -> usize {
        let length_end = 2 + self.length_bytes();
        match usize::from(self.header_len) {
            0..2 => 2,
            have if have < length_end => length_end,
            _ => length_end + 4,
        }
    }

    /// Size of the extended length field; 0 before the second byte is there.
    fn length_bytes(&self) -> usize {
        match (self.header_len >= 2, self.header[1] & 0x7f) {
            (true, 126) => 2,
            (true, 127) => 8,
            _ => 0,
        }
    }

    fn length(&self) -> u64 {
        let end = 2 + self.length_bytes();
        match self.length_bytes() {
            0 => u64::from(self.header[1] & 0x7f),
            _ => self.header[2..end].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        }
    }

    /// The checks of `ws` on the first two bytes, in its order.
    fn check_first_bytes(&mut self) -> Result<(), ProtocolError> {
        let [first, second, ..] = self.header;
        let (fin, rsv1, opcode) = (first & 0x80 != 0, first & 0x40 != 0, first & 0x0f);
        if first & 0x30 != 0 {
            return Err(ProtocolError::unexpected_rsv_2_3());
        }
        if rsv1 {
            return Err(ProtocolError::unexpected_rsv_1());
        }
        match opcode {
            CONTINUATION if self.fragmented.is_none() => {
                return Err(ProtocolError::invalid_opcode(opcode));
            }
            TEXT | BINARY if self.fragmented.is_some() => {
                return Err(ProtocolError::invalid_opcode(opcode));
            }
            CONTINUATION | TEXT | BINARY => {}
            CLOSE | PING | PONG => {
                let length = second & 0x7f;
                if !fin {
                    return Err(ProtocolError::expected_fin());
                }
                if length > MAX_CONTROL_BYTES || (opcode == CLOSE && length == 1) {
                    return Err(ProtocolError::invalid_control_length(length));
                }
            }
            _ => return Err(ProtocolError::invalid_opcode(opcode)),
        }
        if second & 0x80 == 0 {
            return Err(ProtocolError::expected_mask());
        }
        Ok(())
    }

    fn check_length(&mut self) -> Result<(), ProtocolError> {
        let length = self.length();
        if length > MAX_SAFE_LENGTH {
            return Err(ProtocolError::unsupported_frame_length());
        }
        if self.header[0] & 0x0f < CLOSE {
            self.total += length;
            if self.total > self.limits.max_payload_bytes {
                return Err(ProtocolError::unsupported_message_length());
            }
        }
        Ok(())
    }

    fn start_frame(&mut self) {
        let mask_at = 2 + self.length_bytes();
        let [fin, opcode] = [self.header[0] & 0x80, self.header[0] & 0x0f];
        let mut mask = [0; 4];
        mask.copy_from_slice(&self.header[mask_at..mask_at + 4]);
        let remaining = self.length();
        self.head = Some(Head { fin: fin != 0, opcode, remaining, mask });
        self.header_len = 0;
    }

    fn data_part(
        &mut self,
        head: Head,
        part: &mut [u8],
        deliver: &mut impl FnMut(Item<'_>),
    ) -> Result<(), ProtocolError> {
        let complete = part.len() as u64 == head.remaining;
        let whole = complete && head.fin && self.message.is_empty();
        let opcode = self.fragmented.unwrap_or(head.opcode);
        if !whole {
            self.message.extend_from_slice(part);
            if opcode == TEXT {
                self.check_more_utf8();
            }
        }
        if !complete {
            self.head = Some(advance(head, part.len()));
            return Ok(());
        }
        self.head = None;
        self.frames += 1;
        self.fragments += 1;
        if self.fragments > self.limits.max_fragments {
            return Err(ProtocolError::too_many_fragments());
        }
        if !head.fin {
            self.fragmented = Some(opcode);
            return Ok(());
        }
        self.fragmented = None;
        self.fragments = 0;
        self.total = 0;
        let message = std::mem::take(&mut self.message);
        let utf8_bytes = std::mem::take(&mut self.utf8_bytes);
        let data = if whole { Cow::Borrowed(&*part) } else { Cow::Owned(message) };
        let binary = opcode == BINARY;
        if !binary {
            self.check_utf8(&data[utf8_bytes..])?;
        }
        deliver(Item::Message { binary, data });
        Ok(())
    }

    fn control_part(
        &mut self,
        head: Head,
        part: &mut [u8],
        deliver: &mut impl FnMut(Item<'_>),
    ) -> Result<(), ProtocolError> {
        if (part.len() as u64) < head.remaining {
            self.control.extend_from_slice(part);
            self.head = Some(advance(head, part.len()));
            return Ok(());
        }
        self.head = None;
        self.frames += 1;
        let mut collected = std::mem::take(&mut self.control);
        let data = if collected.is_empty() {
            &*part
        } else {
            collected.extend_from_slice(part);
            &collected
        };
        match head.opcode {
            PING => deliver(Item::Ping(data)),
            PONG => deliver(Item::Pong(data)),
            _ => {
                let (code, reason) = self.close_payload(data)?;
                self.done = true;
                deliver(Item::Close { code, reason });
            }
        }
        Ok(())
    }

    fn close_payload<'a>(&self, data: &'a [u8]) -> Result<(u16, &'a [u8]), ProtocolError> {
        let [high, low, reason @ ..] = data else { return Ok((1005, &[])) };
        let code = u16::from_be_bytes([*high, *low]);
        if !is_valid_close_code(code) {
            return Err(ProtocolError::invalid_close_code(code));
        }
        self.check_utf8(reason)?;
        Ok((code, reason))
    }

    /// Checks the encoding of a text as its parts come, since to check a large message at its end would
    /// hold up the other connections. A fault is reported at the end, as `ws` does.
    fn check_more_utf8(&mut self) {
        if !self.limits.skip_utf8_validation {
            self.utf8_bytes += match std::str::from_utf8(&self.message[self.utf8_bytes..]) {
                Ok(text) => text.len(),
                Err(error) => error.valid_up_to(),
            };
        }
    }

    fn check_utf8(&self, data: &[u8]) -> Result<(), ProtocolError> {
        if self.limits.skip_utf8_validation || std::str::from_utf8(data).is_ok() {
            return Ok(());
        }
        Err(ProtocolError::invalid_utf8())
    }
}

/// The close codes that a peer may send (`ws` 8.23, `validation.js`).
pub fn is_valid_close_code(code: u16) -> bool {
    matches!(code, 1000..=1014 | 3000..=4999) && !matches!(code, 1004..=1006)
}

/// The frame after `count` more of its bytes: less to come, and the mask turned to match.
fn advance(mut head: Head, count: usize) -> Head {
    head.remaining -= count as u64;
    head.mask.rotate_left(count % 4);
    head
}

fn unmask(data: &mut [u8], mask: [u8; 4]) {
    if mask == [0; 4] {
        return;
    }
    let (chunks, rest) = data.as_chunks_mut::<4>();
    for chunk in chunks {
        *chunk = (u32::from_ne_bytes(*chunk) ^ u32::from_ne_bytes(mask)).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(mask) {
        *byte ^= key;
    }
}

#[cfg(test)]
#[path = "receiver_tests.rs"]
mod tests;
