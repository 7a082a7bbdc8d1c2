//! What AWS accepts and this version of Stepwell cannot run yet. It is refused when it is created,
//! never when it runs.
//!
//! Only definitions without any other error come here. What becomes supported is removed from here.

use json::{Object, Value};

use super::findings::Findings;
use super::location::Location;
use super::map::is_distributed;

/// Names everything in `machine` that cannot run.
pub(super) fn check(machine: &Object, findings: &mut Findings) {
    check_states(machine, &Location::ROOT, findings);
}

fn check_states(container: &Object, at: &Location<'_>, findings: &mut Findings) {
    let at = at.field("States");
    for (name, state) in container.get("States").and_then(Value::as_object).into_iter().flatten() {
        if let Some(state) = state.as_object() {
            check_state(state, &at.field(name), findings);
        }
    }
}

fn check_state(state: &Object, at: &Location<'_>, findings: &mut Findings) {
    let branches = at.field("Branches");
    for (index, branch) in state.get("Branches").and_then(Value::as_array).into_iter().flatten().enumerate() {
        if let Some(branch) = branch.as_object() {
            check_states(branch, &branches.index(index), findings);
        }
    }
    for name in ["ItemProcessor", "Iterator"] {
        let at = at.field(name);
        if is_distributed(state.get(name)) {
            let config = at.field("ProcessorConfig");
            refuse("Mode 'DISTRIBUTED'", &config.field("Mode"), findings);
        }
        if let Some(processor) = state.get(name).and_then(Value::as_object) {
            check_states(processor, &at, findings);
        }
    }
}

fn refuse(what: &str, at: &Location<'_>, findings: &mut Findings) {
    findings.schema(at, format!("{what} is not supported by this version of Stepwell"));
}
