//! One state alone, as TestState takes it: a definition of just a state, or a state of a whole machine.
//! (spec/api.md §3.9)
//!
//! AWS tests a state in a machine that has nothing else, where it is called `StateName` whatever it was
//! called before: its Context Object and its error texts say so. (recorded) States that it leads to are
//! only names there, and so need not exist.

use std::collections::BTreeSet;

use json::{Duplicate, Object, Text, Value};

use super::container::NESTING_MAX;
use super::findings::Findings;
use super::reader::Reader;
use super::{Options, duplicates, parse};
use crate::diagnostic::{Diagnostic, Severity};
use crate::machine::{ContainerId, StateId, StateMachine};

/// What the state is called while it is alone.
const NAME: &str = "StateName";

/// A state that can be tested.
#[derive(Debug)]
pub struct Alone {
    /// The state is the first one; those behind it on its level only lend their names to transitions.
    pub machine: StateMachine,
    /// Whether it stands in the item processor of a Map, at any depth.
    pub is_in_map: bool,
}

/// Why there is no such state.
#[derive(Debug)]
pub enum AloneError {
    /// The definition has errors.
    Invalid(Vec<Diagnostic>),
    /// It has no state of that name.
    NotFound,
}

impl Alone {
    /// The number of the state that is tested.
    pub const STATE: StateId = StateId(0);

    /// Whether a state of this name stands inside the tested one.
    pub fn has_inside(&self, name: &str) -> bool {
        self.machine.states.iter().any(|state| state.container != ContainerId(0) && state.name == name)
    }
}

/// Checks a definition and compiles the state `name` of it; without a name, the definition is that of
/// a state.
pub fn compile_state(definition: &str, name: Option<&str>) -> Result<Alone, AloneError> {
    let mut findings = Findings::default();
    let Some((object, duplicates)) = parse(definition, &mut findings) else {
        return Err(AloneError::Invalid(errors(findings)));
    };
    let Some(name) = name else { return alone(&object, None, false, &duplicates) };
    let mut reader = Reader::new(Options::default());
    duplicates::check(&object, &duplicates, &mut reader.findings);
    let timeout_seconds = reader.machine(&object);
    reader.finish(timeout_seconds, &mut findings);
    if findings.has_errors() {
        return Err(AloneError::Invalid(errors(findings)));
    }
    let (state, is_in_map) = find(&object, name, false, 0).ok_or(AloneError::NotFound)?;
    alone(state, object.get("QueryLanguage"), is_in_map, &[])
}

/// Compiles a state in a machine of its own.
fn alone(
    state: &Object,
    language: Option<&Value>,
    is_in_map: bool,
    duplicates: &[Duplicate],
) -> Result<Alone, AloneError> {
    let mut findings = Findings::default();
    let object = machine_of(state, language);
    let mut reader = Reader::new(Options::default());
    duplicates::check(&object, &inside_machine(duplicates), &mut reader.findings);
    reader.machine(&object);
    // Of the machine around the state nothing is said: it is made up.
    reader.graph.retain(|(container, _)| *container != ContainerId(0));
    let machine = reader.finish(None, &mut findings);
    let (Some(machine), false) = (machine, findings.has_errors()) else {
        return Err(AloneError::Invalid(errors(findings)));
    };
    Ok(Alone { machine, is_in_map })
}

/// What was found in the text of the state, by its place in the machine around it.
fn inside_machine(duplicates: &[Duplicate]) -> Vec<Duplicate> {
    let moved = duplicates.iter().cloned().map(|found| {
        let path = format!("/States/{NAME}{}", found.path);
        Duplicate { path, ..found }
    });
    moved.collect()
}

/// A machine of the state and of what its transitions name.
fn machine_of(state: &Object, language: Option<&Value>) -> Object {
    let end = Value::Object([("Type", "Succeed")].into_iter().collect());
    let mut states = vec![(Text::from(NAME), Value::Object(state.clone()))];
    states.extend(
        targets(state).into_iter().filter(|name| *name != NAME).map(|name| (name.into(), end.clone())),
    );
    let mut machine = Object::with_capacity(3);
    if let Some(language) = language {
        machine.insert("QueryLanguage", language.clone());
    }
    machine.insert("StartAt", NAME);
    machine.insert("States", states.into_iter().collect::<Object>());
    machine
}

/// The names of the states that a state may lead to.
fn targets(state: &Object) -> BTreeSet<&str> {
    let rules = ["Choices", "Catch"].into_iter().filter_map(|field| state.get(field)?.as_array()).flatten();
    let next = rules.filter_map(|rule| rule.get("Next"));
    let own = ["Next", "Default"].into_iter().filter_map(|field| state.get(field));
    own.chain(next).filter_map(Value::as_str).collect()
}

/// The state of this name in a container or in what stands inside it, and whether a Map is around.
fn find<'d>(container: &'d Object, name: &str, in_map: bool, nesting: usize) -> Option<(&'d Object, bool)> {
    if nesting > NESTING_MAX {
        return None;
    }
    let states = container.get("States")?.as_object()?;
    if let Some(state) = states.get(name) {
        return Some((state.as_object()?, in_map));
    }
    states.values().find_map(|state| {
        let processor = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
        let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten();
        let inside = processor.map(|processor| (processor, true)).into_iter();
        inside
            .chain(branches.map(|branch| (branch, in_map)))
            .find_map(|(container, in_map)| find(container.as_object()?, name, in_map, nesting + 1))
    })
}

fn errors(findings: Findings) -> Vec<Diagnostic> {
    let mut list = findings.into_list();
    list.retain(|diagnostic| diagnostic.severity == Severity::Error);
    list
}
