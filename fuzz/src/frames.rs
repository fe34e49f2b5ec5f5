//! A naive reader of a whole stream of frames, written from RFC 6455 and `ws`'s `receiver.js`.

use vite_native_ws::core::protocol::receiver::Limits;

/// Something complete that stands in a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// A message: whether it is binary, and its payload.
    Message(bool, Vec<u8>),
    /// A ping's payload.
    Ping(Vec<u8>),
    /// A pong's payload.
    Pong(Vec<u8>),
    /// A close frame's code and reason.
    Close(u16, Vec<u8>),
}

/// How reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The stream stops between frames or within one.
    More,
    /// A close frame was read.
    Closed,
    /// The peer broke the protocol: the close code and the error code for it.
    Breach(u16, &'static str),
}

const CONTROL: u8 = 8;

/// Reads all of `stream`.
pub fn read(stream: &[u8], limits: Limits) -> (Vec<Seen>, End) {
    let mut seen = Vec::new();
    let end = walk(stream, limits, &mut seen).err().unwrap_or(End::More);
    (seen, end)
}

/// `Ok` where the stream merely stops.
fn walk(mut stream: &[u8], limits: Limits, seen: &mut Vec<Seen>) -> Result<(), End> {
    let mut message: Option<(u8, Vec<u8>)> = None;
    let (mut declared, mut parts) = (0, 0);
    while let [first, second, rest @ ..] = stream {
        let (is_final, opcode) = (first & 0x80 != 0, first & 0x0f);
        check_start(*first, *second, message.is_some())?;
        let Some((length, rest)) = read_length(second & 0x7f, rest) else { return Ok(()) };
        if length >= 1 << 53 {
            return Err(End::Breach(1009, "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"));
        }
        if opcode < CONTROL {
            declared += u128::from(length);
            if declared > u128::from(limits.max_payload_bytes) {
                return Err(End::Breach(1009, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"));
            }
        }
        let Some((mask, rest)) = rest.split_at_checked(4) else { return Ok(()) };
        let Some((masked, rest)) =
            usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length))
        else {
            return Ok(());
        };
        stream = rest;
        let payload: Vec<u8> =
            masked.iter().enumerate().map(|(place, byte)| byte ^ mask[place % 4]).collect();
        if opcode >= CONTROL {
            control(opcode, payload, limits, seen)?;
            continue;
        }
        parts += 1;
        if parts > limits.max_fragments {
            return Err(End::Breach(1008, "WS_ERR_TOO_MANY_BUFFERED_PARTS"));
        }
        let (kind, mut data) = message.take().unwrap_or((opcode, Vec::new()));
        data.extend(payload);
        if !is_final {
            message = Some((kind, data));
            continue;
        }
        (declared, parts) = (0, 0);
        if kind == 1 {
            check_text(&data, limits)?;
        }
        seen.push(Seen::Message(kind == 2, data));
    }
    Ok(())
}

fn check_start(first: u8, second: u8, is_within_message: bool) -> Result<(), End> {
    let breach = |code| Err(End::Breach(1002, code));
    if first & 0b0011_0000 != 0 {
        return breach("WS_ERR_UNEXPECTED_RSV_2_3");
    }
    if first & 0b0100_0000 != 0 {
        return breach("WS_ERR_UNEXPECTED_RSV_1");
    }
    let length = second & 0x7f;
    match first & 0x0f {
        0 if !is_within_message => return breach("WS_ERR_INVALID_OPCODE"),
        1 | 2 if is_within_message => return breach("WS_ERR_INVALID_OPCODE"),
        3..=7 | 11.. => return breach("WS_ERR_INVALID_OPCODE"),
        8..=10 if first & 0x80 == 0 => return breach("WS_ERR_EXPECTED_FIN"),
        8..=10 if length > 125 => return breach("WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"),
        8 if length == 1 => return breach("WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"),
        _ => {}
    }
    if second & 0x80 == 0 {
        return breach("WS_ERR_EXPECTED_MASK");
    }
    Ok(())
}

fn read_length(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    match short {
        126 => {
            rest.split_first_chunk().map(|(field, rest)| (u16::from_be_bytes(*field).into(), rest))
        }
        127 => rest.split_first_chunk().map(|(field, rest)| (u64::from_be_bytes(*field), rest)),
        _ => Some((short.into(), rest)),
    }
}

fn control(opcode: u8, payload: Vec<u8>, limits: Limits, seen: &mut Vec<Seen>) -> Result<(), End> {
    match opcode {
        9 => seen.push(Seen::Ping(payload)),
        10 => seen.push(Seen::Pong(payload)),
        _ => {
            let (code, reason) = match payload.split_first_chunk() {
                None => (1005, &[][..]),
                Some((code, reason)) => (u16::from_be_bytes(*code), reason),
            };
            let is_reserved = [1004, 1005, 1006].contains(&code);
            let is_known = (1000..1015).contains(&code) || (3000..5000).contains(&code);
            if !payload.is_empty() && (is_reserved || !is_known) {
                return Err(End::Breach(1002, "WS_ERR_INVALID_CLOSE_CODE"));
            }
            check_text(reason, limits)?;
            seen.push(Seen::Close(code, reason.to_vec()));
            return Err(End::Closed);
        }
    }
    Ok(())
}

fn check_text(data: &[u8], limits: Limits) -> Result<(), End> {
    if limits.skip_utf8_validation || String::from_utf8(data.to_vec()).is_ok() {
        return Ok(());
    }
    Err(End::Breach(1007, "WS_ERR_INVALID_UTF8"))
}
