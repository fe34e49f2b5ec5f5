//! The opcodes of frames (RFC 6455, 5.2).

/// The opcode of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    /// A further part of a fragmented message.
    Continuation = 0x0,
    /// A text message, or its first part.
    Text = 0x1,
    /// A binary message, or its first part.
    Binary = 0x2,
    /// A close frame.
    Close = 0x8,
    /// A ping frame.
    Ping = 0x9,
    /// A pong frame.
    Pong = 0xa,
}

impl Opcode {
    /// The opcode of this value; none for a reserved one.
    pub fn from_value(value: u8) -> Option<Self> {
        Some(match value {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }

    /// Its value in the first byte of a frame.
    pub const fn value(self) -> u8 {
        self as u8
    }

    /// Whether a frame with it is a control frame.
    pub fn is_control(self) -> bool {
        self.value() & 0x8 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_rfc() {
        let known: Vec<_> = (0..=15).filter_map(Opcode::from_value).collect();
        let values: Vec<_> = known.iter().map(|opcode| opcode.value()).collect();
        assert_eq!(values, [0, 1, 2, 8, 9, 10]);
        let control: Vec<_> = known.into_iter().filter(|opcode| opcode.is_control()).collect();
        assert_eq!(control, [Opcode::Close, Opcode::Ping, Opcode::Pong]);
    }
}
