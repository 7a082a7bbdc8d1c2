//! Where the transitions of one container lead. (spec/validation.md §4)

use std::collections::BTreeMap;

use super::findings::Findings;
use super::location::Location;
use crate::machine::StateId;

/// The states of one `States` object and who leads to them.
pub(super) struct Graph<'d> {
    /// Name → number, and whether any transition leads there.
    states: BTreeMap<&'d str, (StateId, bool)>,
    terminal: bool,
    /// Whether all transitions could be read. Where they could not, nothing is said about what is missing.
    clear: bool,
    findings: Findings,
}

impl<'d> Graph<'d> {
    /// Of the states with these names and numbers.
    pub(super) fn new(states: impl Iterator<Item = (&'d str, StateId)>) -> Graph<'d> {
        Graph {
            states: states.map(|(name, id)| (name, (id, false))).collect(),
            terminal: false,
            clear: true,
            findings: Findings::default(),
        }
    }

    /// The number of the state that `name` at this place leads to.
    pub(super) fn target(&mut self, name: &str, at: &Location<'_>) -> Option<StateId> {
        match self.states.get_mut(name) {
            Some((id, reached)) => {
                *reached = true;
                Some(*id)
            }
            None => {
                // Whatever the field is called, AWS says 'Next'.
                self.findings.error(TRANSITION, at, format!("Missing 'Next' target: {name}"));
                None
            }
        }
    }

    /// Some state ends this container.
    pub(super) fn ends_here(&mut self) {
        self.terminal = true;
    }

    /// Some transition could not be read.
    pub(super) fn is_unclear(&mut self) {
        self.clear = false;
    }

    /// What is wrong, `states` being the place of the container's `States`: dangling transitions,
    /// then either that nothing ends it or what nothing leads to.
    ///
    /// AWS calls a state unreachable when no transition names it: of `X → Y` with nothing leading to
    /// X it reports X only.
    pub(super) fn finish(mut self, names: impl Iterator<Item = &'d str>, states: &Location<'_>) -> Findings {
        if !self.clear {
            return self.findings;
        }
        if !self.terminal {
            let message = "Workflow has no terminal state";
            self.findings.error_without_location("MISSING_END_STATE", message, None);
            return self.findings;
        }
        for name in names.filter(|name| self.states.get(name).is_some_and(|(_, reached)| !reached)) {
            let message = format!("State \"{name}\" is not reachable.");
            self.findings.error(TRANSITION, &states.field(name), message);
        }
        self.findings
    }
}

const TRANSITION: &str = "MISSING_TRANSITION_TARGET";
