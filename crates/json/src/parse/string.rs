//! Strings: eight bytes at a time to the closing quote, a copy only where there are escapes.

use super::Parser;
use crate::Text;
use crate::parse_error::ParseError;

/// What a string is, as Jackson's messages tell.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Role {
    Name,
    Value,
}

/// The first `"`, `\` or control character from `at` on, or the end.
pub(crate) fn find_special(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        // Subtracting borrows into the high bit of each byte that is too small. Borrows may run
        // on to bytes above, so only the lowest bit found is sure; it is the one wanted.
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = word ^ (ONES * u64::from(b'"'));
        let quote = quote.wrapping_sub(ONES) & !quote;
        let backslash = word ^ (ONES * u64::from(b'\\'));
        let backslash = backslash.wrapping_sub(ONES) & !backslash;
        let found = (control | quote | backslash) & HIGHS;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, 0..b' ' | b'"' | b'\\') {
            break;
        }
        at += 1;
    }
    at
}

impl Parser<'_> {
    /// Reads up to and with the closing quote; the opening one has been read.
    #[inline]
    pub(super) fn string(&mut self, role: Role) -> Result<Text, ParseError> {
        let start = self.at;
        let end = find_special(self.bytes, start);
        if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(Text::new(&self.text[start..end]));
        }
        self.string_with_escapes(end, role)
    }

    /// `at` is where the string begins, `special` the first byte in it that is not plain.
    fn string_with_escapes(&mut self, mut special: usize, role: Role) -> Result<Text, ParseError> {
        let mut out = String::new();
        loop {
            out.push_str(&self.text[self.at..special]);
            self.at = special;
            match self.bytes.get(special) {
                None => return Err(self.unfinished_string(role)),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Text::from(out));
                }
                Some(b'\\') => {
                    let character = self.escape()?;
                    out.push(character);
                }
                Some(&control) => return Err(self.control_in_string(control, role)),
            }
            special = find_special(self.bytes, self.at);
        }
    }

    /// Reads an escape sequence; `at` is at its backslash.
    fn escape(&mut self) -> Result<char, ParseError> {
        self.at += 1;
        let character = match self.bytes.get(self.at) {
            None => return Err(self.unfinished_escape()),
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.escaped_unit();
            }
            Some(_) => return Err(self.unknown_escape()),
        };
        self.at += 1;
        Ok(character)
    }

    /// Reads the four digits of a `\u` escape, and a second escape if both are one character.
    /// Half a character becomes U+FFFD.
    fn escaped_unit(&mut self) -> Result<char, ParseError> {
        let unit = self.four_hex_digits()?;
        if let Some(character) = char::from_u32(unit) {
            return Ok(character);
        }
        if (0xd800..0xdc00).contains(&unit) && self.bytes[self.at..].starts_with(b"\\u") {
            let behind_first = self.at;
            self.at += 2;
            let second = self.four_hex_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = behind_first;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn four_hex_digits(&mut self) -> Result<u32, ParseError> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(&byte) = self.bytes.get(self.at) else { return Err(self.unfinished_escape()) };
            let Some(digit) = char::from(byte).to_digit(16) else {
                return Err(self.unexpected("expected a hex-digit for character escape sequence"));
            };
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }
}
