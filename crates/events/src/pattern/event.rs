//! An event, ready to be matched against many patterns.

use std::collections::BTreeMap;

use json::{Object, Text, Value};

use super::compile::LEVELS_MAX;

/// Up to so many members, comparing names one by one beats halving.
const SCAN_MAX: usize = 8;

/// An event as patterns see it: names with dots stand for objects in objects, and a name is found soon however
/// many there are. Making one costs about as much as copying the event; values are shared.
#[derive(Clone, Debug)]
pub struct Event(pub(super) Part);

/// A value of an event.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// Text, number, truth or null.
    Scalar(Value),
    Array(Vec<Part>),
    Object(Members),
}

/// Members by name, each name once, in the order of their bytes.
#[derive(Clone, Debug)]
pub(super) struct Members(Vec<(Text, Part)>);

impl Event {
    /// Of an event, or of anything else that patterns are to match.
    pub fn new(event: &Value) -> Event {
        Event(part(event, 0))
    }
}

impl Members {
    pub(super) fn get(&self, name: &str) -> Option<&Part> {
        if self.0.len() <= SCAN_MAX {
            return self.0.iter().find(|(known, _)| known == name).map(|(_, part)| part);
        }
        let place = self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        Some(&self.0[place].1)
    }
}

/// `level` is how many names lead here.
fn part(value: &Value, level: usize) -> Part {
    match value {
        Value::Array(items) => Part::Array(items.iter().map(|item| part(item, level)).collect()),
        Value::Object(members) if members.keys().any(|name| name.as_bytes().contains(&b'.')) => {
            with_dots(members.iter().map(|(name, member)| (name.as_str(), member)).collect(), level)
        }
        Value::Object(members) => without_dots(members, level),
        scalar => Part::Scalar(scalar.clone()),
    }
}

fn without_dots(members: &Object, level: usize) -> Part {
    let mut parts: Vec<(Text, Part)> =
        members.iter().map(|(name, member)| (name.clone(), part(member, level + 1))).collect();
    if parts.len() > SCAN_MAX {
        parts.sort_unstable_by(|(one, _), (two, _)| one.as_str().cmp(two.as_str()));
    }
    Part::Object(Members(parts))
}

/// What an event has under one name, whether that stands alone or in front of a dot.
#[derive(Default)]
struct Place<'a> {
    members: Vec<(&'a str, &'a Value)>,
    /// Arrays, and values that have no members.
    others: Vec<&'a Value>,
    is_object: bool,
}

fn with_dots(members: Vec<(&str, &Value)>, level: usize) -> Part {
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
    let parts = places.into_iter().map(|(name, place)| (Text::new(name), place.part(level + 1)));
    Part::Object(Members(parts.collect()))
}

impl Place<'_> {
    fn part(self, level: usize) -> Part {
        let mut parts: Vec<Part> = self.others.iter().map(|value| part(value, level)).collect();
        if self.is_object || !self.members.is_empty() {
            parts.push(with_dots(self.members, level));
        }
        // Several values in one place are as good as the items of an array.
        if parts.len() == 1 { parts.remove(0) } else { Part::Array(parts) }
    }
}
