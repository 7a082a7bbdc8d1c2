//! `States.JsonToString(value)`: its compact JSON text.

use json::Value;

use super::{arguments, format};

pub(super) fn json_to_string(value: &Value) -> Result<Value, String> {
    arguments::check_depth(value, "argument")?;
    value.to_text_up_to(format::LENGTH_MAX).map(Value::from).ok_or_else(|| "The text is too long".to_owned())
}
