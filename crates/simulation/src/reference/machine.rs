//! A definition as it stands: no checks, no compiling.

use std::collections::BTreeMap;

use json::{Object, Value};

/// A definition whose states can be found by name.
#[derive(Debug)]
pub struct Machine {
    definition: Value,
    states: BTreeMap<String, Value>,
}

impl Machine {
    /// Of a definition that was accepted.
    ///
    /// # Panics
    /// When it is not JSON.
    pub fn new(definition: &str) -> Machine {
        let definition = Value::parse(definition).expect("an accepted definition is JSON");
        let mut states = BTreeMap::new();
        collect(&definition, &mut states);
        Machine { definition, states }
    }

    /// The machine itself, as the outermost container.
    pub(super) fn top(&self) -> &Object {
        object(&self.definition)
    }

    /// A state; names are unique in the whole machine.
    pub(super) fn state(&self, name: &str) -> Option<&Object> {
        self.states.get(name).map(object)
    }

    /// Whether JSONata holds in a state: by its own word, or else by the machine's.
    pub(super) fn is_jsonata(&self, state: &Object) -> bool {
        text(state, "QueryLanguage").or_else(|| text(self.top(), "QueryLanguage")) == Some("JSONata")
    }

    /// The machine's own time limit in seconds.
    pub(super) fn timeout(&self) -> Option<i64> {
        self.definition.get("TimeoutSeconds").and_then(Value::as_i64)
    }
}

pub(super) fn object(value: &Value) -> &Object {
    value.as_object().expect("an accepted definition has an object here")
}

/// A field that is a text.
pub(super) fn text<'a>(object: &'a Object, field: &str) -> Option<&'a str> {
    object.get(field).and_then(Value::as_str)
}

/// The members of a field that is an array, none where it is missing.
pub(super) fn list<'a>(object: &'a Object, field: &str) -> &'a [Value] {
    object.get(field).and_then(Value::as_array).map_or(&[], |array| array.as_slice())
}

fn collect(container: &Value, states: &mut BTreeMap<String, Value>) {
    for (name, state) in container.get("States").and_then(Value::as_object).into_iter().flatten() {
        states.insert(name.to_string(), state.clone());
        list(object(state), "Branches").iter().for_each(|branch| collect(branch, states));
        for field in ["ItemProcessor", "Iterator"] {
            state.get(field).into_iter().for_each(|processor| collect(processor, states));
        }
    }
}
