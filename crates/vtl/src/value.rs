//! What a variable of a template holds.

use std::sync::Arc;

use json::Text;

/// A value of a template. Lists and maps are handles to what lies in the [`crate::Heap`]: two variables
/// can mean the same list, and what one adds the other sees, as in Java.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Undefined, or JSON's `null`.
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Java's Integer or Long, whichever is large enough.
    Int(i64),
    /// The digits of an integer that does not fit 64 bits.
    Big(Arc<str>),
    /// Java's Double.
    Double(f64),
    /// A string.
    Text(Text),
    /// A list, a map or another thing of the heap.
    Object(Handle),
    /// Something that the host knows.
    Host(HostObject),
}

/// Where in the heap a thing lies. It means nothing to another heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle(pub(crate) u32);

/// An object of the host's, by a number that the host chose: `$util` may be 0, `$util.dynamodb` 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostObject(pub u32);

impl Value {
    /// Whether it is undefined.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if this is one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(integer) => Some(*integer),
            _ => None,
        }
    }

    /// Velocity 1.7's truth: nothing is false, `false` is false, all else is true, 0 and `""` included.
    pub fn is_true(&self) -> bool {
        !matches!(self, Value::Null | Value::Bool(false))
    }

    /// An integer of any size.
    pub(crate) fn integer(integer: i128) -> Value {
        match i64::try_from(integer) {
            Ok(integer) => Value::Int(integer),
            Err(_) => Value::Big(integer.to_string().into()),
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Value {
        Value::Int(integer)
    }
}

impl From<usize> for Value {
    fn from(integer: usize) -> Value {
        Value::integer(integer as i128)
    }
}

impl From<f64> for Value {
    fn from(double: f64) -> Value {
        Value::Double(double)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(Text::new(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(Text::from(text))
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Value {
        Value::Text(text)
    }
}
