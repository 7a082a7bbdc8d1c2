//! What the functions cost of the budget that all fields of a state share. (`expense.rs`)

use std::borrow::Cow;

use json::Value;

use super::{Function, format};
use crate::expense::{ITEM_BYTES, Purse, weight};

/// No JSON text becomes a larger value than this many times its bytes: `[],[],` is the worst.
const PARSED_BYTES_PER_BYTE: usize = 24;

impl Function {
    /// Pays for the work that follows from the arguments.
    pub(super) fn pay_before(self, arguments: &[Cow<'_, Value>], purse: Purse<'_>) -> Result<(), String> {
        let first = arguments.first().map(|argument| argument.as_ref());
        let items = first.and_then(Value::as_array).map_or(0, json::Array::len);
        let text = first.and_then(Value::as_str).map_or(0, str::len);
        let work = match self {
            Function::ArrayContains | Function::ArrayUnique => {
                let most = usize::try_from(purse.0.get().steps).unwrap_or(usize::MAX);
                first.map_or(0, |array| weight(array, most))
            }
            Function::ArrayPartition => items,
            Function::JsonMerge => {
                arguments.iter().filter_map(|object| Some(object.as_object()?.len())).sum()
            }
            Function::StringToJson => {
                purse.room(text.saturating_mul(PARSED_BYTES_PER_BYTE))?;
                text / 4
            }
            Function::StringSplit | Function::Base64Decode | Function::Base64Encode | Function::Hash => {
                text / 8
            }
            // What these cost shows in what they make.
            Function::Array
            | Function::ArrayGetItem
            | Function::ArrayLength
            | Function::ArrayRange
            | Function::Format
            | Function::JsonToString
            | Function::MathAdd
            | Function::MathRandom
            | Function::Uuid => arguments.len(),
        };
        Ok(purse.steps(1 + work)?)
    }

    /// Pays for what the call has made. Arguments are gone when the result holds nothing of them: then so
    /// many `bytes` are left as before them.
    pub(super) fn pay_after(
        self,
        arguments: &[Cow<'_, Value>],
        result: Result<Value, String>,
        bytes: usize,
        purse: Purse<'_>,
    ) -> Result<Value, String> {
        let Ok(value) = result else {
            // A text that became too long was made up to there.
            if matches!(self, Function::Format | Function::JsonToString) {
                purse.steps(format::LENGTH_MAX / 16)?;
            }
            return result;
        };
        let made = match (self, &value) {
            (Function::StringToJson | Function::StringSplit, value) => {
                32 * weight(value, purse.bytes_left() / 32)
            }
            (Function::ArrayPartition, Value::Array(chunks)) => {
                let items = arguments.first().and_then(|array| array.as_array()).map_or(0, json::Array::len);
                (items + 3 * chunks.len()) * ITEM_BYTES
            }
            (_, Value::Array(items)) => items.len() * ITEM_BYTES,
            (_, Value::Object(members)) => members.len() * 2 * ITEM_BYTES,
            (_, Value::String(text)) => text.len(),
            (_, Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Big(_)) => 0,
        };
        if !matches!(value, Value::Array(_) | Value::Object(_)) {
            purse.give_back_to(bytes);
        }
        purse.bytes(made)?;
        purse.steps(made / 16)?;
        Ok(value)
    }
}
