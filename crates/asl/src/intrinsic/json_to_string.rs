//! `States.JsonToString(value)`: its compact JSON text.

use json::Value;

use super::arguments;

pub(super) fn json_to_string(value: &Value) -> Result<Value, String> {
    arguments::check_depth(value, "argument")?;
    Ok(Value::from(value.to_text()))
}
