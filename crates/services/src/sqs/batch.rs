//! What all requests with several entries have in common.

use std::collections::BTreeSet;

use json::{Array, Object, Value};

use super::input::Input;
use crate::Fault;

/// (documented)
const ENTRIES_MAX: usize = 10;

/// The entries of a batch with their ids; `kind` is what one is called: `SendMessageBatchRequestEntry`.
pub(crate) fn entries<'a>(input: Input<'a>, kind: &str) -> Result<Vec<(&'a str, Input<'a>)>, Fault> {
    let entries: Vec<_> = input.array("Entries").into_iter().flat_map(Array::iter).map(Input).collect();
    if entries.is_empty() {
        let message = format!("There should be at least one {kind} in the request.");
        return Err(Fault::new("EmptyBatchRequest", message));
    }
    if entries.len() > ENTRIES_MAX {
        let count = entries.len();
        let message =
            format!("Maximum number of entries per request are {ENTRIES_MAX}. You have sent {count}.");
        return Err(Fault::new("TooManyEntriesInBatchRequest", message));
    }
    let mut ids = BTreeSet::new();
    let mut named = Vec::with_capacity(entries.len());
    for entry in entries {
        let id = entry.text("Id").unwrap_or_default();
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        if !(1..=80).contains(&id.len()) || !id.bytes().all(is_good) {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can \
                           be at most 80 letters long.";
            return Err(Fault::new("InvalidBatchEntryId", message));
        }
        if !ids.insert(id) {
            return Err(Fault::new("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
        }
        named.push((id, entry));
    }
    Ok(named)
}

/// What came of the entries.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    successful: Vec<Value>,
    failed: Vec<Value>,
}

impl Outcomes {
    /// One succeeded, and says this besides its id.
    pub fn succeed(&mut self, id: &str, members: Object) {
        let mut entry = Object::with_capacity(1 + members.len());
        entry.insert("Id", id);
        for (name, value) in members {
            entry.insert(name, value);
        }
        self.successful.push(Value::Object(entry));
    }

    /// One failed, by its sender's fault.
    pub fn fail(&mut self, id: &str, fault: &Fault) {
        self.failed.push(json::value!({
            "Id": id,
            "SenderFault": true,
            "Code": &fault.code,
            "Message": &fault.message
        }));
    }

    /// The request's answer. The lists stand there only if something stands in them.
    pub fn into_value(self) -> Value {
        let mut shown = Object::new();
        if !self.successful.is_empty() {
            shown.insert("Successful", self.successful);
        }
        if !self.failed.is_empty() {
            shown.insert("Failed", self.failed);
        }
        Value::Object(shown)
    }
}
