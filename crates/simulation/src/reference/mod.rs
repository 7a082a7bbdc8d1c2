//! A second interpreter of the States Language, small, slow and separately written: the oracle.
//!
//! It is given a definition, what the execution was started with, and the history. What the world
//! answered it reads off the history; all the rest it works out again, thread by thread, and reports
//! the first thing that is not as the language says. Where a crash, a sibling's failure or a stop
//! makes several histories right, it accepts those and no others.
//!
//! Never here: `execution`, or anything of `asl` that is compiled. What both had in common could be
//! wrong in both. The one exception is the JSONata language itself, the crate `jsonata`, which has the suite
//! of the reference implementation to answer to.
//!
//! | file | holds |
//! | --- | --- |
//! | `event.rs` | a history in words of its own |
//! | `machine.rs` | a definition, read but not checked |
//! | `story.rs` | the events by what they follow; each may be used once |
//! | `thread.rs` | one thread, state after state |
//! | `task.rs`, `parallel.rs`, `map.rs`, `distributed.rs` | the states whose work takes time |
//! | `alone.rs` | the states that ask nobody |
//! | `abort.rs` | what a failure ends around it |
//! | `fault.rs` | Retry and Catch |
//! | `data.rs` | paths, payload templates, data flow |
//! | `jsonata.rs` | the fields of JSONata states, their sentences when they fail |
//! | `intrinsic.rs`, `condition.rs`, `time.rs` | functions, Choice rules, points in time |

mod abort;
mod alone;
mod condition;
mod data;
mod distributed;
mod event;
mod fault;
mod intrinsic;
mod jsonata;
mod machine;
mod map;
mod parallel;
mod story;
mod task;
#[cfg(test)]
mod tests;
mod thread;
mod time;

pub use event::{Event, Family, Step, What};
pub use machine::Machine;
pub(crate) use time::text as time_text;

use std::collections::BTreeMap;

use json::{Document, Text, Value};
use story::Story;
use thread::{Ending, Scope};

/// What an execution was started with.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// `$$.Execution.Id`
    pub arn: &'a str,
    /// `$$.Execution.Name`
    pub name: &'a str,
    /// `$$.Execution.RoleArn`
    pub role_arn: &'a str,
    /// `$$.StateMachine.Id`
    pub machine_arn: &'a str,
    /// `$$.StateMachine.Name`
    pub machine_name: &'a str,
    /// The input.
    pub input: &'a Value,
    /// In milliseconds.
    pub started_at: i64,
    /// The Map state whose processor it runs, where it is the child of a Map Run.
    pub processor_of: Option<&'a str>,
}

/// What came of a Map Run that succeeded, which no event tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Gathered {
    /// The state's result.
    Result(Value),
    /// What it is made of, in the order of the items.
    Children(Vec<Child>),
}

/// What became of a child of a Map Run.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    /// If it succeeded.
    pub output: Option<Document>,
    /// All that is known of it.
    pub details: Value,
}

/// A Map Run that the history tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRun {
    /// As AWS calls it.
    pub arn: Text,
    /// The name of its Map state.
    pub state: Text,
    /// How many items it has.
    pub items: u64,
    /// `MaxConcurrency`; 0 for no limit of its own.
    pub at_once: i64,
    /// `ToleratedFailureCount`
    pub tolerated_count: Option<i64>,
    /// `ToleratedFailurePercentage`
    pub tolerated_percentage: Option<f64>,
    /// See there.
    pub planned: Planned,
}

/// What the children of a Map Run are to be given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planned {
    /// The input of each child, with the number of its items.
    pub inputs: Vec<(Value, u32)>,
    /// Why there are no more, if not all inputs can be made.
    pub trouble: Option<Failure>,
}

/// Whether a value is as planned, with anything where nobody can foretell.
pub fn fits(planned: &Value, actual: &Value) -> bool {
    data::fits(planned, actual)
}

/// Error name and cause, either of which may be missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// `Error`
    pub error: Option<String>,
    /// `Cause`
    pub cause: Option<String>,
}

/// The first thing that is not as the language says.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference(pub String);

/// What a history that is right tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Calls that were asked for.
    pub calls: usize,
    /// Of these, such as were asked for in states that were cut short.
    pub calls_cut: usize,
    /// Of these, such as nothing came of in time.
    pub calls_timed_out: usize,
    /// Retries that were granted.
    pub retries: usize,
    /// Failures that a catcher took.
    pub caught: usize,
    /// JSONata states that could not be evaluated; of these, such as were retried, and such as were caught.
    pub evaluations_failed: usize,
    /// See there.
    pub evaluations_retried: usize,
    /// See there.
    pub evaluations_caught: usize,
    /// The Map Runs that began.
    pub map_runs: Vec<MapRun>,
}

/// Reads a whole history, of a running execution or of one that ended.
///
/// `may_stop`: the failures with which somebody has asked to stop it. `clock_went_back`: whether a
/// process began with a clock behind that of the one before, so that a heartbeat may count from then.
/// `gathered`: what came of the Map Runs that succeeded, by ARN.
pub fn check(
    machine: &Machine,
    start: &Start<'_>,
    events: &[Event],
    may_stop: &[Failure],
    gathered: &BTreeMap<Text, Gathered>,
    clock_went_back: bool,
) -> Result<Told, Difference> {
    let mut story = Story::new(machine, start, events, gathered, clock_went_back)?;
    let Some(began) = story.take(0, |what| matches!(what, What::Began { .. })) else {
        return Err(Difference("the execution never began".into()));
    };
    if let What::Began { input } = &began.what
        && input.value() != start.input
    {
        return Err(Difference("it began with another input".into()));
    }
    story.check_deadline(began)?;
    let scope = Scope::outermost();
    // The first state follows nothing, as the end by a stop or a timeout does.
    let container = match start.processor_of {
        None => machine.top(),
        Some(map) => machine.processor(map).ok_or_else(|| Difference(format!("'{map}' is no Map")))?,
    };
    let ending = story.container(container, start.input.clone(), &scope, 0)?;
    story.check_end(ending, may_stop)?;
    story.check_all_used()?;
    Ok(std::mem::take(&mut story.told))
}

impl Story<'_> {
    /// Whether the execution ended as its outermost thread did.
    fn check_end(&mut self, ending: Ending, may_stop: &[Failure]) -> Result<(), Difference> {
        let Some(end) = self.end() else {
            return match ending {
                Ending::Open(_) => Ok(()),
                other => Err(Difference(format!("it should have ended with {other:?}, and runs"))),
            };
        };
        let (end_id, previous, at) = (end.id, end.previous, end.at);
        let is_last = end_id == self.last_id();
        if !is_last {
            return Err(Difference("something comes after the end".into()));
        }
        let what = end.what.clone();
        self.mark_used(end_id);
        let differs = |expected: &dyn std::fmt::Debug| {
            Err(Difference(format!("event {end_id} ends it with {what:?}; expected: {expected:?}")))
        };
        match (&ending, &what) {
            (Ending::Well { output, last }, What::Succeeded { output: shown }) => {
                if !data::fits(output, shown.value()) || previous != *last {
                    return differs(&ending);
                }
            }
            (
                Ending::Badly { failure, last, .. } | Ending::Fatally { failure, last },
                What::Failed(shown),
            ) => {
                if !failure.fits(shown) || previous != *last {
                    return differs(&ending);
                }
            }
            (Ending::Open(_), What::Stopped(shown)) => {
                if previous != 0 || !may_stop.contains(shown) {
                    return differs(&may_stop);
                }
                let open = if let Ending::Open(open) = &ending { open.map_runs() } else { 0 };
                if std::mem::take(&mut self.map_runs_stopped) != open && !self.is_full() {
                    return Err(Difference(format!(
                        "the stop does not tell of {open} Map Runs that it ends"
                    )));
                }
            }
            // A stop may have come between two turns only; so may the time's end.
            (Ending::Open(_), What::TimedOut) => {
                if previous != 0 || self.deadline() != Some(at) {
                    return differs(&self.deadline());
                }
            }
            (Ending::Open(_), What::Failed(shown)) if self.is_full() => {
                if shown.error.as_deref() != Some("States.Runtime") {
                    return differs(&"States.Runtime, for the history is full");
                }
            }
            _ => return differs(&ending),
        }
        match self.map_runs_stopped {
            0 => Ok(()),
            _ => Err(Difference("a Map Run was aborted, and nobody stopped anything".into())),
        }
    }
}
