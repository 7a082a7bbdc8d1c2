//! `States.StringToJson(text)`: the value that a JSON text is; a blank text is `null`.

use json::Value;

use super::arguments;

pub(super) fn string_to_json(text: &Value) -> Result<Value, String> {
    let text = arguments::text(text, "argument")?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    Value::parse(text).map_err(|error| format!("The argument is not JSON: {error}"))
}
