//! Lists and maps of JSON that are taken apart as far as somebody looks into them.

use crate::value::Value;

/// Parts of a list or map of JSON that are opened one by one; whoever looks into more wants all of them.
const OPENED_MAX: usize = 8;

/// A list or map as it came, but for the lists and maps in it that somebody has looked into: those are
/// things of their own, and may have changed.
#[derive(Clone, Debug)]
pub(crate) struct Unopened<J> {
    pub(crate) json: J,
    /// By their places.
    pub(crate) opened: Vec<(usize, Value)>,
}

impl<J> Unopened<J> {
    pub(crate) fn new(json: J) -> Unopened<J> {
        Unopened { json, opened: Vec::new() }
    }

    pub(crate) fn opened(&self, place: usize) -> Option<&Value> {
        self.opened.iter().find(|(known, _)| *known == place).map(|(_, value)| value)
    }
}

/// What is asked for of a list or map of JSON.
pub(crate) enum Part {
    /// A scalar, or something that is a thing already.
    Known(Value),
    /// A list or map that nobody has looked into.
    Closed(json::Value),
    /// The same, and several are open: it is time to open all.
    OneTooMany,
}

/// What to do for somebody who wants a part, if so many are open.
pub(crate) fn part(json: &json::Value, opened: Option<&Value>, count: usize) -> Part {
    match (json, opened) {
        (_, Some(opened)) => Part::Known(opened.clone()),
        (json::Value::Array(_) | json::Value::Object(_), None) if count == OPENED_MAX => Part::OneTooMany,
        (json::Value::Array(_) | json::Value::Object(_), None) => Part::Closed(json.clone()),
        (scalar, None) => Part::Known(scalar_from_json(scalar)),
    }
}

/// The value for one of JSON that is no list and no map.
pub(crate) fn scalar_from_json(value: &json::Value) -> Value {
    match value {
        json::Value::Bool(truth) => Value::Bool(*truth),
        json::Value::Int(integer) => Value::Int(*integer),
        json::Value::Float(double) => Value::Double(*double),
        json::Value::Big(digits) => Value::Big(digits.clone()),
        json::Value::String(text) => Value::Text(text.clone()),
        json::Value::Null | json::Value::Array(_) | json::Value::Object(_) => Value::Null,
    }
}
