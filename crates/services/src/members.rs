//! Members of JSON values, read as what they are to be.

use std::sync::LazyLock;

use json::{Object, Value};

static NOTHING: LazyLock<Object> = LazyLock::new(Object::new);

/// What is read from a value whose shape the service's model has checked.
pub trait Members {
    /// A member, unless it is absent or null.
    fn member(&self, name: &str) -> Option<&Value>;

    /// A text.
    fn text(&self, name: &str) -> Option<&str> {
        self.member(name)?.as_str()
    }

    /// A text, empty where there is none.
    fn text_or_empty(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// True only where the member says so.
    fn flag(&self, name: &str) -> bool {
        self.member(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A whole number.
    fn whole(&self, name: &str) -> Option<i64> {
        self.member(name)?.as_i64()
    }

    /// An object, empty where there is none.
    fn part(&self, name: &str) -> &Object {
        self.member(name).and_then(Value::as_object).unwrap_or(&NOTHING)
    }

    /// The texts of an array.
    fn texts(&self, name: &str) -> Vec<&str> {
        let items = self.member(name).and_then(Value::as_array).map(json::Array::as_slice);
        items.unwrap_or_default().iter().filter_map(Value::as_str).collect()
    }
}

impl Members for Value {
    fn member(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| !value.is_null())
    }
}

impl Members for Object {
    fn member(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| !value.is_null())
    }
}

/// The object that a member is, made if it is not there.
pub fn part_mut<'o>(object: &'o mut Object, name: &str) -> &'o mut Object {
    if object.get(name).is_none_or(|value| !value.is_object()) {
        object.insert(name, Object::new());
    }
    match object.get_mut(name) {
        Some(Value::Object(part)) => part,
        _ => unreachable!("it was put there"),
    }
}

/// Takes over the members of these names that are there.
pub fn take_over(from: &impl Members, names: &[&str], into: &mut Object) {
    for name in names {
        if let Some(value) = from.member(name) {
            into.insert(*name, value);
        }
    }
}
