//! A definition as it stands: no checks, and no compiling but that of JSONata.

use std::collections::BTreeMap;

use json::{Object, Value};
use jsonata::Expression;

/// A definition whose states can be found by name.
#[derive(Debug)]
pub struct Machine {
    definition: Value,
    states: BTreeMap<String, Value>,
    /// What stands between `{%` and `%}` anywhere: histories are read many times.
    expressions: BTreeMap<String, Expression>,
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
        let mut expressions = BTreeMap::new();
        compile(&definition, &mut expressions);
        Machine { definition, states, expressions }
    }

    /// An expression by its text, if it is one.
    pub(super) fn expression(&self, text: &str) -> &Expression {
        self.expressions.get(text).unwrap_or_else(|| panic!("'{text}' was accepted and is no expression"))
    }

    /// The machine itself, as the outermost container.
    pub(super) fn top(&self) -> &Object {
        object(&self.definition)
    }

    /// A state; names are unique in the whole machine.
    pub(super) fn state(&self, name: &str) -> Option<&Object> {
        self.states.get(name).map(object)
    }

    /// What the children of a Map Run of this state run.
    pub(super) fn processor(&self, map: &str) -> Option<&Object> {
        let state = self.state(map)?;
        state.get("ItemProcessor").or_else(|| state.get("Iterator")).map(object)
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

/// The expression of a value that is one.
pub(super) fn inside(written: &Value) -> Option<&str> {
    Some(written.as_str()?.strip_prefix("{%")?.strip_suffix("%}")?.trim())
}

/// Texts of JSONPath states that look like expressions need not be any.
fn compile(value: &Value, expressions: &mut BTreeMap<String, Expression>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| compile(item, expressions)),
        Value::Object(members) => members.values().for_each(|member| compile(member, expressions)),
        scalar => {
            let compiled = inside(scalar).map(|text| (text.to_owned(), Expression::compile(text)));
            if let Some((text, Ok(expression))) = compiled {
                expressions.insert(text, expression);
            }
        }
    }
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
