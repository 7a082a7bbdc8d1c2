//! A request that is not what its protocol says a request is, in the words of AWS's parser.
//!
//! Never here: constraints of the model, which are checked once the input is read.

use json::Value;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) String);

impl Malformed {
    /// A scalar is asked for: `a String`, `an Integer`.
    pub(super) fn not_convertible(value: &Value, wanted: &str) -> Malformed {
        match token(value) {
            Some(token) => Malformed(format!("{token} can not be converted to {wanted}")),
            None => Malformed::unexpected(value, wanted),
        }
    }

    /// A structure, a list or a map is asked for, or is there and is not.
    pub(super) fn unexpected(value: &Value, wanted: &str) -> Malformed {
        Malformed(match (value, token(value)) {
            (_, Some(token)) => format!("{token} found where {wanted} was expected"),
            (Value::Array(_), None) => "Start of list found where not expected".to_owned(),
            (_, None) => "Start of structure or map found where not expected.".to_owned(),
        })
    }
}

/// The name that AWS's parser has for a scalar.
fn token(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("NULL_VALUE"),
        Value::Bool(true) => Some("TRUE_VALUE"),
        Value::Bool(false) => Some("FALSE_VALUE"),
        Value::Int(_) | Value::Float(_) | Value::Big(_) => Some("NUMBER_VALUE"),
        Value::String(_) => Some("STRING_VALUE"),
        Value::Array(_) | Value::Object(_) => None,
    }
}
