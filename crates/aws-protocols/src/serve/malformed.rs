//! A request that is not what its protocol says a request is, in the words of AWS's parsers.
//!
//! Never here: constraints of the model, which are checked once the input is read.

use json::Value;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// A scalar of another type: `NUMBER_VALUE`, `a String`.
    NotConvertible { token: &'static str, wanted: &'static str },
    /// A scalar where a structure, a list or a map is asked for.
    Scalar { token: &'static str, wanted: &'static str },
    /// A list where something else is asked for.
    List,
    /// A structure or a map where something else is asked for.
    Structure,
    /// In words of its own.
    Other(String),
}

impl Malformed {
    pub(super) fn new(text: impl Into<String>) -> Malformed {
        Malformed::Other(text.into())
    }

    /// A scalar is asked for: `a String`, `an Integer`.
    pub(super) fn not_convertible(value: &Value, wanted: &'static str) -> Malformed {
        match token(value) {
            Some(token) => Malformed::NotConvertible { token, wanted },
            None => Malformed::unexpected(value, wanted),
        }
    }

    /// A structure, a list or a map is asked for, or is there and is not.
    pub(super) fn unexpected(value: &Value, wanted: &'static str) -> Malformed {
        match (value, token(value)) {
            (_, Some(token)) => Malformed::Scalar { token, wanted },
            (Value::Array(_), None) => Malformed::List,
            (_, None) => Malformed::Structure,
        }
    }

    /// What callers of a service read.
    pub(super) fn text(self, service: &str) -> String {
        if service == "dynamodb" { self.dynamodb() } else { self.common() }
    }

    fn common(self) -> String {
        match self {
            Malformed::NotConvertible { token, wanted } => {
                format!("{} can not be converted to {wanted}", as_number(token))
            }
            Malformed::Scalar { token, wanted } => {
                format!("{} found where {wanted} was expected", as_number(token))
            }
            Malformed::List => "Start of list found where not expected".to_owned(),
            Malformed::Structure => "Start of structure or map found where not expected.".to_owned(),
            Malformed::Other(text) => text,
        }
    }

    /// DynamoDB has a parser of its own. (recorded by others)
    fn dynamodb(self) -> String {
        match self {
            Malformed::NotConvertible { token: "STRING_VALUE", wanted: "a Boolean" } => {
                "Unexpected token received from parser".to_owned()
            }
            Malformed::NotConvertible { token, wanted } => {
                let name = wanted.rsplit(' ').next().unwrap_or(wanted);
                format!("{token} cannot be converted to {name}")
            }
            Malformed::Scalar { .. } | Malformed::List => "Unexpected field type".to_owned(),
            Malformed::Structure => "Start of structure or map found where not expected".to_owned(),
            Malformed::Other(text) => text,
        }
    }
}

/// The name that AWS's parsers have for a scalar.
fn token(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("NULL_VALUE"),
        Value::Bool(true) => Some("TRUE_VALUE"),
        Value::Bool(false) => Some("FALSE_VALUE"),
        Value::Int(_) | Value::Big(_) => Some("NUMBER_VALUE"),
        Value::Float(_) => Some(DECIMAL),
        Value::String(_) => Some("STRING_VALUE"),
        Value::Array(_) | Value::Object(_) => None,
    }
}

const DECIMAL: &str = "DECIMAL_VALUE";

/// Most services tell no fraction from other numbers.
fn as_number(token: &'static str) -> &'static str {
    if token == DECIMAL { "NUMBER_VALUE" } else { token }
}
