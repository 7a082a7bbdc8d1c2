//! What services keep whose resources are few: JSON values by their keys, all in memory, and a change of them.
//!
//! A [`Draft`] collects what an operation changes; it is committed as a whole, or dropped. Never here: what a record means.

use std::collections::BTreeMap;

use json::Value;
use ledger::{Batch, Ledger, Refused, Space};

/// What becomes of records, by their keys; `None` is the end of one.
pub type Changes = BTreeMap<String, Option<Value>>;

/// All that a service keeps, by keys such as `rest/ID`.
#[derive(Clone, Debug, Default)]
pub struct Records(BTreeMap<String, Value>);

impl Records {
    /// Of what was kept.
    pub fn new(kept: impl IntoIterator<Item = (String, Value)>) -> Records {
        Records(kept.into_iter().collect())
    }

    /// The record with this key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// All records whose keys begin so, in the order of the keys.
    pub fn of<'r>(&'r self, prefix: &'r str) -> impl Iterator<Item = (&'r str, &'r Value)> {
        let from = self.0.range::<str, _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded));
        from.take_while(move |(key, _)| key.starts_with(prefix)).map(|(key, value)| (key.as_str(), value))
    }

    /// Takes over what was committed.
    pub fn take_over(&mut self, changed: &Changes) {
        for (key, value) in changed {
            match value {
                Some(value) => self.0.insert(key.clone(), value.clone()),
                None => self.0.remove(key),
            };
        }
    }
}

/// All records of a space. What is no JSON is told to the log and left alone.
///
/// # Errors
/// The ledger cannot be read.
pub fn read(ledger: &Ledger, space: Space) -> Result<Records, ledger::Error> {
    let mut records = BTreeMap::new();
    ledger.visit(space, b"", |key, value| {
        let key = String::from_utf8_lossy(key).into_owned();
        match Value::parse_bytes(&value) {
            Ok(value) => drop(records.insert(key, value)),
            Err(error) => tracing::error!("the record {key} is not JSON and is left alone: {error}"),
        }
    })?;
    Ok(Records(records))
}

/// Makes changes durable, all or none.
///
/// # Errors
/// Nothing is changed.
pub async fn commit(ledger: &Ledger, space: Space, changes: &Changes) -> Result<(), Refused> {
    let mut batch = Batch::new();
    for (key, value) in changes {
        match value {
            None => batch.remove(space, key.as_bytes()),
            Some(value) => batch.put(space, key.as_bytes(), value.to_text().as_bytes()),
        }
    }
    ledger.commit(batch).await
}

/// Records, and what an operation makes of them.
pub struct Draft<'r> {
    records: &'r Records,
    changed: Changes,
}

impl<'r> Draft<'r> {
    /// Of the records as they are.
    pub fn new(records: &'r Records) -> Draft<'r> {
        Draft { records, changed: BTreeMap::new() }
    }

    /// The record with this key, as it shall be.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self.changed.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.records.get(key),
        }
    }

    /// It shall be this.
    pub fn put(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.changed.insert(key.into(), Some(value.into()));
    }

    /// It shall be gone.
    pub fn remove(&mut self, key: &str) {
        self.changed.insert(key.to_owned(), None);
    }

    /// All records whose keys begin so, with what comes behind.
    pub fn of(&self, prefix: &str) -> Vec<(String, Value)> {
        let mut found: BTreeMap<&str, &Value> = self.records.of(prefix).collect();
        for (key, value) in self.changed.iter().filter(|(key, _)| key.starts_with(prefix)) {
            match value {
                Some(value) => found.insert(key, value),
                None => found.remove(key.as_str()),
            };
        }
        found.into_iter().map(|(key, value)| (key[prefix.len()..].to_owned(), value.clone())).collect()
    }

    /// What has become of each record that was touched.
    pub fn changes(self) -> Changes {
        self.changed
    }
}
