//! Members that stand in one object twice. Two states of one name are a mistake; of other members the
//! last one counts.
//!
//! The value of a definition holds the last one only, so the parser's notes are read here.

use std::collections::BTreeMap;

use json::{Duplicate, Object, Value};

use super::findings::Findings;
use super::reader::duplicate_state_name;

/// How many bytes of a path can be the name of one state. Longer names are refused, so that nothing is
/// lost by not looking for them, and looking at every place of a very long path takes its square.
const NAME_BYTES_MAX: usize = 4 * 80;

/// Tells of each repeated member that is a state.
pub(super) fn check(machine: &Object, duplicates: &[Duplicate], findings: &mut Findings) {
    let mut places = Places { machine, states: BTreeMap::new(), known: BTreeMap::new() };
    for Duplicate { path, name, .. } in duplicates {
        if places.are_states(path) {
            let location = Some(format!("{path}/{name}"));
            findings.error_without_location("DUPLICATE_STATE_NAME", duplicate_state_name(name), location);
        }
    }
}

/// What paths lead to. Scanning an object for each of very many paths takes the square of its members.
struct Places<'d, 'p> {
    machine: &'d Object,
    /// The states of each container, by the path of its `States`.
    states: BTreeMap<&'p str, BTreeMap<&'d str, &'d Value>>,
    known: BTreeMap<&'p str, bool>,
}

impl<'d, 'p> Places<'d, 'p> {
    /// Whether `path` leads to a `States` object, and not to something in a payload that looks like one.
    fn are_states(&mut self, path: &'p str) -> bool {
        if let Some(known) = self.known.get(path) {
            return *known;
        }
        let are_states = self.leads_to_states(self.machine, path, 0);
        self.known.insert(path, are_states);
        are_states
    }

    /// Whether what stands in `path` from `at` on leads from this container to a `States` object.
    fn leads_to_states(&mut self, container: &'d Object, path: &'p str, at: usize) -> bool {
        let Some(rest) = path[at..].strip_prefix("/States") else { return false };
        if rest.is_empty() {
            return true;
        }
        let Some(rest) = rest.strip_prefix('/') else { return false };
        let first = path.len() - rest.len();
        // Names are not escaped: each place where one could end is tried.
        for (length, _) in rest.match_indices('/').take_while(|(length, _)| *length <= NAME_BYTES_MAX) {
            let states = self.states.entry(&path[..first]).or_insert_with(|| states_of(container));
            let Some(state) = states.get(&rest[..length]).copied() else { continue };
            if let Some((Value::Object(container), rest)) = inside(state, &rest[length + 1..])
                && self.leads_to_states(container, path, path.len() - rest.len())
            {
                return true;
            }
        }
        false
    }
}

fn states_of(container: &Object) -> BTreeMap<&str, &Value> {
    let states = container.get("States").and_then(Value::as_object);
    states.into_iter().flatten().map(|(name, state)| (name.as_str(), state)).collect()
}

/// The container inside a state that `path` begins with, and the rest of `path`.
fn inside<'d, 'p>(state: &'d Value, path: &'p str) -> Option<(&'d Value, &'p str)> {
    match state.get("Type").and_then(Value::as_str)? {
        "Parallel" => {
            let (index, rest) = path.strip_prefix("Branches[")?.split_once(']')?;
            Some((state.get("Branches")?.at(index.parse().ok()?)?, rest))
        }
        "Map" => ["ItemProcessor", "Iterator"]
            .into_iter()
            .find_map(|name| Some((state.get(name)?, path.strip_prefix(name)?))),
        _ => None,
    }
}
