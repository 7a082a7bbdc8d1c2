//! The parser: strict RFC 8259, without recursion, wrong where and how Jackson finds it wrong.
//!
//! The fast path is here; what is said about a text that is not JSON is in `complaint`.

mod complaint;
mod string;

pub(crate) use string::find_special;

use crate::parse_error::{ParseError, Ruler};
use crate::{Array, Object, Text, Value};

/// Arrays and objects nest at most this deep in a text: Jackson's limit.
pub const DEPTH_MAX: usize = 1000;

/// A member whose name its object had already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Where the object is: `/States/C/Choices[0]`, names not escaped; empty for the root.
    pub path: String,
    /// The repeated name.
    pub name: Text,
    /// The line of the later one's opening quote, from 1.
    pub line: usize,
    /// Its column, from 1, in UTF-16 units.
    pub column: usize,
}

pub(crate) fn parse(text: &str) -> Result<Value, ParseError> {
    Parser::new(text, None).text()
}

pub(crate) fn parse_noting_duplicates(text: &str) -> Result<(Value, Vec<Duplicate>), ParseError> {
    let mut parser = Parser::new(text, Some(Notes::default()));
    let value = parser.text()?;
    let mut found = parser.notes.map(|notes| notes.found).unwrap_or_default();
    found.sort_by_key(|found| found.offset);
    let mut ruler = Ruler::default();
    let duplicates = found.into_iter().map(|found| {
        let (line, column) = ruler.measure(text, found.offset);
        Duplicate { path: found.path, name: found.name, line, column }
    });
    Ok((value, duplicates.collect()))
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// The offset of the next byte to look at.
    at: usize,
    /// The arrays and objects around `at`, outermost first.
    open: Vec<Open>,
    /// The finished items of all open arrays.
    items: Vec<Value>,
    /// The members of all open objects; the last one of an object that is around `at` has `null`
    /// for a value that is still being read.
    members: Vec<(Text, Value)>,
    notes: Option<Notes>,
}

/// An array or object whose end has not been seen.
struct Open {
    shape: Shape,
    /// Where its parts begin in `items` or `members`.
    first: usize,
    /// The offset of its bracket or brace.
    offset: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Array,
    Object,
}

/// What finding duplicates needs beyond parsing.
#[derive(Default)]
struct Notes {
    /// The offset of each name in `members`.
    names: Vec<usize>,
    found: Vec<Found>,
    /// The bytes of the paths in `found`.
    path_bytes: usize,
}

/// Of repeated members whose paths fill this, no more are told: many of them under one very long
/// name would take memory in the square of the text.
const PATH_BYTES_MAX: usize = 1 << 24;

struct Found {
    path: String,
    name: Text,
    offset: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, notes: Option<Notes>) -> Parser<'t> {
        Parser {
            text,
            bytes: text.as_bytes(),
            at: 0,
            open: Vec::new(),
            items: Vec::new(),
            members: Vec::new(),
            notes,
        }
    }

    fn text(&mut self) -> Result<Value, ParseError> {
        let Some(mut byte) = self.peek()? else { return Err(self.nothing_there()) };
        if byte == b']' || byte == b'}' {
            return Err(self.wrong_close(byte));
        }
        loop {
            let mut value = match byte {
                b'[' => {
                    self.begin(Shape::Array)?;
                    match self.peek()? {
                        None => return Err(self.missing_close()),
                        Some(b']') => self.end_array(),
                        Some(close @ b'}') => return Err(self.wrong_close(close)),
                        Some(other) => {
                            byte = other;
                            continue;
                        }
                    }
                }
                b'{' => {
                    self.begin(Shape::Object)?;
                    match self.peek()? {
                        None => return Err(self.missing_close()),
                        Some(b'}') => self.end_object(),
                        Some(close @ b']') => return Err(self.wrong_close(close)),
                        Some(other) => {
                            byte = self.member(other)?;
                            continue;
                        }
                    }
                }
                scalar => self.scalar(scalar)?,
            };
            // The value may be the last part of what is around it, and that of what is around
            // that; go on until something wants another value.
            byte = loop {
                let Some(around) = self.open.last() else {
                    self.nothing_more()?;
                    return Ok(value);
                };
                match around.shape {
                    Shape::Array => {
                        self.items.push(value);
                        match self.peek()? {
                            Some(b',') => {
                                self.at += 1;
                                match self.peek()? {
                                    Some(other) => break other,
                                    None => return Err(self.missing_entry()),
                                }
                            }
                            Some(b']') => value = self.end_array(),
                            Some(other) => return Err(self.missing_comma(other)),
                            None => return Err(self.missing_close()),
                        }
                    }
                    Shape::Object => {
                        if let Some(member) = self.members.last_mut() {
                            member.1 = value;
                        }
                        match self.peek()? {
                            Some(b',') => {
                                self.at += 1;
                                match self.peek()? {
                                    Some(other) => break self.member(other)?,
                                    None => return Err(self.missing_entry()),
                                }
                            }
                            Some(b'}') => value = self.end_object(),
                            Some(other) => return Err(self.missing_comma(other)),
                            None => return Err(self.missing_close()),
                        }
                    }
                }
            };
        }
    }

    /// Skips white space and tells the byte behind it, without reading that.
    #[inline]
    fn peek(&mut self) -> Result<Option<u8>, ParseError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte > b' ' && byte != b'/' {
                return Ok(Some(byte));
            }
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                b'/' => return Err(self.comment()),
                _ => return Err(self.illegal_space(byte)),
            }
        }
        Ok(None)
    }

    fn begin(&mut self, shape: Shape) -> Result<(), ParseError> {
        if self.open.len() == DEPTH_MAX {
            return Err(self.too_deep());
        }
        let first = match shape {
            Shape::Array => self.items.len(),
            Shape::Object => self.members.len(),
        };
        self.open.push(Open { shape, first, offset: self.at });
        self.at += 1;
        Ok(())
    }

    fn end_array(&mut self) -> Value {
        self.at += 1;
        let first = self.open.pop().map_or(0, |open| open.first);
        if first == self.items.len() {
            return Value::Array(Array::new());
        }
        Value::Array(Array::from(self.items.split_off(first)))
    }

    fn end_object(&mut self) -> Value {
        self.at += 1;
        let first = self.open.pop().map_or(0, |open| open.first);
        if first == self.members.len() {
            return Value::Object(Object::new());
        }
        let members = self.members.split_off(first);
        if self.notes.is_none() {
            return Value::Object(Object::from_members(members, |_| {}));
        }
        let names: Vec<Text> = members.iter().map(|(name, _)| name.clone()).collect();
        let mut repeated = Vec::new();
        let object = Object::from_members(members, |place| repeated.push(place));
        self.note_repeated(&names, &repeated, first);
        Value::Object(object)
    }

    /// Reads `"name":` and tells the first byte of the member's value.
    #[inline]
    fn member(&mut self, byte: u8) -> Result<u8, ParseError> {
        if byte != b'"' {
            return Err(self.unexpected("was expecting double-quote to start field name"));
        }
        if let Some(notes) = &mut self.notes {
            notes.names.push(self.at);
        }
        self.at += 1;
        let name = self.string(string::Role::Name)?;
        self.members.push((name, Value::Null));
        match self.peek()? {
            Some(b':') => self.at += 1,
            Some(_) => return Err(self.unexpected("was expecting a colon to separate field name and value")),
            None => return Err(self.missing_entry()),
        }
        match self.peek()? {
            Some(byte) => Ok(byte),
            None => Err(self.missing_entry()),
        }
    }

    #[inline]
    fn scalar(&mut self, byte: u8) -> Result<Value, ParseError> {
        match byte {
            b'"' => {
                self.at += 1;
                Ok(Value::String(self.string(string::Role::Value)?))
            }
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => Err(self.odd_value(byte)),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, ParseError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            let end = self.at + word.len();
            // Jackson accepts these without a closer look at what they are.
            if matches!(self.bytes.get(end), None | Some(0..b'0' | b']' | b'}')) {
                self.at = end;
                return Ok(value);
            }
        }
        self.match_word(word, 0)?;
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, ParseError> {
        let start = self.at;
        let negative = self.bytes[start] == b'-';
        let digits = start + usize::from(negative);
        let mut magnitude = 0u64;
        let mut at = digits;
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(at) {
            magnitude = magnitude.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            at += 1;
        }
        let length = at - digits;
        if length == 0 || (length > 1 && self.bytes[digits] == b'0') {
            return Err(self.bad_number(start));
        }
        if let Some(b'.' | b'e' | b'E') = self.bytes.get(at) {
            return self.float(start, at);
        }
        self.at = at;
        self.space_behind_root_number()?;
        // Eighteen digits cannot overflow.
        if length <= 18 {
            let magnitude = magnitude as i64;
            return Ok(Value::Int(if negative { -magnitude } else { magnitude }));
        }
        let text = &self.text[start..at];
        Ok(match text.parse() {
            Ok(integer) => Value::Int(integer),
            Err(_) => Value::Big(text.into()),
        })
    }

    /// `at` is behind the integer part.
    fn float(&mut self, start: usize, mut at: usize) -> Result<Value, ParseError> {
        let digits = |from: usize| self.bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if self.bytes[at] == b'.' {
            let length = digits(at + 1);
            if length == 0 {
                return Err(self.bad_number(start));
            }
            at += 1 + length;
        }
        if let Some(b'e' | b'E') = self.bytes.get(at) {
            let signed = matches!(self.bytes.get(at + 1), Some(b'+' | b'-'));
            let from = at + 1 + usize::from(signed);
            let length = self.bytes.get(from).map_or(0, |_| digits(from));
            if length == 0 {
                return Err(self.bad_number(start));
            }
            at = from + length;
        }
        self.at = at;
        self.space_behind_root_number()?;
        match self.text[start..at].parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(Value::Float(float)),
            _ => Err(self.float_out_of_range(start)),
        }
    }

    /// Jackson wants space behind a number that is not in anything.
    fn space_behind_root_number(&self) -> Result<(), ParseError> {
        match self.bytes.get(self.at) {
            None | Some(b' ' | b'\t' | b'\r' | b'\n') => Ok(()),
            Some(_) if !self.open.is_empty() => Ok(()),
            Some(_) => Err(self.unexpected("Expected space separating root-level values")),
        }
    }

    fn note_repeated(&mut self, names: &[Text], repeated: &[usize], first: usize) {
        let full = self.notes.as_ref().is_none_or(|notes| notes.path_bytes > PATH_BYTES_MAX);
        let path = if repeated.is_empty() || full { String::new() } else { self.path() };
        let Some(notes) = &mut self.notes else { return };
        for &place in repeated {
            if notes.path_bytes > PATH_BYTES_MAX {
                break;
            }
            let (name, offset) = (names[place].clone(), notes.names[first + place]);
            notes.path_bytes += path.len();
            notes.found.push(Found { path: path.clone(), name, offset });
        }
        notes.names.truncate(first);
    }

    /// Where the value is that is being read.
    fn path(&self) -> String {
        let mut path = String::new();
        for (depth, open) in self.open.iter().enumerate() {
            // Its parts end where those of the next one of the same shape begin.
            let end = self.open[depth + 1..].iter().find(|inner| inner.shape == open.shape);
            match open.shape {
                Shape::Array => {
                    let end = end.map_or(self.items.len(), |inner| inner.first);
                    path.push_str(&format!("[{}]", end - open.first));
                }
                Shape::Object => {
                    let end = end.map_or(self.members.len(), |inner| inner.first);
                    path.push('/');
                    path.push_str(&self.members[end - 1].0);
                }
            }
        }
        path
    }
}
