//! The value itself: six kinds of JSON in 24 bytes, cloned in O(1).
//!
//! Equality is by value (10 equals 10.0) and does not look at the order of members.

use std::sync::Arc;

use crate::number;
use crate::parse::{self, Duplicate};
use crate::write;
use crate::{Array, Object, ParseError, Text};

/// A JSON value.
///
/// A program may nest values deeper than the parser does ([`crate::DEPTH_MAX`]). Comparing and
/// dropping recurse, so a caller that builds values from outside data checks
/// [`Value::depth_exceeds`] first.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number written without fraction and exponent that fits 64 bits.
    Int(i64),
    /// A number written with a fraction or an exponent. The parser makes finite ones only.
    Float(f64),
    /// The digits of an integer that does not fit `i64`, with `-` in front if negative.
    Big(Arc<str>),
    /// A string.
    String(Text),
    /// An array.
    Array(Array),
    /// An object, its members in the order of insertion.
    Object(Object),
}

/// What a [`Value`] is, in JSON's own six words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// any number
    Number,
    /// a string
    String,
    /// an array
    Array,
    /// an object
    Object,
}

impl Kind {
    /// The lower-case name: `null`, `boolean`, `number`, `string`, `array`, `object`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Number => "number",
            Kind::String => "string",
            Kind::Array => "array",
            Kind::Object => "object",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Value {
    /// Parses one JSON text (RFC 8259, nothing more), at most [`crate::DEPTH_MAX`] levels deep.
    ///
    /// Of members with the same name the last one's value stays, in the first one's place.
    /// A lone surrogate in a `\u` escape becomes U+FFFD.
    pub fn parse(text: &str) -> Result<Value, ParseError> {
        parse::parse(text)
    }

    /// As [`Value::parse`], of bytes that may turn out not to be UTF-8.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Value, ParseError> {
        match std::str::from_utf8(bytes) {
            Ok(text) => parse::parse(text),
            Err(error) => Err(ParseError::not_utf8(bytes, error)),
        }
    }

    /// As [`Value::parse`], and tells every member whose name its object had already, in the
    /// order of the text. (Once their paths take 16 MiB, the rest are left out.)
    pub fn parse_noting_duplicates(text: &str) -> Result<(Value, Vec<Duplicate>), ParseError> {
        parse::parse_noting_duplicates(text)
    }

    /// The compact text: no spaces, members in order.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write_into(&mut out);
        out
    }

    /// The compact text, unless it is longer than so many bytes; then little more than that is printed.
    pub fn to_text_up_to(&self, bytes_max: usize) -> Option<String> {
        let mut out = String::new();
        write::compact_up_to(self, &mut out, bytes_max);
        (out.len() <= bytes_max).then_some(out)
    }

    /// The text for people: two spaces per level, one member or item a line.
    pub fn to_pretty(&self) -> String {
        let mut out = String::new();
        write::pretty(self, &mut out);
        out
    }

    /// Appends the compact text to `out`.
    pub fn write_into(&self, out: &mut String) {
        write::compact(self, out);
    }

    /// The member `name`, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.get(name)
    }

    /// The item at `index` (0-based), if this is an array that is long enough.
    pub fn at(&self, index: usize) -> Option<&Value> {
        self.as_array()?.get(index)
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The integer, if this is an [`Value::Int`]. `10.0` is none, though it equals `10`.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(integer) => Some(*integer),
            _ => None,
        }
    }

    /// The number as a double, if this is a number; the nearest one where no double is exact.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(integer) => Some(*integer as f64),
            Value::Float(float) => Some(*float),
            Value::Big(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The array, if this is one.
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Value::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The array to change, if this is one.
    pub fn as_array_mut(&mut self) -> Option<&mut Array> {
        match self {
            Value::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The object, if this is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The object to change, if this is one.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    /// Whether this is `true` or `false`.
    pub fn is_boolean(&self) -> bool {
        self.kind() == Kind::Boolean
    }

    /// Whether this is a number of any size.
    pub fn is_number(&self) -> bool {
        self.kind() == Kind::Number
    }

    /// Whether this is a string.
    pub fn is_string(&self) -> bool {
        self.kind() == Kind::String
    }

    /// Whether this is an array.
    pub fn is_array(&self) -> bool {
        self.kind() == Kind::Array
    }

    /// Whether this is an object.
    pub fn is_object(&self) -> bool {
        self.kind() == Kind::Object
    }

    /// Which of the six kinds this is.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Boolean,
            Value::Int(_) | Value::Float(_) | Value::Big(_) => Kind::Number,
            Value::String(_) => Kind::String,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    /// Whether arrays and objects nest more than `limit` levels deep. `1` is 0 deep, `[]` is 1.
    pub fn depth_exceeds(&self, limit: usize) -> bool {
        let mut open = vec![(self, 1)];
        while let Some((value, depth)) = open.pop() {
            match value {
                Value::Array(_) | Value::Object(_) if depth > limit => return true,
                Value::Array(array) => open.extend(array.iter().map(|item| (item, depth + 1))),
                Value::Object(object) => open.extend(object.values().map(|member| (member, depth + 1))),
                _ => {}
            }
        }
        false
    }
}

impl std::fmt::Display for Value {
    /// The compact text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl std::str::FromStr for Value {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Value, ParseError> {
        Value::parse(text)
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(one), Value::Bool(two)) => one == two,
            (Value::String(one), Value::String(two)) => one == two,
            (Value::Array(one), Value::Array(two)) => one == two,
            (Value::Object(one), Value::Object(two)) => one == two,
            _ => number::equal(self, other),
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl From<i32> for Value {
    fn from(integer: i32) -> Value {
        Value::Int(integer.into())
    }
}

impl From<u32> for Value {
    fn from(integer: u32) -> Value {
        Value::Int(integer.into())
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Value {
        Value::Int(integer)
    }
}

impl From<u64> for Value {
    fn from(integer: u64) -> Value {
        match i64::try_from(integer) {
            Ok(integer) => Value::Int(integer),
            Err(_) => Value::Big(integer.to_string().into()),
        }
    }
}

impl From<usize> for Value {
    fn from(integer: usize) -> Value {
        Value::from(integer as u64)
    }
}

impl From<f64> for Value {
    fn from(float: f64) -> Value {
        Value::Float(float)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(Text::new(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(Text::from(text))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::String(Text::new(text))
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Value {
        Value::String(text)
    }
}

impl From<&Text> for Value {
    fn from(text: &Text) -> Value {
        Value::String(text.clone())
    }
}

impl From<Array> for Value {
    fn from(array: Array) -> Value {
        Value::Array(array)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Value {
        Value::Object(object)
    }
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Value {
        value.clone()
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Value {
        Value::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    /// `None` is `null`.
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Value {
        Value::Array(items.into_iter().collect())
    }
}
