//! `util.transform`: filters as GraphQL clients write them, turned into expressions and queries.
//!
//! A filter is an object of fields, each with an object of operators: `{"title": {"contains": "x"}}`; `and`
//! and `or` have lists of filters, `not` has one.

mod expression;
mod search;
mod subscription;

use json::{Array, Object, Value};

pub use expression::expression;
pub use search::query;
pub use subscription::subscription;

/// Conditions of one filter. DynamoDB takes 300 operators in an expression; names are looked for among
/// those before them.
const CONDITIONS_MAX: usize = 1000;

/// The members of a filter, of a field's condition or of a size.
fn object(value: &Value, otherwise: impl FnOnce() -> String) -> Result<&Object, String> {
    value.as_object().ok_or_else(otherwise)
}

/// The filters of `and` or `or`.
fn filters<'v>(field: &str, value: &'v Value) -> Result<&'v Array, String> {
    value.as_array().ok_or_else(|| format!("{field} expects conditions to be an array"))
}

fn condition<'v>(field: &str, value: &'v Value) -> Result<&'v Object, String> {
    object(value, || format!("Expected the condition of {field} to be an Object."))
}

fn unsupported(field: &str, operator: &str) -> String {
    format!("Unsupported condition {field}.{operator}.")
}

/// JavaScript's truth, which both languages use for `exists`.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Int(integer) => *integer != 0,
        Value::Float(float) => *float != 0.0,
        Value::String(text) => !text.is_empty(),
        Value::Big(_) | Value::Array(_) | Value::Object(_) => true,
    }
}

/// An object with one member.
fn single(name: &str, value: impl Into<Value>) -> Value {
    let mut out = Object::with_capacity(1);
    out.insert(name, value);
    out.into()
}

#[cfg(test)]
mod tests;
