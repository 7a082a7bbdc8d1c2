//! An event, ready to be matched against many patterns.

use std::borrow::Cow;
use std::collections::BTreeMap;

use json::{Text, Value};

use super::compile::LEVELS_MAX;

/// An event as patterns see it: names with dots stand for objects in objects. Making one looks at every name
/// once; most events have no such names and are only borrowed.
#[derive(Clone, Debug)]
pub struct Event<'a>(Cow<'a, Value>);

impl<'a> Event<'a> {
    /// Of an event, or of anything else that patterns are to match.
    pub fn new(event: &'a Value) -> Event<'a> {
        Event(if has_dots(event) { Cow::Owned(without_dots(event, 0)) } else { Cow::Borrowed(event) })
    }

    pub(super) fn value(&self) -> &Value {
        &self.0
    }
}

impl From<Value> for Event<'static> {
    fn from(event: Value) -> Event<'static> {
        Event(Cow::Owned(if has_dots(&event) { without_dots(&event, 0) } else { event }))
    }
}

fn has_dots(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, member)| name.as_bytes().contains(&b'.') || has_dots(member))
        }
        Value::Array(items) => items.iter().any(has_dots),
        _ => false,
    }
}

/// `level` is how many names lead here.
fn without_dots(value: &Value, level: usize) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| without_dots(item, level)).collect(),
        Value::Object(members) => {
            object(members.iter().map(|(name, member)| (name.as_str(), member)).collect(), level)
        }
        scalar => scalar.clone(),
    }
}

/// What an event has under one name, whether that stands alone or in front of a dot.
#[derive(Default)]
struct Place<'a> {
    members: Vec<(&'a str, &'a Value)>,
    /// Arrays, and values that have no members.
    others: Vec<&'a Value>,
    is_object: bool,
}

fn object(members: Vec<(&str, &Value)>, level: usize) -> Value {
    let mut places: BTreeMap<&str, Place<'_>> = BTreeMap::new();
    // No pattern reaches deeper.
    let members = if level < LEVELS_MAX { members } else { Vec::new() };
    for (name, value) in members {
        let (name, rest) = name.split_once('.').map_or((name, None), |(name, rest)| (name, Some(rest)));
        let place = places.entry(name).or_default();
        match (rest, value) {
            (Some(rest), member) => place.members.push((rest, member)),
            (None, Value::Object(members)) => {
                place.members.extend(members.iter().map(|(name, member)| (name.as_str(), member)));
                place.is_object = true;
            }
            (None, other) => place.others.push(other),
        }
    }
    Value::Object(places.into_iter().map(|(name, place)| (Text::new(name), place.value(level + 1))).collect())
}

impl Place<'_> {
    fn value(self, level: usize) -> Value {
        let mut values: Vec<Value> = self.others.iter().map(|value| without_dots(value, level)).collect();
        if self.is_object || !self.members.is_empty() {
            values.push(object(self.members, level));
        }
        // Several values in one place are as good as the items of an array.
        if values.len() == 1 { values.remove(0) } else { values.into_iter().collect() }
    }
}
