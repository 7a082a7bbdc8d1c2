//! `States.Base64Encode(text)`: the text's UTF-8 bytes in Base64.

use json::Value;

use super::{arguments, base64};

pub(super) fn base64_encode(text: &Value) -> Result<Value, String> {
    Ok(Value::from(base64::encode(arguments::short_text(text, "argument")?.as_bytes())))
}
