//! What an execution has done in each state and on each transition, from its history.
//!
//! Never here: boxes and lines, where the history comes from.

mod visits;

use std::collections::{BTreeMap, BTreeSet};

use execution::Event;
use json::{Object, Text, Value};

use crate::definition::StateType;
use crate::layout::{Edge, EdgeKind, Layout, NodeKind};
use visits::Visits;

/// How a state stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It was left as it should.
    Succeeded,
    /// An error was caught.
    Caught,
    /// What it belonged to ended while it ran.
    Aborted,
    /// What it belongs to has failed in it.
    Failed,
    /// It runs or waits.
    Running,
}

/// All states that an execution has reached. Those that it has not reached are in none of the lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statuses {
    states: BTreeMap<Text, StateStatus>,
    /// From, to, and whether an error was caught.
    transitions: BTreeSet<(Text, Text, bool)>,
    /// The first states of flows.
    began: BTreeSet<Text>,
}

/// What has happened in a state. (Names are unique in a machine, so a name says which.)
#[derive(Clone, Debug, PartialEq)]
pub struct StateStatus {
    /// Of the last visit. Where that is many, the iterations of a Map, the one that most wants to be seen: running,
    /// failed, aborted, caught, succeeded.
    pub status: Status,
    /// How often it was entered.
    pub visits: u64,
    /// How often its task was called again, or its branches or iterations begun again, after an error.
    pub retries: u64,
    /// The last error.
    pub error: Option<Text>,
    /// Of a Map: its iterations; of a distributed one, its items, once [`Statuses::set_items`] has told of them.
    pub iterations: Option<Iterations>,
    /// Of a distributed Map: its last Map Run.
    pub map_run_arn: Option<Text>,
}

/// What has become of the iterations or items of a Map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Iterations {
    pub total: u64,
    pub running: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub aborted: u64,
}

impl Status {
    /// As the API names it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Succeeded => "SUCCEEDED",
            Status::Caught => "CAUGHT",
            Status::Aborted => "ABORTED",
            Status::Failed => "FAILED",
            Status::Running => "RUNNING",
        }
    }
}

impl Statuses {
    /// From the events of a history, in the order of their numbers from 1.
    pub fn of<'e>(history: impl IntoIterator<Item = &'e Event>) -> Statuses {
        let mut visits = Visits::default();
        history.into_iter().for_each(|event| visits.take(event));
        visits.into_statuses()
    }

    /// A state by its name; `None` if it was not reached.
    pub fn state(&self, name: &str) -> Option<&StateStatus> {
        self.states.get(name)
    }

    /// The last Map Run of each distributed Map that was reached.
    pub fn map_runs(&self) -> impl Iterator<Item = &Text> {
        self.states.values().filter_map(|state| state.map_run_arn.as_ref())
    }

    /// Says what has become of the items of a Map Run: the history does not tell.
    pub fn set_items(&mut self, map_run_arn: &str, items: Iterations) {
        for state in self.states.values_mut() {
            if state.map_run_arn.as_deref() == Some(map_run_arn) {
                state.iterations = Some(items);
            }
        }
    }

    /// Whether an execution went this way. Of two rules of a Choice that lead to the same state, the history does not
    /// say which it was: then both count.
    pub fn has_taken(&self, layout: &Layout, edge: &Edge) -> bool {
        let (from, to) = (&layout.nodes[edge.from], &layout.nodes[edge.to]);
        match edge.kind {
            EdgeKind::Start => self.began.contains(&to.name),
            EdgeKind::Next | EdgeKind::Choice | EdgeKind::Default => {
                self.transitions.contains(&(from.name.clone(), to.name.clone(), false))
            }
            EdgeKind::Catch => self.transitions.contains(&(from.name.clone(), to.name.clone(), true)),
            EdgeKind::End => self.state(&from.name).is_some_and(|state| {
                state.status == Status::Succeeded || from.kind == NodeKind::State(StateType::Fail)
            }),
        }
    }

    pub(crate) fn state_json(&self, name: &str) -> Value {
        let Some(state) = self.state(name) else { return json::value!({ "status": "NOT_REACHED" }) };
        let mut object = Object::new();
        object.insert("status", state.status.name());
        object.insert("visits", state.visits);
        object.insert("retries", state.retries);
        if let Some(error) = &state.error {
            object.insert("error", error);
        }
        if let Some(arn) = &state.map_run_arn {
            object.insert("mapRunArn", arn);
        }
        if let Some(iterations) = state.iterations {
            let Iterations { total, running, succeeded, failed, aborted } = iterations;
            object.insert(
                "iterations",
                json::value!({
                    "total": total, "running": running, "succeeded": succeeded, "failed": failed, "aborted": aborted,
                }),
            );
        }
        Value::from(object)
    }
}

#[cfg(test)]
mod tests;
