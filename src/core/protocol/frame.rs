//! A frame that leaves the server, encoded once and shared by every client that gets it.

use super::opcode::Opcode;
use bytes::Bytes;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::OpCode;

/// Payloads up to this many bytes are copied behind their header, so that a burst of small frames
/// costs one slice each in a vectored write. Above it the copy would cost more than the slice.
const CONTIGUOUS_PAYLOAD_BYTES: usize = 16 * 1024;

/// The longest header of a server's frame: two bytes and a 64-bit length. Servers do not mask.
const MAX_HEADER_BYTES: usize = 10;

/// Cost of a queued frame beyond its bytes: the place that it takes in a queue, so that many
/// small ones are bounded too.
pub const QUEUE_PLACE_BYTES: usize = 128;

/// An encoded frame, or several one behind the other. Cloning it shares the bytes.
#[derive(Clone, Debug)]
pub struct Frame {
    head: Bytes,
    tail: Bytes,
    opcode: Opcode,
    count: u32,
}

impl Frame {
    /// Encodes one frame around `payload`.
    ///
    /// ```
    /// use vite_native_ws::core::protocol::frame::Frame;
    /// use vite_native_ws::core::protocol::opcode::Opcode;
    /// let frame = Frame::new(Opcode::Text, true, b"hi".to_vec());
    /// assert_eq!(frame.slices().concat(), b"\x81\x02hi");
    /// ```
    pub fn new(opcode: Opcode, fin: bool, payload: impl Into<Bytes>) -> Self {
        Self::encode(opcode, fin, &[], payload.into())
    }

    /// A whole text message of `prefix` and `payload`; a large payload is shared and not copied.
    pub fn prefixed(prefix: &[u8], payload: impl Into<Bytes>) -> Self {
        Self::encode(Opcode::Text, true, prefix, payload.into())
    }

    fn encode(opcode: Opcode, fin: bool, prefix: &[u8], payload: Bytes) -> Self {
        let header = FrameHeader {
            is_final: fin,
            opcode: OpCode::from(opcode.value()),
            ..FrameHeader::default()
        };
        let inline = payload.len() <= CONTIGUOUS_PAYLOAD_BYTES;
        let room = MAX_HEADER_BYTES + prefix.len() + if inline { payload.len() } else { 0 };
        let mut head = Vec::with_capacity(room);
        header
            .format((prefix.len() + payload.len()) as u64, &mut head)
            .expect("writing a header to a vector cannot fail");
        head.extend_from_slice(prefix);
        if inline {
            head.extend_from_slice(&payload);
            return Self { head: head.into(), tail: Bytes::new(), opcode, count: 1 };
        }
        Self { head: head.into(), tail: payload, opcode, count: 1 }
    }

    /// Whole text messages one behind the other, for clients that all get all of them.
    ///
    /// ```
    /// use vite_native_ws::core::protocol::frame::Frame;
    /// let both = Frame::joined(&[&Frame::text("a"), &Frame::text("b")]);
    /// assert_eq!(both.slices().concat(), b"\x81\x01a\x81\x01b");
    /// assert_eq!(both.count(), 2);
    /// ```
    pub fn joined(messages: &[&Frame]) -> Self {
        let slices: Vec<_> = messages.iter().flat_map(|frame| frame.slices()).collect();
        let count = messages.iter().map(|frame| frame.count).sum();
        Self { head: slices.concat().into(), tail: Bytes::new(), opcode: Opcode::Text, count }
    }

    /// Bytes that go before the first frame: the answer to the handshake.
    pub fn handshake(answer: impl Into<Bytes>) -> Self {
        Self { head: answer.into(), tail: Bytes::new(), opcode: Opcode::Continuation, count: 0 }
    }

    /// The same bytes with a count of owners of their own: clones on one thread do not disturb
    /// those on another.
    pub fn split_off(&self) -> Self {
        let apart = |bytes: &Bytes| match bytes.is_empty() {
            true => Bytes::new(),
            false => Bytes::from_owner(bytes.clone()),
        };
        Self { head: apart(&self.head), tail: apart(&self.tail), ..*self }
    }

    /// A whole text message.
    pub fn text(payload: impl Into<Bytes>) -> Self {
        Self::new(Opcode::Text, true, payload)
    }

    /// A close frame. Without a code its payload is empty, which the peer reads as 1005.
    pub fn close(code: Option<u16>, reason: &[u8]) -> Self {
        let mut payload = Vec::with_capacity(2 + reason.len());
        if let Some(code) = code {
            payload.extend_from_slice(&code.to_be_bytes());
            payload.extend_from_slice(reason);
        }
        Self::new(Opcode::Close, true, payload)
    }

    /// The frame's bytes, in order; the second slice may be empty.
    pub fn slices(&self) -> [&[u8]; 2] {
        [&self.head, &self.tail]
    }

    /// Whether both are clones of one frame.
    pub fn is_same(&self, other: &Self) -> bool {
        self.head.as_ptr() == other.head.as_ptr() && self.len() == other.len()
    }

    /// Length on the wire, in bytes.
    pub fn len(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// Bytes that it counts while it waits.
    pub fn cost(&self) -> usize {
        self.len() + QUEUE_PLACE_BYTES
    }

    /// Never true: even an empty message has a header.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// How many frames these are.
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// How many messages end with them.
    pub fn messages(&self) -> usize {
        let is_final = self.head.first().is_some_and(|byte| byte & 0x80 != 0);
        if is_final && !self.opcode.is_control() { self.count() } else { 0 }
    }

    /// The opcode of this frame.
    pub fn opcode(&self) -> Opcode {
        self.opcode
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_shortest_form() {
        let header = |payload: usize| {
            let frame = Frame::text(vec![b'x'; payload]);
            let bytes = frame.slices().concat();
            assert_eq!(bytes.len(), frame.len());
            bytes[..bytes.len() - payload].to_vec()
        };
        assert_eq!(header(0), [0x81, 0]);
        assert_eq!(header(125), [0x81, 125]);
        assert_eq!(header(126), [0x81, 126, 0, 126]);
        assert_eq!(header(65_535), [0x81, 126, 255, 255]);
        assert_eq!(header(65_536), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_close_frame_without_a_code_is_empty() {
        assert_eq!(Frame::close(None, b"ignored").slices().concat(), [0x88, 0]);
        assert_eq!(Frame::close(Some(1000), b"bye").slices().concat(), b"\x88\x05\x03\xe8bye");
    }

    #[test]
    fn a_large_payload_is_shared_and_not_copied() {
        let payload = Bytes::from(vec![b'x'; CONTIGUOUS_PAYLOAD_BYTES + 1]);
        let frame = Frame::text(payload.clone());
        assert_eq!(frame.slices()[1].as_ptr(), payload.as_ptr());
    }
}
