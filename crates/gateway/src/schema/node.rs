//! The types of values, as draft 4 has them.

use json::Value;

/// In the order in which messages name them.
pub(super) const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// The type of a value: `integer` for whole numbers.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::Big(_) => "integer",
        Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The types that a schema allows; whole numbers are numbers.
pub(super) fn allowed(types: &Value) -> Vec<&'static str> {
    let is_named = |name: &str| match types {
        Value::Array(names) => names.iter().any(|known| known.as_str() == Some(name)),
        types => types.as_str() == Some(name),
    };
    let is_allowed = |name: &&str| is_named(name) || *name == "integer" && is_named("number");
    TYPES.into_iter().filter(|name| is_allowed(name)).collect()
}

/// Names in the order of their letters, as a JSON array.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(Value::from).collect::<Value>().to_text()
}
