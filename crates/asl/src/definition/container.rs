//! One `States` object with its `StartAt`: the machine's own, a branch's, an item processor's.

use json::{Object, Value};

use super::fields::Fields;
use super::graph::Graph;
use super::reader::{Reader, duplicate_state_name};
use super::variables::Scope;
use crate::machine::{Container, ContainerId, StateId};

/// How deep containers may nest: the reader and the counting of states recurse, and so may whoever
/// walks the machine. AWS has a limit too (`TOO_DEEPLY_NESTED`) and does not publish it.
pub(super) const NESTING_MAX: usize = 64;

/// (spec/asl.md §1)
const STATE_NAME_LENGTH_MAX: usize = 80;

/// What a state needs to know of the container it stands in.
pub(super) struct Surrounding<'d> {
    pub(super) id: ContainerId,
    /// How many containers are around it, itself not counted.
    pub(super) nesting: usize,
    pub(super) graph: Graph<'d>,
}

impl<'d> Reader<'d> {
    /// Reads `StartAt` and `States` of `fields`; the caller has checked which fields there are.
    pub(super) fn container(
        &mut self,
        fields: &Fields<'d, '_>,
        owner: Option<StateId>,
        nesting: usize,
    ) -> ContainerId {
        let id = ContainerId(u32::try_from(self.containers.len()).expect("fewer containers than states"));
        self.containers.push(None);
        if nesting > NESTING_MAX {
            let message = format!("Map and Parallel states nest more than {NESTING_MAX} levels deep");
            self.findings.error("TOO_DEEPLY_NESTED", &fields.at, message);
            return id;
        }
        let start_at = fields.string("StartAt", &mut self.findings);
        let states_at = fields.at.field("States");
        let states = fields.value("States").and_then(|states| {
            Some(Fields::of(states, states_at, self.language, &mut self.findings)?.object)
        });
        let Some(states) = states else { return id };
        if states.is_empty() {
            self.findings.schema(&states_at, "Value cannot be empty");
            return id;
        }

        self.scopes.push(Scope::of(states));
        let mut surrounding =
            Surrounding { id, nesting, graph: Graph::new(self.numbered(states).into_iter()) };
        let start = start_at.and_then(|name| surrounding.graph.target(name, &fields.at.field("StartAt")));
        for (name, state) in states {
            if !self.names.insert(name) {
                let message = duplicate_state_name(name);
                self.findings.error("DUPLICATE_STATE_NAME", &states_at.field(name), message);
            }
            if let Some(problem) = problem_of_name(name) {
                let message = format!("Invalid State name: {problem}");
                self.findings.error("INVALID_STATE_NAME", &states_at.field(name), message);
            }
            if let Some(scope) = self.scopes.last_mut() {
                scope.here = name;
            }
            self.state(name, state, states_at.state(name), &mut surrounding);
        }
        self.scopes.pop();

        if start_at.is_some() {
            let found = surrounding.graph.finish(states.keys().map(|name| name.as_str()), &states_at);
            self.graph.push((id, found));
        }
        self.containers[id.0 as usize] = start.map(|start_at| Container { start_at, owner });
        id
    }

    /// The states with the numbers they are going to get: each before the states inside it.
    fn numbered(&self, states: &'d Object) -> Vec<(&'d str, StateId)> {
        let mut next = self.next_state().0;
        let mut numbered = Vec::with_capacity(states.len());
        for (name, state) in states {
            numbered.push((name.as_str(), StateId(next)));
            next += 1 + states_inside(state, 0);
        }
        numbered
    }
}

/// What is wrong with the name of a state. The text of too long a name is the one that a deployment to
/// AWS was refused with.
fn problem_of_name(name: &str) -> Option<String> {
    if name.is_empty() {
        Some("State name cannot be empty".to_owned())
    } else if name.chars().count() > STATE_NAME_LENGTH_MAX {
        Some(format!(
            "State '{name}' exceeds the {STATE_NAME_LENGTH_MAX}-character limit allowed by the service"
        ))
    } else {
        None
    }
}

/// How many states stand inside a state, at any depth. It must descend into what the reader of a
/// valid state descends into; where the definition is not valid, no number is ever used.
fn states_inside(state: &Value, nesting: usize) -> u32 {
    let inside = match state.get("Type").and_then(Value::as_str) {
        Some("Parallel") => {
            state.get("Branches").and_then(Value::as_array).map_or(&[][..], |all| all.as_slice())
        }
        Some("Map") => {
            let processor = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
            processor.map_or(&[][..], std::slice::from_ref)
        }
        _ => &[],
    };
    if nesting > NESTING_MAX {
        return 0;
    }
    inside
        .iter()
        .filter_map(|container| container.get("States").and_then(Value::as_object))
        .flat_map(Object::values)
        .map(|state| 1 + states_inside(state, nesting + 1))
        .sum()
}
