//! All that is kept, as JSON values by their keys, and a change of it.

use std::collections::BTreeMap;

use json::Value;

/// Everything: `rest/ID` is a REST API, `deployment/API/ID` what was deployed of one, `http/ID` an HTTP API,
/// `key/ID` an API key, `plan/ID` a usage plan, `usage/PLAN/KEY` what was used of one.
#[derive(Clone, Debug, Default)]
pub struct Records(BTreeMap<String, Value>);

impl Records {
    /// Of what was kept.
    pub fn new(kept: impl IntoIterator<Item = (String, Value)>) -> Records {
        Records(kept.into_iter().collect())
    }

    /// The record with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// All records whose keys begin so, in the order of the keys.
    pub(crate) fn of<'r>(&'r self, prefix: &'r str) -> impl Iterator<Item = (&'r str, &'r Value)> {
        let from = self.0.range::<str, _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded));
        from.take_while(move |(key, _)| key.starts_with(prefix)).map(|(key, value)| (key.as_str(), value))
    }

    /// Takes over what was committed.
    pub(crate) fn take_over(&mut self, changed: &BTreeMap<String, Option<Value>>) {
        for (key, value) in changed {
            match value {
                Some(value) => self.0.insert(key.clone(), value.clone()),
                None => self.0.remove(key),
            };
        }
    }
}

/// Records, and what an operation makes of them.
pub(crate) struct Draft<'r> {
    records: &'r Records,
    changed: BTreeMap<String, Option<Value>>,
}

impl<'r> Draft<'r> {
    pub(crate) fn new(records: &'r Records) -> Draft<'r> {
        Draft { records, changed: BTreeMap::new() }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        match self.changed.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.records.get(key),
        }
    }

    pub(crate) fn put(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.changed.insert(key.into(), Some(value.into()));
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.changed.insert(key.to_owned(), None);
    }

    /// All records whose keys begin so, with what comes behind.
    pub(crate) fn of(&self, prefix: &str) -> Vec<(String, Value)> {
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
    pub(crate) fn changes(self) -> BTreeMap<String, Option<Value>> {
        self.changed
    }
}
