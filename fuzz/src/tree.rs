//! Varies JSON as JSON: members go, come, change their names and places, and stay JSON.

use json::{Object, Value};
use libfuzzer_sys::fuzzer_mutate;

use crate::pieces::{FIELDS, VALUES};
use crate::text::put;

/// Pseudo-random choices (xorshift): the fuzzer gives a seed for each change.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u32) -> Chance {
        Chance((u64::from(seed) << 1 | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// 0 to `bound` - 1; 0 if there is nothing to choose from.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound.max(1)
    }

    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// A changed definition in the first bytes of `data`; returns how many.
pub fn vary_definition(data: &mut [u8], size: usize, size_max: usize, seed: u32) -> usize {
    let mut chance = Chance::new(seed);
    if chance.one_in(4) {
        return fuzzer_mutate(data, size, size_max);
    }
    let varied = std::str::from_utf8(&data[..size]).ok().and_then(|text| varied(text, &mut chance, &VALUES));
    varied.and_then(|text| put(data, size_max, &text)).unwrap_or_else(|| fuzzer_mutate(data, size, size_max))
}

/// The text with one to four changes; nothing if it is no JSON, or nests too deep to be walked.
pub(crate) fn varied(text: &str, chance: &mut Chance, values: &[&str]) -> Option<String> {
    let mut value = Value::parse(text).ok().filter(|value| !value.depth_exceeds(200))?;
    let mut parts = Vec::new();
    collect(&value, &mut parts);
    for _ in 0..1 + chance.below(4) {
        let stray = if chance.one_in(2) {
            parts[chance.below(parts.len())].clone()
        } else {
            Value::parse(chance.pick(values)).expect("the pieces are JSON")
        };
        let place = chance.below(count(&value));
        change(&mut value, place, stray, chance);
    }
    Some(value.to_text())
}

/// All values within a value.
fn collect(value: &Value, parts: &mut Vec<Value>) {
    parts.push(value.clone());
    match value {
        Value::Object(members) => members.values().for_each(|member| collect(member, parts)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, parts)),
        _ => {}
    }
}

/// How many values there are within a value, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(count).sum::<usize>(),
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

/// Goes to the value at `place`, counted from the outside in, and changes it.
fn change(value: &mut Value, place: usize, stray: Value, chance: &mut Chance) {
    if place == 0 {
        return change_here(value, stray, chance);
    }
    let mut left = place - 1;
    let mut children: Vec<&mut Value> = match value {
        Value::Object(members) => members.values_mut().collect(),
        Value::Array(items) => items.make_mut().iter_mut().collect(),
        _ => return,
    };
    for child in &mut children {
        let inside = count(child);
        if left < inside {
            return change(child, left, stray, chance);
        }
        left -= inside;
    }
}

fn change_here(value: &mut Value, stray: Value, chance: &mut Chance) {
    match value {
        Value::Object(members) if !members.is_empty() && !chance.one_in(4) => {
            change_member(members, stray, chance)
        }
        Value::Array(items) if !items.is_empty() && !chance.one_in(4) => {
            let items = items.make_mut();
            let place = chance.below(items.len());
            match chance.below(3) {
                0 => items.insert(place, stray),
                1 => items[place] = stray,
                _ => drop(items.remove(place)),
            }
        }
        _ => *value = stray,
    }
}

fn change_member(members: &mut Object, stray: Value, chance: &mut Chance) {
    let names: Vec<_> = members.keys().cloned().collect();
    let name = &names[chance.below(names.len())];
    match chance.below(6) {
        0 | 1 => drop(members.insert(chance.pick(&FIELDS), stray)),
        2 => drop(members.remove(name)),
        3 => {
            let member = members.remove(name).unwrap_or_default();
            members.insert(chance.pick(&FIELDS), member);
        }
        4 => {
            // Names of states: those that are there already, so that transitions lead somewhere.
            let other = &names[chance.below(names.len())];
            members.insert(name.clone(), Value::from(other.as_str()));
        }
        _ => drop(members.insert(name.clone(), stray)),
    }
}
