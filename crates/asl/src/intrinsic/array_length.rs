//! `States.ArrayLength(array)`: the number of items.

use json::Value;

use super::arguments;

pub(super) fn array_length(array: &Value) -> Result<Value, String> {
    Ok(Value::from(arguments::array(array, "argument")?.len()))
}
