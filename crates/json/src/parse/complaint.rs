//! What is said about a text that is not JSON: Jackson's words (2.15) at Jackson's places.
//!
//! None of this runs while a text is well-formed.

use super::string::Role;
use super::{DEPTH_MAX, Parser, Shape};
use crate::Value;
use crate::parse_error::{ParseError, position, source_location};

/// What Jackson says it would have liked to see.
const ANY_VALUE: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// Jackson quotes this many characters of a word it does not know.
const WORD_SHOWN_MAX: usize = 256;

impl Parser<'_> {
    pub(super) fn nothing_there(&self) -> ParseError {
        self.stopped("No content to map due to end-of-input".to_owned())
    }

    /// The text ended where a comma or a closing bracket could have come.
    pub(super) fn missing_close(&self) -> ParseError {
        let start = self.start_of_open();
        let shape = self.shape_of_open();
        self.stopped(format!(
            "Unexpected end-of-input: expected close marker for {shape} (start marker at {start})"
        ))
    }

    /// The text ended where a part of an array or object must come.
    pub(super) fn missing_entry(&self) -> ParseError {
        let shape = self.shape_of_open();
        self.stopped(format!("Unexpected end-of-input within/between {shape} entries"))
    }

    /// `close`, at `at`, does not close what is open.
    pub(super) fn wrong_close(&self, close: u8) -> ParseError {
        let (close, expected) = if close == b']' { (']', '}') } else { ('}', ']') };
        let shape = self.shape_of_open();
        let start = self.start_of_open();
        self.spoilt(format!(
            "Unexpected close marker '{close}': expected '{expected}' (for {shape} starting at {start})"
        ))
    }

    pub(super) fn missing_comma(&self, byte: u8) -> ParseError {
        if byte == b']' || byte == b'}' {
            return self.wrong_close(byte);
        }
        self.unexpected(&format!("was expecting comma to separate {} entries", self.shape_of_open()))
    }

    pub(super) fn too_deep(&self) -> ParseError {
        self.spoilt(format!(
            "Document nesting depth ({}) exceeds the maximum allowed \
             ({DEPTH_MAX}, from `StreamReadConstraints.getMaxNestingDepth()`)",
            DEPTH_MAX + 1
        ))
    }

    pub(super) fn illegal_space(&self, byte: u8) -> ParseError {
        self.spoilt(format!(
            "Illegal character ((CTRL-CHAR, code {byte})): \
             only regular white space (\\r, \\n, \\t) is allowed between tokens"
        ))
    }

    pub(super) fn comment(&self) -> ParseError {
        self.unexpected(
            "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' \
             not enabled for parser)",
        )
    }

    /// The character at `at` cannot be there; `comment` is Jackson's remark.
    pub(super) fn unexpected(&self, comment: &str) -> ParseError {
        self.spoilt(format!("Unexpected character ({}): {comment}", self.describe(self.at)))
    }

    /// `byte`, at `at`, begins no value.
    pub(super) fn odd_value(&mut self, byte: u8) -> ParseError {
        match byte {
            b'}' if self.open.last().is_some_and(|open| open.shape == Shape::Array) => {
                self.unexpected("expected a value")
            }
            b'N' => self.non_standard("NaN", 0),
            b'I' => self.non_standard("Infinity", 0),
            b'+' => {
                let plus = number_message(
                    &self.describe(self.at),
                    "JSON spec does not allow numbers to have plus signs: enable \
                     `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow",
                );
                self.at += 1;
                if self.at == self.bytes.len() {
                    return self.stopped("Unexpected end-of-input in a Number value".to_owned());
                }
                // Jackson has looked at the next character before it blames the sign.
                self.spoilt(plus)
            }
            _ if self.character(self.at).is_some_and(begins_word) => {
                let length = self.character(self.at).map_or(0, char::len_utf8);
                self.at += length;
                self.unknown_word(self.at - length)
            }
            _ => self.unexpected(&format!("expected a valid value {ANY_VALUE}")),
        }
    }

    /// Reads `word`, of which `known` bytes have been compared, or says what stands there instead.
    pub(super) fn match_word(&mut self, word: &str, known: usize) -> Result<(), ParseError> {
        let start = self.at;
        self.at += known;
        for expected in &word.as_bytes()[known..] {
            if self.bytes.get(self.at) != Some(expected) {
                return Err(self.unknown_word(start));
            }
            self.at += 1;
        }
        // `$` may follow a word unpunished, since Jackson looks closer from `0` on only.
        match self.character(self.at) {
            Some(next) if next >= '0' && continues_word(next) => Err(self.unknown_word(start)),
            _ => Ok(()),
        }
    }

    /// Says what is wrong with the number at `start`, reading it as Jackson does. Jackson reads
    /// twice: fast first, and carefully if it begins with zero or may go on behind the text's
    /// end. Only the careful reading counts the offending character into the column.
    pub(super) fn bad_number(&mut self, start: usize) -> ParseError {
        let negative = self.bytes[start] == b'-';
        let digits = start + usize::from(negative);
        self.at = digits;
        match self.bytes.get(digits) {
            None => return self.stopped("Unexpected end-of-inputNo digit following minus sign".to_owned()),
            Some(b'.') => return self.unexpected(&format!("expected a valid value {ANY_VALUE}")),
            Some(b'I') => {
                self.at = start;
                return match self.bytes.get(digits + 1) {
                    None => {
                        self.at = digits + 1;
                        self.stopped("Unexpected end-of-input in a Number value".to_owned())
                    }
                    Some(b'N') => self.non_standard("-INF", 3),
                    Some(b'n') => self.non_standard("-Infinity", 3),
                    Some(_) => self.spoilt_number(digits + 1, NO_DIGIT_AFTER_MINUS),
                };
            }
            Some(b'0'..=b'9') => {}
            Some(_) => return self.spoilt_number(digits, NO_DIGIT_AFTER_MINUS),
        }
        if self.bytes[digits] == b'0' && matches!(self.bytes.get(digits + 1), Some(b'0'..=b'9')) {
            self.at = digits + 1;
            return self.stopped("Invalid numeric value: Leading zeroes not allowed".to_owned());
        }
        self.skip_digits();
        let mark = self.at + 1;
        let fast = |at: usize, text: &Self| text.bytes[digits] != b'0' && at < text.bytes.len();
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.skip_digits() == 0 {
                let (at, comment) = (self.at, "Decimal point not followed by a digit");
                if at == self.bytes.len() {
                    return self.stopped(number_message(&self.describe(at - 1), comment));
                }
                if fast(at, self) {
                    let message = number_message(&self.describe(at), comment);
                    return ParseError::before(self.text, mark, message);
                }
                return self.spoilt_number(at, comment);
            }
        }
        self.at += 1;
        if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
            self.at += 1;
        }
        if self.at >= self.bytes.len() {
            return self.stopped("Unexpected end-of-inputexpected a digit for number exponent".to_owned());
        }
        let comment = "Exponent indicator not followed by a digit";
        if fast(self.at, self) {
            return ParseError::before(self.text, mark, number_message(&self.describe(self.at), comment));
        }
        self.spoilt_number(self.at, comment)
    }

    pub(super) fn float_out_of_range(&self, start: usize) -> ParseError {
        let text = &self.text[start..self.at];
        let shown = if text.len() < 1000 {
            text.to_owned()
        } else {
            format!("[number with {} characters]", text.len())
        };
        self.stopped(format!("Numeric value ({shown}) out of range of `double`"))
    }

    pub(super) fn unfinished_string(&self, role: Role) -> ParseError {
        self.stopped(match role {
            Role::Name => "Unexpected end-of-input in field name".to_owned(),
            Role::Value => {
                "Unexpected end-of-input: was expecting closing quote for a string value".to_owned()
            }
        })
    }

    pub(super) fn unfinished_escape(&self) -> ParseError {
        self.stopped("Unexpected end-of-input in character escape sequence".to_owned())
    }

    pub(super) fn unknown_escape(&self) -> ParseError {
        self.spoilt(format!("Unrecognized character escape {}", self.describe(self.at)))
    }

    pub(super) fn control_in_string(&self, control: u8, role: Role) -> ParseError {
        let place = match role {
            Role::Name => "name",
            Role::Value => "string value",
        };
        self.spoilt(format!(
            "Illegal unquoted character ((CTRL-CHAR, code {control})): \
             has to be escaped using backslash to be included in {place}"
        ))
    }

    /// The whole text must be one value (databind's FAIL_ON_TRAILING_TOKENS).
    pub(super) fn nothing_more(&mut self) -> Result<(), ParseError> {
        let Some(byte) = self.peek()? else { return Ok(()) };
        let token = match byte {
            b']' | b'}' => return Err(self.wrong_close(byte)),
            b'{' => "START_OBJECT",
            b'[' => "START_ARRAY",
            b'"' => "VALUE_STRING",
            other => match self.scalar(other)? {
                Value::Bool(true) => "VALUE_TRUE",
                Value::Bool(false) => "VALUE_FALSE",
                Value::Null => "VALUE_NULL",
                Value::Float(_) => "VALUE_NUMBER_FLOAT",
                _ => "VALUE_NUMBER_INT",
            },
        };
        if matches!(byte, b'{' | b'[' | b'"') {
            self.at += 1;
        }
        Err(self.stopped(format!(
            "Trailing token (of type {token}) found after value (bound as \
             `com.fasterxml.jackson.databind.JsonNode`): not allowed as per \
             `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`"
        )))
    }

    /// A word that some parsers take for a number.
    fn non_standard(&mut self, word: &str, known: usize) -> ParseError {
        match self.match_word(word, known) {
            Err(error) => error,
            Ok(()) => self.stopped(format!(
                "Non-standard token '{word}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
            )),
        }
    }

    /// The word that began at `start` and has been compared up to `at` is none of JSON's.
    fn unknown_word(&mut self, start: usize) -> ParseError {
        let mut units = self.at - start;
        let mut cut = "";
        while let Some(next) = self.character(self.at).filter(|next| continues_word(*next)) {
            self.at += next.len_utf8();
            units += 1;
            if units >= WORD_SHOWN_MAX {
                cut = "...";
                break;
            }
        }
        let word = &self.text[start..self.at];
        self.stopped(format!("Unrecognized token '{word}{cut}': was expecting {ANY_VALUE}"))
    }

    fn skip_digits(&mut self) -> usize {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - start
    }

    fn spoilt_number(&self, at: usize, comment: &str) -> ParseError {
        ParseError::at_character(self.text, at, number_message(&self.describe(at), comment))
    }

    /// The character at `at` spoils the text.
    fn spoilt(&self, message: String) -> ParseError {
        ParseError::at_character(self.text, self.at, message)
    }

    /// Everything before `at` was read, and that is what is wrong.
    fn stopped(&self, message: String) -> ParseError {
        ParseError::before(self.text, self.at, message)
    }

    fn shape_of_open(&self) -> &'static str {
        match self.open.last().map(|open| open.shape) {
            None => "root",
            Some(Shape::Array) => "Array",
            Some(Shape::Object) => "Object",
        }
    }

    fn start_of_open(&self) -> String {
        let (line, column) = match self.open.last() {
            // Jackson's root begins before the first column.
            None => (1, 0),
            Some(open) => position(self.text, open.offset),
        };
        source_location(self.text, line, column)
    }

    fn character(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    /// A character as Jackson shows it: `'x' (code 120)`.
    fn describe(&self, at: usize) -> String {
        let Some(character) = self.character(at) else { return "(CTRL-CHAR, code 0)".to_owned() };
        let code = u32::from(character);
        if character.is_control() {
            return format!("(CTRL-CHAR, code {code})");
        }
        if code > 0xffff {
            // Jackson sees the first half of a pair, and prints that as `?`.
            let high = 0xd800 + ((code - 0x10000) >> 10);
            return format!("'?' (code {high} / 0x{high:x})");
        }
        if code > 255 {
            return format!("'{character}' (code {code} / 0x{code:x})");
        }
        format!("'{character}' (code {code})")
    }
}

const NO_DIGIT_AFTER_MINUS: &str = "expected digit (0-9) to follow minus sign, for valid numeric value";

fn number_message(character: &str, comment: &str) -> String {
    format!("Unexpected character ({character}) in numeric value: {comment}")
}

/// Java's `isJavaIdentifierStart` of one UTF-16 unit, as closely as a message needs.
fn begins_word(character: char) -> bool {
    u32::from(character) <= 0xffff && (character.is_alphabetic() || "_$¢£¤¥€".contains(character))
}

/// Java's `isJavaIdentifierPart`, likewise. It counts control characters in.
fn continues_word(character: char) -> bool {
    begins_word(character)
        || character.is_ascii_digit()
        || matches!(character, '\0'..='\u{8}' | '\u{e}'..='\u{1b}' | '\u{7f}'..='\u{9f}')
}
