//! Values that are texts on the wire: in headers, paths, query strings, forms and XML.

use aws_models::{Kind, Shape, TimestampFormat};
use json::Value;

use super::malformed::Malformed;
use crate::argument::number_text;
use crate::base64;
use crate::timestamp::Timestamp;

/// What a text means where a shape is asked for.
pub(super) fn read(text: &str, shape: Shape<'_>) -> Result<Value, Malformed> {
    let value = match shape.kind() {
        Kind::String => Some(text.into()),
        Kind::Integer => text.parse::<i32>().ok().map(|number| i64::from(number).into()),
        Kind::Long => text.parse::<i64>().ok().map(Value::from),
        Kind::Float | Kind::Double => crate::response::float(text),
        Kind::Boolean if text.eq_ignore_ascii_case("true") => Some(true.into()),
        Kind::Boolean if text.eq_ignore_ascii_case("false") => Some(false.into()),
        Kind::Blob if base64::is_padded(text) => Some(text.into()),
        Kind::Timestamp => Timestamp::parse(text).map(Timestamp::number),
        Kind::Boolean | Kind::Blob | Kind::Structure | Kind::List | Kind::Map => None,
    };
    value.ok_or_else(|| Malformed::new(format!("'{text}' can not be converted to {}", wanted(shape.kind()))))
}

/// The text of a value; empty for what is none.
pub(super) fn write(value: &Value, shape: Shape<'_>, timestamp_format: TimestampFormat) -> String {
    match (shape.kind(), value) {
        (Kind::Timestamp, value) => {
            let format = shape.timestamp_format().unwrap_or(timestamp_format);
            Timestamp::read(value).map(|time| time.text(format)).unwrap_or_default()
        }
        (_, Value::String(text)) => text.to_string(),
        (_, Value::Bool(value)) => value.to_string(),
        (_, Value::Int(_) | Value::Float(_) | Value::Big(_)) => number_text(value),
        (_, Value::Null | Value::Array(_) | Value::Object(_)) => String::new(),
    }
}

/// How AWS's messages call a type.
pub(super) fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Structure => "a structure",
        Kind::List => "a list",
        Kind::Map => "a Map",
        Kind::String => "a String",
        Kind::Integer => "an Integer",
        Kind::Long => "a Long",
        Kind::Float => "a Float",
        Kind::Double => "a Double",
        Kind::Boolean => "a Boolean",
        Kind::Blob => "a Blob",
        Kind::Timestamp => "a Timestamp",
    }
}
