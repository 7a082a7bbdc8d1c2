//! JSON Schema, draft 4, as API Gateway's models have it. (spec/vtl.md §6.5)
//!
//! A schema refers to itself and to other models of its API, and to nothing else. Never here: where a body comes from.

mod check;
mod format;
mod node;
mod validate;

use std::collections::BTreeMap;
use std::sync::Arc;

use json::Value;
use regex::Regex;

/// A schema whose parts are known to be what they must be.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    root: Value,
    /// The patterns in it, by their texts.
    patterns: Arc<BTreeMap<String, Regex>>,
}

/// The models of an API, by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schemas(BTreeMap<String, Schema>);

impl Schema {
    /// Reads a schema, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Schema, String> {
        let root = Value::parse(text).map_err(|error| format!("it is not JSON: {error}"))?;
        Schema::new(root)
    }

    fn new(root: Value) -> Result<Schema, String> {
        let patterns = check::check(&root)?;
        Ok(Schema { root, patterns: Arc::new(patterns) })
    }
}

impl Schemas {
    /// Adds a model.
    pub(crate) fn insert(&mut self, name: &str, schema: Schema) {
        self.0.insert(name.to_owned(), schema);
    }

    /// Whether there is such a model.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The name of a model that somebody refers to and nobody has, if there is one.
    pub(crate) fn missing(&self) -> Option<String> {
        let references = self.0.values().flat_map(|schema| check::references(&schema.root));
        references
            .filter_map(|reference| check::model_name(&reference).map(str::to_owned))
            .find(|name| !self.has(name))
    }

    /// What is wrong with a value; nothing if it fits the model. A model that is not there fits everything.
    pub(crate) fn problems(&self, name: &str, value: &Value) -> Vec<String> {
        match self.0.get(name) {
            Some(schema) => validate::problems(self, schema, value),
            None => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
