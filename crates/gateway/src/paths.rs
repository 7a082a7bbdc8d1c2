//! JSONPaths of templates and parameter mappings, by the crate of the States Language, which has the dialect.

use std::cell::Cell;

use asl::{Environment, Surroundings, Timestamp};
use json::Value;
use jsonata::Budget;
use vtl::api_gateway::Paths;

/// Answers `$input.path`, and mappings of bodies.
pub(crate) struct JsonPaths;

impl Paths for JsonPaths {
    fn find(&self, document: &Value, path: &str) -> Option<Value> {
        if path == "$" {
            return Some(document.clone());
        }
        // `$$` and `$name` begin elsewhere in a state machine and nowhere here.
        if !["$.", "$["].iter().any(|start| path.starts_with(start)) {
            return None;
        }
        let nothing = Nothing(Value::Null, Cell::new(Budget::default()));
        asl::Path::parse(path).ok()?.query(&Environment::new(document, &nothing)).ok()
    }
}

/// What a path may refer to beside the document.
struct Nothing(Value, Cell<Budget>);

impl Surroundings for Nothing {
    fn context(&self) -> &Value {
        &self.0
    }

    fn variable(&self, _: &str) -> Option<&Value> {
        None
    }

    fn random(&self) -> u128 {
        0
    }

    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn budget(&self) -> &Cell<Budget> {
        &self.1
    }
}
