//! Tokens: one at a time, with the place of each; nothing is copied but strings with escapes.
//!
//! Never here: what may follow what.

use json::Text;

use super::{Location, SyntaxError};

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub enum Token<'t> {
    /// Nothing is left.
    End,
    /// One of `! $ & ( ) : = @ [ ] { | }`.
    Mark(char),
    /// `...`
    Dots,
    /// A name or a keyword.
    Name(&'t str),
    /// An integer's digits.
    Int(&'t str),
    /// Any other number.
    Float(&'t str),
    /// A string or a block string, with its value.
    String(Text),
}

/// Reads a text from its beginning to its end.
pub struct Lexer<'t> {
    text: &'t str,
    /// The next byte to read.
    next: usize,
    line: u32,
    /// A byte of the line and its column, so that a long line is not counted from its start each time.
    counted: (usize, u32),
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str) -> Lexer<'t> {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Lexer { text, next: start, line: 1, counted: (start, 1) }
    }

    /// The text between two bytes, for messages.
    pub fn slice(&self, from: usize, to: usize) -> &'t str {
        &self.text[from..to]
    }

    /// The byte after the last token.
    pub fn offset(&self) -> usize {
        self.next
    }

    /// The next token, where it stands, and its first byte.
    pub fn token(&mut self) -> Result<(Token<'t>, Location, usize), SyntaxError> {
        self.skip_ignored();
        let start = self.next;
        let at = self.location(start);
        let Some(&byte) = self.text.as_bytes().get(start) else { return Ok((Token::End, at, start)) };
        let token = match byte {
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => {
                self.next += 1;
                Token::Mark(char::from(byte))
            }
            b'.' if self.text[start..].starts_with("...") => {
                self.next += 3;
                Token::Dots
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => Token::Name(self.name()),
            b'-' | b'0'..=b'9' => self.number(at)?,
            b'"' if self.text[start..].starts_with("\"\"\"") => self.block_string(at)?,
            b'"' => self.string(at)?,
            _ => {
                let offending = self.text[start..].chars().next().map(String::from).unwrap_or_default();
                return Err(SyntaxError::offending(&offending, at));
            }
        };
        Ok((token, at, start))
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.next).copied()
    }

    /// White space, commas and comments.
    fn skip_ignored(&mut self) {
        while let Some(byte) = self.byte() {
            match byte {
                b' ' | b'\t' | b',' => self.next += 1,
                b'\n' => self.end_line(1),
                b'\r' => {
                    let pair = self.text.as_bytes().get(self.next + 1) == Some(&b'\n');
                    self.end_line(if pair { 2 } else { 1 });
                }
                b'#' => {
                    let rest = &self.text.as_bytes()[self.next..];
                    let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.next += length.unwrap_or(rest.len());
                }
                _ if self.text[self.next..].starts_with('\u{feff}') => self.next += '\u{feff}'.len_utf8(),
                _ => return,
            }
        }
    }

    fn end_line(&mut self, bytes: usize) {
        self.next += bytes;
        self.line += 1;
        self.counted = (self.next, 1);
    }

    /// Where a byte of this line stands.
    fn location(&mut self, offset: usize) -> Location {
        let (from, column) = self.counted;
        let between = self.text[from..offset].chars().count();
        let column = column.saturating_add(u32::try_from(between).unwrap_or(u32::MAX));
        self.counted = (offset, column);
        Location { line: self.line, column }
    }

    fn name(&mut self) -> &'t str {
        let rest = &self.text[self.next..];
        let length = rest.bytes().position(|byte| !is_name_byte(byte)).unwrap_or(rest.len());
        self.next += length;
        &rest[..length]
    }

    fn digits(&mut self) -> usize {
        let rest = &self.text.as_bytes()[self.next..];
        let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        self.next += length;
        length
    }

    fn number(&mut self, at: Location) -> Result<Token<'t>, SyntaxError> {
        let start = self.next;
        if self.byte() == Some(b'-') {
            self.next += 1;
        }
        let leading_zero = self.byte() == Some(b'0');
        let length = self.digits();
        let mut whole = true;
        let mut well_formed = length > 0 && !(leading_zero && length > 1);
        if self.byte() == Some(b'.') {
            whole = false;
            self.next += 1;
            well_formed &= self.digits() > 0;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            whole = false;
            self.next += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.next += 1;
            }
            well_formed &= self.digits() > 0;
        }
        // `1a` and `1.2.3` are no two tokens. (GraphQL, "Int Value", lookahead restrictions)
        well_formed &= !self.byte().is_some_and(|byte| is_name_byte(byte) || byte == b'.');
        let text = &self.text[start..self.next];
        match (well_formed, whole) {
            (false, _) => Err(SyntaxError::offending(text, at)),
            (true, true) => Ok(Token::Int(text)),
            (true, false) => Ok(Token::Float(text)),
        }
    }

    fn string(&mut self, at: Location) -> Result<Token<'t>, SyntaxError> {
        let start = self.next;
        self.next += 1;
        let mut value = String::new();
        loop {
            let rest = &self.text[self.next..];
            let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r'));
            let Some(plain) = plain else {
                return Err(SyntaxError::offending(&self.text[start..], at));
            };
            value.push_str(&rest[..plain]);
            self.next += plain;
            match self.byte() {
                Some(b'"') => {
                    self.next += 1;
                    return Ok(Token::String(Text::from(value)));
                }
                Some(b'\\') => match self.escape() {
                    Some(escaped) => value.push(escaped),
                    None => return Err(SyntaxError::offending(&self.text[start..self.next], at)),
                },
                _ => return Err(SyntaxError::offending(&self.text[start..self.next], at)),
            }
        }
    }

    /// What `\…` stands for; `None` if it stands for nothing.
    fn escape(&mut self) -> Option<char> {
        self.next += 1;
        let byte = self.byte()?;
        let plain = match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return None,
        };
        self.next += 1;
        Some(plain)
    }

    /// `\uNNNN`, a pair of surrogates, or `\u{X…}`.
    fn unicode(&mut self) -> Option<char> {
        self.next += 1;
        if self.byte() == Some(b'{') {
            let rest = &self.text[self.next + 1..];
            let length = rest.find('}').filter(|length| (1..=8).contains(length))?;
            let code = u32::from_str_radix(&rest[..length], 16).ok()?;
            self.next += length + 2;
            return char::from_u32(code);
        }
        let first = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        if !self.text[self.next..].starts_with("\\u") {
            return None;
        }
        self.next += 2;
        let second = self.four_digits().filter(|second| (0xdc00..0xe000).contains(second))?;
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits = self.text.get(self.next..self.next + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.next += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn block_string(&mut self, at: Location) -> Result<Token<'t>, SyntaxError> {
        let start = self.next;
        let mut end = start + 3;
        let close = loop {
            let Some(found) = self.text[end..].find("\"\"\"") else {
                return Err(SyntaxError::offending(&self.text[start..], at));
            };
            if !self.text[..end + found].ends_with('\\') {
                break end + found;
            }
            end += found + 3;
        };
        let raw = &self.text[start + 3..close];
        self.next = close + 3;
        // The lines inside count for what follows.
        let lines = raw.replace("\r\n", "\n").replace('\r', "\n");
        let breaks = lines.matches('\n').count();
        if breaks > 0 {
            self.line = self.line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
            let last = raw.rfind(['\n', '\r']).unwrap_or(0);
            self.counted = (start + 3 + last + 1, 1);
        }
        Ok(Token::String(Text::from(block_value(&lines).replace("\\\"\"\"", "\"\"\""))))
    }
}

/// Without the indentation that all lines but the first share, and without blank lines around it.
fn block_value(raw: &str) -> String {
    let blank = |line: &&str| line.trim_matches([' ', '\t']).is_empty();
    let indentation = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let lines: Vec<&str> = raw.split('\n').collect();
    let common = lines.iter().skip(1).filter(|line| !blank(line)).map(indentation).min().unwrap_or(0);
    let cut = |(number, line): (usize, &&str)| {
        let from = if number == 0 { 0 } else { common.min(line.len()) };
        line.get(from..).unwrap_or_default().to_owned()
    };
    let lines: Vec<String> = lines.iter().enumerate().map(cut).collect();
    let first = lines.iter().position(|line| !blank(&line.as_str()));
    let last = lines.iter().rposition(|line| !blank(&line.as_str()));
    match (first, last) {
        (Some(first), Some(last)) => lines[first..=last].join("\n"),
        _ => String::new(),
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}
