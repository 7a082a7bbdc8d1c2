//! `States.StringSplit(text, delimiters)`: the pieces between delimiters, empty ones left out.

use json::Value;

use super::arguments;

/// Each character of `delimiters` is a delimiter.
pub(super) fn string_split(text: &Value, delimiters: &Value) -> Result<Value, String> {
    let text = arguments::text(text, "first argument")?;
    let mut delimiters: Vec<char> = arguments::text(delimiters, "delimiter")?.chars().collect();
    delimiters.sort_unstable();
    let pieces = text.split(|character| delimiters.binary_search(&character).is_ok());
    Ok(pieces.filter(|piece| !piece.is_empty()).map(Value::from).collect())
}
