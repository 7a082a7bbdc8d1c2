//! The part of JSONPath that EventBridge knows: `$.detail.state`, `$.resources[0]`, `$.detail.items[*].id`.
//!
//! Never here: filters, slices, functions. Whoever writes them is told.

use json::{Text, Value};

use super::Invalid;

/// A path, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// A member by name.
    Member(Text),
    /// An item by number.
    Item(usize),
    /// All members, or all items.
    All,
}

/// Longer paths are refused. (API reference of EventBridge, InputPath)
const BYTES_MAX: usize = 256;

impl Path {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Path, Invalid> {
        let invalid = |reason: &str| Invalid::Path { reason: format!("{text}: {reason}") };
        if text.len() > BYTES_MAX {
            return Err(invalid("a path has at most 256 bytes"));
        }
        let mut rest = text.strip_prefix('$').ok_or_else(|| invalid("a path begins with $"))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, behind) = step(rest).ok_or_else(|| {
                invalid("only names (.name, ['name']), numbers ([0]) and * may follow each other in a path")
            })?;
            steps.push(step);
            rest = behind;
        }
        Ok(Path { steps })
    }

    /// The value that the path leads to. With a `*` it is the array of all that are found.
    pub fn find(&self, event: &Value) -> Option<Value> {
        let mut found = vec![event];
        for step in &self.steps {
            found = found.into_iter().flat_map(|value| step.from(value)).collect();
        }
        if self.steps.contains(&Step::All) {
            return (!found.is_empty()).then(|| found.into_iter().cloned().collect());
        }
        found.first().map(|value| Value::clone(value))
    }
}

impl Step {
    fn from<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match (self, value) {
            (Step::Member(name), value) => value.get(name).into_iter().collect(),
            (Step::Item(index), value) => value.at(*index).into_iter().collect(),
            (Step::All, Value::Array(items)) => items.iter().collect(),
            (Step::All, Value::Object(members)) => members.values().collect(),
            (Step::All, _) => Vec::new(),
        }
    }
}

/// The first step of a text, and what stands behind it.
fn step(text: &str) -> Option<(Step, &str)> {
    if let Some(text) = text.strip_prefix('.') {
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let is_name = !name.is_empty() && !name.contains([']', '(', ')', '\'', '"', ' ', '*', ',']);
        return match name {
            "*" => Some((Step::All, rest)),
            name => is_name.then(|| (Step::Member(name.into()), rest)),
        };
    }
    let text = text.strip_prefix('[')?;
    for quote in ['\'', '"'] {
        if let Some(text) = text.strip_prefix(quote) {
            let (name, rest) = text.split_once(quote)?;
            let is_name = !name.is_empty() && !name.contains('\\');
            return is_name.then_some((Step::Member(name.into()), rest.strip_prefix(']')?));
        }
    }
    let (inside, rest) = text.split_once(']')?;
    if inside == "*" {
        return Some((Step::All, rest));
    }
    // Nine digits are more items than an event has bytes.
    let is_number = (1..=9).contains(&inside.len()) && inside.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Some((Step::Item(inside.parse().ok()?), rest)))?
}
