//! Frames: bytes become messages, and messages get the few bytes that go before them.
//!
//! Never here: sockets.

/// A message of a client has at most so many bytes: the 240 KiB that AppSync's Events API takes, as text within JSON, whose
/// quotes and backslashes take two bytes each, and what goes around them.
pub(crate) const MESSAGE_BYTES_MAX: usize = 512 << 10;
/// A control frame has at most so many. (RFC 6455, 5.5)
const CONTROL_BYTES_MAX: usize = 125;
/// So much of a message's frame goes before it, at most.
pub(crate) const HEAD_BYTES_MAX: usize = 10;

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A message.
    Text(String),
    /// A message that is no text.
    Binary,
    /// To be answered with the same bytes.
    Ping(Vec<u8>),
    /// The answer to ours.
    Pong,
    /// The client ends the connection, perhaps with a code.
    Close(Option<u16>),
}

/// The client does not keep to the protocol: what to close the connection with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub code: u16,
    pub reason: &'static str,
}

/// What a server sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Opcode {
    Text = TEXT,
    Close = CLOSE,
    Pong = PONG,
}

/// Reads a client's frames, however their bytes come.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// What has come and is not read yet, from `start` on.
    bytes: Vec<u8>,
    start: usize,
    /// A message whose end has not come.
    begun: Option<Begun>,
}

#[derive(Debug)]
struct Begun {
    is_text: bool,
    payload: Vec<u8>,
}

/// The head of one frame.
struct Head {
    is_final: bool,
    opcode: u8,
    mask: [u8; 4],
    /// Of the head itself.
    bytes: usize,
    payload_bytes: usize,
}

impl Reader {
    /// More has come.
    pub fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next thing that is whole; `None` if more must come first.
    ///
    /// # Errors
    /// The client breaks the rules. Nothing after that can be read.
    pub fn next(&mut self) -> Result<Option<Heard>, Violation> {
        while let Some((head, payload)) = self.frame()? {
            if let Some(heard) = self.heard(&head, payload)? {
                return Ok(Some(heard));
            }
        }
        Ok(None)
    }

    /// One frame, unmasked.
    fn frame(&mut self) -> Result<Option<(Head, Vec<u8>)>, Violation> {
        let rest = &self.bytes[self.start..];
        let Some(head) = Head::read(rest)? else { return Ok(self.wait()) };
        let kept = self.begun.as_ref().map_or(0, |begun| begun.payload.len());
        if head.payload_bytes > MESSAGE_BYTES_MAX - kept.min(MESSAGE_BYTES_MAX) {
            return Err(Violation { code: 1009, reason: "The message is too big" });
        }
        let end = head.bytes + head.payload_bytes;
        let Some(payload) = rest.get(head.bytes..end) else { return Ok(self.wait()) };
        let unmasked = payload.iter().zip(head.mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        let payload = unmasked.collect();
        self.start += end;
        Ok(Some((head, payload)))
    }

    /// Nothing more can be read: what was read is let go of, and with it the memory if that was all.
    fn wait<T>(&mut self) -> Option<T> {
        if self.start == self.bytes.len() {
            self.bytes = Vec::new();
        } else {
            self.bytes.drain(..self.start);
        }
        self.start = 0;
        None
    }

    /// What a frame says, if it is the last one of its message.
    fn heard(&mut self, head: &Head, payload: Vec<u8>) -> Result<Option<Heard>, Violation> {
        match head.opcode {
            PING => return Ok(Some(Heard::Ping(payload))),
            PONG => return Ok(Some(Heard::Pong)),
            CLOSE => return closed(&payload).map(Some),
            _ => {}
        }
        let begun = match (self.begun.take(), head.opcode) {
            (Some(mut begun), CONTINUATION) => {
                begun.payload.extend_from_slice(&payload);
                begun
            }
            (None, TEXT | BINARY) => Begun { is_text: head.opcode == TEXT, payload },
            (Some(_), _) => return Err(broken("A message begins within another one")),
            (None, _) => return Err(broken("A message goes on that did not begin")),
        };
        if !head.is_final {
            self.begun = Some(begun);
            return Ok(None);
        }
        if !begun.is_text {
            return Ok(Some(Heard::Binary));
        }
        match String::from_utf8(begun.payload) {
            Ok(text) => Ok(Some(Heard::Text(text))),
            Err(_) => Err(Violation { code: 1007, reason: "The text is not UTF-8" }),
        }
    }
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Option<Head>, Violation> {
        let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
        let (is_final, reserved, opcode) = (first & 0x80 != 0, first & 0x70, first & 0x0F);
        if reserved != 0 {
            return Err(broken("A reserved bit is set"));
        }
        if second & 0x80 == 0 {
            return Err(broken("A frame is not masked"));
        }
        let short = second & 0x7F;
        match opcode {
            CONTINUATION | TEXT | BINARY => {}
            CLOSE | PING | PONG if is_final && usize::from(short) <= CONTROL_BYTES_MAX => {}
            CLOSE | PING | PONG => return Err(broken("A control frame is fragmented or too long")),
            _ => return Err(broken("A frame has an unknown opcode")),
        }
        let (length, rest) = match short {
            126 => {
                let Some((length, rest)) = rest.split_first_chunk() else { return Ok(None) };
                (u64::from(u16::from_be_bytes(*length)), rest)
            }
            127 => {
                let Some((length, rest)) = rest.split_first_chunk() else { return Ok(None) };
                (u64::from_be_bytes(*length), rest)
            }
            short => (u64::from(short), rest),
        };
        let Some((mask, rest)) = rest.split_first_chunk() else { return Ok(None) };
        Ok(Some(Head {
            is_final,
            opcode,
            mask: *mask,
            bytes: bytes.len() - rest.len(),
            payload_bytes: usize::try_from(length).unwrap_or(usize::MAX),
        }))
    }
}

fn closed(payload: &[u8]) -> Result<Heard, Violation> {
    let (code, reason) = match payload {
        [] => return Ok(Heard::Close(None)),
        [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
        [_] => return Err(broken("A close frame has half a code")),
    };
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(broken("A close frame has a code that must not be sent"));
    }
    if std::str::from_utf8(reason).is_err() {
        return Err(Violation { code: 1007, reason: "The reason is not UTF-8" });
    }
    Ok(Heard::Close(Some(code)))
}

fn broken(reason: &'static str) -> Violation {
    Violation { code: 1002, reason }
}

/// What goes before a whole message of so many bytes.
pub(crate) fn head(opcode: Opcode, payload_bytes: usize, out: &mut [u8; HEAD_BYTES_MAX]) -> &[u8] {
    out[0] = 0x80 | opcode as u8;
    if payload_bytes <= CONTROL_BYTES_MAX {
        out[1] = payload_bytes as u8;
        return &out[..2];
    }
    if let Ok(short) = u16::try_from(payload_bytes) {
        out[1] = 126;
        out[2..4].copy_from_slice(&short.to_be_bytes());
        return &out[..4];
    }
    out[1] = 127;
    out[2..].copy_from_slice(&(payload_bytes as u64).to_be_bytes());
    &out[..]
}

/// The payload of a close frame.
pub(crate) fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    let mut end = reason.len().min(CONTROL_BYTES_MAX - 2);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    [&code.to_be_bytes(), &reason.as_bytes()[..end]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's frame.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [0x11, 0x22, 0x33, 0x44];
        let mut bytes = vec![first];
        match payload.len() {
            short @ 0..126 => bytes.push(0x80 | short as u8),
            middle @ 126..65536 => {
                bytes.push(0x80 | 126);
                bytes.extend((middle as u16).to_be_bytes());
            }
            long => {
                bytes.push(0x80 | 127);
                bytes.extend((long as u64).to_be_bytes());
            }
        }
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    /// All that is heard, and the code of what ends it.
    fn read(bytes: &[u8], step: usize) -> (Vec<Heard>, Option<u16>) {
        let (mut reader, mut heard) = (Reader::default(), Vec::new());
        for piece in bytes.chunks(step) {
            reader.take(piece);
            loop {
                match reader.next() {
                    Ok(Some(one)) => heard.push(one),
                    Ok(None) => break,
                    Err(violation) => return (heard, Some(violation.code)),
                }
            }
        }
        assert!(reader.bytes.capacity() == 0 || !reader.bytes.is_empty(), "nothing is kept for nothing");
        (heard, None)
    }

    fn text(text: &str) -> Heard {
        Heard::Text(text.to_owned())
    }

    #[test]
    fn messages_come_in_any_pieces() {
        let long = "ü".repeat(40_000);
        let middle = "m".repeat(200);
        let bytes = [
            frame(0x81, b"one"),
            frame(0x01, b"tw"),
            frame(0x89, b"ping"),
            frame(0x80, b"o"),
            frame(0x82, &[0xFF]),
            frame(0x8A, b""),
            frame(0x81, middle.as_bytes()),
            frame(0x81, long.as_bytes()),
            frame(0x81, b""),
            frame(0x88, &[3, 232, b'b', b'y', b'e']),
        ]
        .concat();
        let expected = [
            text("one"),
            Heard::Ping(b"ping".to_vec()),
            text("two"),
            Heard::Binary,
            Heard::Pong,
            text(&middle),
            text(&long),
            text(""),
            Heard::Close(Some(1000)),
        ];
        for step in [1, 2, 3, 7, 1000, bytes.len()] {
            assert_eq!(read(&bytes, step), (expected.to_vec(), None), "in pieces of {step}");
        }
        assert_eq!(read(&frame(0x88, b""), 9).0, [Heard::Close(None)]);
    }

    #[test]
    fn who_breaks_the_rules_is_told_which() {
        let unmasked = [0x81, 0x01, b'a'];
        let long_ping = frame(0x89, &[0; 126]);
        let huge = [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];
        let big = frame(0x81, &vec![b'a'; MESSAGE_BYTES_MAX + 1]);
        let grown =
            [frame(0x01, &vec![b'a'; MESSAGE_BYTES_MAX]), frame(0x00, b""), frame(0x00, b"b")].concat();
        for (bytes, code) in [
            (unmasked.to_vec(), 1002),
            (frame(0xC1, b"a"), 1002),
            (frame(0x83, b"a"), 1002),
            (frame(0x8B, b"a"), 1002),
            (frame(0x09, b"a"), 1002),
            (long_ping, 1002),
            (frame(0x80, b"a"), 1002),
            ([frame(0x01, b"a"), frame(0x81, b"b")].concat(), 1002),
            (frame(0x81, &[0xC3]), 1007),
            (frame(0x88, &[3]), 1002),
            (frame(0x88, &[3, 237]), 1002),
            (frame(0x88, &[3, 232, 0xFF]), 1007),
            (huge.to_vec(), 1009),
            (big, 1009),
            (grown, 1009),
        ] {
            assert_eq!(read(&bytes, bytes.len()).1, Some(code), "{:?}", &bytes[..bytes.len().min(20)]);
        }
    }

    #[test]
    fn heads_are_as_short_as_can_be() {
        let of = |bytes| head(Opcode::Text, bytes, &mut [0; HEAD_BYTES_MAX]).to_vec();
        assert_eq!(of(0), [0x81, 0]);
        assert_eq!(of(125), [0x81, 125]);
        assert_eq!(of(126), [0x81, 126, 0, 126]);
        assert_eq!(of(65535), [0x81, 126, 255, 255]);
        assert_eq!(of(65536), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(close_payload(1001, "bye"), [3, 233, b'b', b'y', b'e']);
        assert_eq!(close_payload(1001, &"ü".repeat(100)).len(), 124);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic() {
        // SplitMix64, so that a failure repeats.
        let mut random = 7_u64;
        let mut draw = move || {
            random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (random ^ (random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            (mixed ^ (mixed >> 31)) as u8
        };
        for _ in 0..2_000 {
            let mut bytes: Vec<u8> = (0..64).map(|_| draw()).collect();
            // Most first bytes are refused at once: these lead further.
            bytes[0] &= 0x8F;
            bytes[1] |= 0x80;
            read(&bytes, 1 + usize::from(draw() % 64));
        }
    }
}
