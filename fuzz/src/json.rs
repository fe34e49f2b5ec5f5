//! A naive `JSON.parse`, as far as telling which custom event a message names. It shares nothing
//! with `serde_json`, keeps lone surrogates and knows no number that is too large.

/// What a value is to a reader of names.
enum Value {
    Text(Vec<u16>),
    Other,
}

/// A text that `JSON.parse` accepts.
#[derive(Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The event of a custom message, in UTF-16, if it is a string and not empty.
    pub event: Option<Vec<u16>>,
}

/// Reads all of `text`; `None` where `JSON.parse` throws.
pub fn parse(text: &str) -> Option<Parsed> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_space();
    let event = if reader.peek() == Some(b'{') { reader.message()? } else { reader.other()? };
    reader.skip_space();
    (reader.at == text.len()).then_some(Parsed { event })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes past `byte` if it is next.
    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.takes(byte).then_some(())
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn message(&mut self) -> Option<Option<Vec<u16>>> {
        let (mut kind, mut event) = (Value::Other, Value::Other);
        self.expect(b'{')?;
        self.skip_space();
        if self.takes(b'}') {
            return Some(None);
        }
        loop {
            let name = self.key()?;
            let value = self.value()?;
            if name.iter().copied().eq("type".encode_utf16()) {
                kind = value;
            } else if name.iter().copied().eq("event".encode_utf16()) {
                event = value;
            }
            self.skip_space();
            if self.takes(b'}') {
                break;
            }
            self.expect(b',')?;
            self.skip_space();
        }
        Some(match (kind, event) {
            (Value::Text(kind), Value::Text(event))
                if kind.iter().copied().eq("custom".encode_utf16()) && !event.is_empty() =>
            {
                Some(event)
            }
            _ => None,
        })
    }

    fn other(&mut self) -> Option<Option<Vec<u16>>> {
        self.value().map(|_| None)
    }

    /// A value of any depth. What is open stands in a list and not on the stack.
    fn value(&mut self) -> Option<Value> {
        let mut open = Vec::new();
        loop {
            self.skip_space();
            match self.peek()? {
                b'"' => {
                    let text = self.string()?;
                    if open.is_empty() {
                        return Some(Value::Text(text));
                    }
                }
                b'[' => {
                    self.at += 1;
                    self.skip_space();
                    if !self.takes(b']') {
                        open.push(b']');
                        continue;
                    }
                }
                b'{' => {
                    self.at += 1;
                    self.skip_space();
                    if !self.takes(b'}') {
                        self.key()?;
                        open.push(b'}');
                        continue;
                    }
                }
                b'-' | b'0'..=b'9' => self.number()?,
                _ => self.word()?,
            }
            if self.leave(&mut open)? {
                return Some(Value::Other);
            }
        }
    }

    /// Goes past what may follow a value; true when nothing is open any more.
    fn leave(&mut self, open: &mut Vec<u8>) -> Option<bool> {
        while let Some(closing) = open.last().copied() {
            self.skip_space();
            if self.takes(closing) {
                open.pop();
                continue;
            }
            self.expect(b',')?;
            self.skip_space();
            if closing == b'}' {
                self.key()?;
            }
            return Some(false);
        }
        Some(true)
    }

    fn key(&mut self) -> Option<Vec<u16>> {
        let name = self.string()?;
        self.skip_space();
        self.expect(b':')?;
        Some(name)
    }

    fn word(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let word = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word))?;
        self.at += word.len();
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.takes(b'-');
        if !self.takes(b'0') {
            self.digits()?;
        }
        if self.takes(b'.') {
            self.digits()?;
        }
        if self.takes(b'e') || self.takes(b'E') {
            let _sign = self.takes(b'+') || self.takes(b'-');
            self.digits()?;
        }
        Some(())
    }

    /// One or more.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<Vec<u16>> {
        self.expect(b'"')?;
        let mut units = Vec::new();
        loop {
            let next = self.text[self.at..].chars().next()?;
            self.at += next.len_utf8();
            match next {
                '"' => return Some(units),
                '\\' => units.push(self.escape()?),
                '\0'..='\x1f' => return None,
                _ => units.extend_from_slice(next.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let letter = self.peek()?;
        self.at += 1;
        Some(u16::from(match letter {
            b'"' | b'\\' | b'/' => letter,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
                self.at += 4;
                return digits.iter().try_fold(0, |sum, digit| {
                    Some(sum << 4 | char::from(*digit).to_digit(16)? as u16)
                });
            }
            _ => return None,
        }))
    }
}
