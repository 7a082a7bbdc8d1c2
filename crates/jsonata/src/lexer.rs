//! Text into tokens, one at a time: whether `/` divides or begins a regular expression depends on
//! what the parser has read so far.

use json::{Text, Value};

use crate::error::{SyntaxError, quoted};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Its first byte.
    pub(crate) position: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    End,
    /// A name; whether it was written in backquotes does not matter.
    Name(Text),
    /// `$name` without the dollar: empty for `$`, `$` for `$$`.
    Variable(Text),
    String(Text),
    Number(f64),
    /// `true`, `false`, `null`
    Constant(Value),
    Regex {
        pattern: String,
        flags: String,
    },
    Operator(&'static str),
}

impl Token {
    pub(crate) fn is(&self, operator: &str) -> bool {
        matches!(self.kind, Kind::Operator(this) if this == operator)
    }

    /// The token as messages show it.
    pub(crate) fn shown(&self) -> String {
        match &self.kind {
            Kind::End => quoted("(end)"),
            Kind::Name(text) | Kind::Variable(text) | Kind::String(text) => quoted(text),
            Kind::Number(number) => crate::number_text::number_text(*number),
            Kind::Constant(value) => value.to_text(),
            Kind::Regex { pattern, .. } => quoted(pattern),
            Kind::Operator(operator) => quoted(operator),
        }
    }
}

/// Longer ones first, so that `..` is not two dots.
const OPERATORS: [&str; 35] = [
    "..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??", ".", "[", "]", "{", "}", "(", ")", ",", "@", "#",
    ";", ":", "?", "+", "-", "*", "/", "%", "|", "=", "<", ">", "^", "&", "!", "~",
];

pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Lexer<'t> {
        Lexer { text, at: 0 }
    }

    /// The next token. `operand`: a value may stand here, so `/` begins a regular expression.
    pub(crate) fn next(&mut self, operand: bool) -> Result<Token, SyntaxError> {
        self.skip_blank()?;
        let position = self.at;
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return Ok(Token { kind: Kind::End, position }) };
        let kind = match first {
            '/' if operand => self.regex()?,
            '"' | '\'' => self.string(first)?,
            '`' => {
                let Some(end) = rest[1..].find('`') else {
                    let message = "Quoted property name must be terminated with a backquote (`)";
                    return Err(wrong("S0105", message, self.text.len()));
                };
                self.at += end + 2;
                Kind::Name(rest[1..1 + end].into())
            }
            '0'..='9' => self.number()?,
            _ => match OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
                Some(operator) => {
                    self.at += operator.len();
                    Kind::Operator(operator)
                }
                None => self.word(),
            },
        };
        Ok(Token { kind, position })
    }

    fn skip_blank(&mut self) -> Result<(), SyntaxError> {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start_matches(is_blank);
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("/*") {
                return Ok(());
            }
            let Some(end) = trimmed[2..].find("*/") else {
                return Err(wrong("S0106", "Comment has no closing tag", self.at));
            };
            self.at += end + 4;
        }
    }

    fn string(&mut self, quote: char) -> Result<Kind, SyntaxError> {
        let mut out = String::new();
        let mut rest = self.text[self.at + 1..].char_indices();
        let start = self.at + 1;
        while let Some((place, character)) = rest.next() {
            if character == quote {
                self.at = start + place + 1;
                return Ok(Kind::String(out.into()));
            }
            if character != '\\' {
                out.push(character);
                continue;
            }
            let Some((_, escaped)) = rest.next() else { break };
            match escaped {
                '"' | '\'' | '\\' | '/' if escaped != '\'' => out.push(escaped),
                'b' => out.push('\u{8}'),
                'f' => out.push('\u{c}'),
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'u' => {
                    let digits = &self.text[start + place + 2..];
                    let Some(unit) = four_digits(digits) else {
                        let message = "The escape sequence \\u must be followed by 4 hex digits";
                        return Err(wrong("S0104", message, start + place));
                    };
                    let mut taken = 4;
                    // Two escapes may be the halves of one character; half of one cannot be kept.
                    let low = digits.get(4..).and_then(|more| more.strip_prefix("\\u")).and_then(four_digits);
                    match (unit, low) {
                        (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                            let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                            out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                            taken = 10;
                        }
                        _ => out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
                    }
                    for _ in 0..taken {
                        rest.next();
                    }
                }
                other => {
                    let message = format!("Unsupported escape sequence: \\{}", quoted(&other.to_string()));
                    return Err(wrong("S0103", message, start + place));
                }
            }
        }
        Err(wrong("S0101", "String literal must be terminated by a matching quote", self.text.len()))
    }

    fn number(&mut self) -> Result<Kind, SyntaxError> {
        let bytes = &self.text.as_bytes()[self.at..];
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut length = if bytes[0] == b'0' { 1 } else { digits(0) };
        if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
            length += 1 + digits(length + 1);
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            let exponent = digits((length + 1 + sign).min(bytes.len()));
            if exponent > 0 {
                length += 1 + sign + exponent;
            }
        }
        let text = &self.text[self.at..self.at + length];
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.at += length;
                Ok(Kind::Number(number))
            }
            _ => Err(wrong("S0102", format!("Number out of range: {}", quoted(text)), self.at)),
        }
    }

    /// `/pattern/flags`, from its first slash. A slash within brackets does not end it.
    fn regex(&mut self) -> Result<Kind, SyntaxError> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut depth = 0i32;
        let mut at = start;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => at += 1,
                b'/' if depth == 0 => {
                    if at == start {
                        return Err(wrong("S0301", "Empty regular expressions are not allowed", at));
                    }
                    let pattern = self.text[start..at].to_owned();
                    let flags = &self.text[at + 1..];
                    let length = flags.bytes().take_while(|flag| matches!(flag, b'i' | b'm')).count();
                    self.at = at + 1 + length;
                    return Ok(Kind::Regex { pattern, flags: flags[..length].to_owned() });
                }
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        Err(wrong("S0302", "No terminating / in regular expression", self.text.len()))
    }

    fn word(&mut self) -> Kind {
        let rest = &self.text[self.at..];
        let ends = |character| is_blank(character) || is_operator(character);
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += word.len();
        if let Some(name) = word.strip_prefix('$') {
            return Kind::Variable(name.into());
        }
        match word {
            "or" => Kind::Operator("or"),
            "in" => Kind::Operator("in"),
            "and" => Kind::Operator("and"),
            "true" => Kind::Constant(Value::Bool(true)),
            "false" => Kind::Constant(Value::Bool(false)),
            "null" => Kind::Constant(Value::Null),
            name => Kind::Name(name.into()),
        }
    }
}

pub(crate) fn wrong(code: &'static str, message: impl Into<String>, position: usize) -> SyntaxError {
    SyntaxError { code, message: message.into(), position }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{b}')
}

fn is_operator(character: char) -> bool {
    ".[]{}(),@#;:?+-*/%|=<>^&!~".contains(character)
}

fn four_digits(text: &str) -> Option<u32> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}
