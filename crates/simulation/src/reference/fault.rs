//! Retry and Catch.

use json::{Document, Object, Text, Value};

use super::data::{self, Assigned, Holder, Trouble};
use super::machine::{list, object, text};
use super::story::Story;
use super::thread::{Ending, Left, Scope, Visit};
use super::{Difference, Event, Failure, What};

/// A failure of a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub failure: Failure,
    /// Whether it may have been, and whether it must have been, a heartbeat that was missed.
    pub heartbeat: (bool, bool),
    /// The work had succeeded; only the output could not be made.
    pub work_was_done: bool,
    /// A task's time was up: in the same turn others may have failed, whose failure came first.
    pub by_timeout: bool,
    /// No event tells of it.
    pub is_silent: bool,
    /// A JSONata state could not be evaluated, which an event of its own tells.
    pub evaluation: Option<Evaluation>,
}

/// In which field, unless it was the state's input that did not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    pub field: Option<String>,
}

impl Fault {
    pub fn of(failure: Failure) -> Fault {
        Fault {
            failure,
            heartbeat: (false, false),
            work_was_done: false,
            by_timeout: false,
            is_silent: false,
            evaluation: None,
        }
    }
}

/// Who takes a fault.
#[derive(Clone, Copy, PartialEq)]
enum Taker<'a> {
    Retrier {
        place: usize,
        delay: i64,
    },
    /// The fields, and which of all catchers it is.
    Catcher(&'a Object, usize),
    Nobody,
}

impl<'a> Story<'a> {
    /// What becomes of a fault; `None`: the state is tried again.
    pub fn handle(
        &mut self,
        visit: &mut Visit<'a>,
        scope: &Scope<'_>,
        fault: Fault,
    ) -> Result<Option<Left<'a>>, Difference> {
        let is_evaluation = fault.evaluation.is_some();
        if let Some(Evaluation { field }) = &fault.evaluation {
            let previous = visit.place_of_evaluation();
            let Some(told) = self.evaluation_failed(visit, previous, &fault.failure, field.as_deref())?
            else {
                return Ok(Some(Left::Not(Ending::Open(visit.open()))));
            };
            visit.last = told.id;
            visit.may_not_have_begun = false;
        }
        let taker = self.taker(visit, scope, &fault);
        if let Taker::Retrier { place, delay } = taker {
            if fault.is_silent {
                return Err(Difference("no event tells of a failure that is retried: not followed".into()));
            }
            visit.retries[place] += 1;
            // The last event is of the turn in which it failed.
            visit.earliest = self.at(visit.last) + delay;
            visit.may_not_have_begun = true;
            self.told.retries += 1;
            self.told.evaluations_retried += usize::from(is_evaluation);
            return Ok(None);
        }
        if !fault.work_was_done && matches!(visit.state_type, "Parallel" | "Map") {
            let is_failed = |what: &What| matches!(what, What::ParallelFailed | What::MapFailed);
            match self.must(visit.last, "failure of the whole state", is_failed)? {
                Some(event) if (event.what == What::MapFailed) == (visit.state_type == "Map") => {
                    visit.last = event.id;
                }
                Some(event) => return Err(Difference(format!("event {} is of another type", event.id))),
                None => return Ok(Some(Left::Not(Ending::Open(visit.open())))),
            }
        }
        let Fault { failure, by_timeout, .. } = fault;
        let unwound = |failure, visit: &Visit<'_>, by_timeout| {
            let (last, state_type) = (visit.last, visit.state_type);
            Left::Not(Ending::Badly { failure, last, state_type, by_timeout })
        };
        let Taker::Catcher(catcher, place) = taker else {
            return Ok(Some(unwound(failure, visit, by_timeout)));
        };
        let is_taken = |what: &What| matches!(what, What::Exited { .. } | What::EvaluationFailed { .. });
        if by_timeout && self.find(visit.last, is_taken).is_none() {
            // Another one's failure came first.
            return Ok(Some(Left::Not(Ending::Open(visit.open()))));
        }
        let (output, assigned) = match self.caught(visit, scope, catcher, place, &failure) {
            Ok(caught) => caught,
            // What fails in a catcher is not caught again.
            Err(Trouble::Failed(failure)) => return Ok(Some(unwound(failure, visit, by_timeout))),
            Err(Trouble::Evaluation { failure, field }) => {
                let told = self.evaluation_failed(visit, visit.last, &failure, field.as_deref())?;
                let Some(told) = told else { return Ok(Some(Left::Not(Ending::Open(visit.open())))) };
                visit.last = told.id;
                return Ok(Some(unwound(failure, visit, false)));
            }
            Err(Trouble::Fatal(failure)) => {
                return Ok(Some(Left::Not(Ending::Fatally { failure, last: visit.last })));
            }
        };
        let is_exit = |what: &What| matches!(what, What::Exited { .. });
        let Some(exit) = self.must(visit.last, "exit by a catcher", is_exit)? else {
            return Ok(Some(Left::Not(Ending::Open(visit.open()))));
        };
        self.told.caught += 1;
        self.told.evaluations_caught += usize::from(is_evaluation);
        let next = text(catcher, "Next").map(Text::from);
        self.exit(visit, exit, &output, &assigned, next).map(Some)
    }

    /// Takes the event of an evaluation that failed, which follows `previous`; `None` where it is not there
    /// yet.
    pub fn evaluation_failed(
        &mut self,
        visit: &Visit<'a>,
        previous: u64,
        failure: &Failure,
        field: Option<&str>,
    ) -> Result<Option<&'a Event>, Difference> {
        let is_told =
            |what: &What| matches!(what, What::EvaluationFailed { state, .. } if state == visit.name);
        let told = match visit.may_not_have_begun {
            true => self.take(previous, is_told),
            false => self.must(previous, "evaluation that failed", is_told)?,
        };
        let Some(event) = told else { return Ok(None) };
        let What::EvaluationFailed { failure: shown, field: shown_field, .. } = &event.what else {
            unreachable!("only such events were asked for")
        };
        // What follows some work may be of a process whose clock is behind.
        let is_first = visit.may_not_have_begun || visit.state_type == "Wait";
        let is_early = is_first && event.at < visit.earliest;
        if !failure.fits(shown) || field != shown_field.as_deref() || is_early {
            return Err(Difference(format!(
                "event {} is {:?}, expected: {failure:?} in {field:?}, not before {}",
                event.id, event.what, visit.earliest
            )));
        }
        self.told.evaluations_failed += 1;
        Ok(Some(event))
    }

    fn caught(
        &self,
        visit: &Visit<'a>,
        scope: &Scope<'_>,
        catcher: &Object,
        place: usize,
        failure: &Failure,
    ) -> Result<(Value, Assigned), Trouble> {
        let view = visit.view(self, scope);
        // Of a cause that we worked out only the beginning is known; the event tells the rest.
        let cause = failure.cause.as_deref().unwrap_or_default();
        let cause = if cause.ends_with('…') { data::ANY_TOKEN } else { cause };
        let error_output = json::value!({ "Error": failure.name(), "Cause": cause });
        let holder = Holder { fields: catcher, at: format!("Catch[{place}]/") };
        data::caught(&holder, &visit.raw, error_output, &view)
    }

    /// Who takes a fault. Whether a heartbeat was missed is not always to be seen in the history: then
    /// what followed tells.
    fn taker(&self, visit: &Visit<'a>, scope: &Scope<'_>, fault: &Fault) -> Taker<'a> {
        let (may, must) = fault.heartbeat;
        let missed = taker(visit, fault, true);
        let not_missed = taker(visit, fault, false);
        if must || may && missed != not_missed && self.explains(visit, scope, fault, missed) {
            return missed;
        }
        not_missed
    }

    fn explains(&self, visit: &Visit<'a>, scope: &Scope<'_>, fault: &Fault, taker: Taker<'a>) -> bool {
        let next = self.find(visit.last, |_| true);
        match taker {
            Taker::Nobody => next.is_none_or(|next| !is_of_state(&next.what)),
            Taker::Retrier { .. } => next.is_none_or(|next| matches!(next.what, What::Scheduled { .. })),
            Taker::Catcher(catcher, place) => {
                let expected = self.caught(visit, scope, catcher, place, &fault.failure);
                let shown = next.map(|next| &next.what);
                match (expected, shown) {
                    (
                        Ok((output, assigned)),
                        Some(What::Exited { output: shown, assigned: shown_assigned, .. }),
                    ) => {
                        let is_same =
                            |((name, value), (shown_name, shown)): (&(Text, Value), &(Text, Document))| {
                                name == shown_name && data::fits(value, shown.value())
                            };
                        let assigned_fit = assigned.len() == shown_assigned.len()
                            && assigned.iter().zip(shown_assigned).all(is_same);
                        let to = text(catcher, "Next").unwrap_or_default();
                        let goes_there =
                            |what: &What| matches!(what, What::Entered { name, .. } if name == to);
                        let went_on = next.and_then(|exit| self.find(exit.id, |_| true));
                        assigned_fit
                            && data::fits(&output, shown.value())
                            && went_on.is_none_or(|next| goes_there(&next.what))
                    }
                    (
                        Err(Trouble::Evaluation { failure, field }),
                        Some(What::EvaluationFailed { failure: shown, field: shown_field, .. }),
                    ) => failure.fits(shown) && field.as_deref() == shown_field.as_deref(),
                    _ => false,
                }
            }
        }
    }
}

impl Visit<'_> {
    /// What the event of an evaluation that failed follows: as long as nothing has happened in the state, what
    /// its entry follows, except in a Wait; else the thread's last event.
    fn place_of_evaluation(&self) -> u64 {
        match self.last == self.entered_event && self.state_type != "Wait" {
            true => self.before_entered,
            false => self.last,
        }
    }
}

fn is_of_state(what: &What) -> bool {
    matches!(what, What::Exited { .. } | What::Scheduled { .. })
}

/// The first retrier whose names fit decides, even when it is used up; then the first catcher.
fn taker<'a>(visit: &Visit<'a>, fault: &Fault, heartbeat_missed: bool) -> Taker<'a> {
    let fits = |holder: &Object| takes(list(holder, "ErrorEquals"), &fault.failure, heartbeat_missed);
    let retriers = list(visit.state, "Retry");
    if let Some(place) = retriers.iter().position(|retrier| fits(object(retrier))) {
        let (retrier, used) = (object(&retriers[place]), visit.retries[place]);
        let number = |field, default| retrier.get(field).and_then(Value::as_i64).unwrap_or(default);
        if (used as i64) < number("MaxAttempts", 3) {
            return Taker::Retrier { place, delay: delay(retrier, number("IntervalSeconds", 1), used) };
        }
    }
    let mut catchers = list(visit.state, "Catch").iter().map(object).enumerate();
    let catcher = catchers.find(|(_, catcher)| fits(catcher));
    catcher.map_or(Taker::Nobody, |(place, catcher)| Taker::Catcher(catcher, place))
}

/// The least delay in milliseconds.
fn delay(retrier: &Object, interval: i64, used: u64) -> i64 {
    if text(retrier, "JitterStrategy") == Some("FULL") {
        return 0;
    }
    let rate = retrier.get("BackoffRate").and_then(Value::as_f64).unwrap_or(2.0);
    let most = retrier.get("MaxDelaySeconds").and_then(Value::as_f64).unwrap_or(99_999_999.0);
    let seconds = (0..used).fold(interval as f64, |seconds, _| seconds * rate);
    // Whoever multiplies in another order may be off by less than a millisecond.
    ((seconds.min(most) * 1_000.0) as i64 - 1).max(0)
}

fn takes(names: &[Value], failure: &Failure, heartbeat_missed: bool) -> bool {
    let error = failure.name();
    let is_timeout = error == "States.Timeout" || error == "States.HeartbeatTimeout";
    error != "States.Runtime"
        && names.iter().filter_map(Value::as_str).any(|name| match name {
            "States.ALL" => true,
            "States.TaskFailed" => !is_timeout,
            "States.HeartbeatTimeout" => heartbeat_missed || error == name,
            name => name == error,
        })
}
