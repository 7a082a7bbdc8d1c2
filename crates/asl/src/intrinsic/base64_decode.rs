//! `States.Base64Decode(text)`: the text whose UTF-8 bytes are in Base64; what is not UTF-8 becomes U+FFFD.

use json::Value;

use super::{arguments, base64};

pub(super) fn base64_decode(text: &Value) -> Result<Value, String> {
    let text = arguments::short_text(text, "argument")?;
    let bytes = base64::decode(text).ok_or("The argument is not Base64")?;
    Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
}
