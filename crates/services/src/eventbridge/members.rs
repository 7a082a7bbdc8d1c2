//! A request's members, and an answer's. A request fits its model by the time it comes here.

use json::{Object, Text, Value};

use crate::Fault;

/// The members of a request or of something in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members<'a>(pub(crate) &'a Value);

impl<'a> Members<'a> {
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// One without which the model lets no request pass.
    pub(crate) fn required(self, name: &str) -> Result<&'a str, Fault> {
        self.text(name).ok_or_else(|| validation(format!("Parameter {name} is required.")))
    }

    pub(crate) fn integer(self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    pub(crate) fn truth(self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A time, in milliseconds since 1970.
    pub(crate) fn time(self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_f64).map(|seconds| (seconds * 1_000.0).round() as i64)
    }

    pub(crate) fn list(self, name: &str) -> impl Iterator<Item = &'a Value> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten()
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// The members with these names that are there.
    pub(crate) fn pick(self, names: &[&str]) -> Object {
        names.iter().filter_map(|name| Some((*name, self.0.get(name)?.clone()))).collect()
    }
}

/// A time as answers have it: seconds since 1970, of milliseconds.
pub(crate) fn seconds(milliseconds: i64) -> Value {
    Value::from(milliseconds as f64 / 1_000.0)
}

pub(crate) fn validation(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message)
}

/// The tags of a request, by key.
pub(crate) fn tags(given: Members<'_>) -> Object {
    let pair = |tag: &Value| Some((Text::from(tag.get("Key")?.as_str()?), tag.get("Value")?.clone()));
    given.list("Tags").filter_map(pair).collect()
}

/// As ListTagsForResource shows them.
pub(crate) fn shown_tags(tags: &Object) -> Value {
    tags.iter().map(|(key, value)| json::value!({ "Key": key, "Value": value })).collect()
}
