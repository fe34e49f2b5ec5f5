use super::*;

const LIMITS: Limits =
    Limits { max_payload_bytes: 1 << 20, max_fragments: 4, skip_utf8_validation: false };

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x11, 0x22, 0x33, 0x44];
    let mut bytes = vec![first];
    match payload.len() {
        0..=125 => bytes.push(0x80 | payload.len() as u8),
        126..=65_535 => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(payload.len() as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// Feeds a stream in chunks of `step` bytes; items are rendered so that they can be compared.
fn read(stream: &[u8], step: usize) -> (Vec<String>, Option<ProtocolError>) {
    let mut receiver = Receiver::new(LIMITS);
    let mut items = Vec::new();
    for chunk in stream.chunks(step) {
        let mut chunk = chunk.to_vec();
        let fed = receiver.feed(&mut chunk, |item| {
            items.push(match item {
                Item::Message { binary, data } => format!("{binary} {}", data.escape_ascii()),
                Item::Ping(data) => format!("ping {}", data.escape_ascii()),
                Item::Pong(data) => format!("pong {}", data.escape_ascii()),
                Item::Close { code, reason } => format!("close {code} {}", reason.escape_ascii()),
            });
        });
        if let Err(error) = fed {
            return (items, Some(error));
        }
    }
    (items, None)
}

fn error(stream: &[u8]) -> (u16, &'static str) {
    let (_, error) = read(stream, usize::MAX);
    let error = error.expect("the stream is invalid");
    (error.close_code, error.code)
}

#[test]
fn however_the_stream_is_cut_the_items_are_the_same() {
    let long = vec![b'l'; 70_000];
    let stream = [
        frame(0x81, b"one"),
        frame(0x01, b"tw"),
        frame(0x89, b"ping"),
        frame(0x00, b""),
        frame(0x80, b"o"),
        frame(0x82, &long),
        frame(0x81, &[b'm'; 300]),
        frame(0x8a, b""),
        frame(0x88, b"\x03\xe8bye"),
        b"ignored".to_vec(),
    ]
    .concat();
    let (whole, none) = read(&stream, usize::MAX);
    assert_eq!(none, None);
    assert_eq!(whole.len(), 7);
    assert_eq!(whole[..3], ["false one", "ping ping", "false two"]);
    assert_eq!(whole[6], "close 1000 bye");
    for step in [1, 2, 3, 5, 7, 125, 4096] {
        assert_eq!(read(&stream, step), (whole.clone(), None), "in steps of {step}");
    }
}

#[test]
fn breaches_are_refused_with_the_codes_of_ws() {
    let reserved = |first| error(&frame(first, b""));
    assert_eq!(reserved(0xc1), (1002, "WS_ERR_UNEXPECTED_RSV_1"));
    assert_eq!(reserved(0xa1), (1002, "WS_ERR_UNEXPECTED_RSV_2_3"));
    assert_eq!(reserved(0x83), (1002, "WS_ERR_INVALID_OPCODE"));
    assert_eq!(reserved(0x80), (1002, "WS_ERR_INVALID_OPCODE"));
    assert_eq!(reserved(0x09), (1002, "WS_ERR_EXPECTED_FIN"));
    assert_eq!(error(b"\x81\x00"), (1002, "WS_ERR_EXPECTED_MASK"));
    assert_eq!(error(b"\x89\xfe"), (1002, "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"));
    assert_eq!(error(&frame(0x88, b"x")), (1002, "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"));
    assert_eq!(error(&frame(0x88, b"\x03\xed")), (1002, "WS_ERR_INVALID_CLOSE_CODE"));
    assert_eq!(error(&frame(0x81, b"\xff")), (1007, "WS_ERR_INVALID_UTF8"));
    assert_eq!(error(&frame(0x88, b"\x03\xe8\xff")), (1007, "WS_ERR_INVALID_UTF8"));
    let restarted = [frame(0x01, b"a"), frame(0x81, b"b")].concat();
    assert_eq!(error(&restarted), (1002, "WS_ERR_INVALID_OPCODE"));
}

#[test]
fn a_declared_length_is_judged_before_its_bytes_come() {
    let declared = |length: u64| [b"\x82\xff".to_vec(), length.to_be_bytes().to_vec()].concat();
    let too_long = (1009, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
    assert_eq!(error(&declared((1 << 20) + 1)), too_long);
    assert_eq!(error(&declared(1 << 53)), (1009, "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"));
    assert_eq!(read(&declared(1 << 20), usize::MAX), (vec![], None));
    let parts = [frame(0x02, &[0; 1 << 19]), frame(0x80, &[0; (1 << 19) + 1])].concat();
    assert_eq!(error(&parts), too_long);
}

#[test]
fn the_parts_of_a_message_are_counted() {
    let parts = [frame(0x01, b""), frame(0, b""), frame(0, b""), frame(0, b"")].concat();
    assert_eq!(read(&parts, usize::MAX), (vec![], None));
    let one_more = [parts, frame(0, b"")].concat();
    assert_eq!(error(&one_more), (1008, "WS_ERR_TOO_MANY_BUFFERED_PARTS"));
}

#[test]
fn close_code_1014_is_valid_and_the_reserved_ones_are_not() {
    assert!(is_valid_close_code(1014) && is_valid_close_code(3000) && is_valid_close_code(4999));
    for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
        assert!(!is_valid_close_code(code), "{code}");
    }
}
