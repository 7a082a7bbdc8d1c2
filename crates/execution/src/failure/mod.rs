//! What becomes of a failure: Retry, Catch, or the container around the state fails.

mod catch;
mod matching;
mod retry;
mod unwind;

use asl::{Failure, FieldFailure};
use json::Text;

use crate::context::Around;
use crate::event::EventKind;
use crate::frame::Frame;
use crate::limits::shorten;
use crate::run::Run;
use crate::step::Step;

/// Why a state could not do its work.
#[derive(Debug)]
pub(crate) enum Problem {
    /// Ends the execution: neither Retry nor Catch is asked.
    Fatal(Failure),
    /// Retry and Catch are asked.
    Failed(Fault),
}

/// A failure of a state on its way to Retry and Catch.
#[derive(Debug)]
pub(crate) struct Fault {
    pub failure: Failure,
    /// A heartbeat was missed: the name is States.Timeout, States.HeartbeatTimeout fits as well.
    pub heartbeat_missed: bool,
    /// The state's work had succeeded, only its output could not be made.
    pub work_was_done: bool,
    /// A JSONata state could not be evaluated: the history is to tell it.
    pub evaluation: Option<Evaluation>,
}

/// Where an evaluation failed: the field, unless it was the state's input that did not fit.
#[derive(Debug)]
pub(crate) struct Evaluation {
    pub location: Option<Text>,
}

impl Fault {
    pub fn of(failure: Failure) -> Fault {
        Fault { failure, heartbeat_missed: false, work_was_done: false, evaluation: None }
    }
}

impl Problem {
    /// What an evaluation in `frame`'s state reported, with the words that AWS puts before it.
    pub fn in_state(around: &Around<'_>, frame: &Frame, failure: impl Into<FieldFailure>) -> Problem {
        let FieldFailure { failure, location } = failure.into();
        let name = &around.machine.state(frame.state).name;
        let failure = located(name, frame.entered_event, failure);
        match failure.name() {
            aws_names::error::RUNTIME => Problem::Fatal(failure),
            aws_names::error::QUERY_EVALUATION_ERROR => {
                Problem::Failed(Fault { evaluation: Some(Evaluation { location }), ..Fault::of(failure) })
            }
            _ => Problem::Failed(Fault::of(failure)),
        }
    }
}

/// Puts the state before a failure's cause. (spec/asl.md §15)
pub(crate) fn located(state: &str, entered_event: u64, failure: Failure) -> Failure {
    let detail = failure.cause.unwrap_or_default();
    let cause = format!(
        "An error occurred while executing the state '{state}' (entered at the event id #{entered_event}). {detail}"
    );
    shorten(Failure { error: failure.error, cause: Some(cause) })
}

impl Run<'_> {
    /// Asks Retry, then Catch; if neither takes the fault, the container fails.
    pub fn handle(&mut self, frame: &mut Frame, mut fault: Fault) -> Step {
        self.tell_evaluation(frame, &mut fault);
        if let Some(step) = self.retry(frame, &fault) {
            return step;
        }
        if !fault.work_was_done {
            match self.state(frame).kind {
                asl::Kind::Parallel { .. } => {
                    self.follow(frame, EventKind::ParallelStateFailed);
                }
                asl::Kind::Map(_) => {
                    self.follow(frame, EventKind::MapStateFailed);
                }
                asl::Kind::Pass { .. }
                | asl::Kind::Task(_)
                | asl::Kind::Wait(_)
                | asl::Kind::Choice { .. }
                | asl::Kind::Succeed
                | asl::Kind::Fail { .. } => {}
            }
        }
        match self.catch(frame, &fault) {
            Some(step) => step,
            None => Step::Unwind(fault.failure),
        }
    }

    /// Writes the EvaluationFailed event of a fault that needs one.
    pub fn tell_evaluation(&mut self, frame: &mut Frame, fault: &mut Fault) {
        let Some(Evaluation { location }) = fault.evaluation.take() else { return };
        let state = self.state(frame);
        let kind = EventKind::EvaluationFailed {
            failure: fault.failure.clone(),
            location,
            state: state.name.clone(),
        };
        // What fails as a state is entered stands beside the Entered event, not behind it. The time of a
        // Wait is looked at later. (Both are recorded.)
        let entering = frame.last_event == frame.entered_event && !matches!(state.kind, asl::Kind::Wait(_));
        let beside = self.turn.history.iter().rev().find(|event| entering && event.id == frame.entered_event);
        let previous = beside.map_or(frame.last_event, |entered| entered.previous);
        frame.last_event = self.emit(previous, kind);
    }
}
