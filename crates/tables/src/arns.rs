//! ARNs of tables, indexes and streams: the engine has a region and an account of its own, callers have theirs.
//!
//! Never here: ARNs in items, which are what somebody stored.

use json::{Object, Value};

/// What the engine's ARNs begin with.
const OWN: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

/// Where a caller's tables are.
pub(crate) struct Arns {
    start: String,
}

impl Arns {
    pub(crate) fn new(region: &str, account: &str) -> Arns {
        Arns { start: format!("arn:aws:dynamodb:{region}:{account}:") }
    }

    /// What a caller names, as the engine names it.
    pub(crate) fn inwards(&self, value: &Value) -> Value {
        replaced(value, &self.start, OWN)
    }

    /// What the engine names, as the caller does.
    pub(crate) fn outwards(&self, value: &Value) -> Value {
        replaced(value, OWN, &self.start)
    }

    /// The same in a text.
    pub(crate) fn in_text(&self, text: &str) -> String {
        text.replace(OWN, &self.start)
    }
}

/// The recursion follows the value, whose depth its parser bounds.
fn replaced(value: &Value, from: &str, to: &str) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix(from) {
            Some(rest) => format!("{to}{rest}").into(),
            None => value.clone(),
        },
        Value::Array(elements) => elements.iter().map(|value| replaced(value, from, to)).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), replaced(value, from, to)));
            members.collect::<Object>().into()
        }
        value => value.clone(),
    }
}
