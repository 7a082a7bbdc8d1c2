//! `States.ArrayContains(array, value)`: whether an item equals the value, however deep.

use json::Value;

use super::arguments;

pub(super) fn array_contains(array: &Value, value: &Value) -> Result<Value, String> {
    let items = arguments::array(array, "first argument")?;
    Ok(Value::Bool(items.iter().any(|item| item == value)))
}
