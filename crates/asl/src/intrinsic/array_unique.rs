//! `States.ArrayUnique(array)`: each value once, in the order of first appearance.

use std::collections::BTreeMap;

use json::Value;

use super::arguments;
use crate::expense::{Purse, weight};

pub(super) fn array_unique(array: &Value, purse: Purse<'_>) -> Result<Value, String> {
    arguments::check_depth(array, "array")?;
    let items = arguments::array(array, "argument")?;
    // Equal values have equal fingerprints, so that each is compared with few others.
    let mut known: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    let mut unique = Vec::new();
    for item in items {
        let alike = known.entry(fingerprint(item)).or_default();
        // Unequal ones may have equal fingerprints if somebody wants them to.
        if !alike.is_empty() {
            purse.steps(alike.len().saturating_mul(weight(item, WEIGHT_MAX)))?;
        }
        if !alike.contains(&item) {
            alike.push(item);
            unique.push(item.clone());
        }
    }
    Ok(Value::from(unique))
}

/// Heavier items cost as much work as the budget has, or more.
const WEIGHT_MAX: usize = 10_000_000;

fn fingerprint(value: &Value) -> u64 {
    match value {
        Value::Null => 1,
        Value::Bool(truth) => 2 + u64::from(*truth),
        // All forms of a number are the same number; −0.0 equals 0.
        Value::Int(_) | Value::Float(_) | Value::Big(_) => {
            mix(5, (value.as_f64().unwrap_or(0.0) + 0.0).to_bits())
        }
        Value::String(text) => mix_text(6, text),
        Value::Array(items) => items.iter().fold(7, |print, item| mix(print, fingerprint(item))),
        // The order of members does not matter, so they are added up.
        Value::Object(members) => members.iter().fold(8, |print: u64, (name, member)| {
            print.wrapping_add(mix(mix_text(9, name), fingerprint(member)))
        }),
    }
}

fn mix_text(print: u64, text: &str) -> u64 {
    text.bytes().fold(print, |print, byte| mix(print, byte.into()))
}

/// FNV-1a's step, with a shift so that high bits reach low ones.
fn mix(print: u64, bits: u64) -> u64 {
    let mixed = (print ^ bits).wrapping_mul(0x100_0000_01b3);
    mixed ^ (mixed >> 29)
}
