//! Entering a state: the Entered event, then what its type does.

mod choice;
mod count;
mod distributed;
mod fail;
mod map;
mod parallel;
mod parameters;
mod pass;
mod succeed;
mod task;
mod tolerance;
mod wait;

use asl::machine::Count;
use asl::path::PathError;
use asl::{Failure, Jsonata, Kind};
use json::{Document, Value};

use crate::context::Around;
use crate::event::EventKind;
use crate::failure::Problem;
use crate::flow::{plain, state_type};
use crate::frame::Frame;
use crate::run::Run;
use crate::step::Step;
pub(crate) use count::{not_negative, signed};
pub(crate) use map::Items;
pub(crate) use tolerance::{Tolerance, tolerance};

impl Run<'_> {
    /// Enters the frame's state.
    pub fn enter(&mut self, frame: &mut Frame) -> Step {
        self.note_entry(frame);
        self.begin(frame)
    }

    /// Does the state's work again after a redrive. It was entered before; only Fail is entered again.
    pub fn begin_anew(&mut self, frame: &mut Frame) -> Step {
        match self.state(frame).kind {
            Kind::Fail { .. } => Step::Enter,
            Kind::Pass { .. }
            | Kind::Task(_)
            | Kind::Wait(_)
            | Kind::Choice { .. }
            | Kind::Parallel { .. }
            | Kind::Map(_)
            | Kind::Succeed => self.begin(frame),
        }
    }

    /// Writes the Entered event.
    pub fn note_entry(&mut self, frame: &mut Frame) {
        let state = self.state(frame);
        let kind = EventKind::StateEntered {
            state_type: state_type(state),
            name: state.name.clone(),
            input: frame.input.clone(),
        };
        frame.entered_at = self.now;
        frame.entered_event = self.follow(frame, kind);
    }

    /// Does what the state's type does: after entering it, and again with every retry.
    pub fn begin(&mut self, frame: &mut Frame) -> Step {
        self.renew_budget();
        match &self.state(frame).kind {
            Kind::Pass { result } => self.pass(frame, result.as_ref()),
            Kind::Task(task) => self.task(frame, task),
            Kind::Wait(until) => self.wait(frame, until),
            Kind::Choice { rules, default } => self.choice(frame, rules, *default),
            Kind::Parallel { branches } => self.parallel(frame, branches),
            Kind::Map(map) => self.map(frame, map),
            Kind::Succeed => self.succeed_state(frame),
            Kind::Fail { error, cause } => self.fail_state(frame, error.as_ref(), cause.as_ref()),
        }
    }
}

/// What a `…Path` field of this name gives: the value, or AWS's words for its absence.
fn referenced(
    path: &asl::Path,
    field: &str,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Value, Problem> {
    match path.query(&around.with_input(input.value())) {
        Ok(Value::Null) | Err(PathError::NotFound { .. }) => {
            let text = format!("The {field} parameter does not reference an input value: {}", path.text());
            Err(Problem::in_state(around, frame, Failure::runtime(text)))
        }
        Ok(value) => Ok(value),
        Err(PathError::Evaluation { detail }) => {
            let text = format!("Invalid path '{}' : {detail}", path.text());
            Err(Problem::in_state(around, frame, Failure::runtime(text)))
        }
    }
}

/// A whole number, or a text that is one: AWS parses the value's text. (Recorded for MaxConcurrencyPath.)
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::String(text) => text.parse().ok(),
        Value::Null
        | Value::Bool(_)
        | Value::Float(_)
        | Value::Big(_)
        | Value::Array(_)
        | Value::Object(_) => None,
    }
}

/// A number of seconds that a `…Path` field of this name refers to.
fn referenced_seconds(
    path: &asl::Path,
    field: &str,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<u64, Problem> {
    let value = referenced(path, field, input, frame, around)?;
    let trouble = match whole_number(&value).map(u64::try_from) {
        Some(Ok(seconds)) => return Ok(seconds),
        Some(Err(_)) => "references a negative value",
        None => "cannot be parsed as a long value",
    };
    let text = format!("The {field} parameter {trouble}: {} == {}", path.text(), plain(&value));
    Err(Problem::in_state(around, frame, Failure::runtime(text)))
}

/// `TimeoutSeconds` or `HeartbeatSeconds`, whichever way it is written; `field` is the name of the
/// plain form.
fn seconds(
    count: Option<&Count>,
    field: &str,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Option<u64>, Problem> {
    let seconds = match count {
        None => return Ok(None),
        Some(Count::Literal(seconds)) => *seconds,
        Some(Count::Path(path)) => {
            let field = format!("{field}Path");
            let seconds = referenced_seconds(path, &field, input, frame, around)?;
            if seconds == 0 {
                let text = format!(
                    "The {field} parameter does not reference a positive value: {} == 0",
                    path.text()
                );
                return Err(Problem::in_state(around, frame, Failure::runtime(text)));
            }
            seconds
        }
        Some(Count::Jsonata(expression)) => whole(expression, field, 1, frame, around)?,
    };
    Ok(Some(seconds))
}

/// The whole number that a JSONata expression gives for this field; `least` is 0 or 1.
fn whole(
    expression: &Jsonata,
    field: &str,
    least: u64,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<u64, Problem> {
    let environment = around.with_input(frame.input.value());
    let value = expression
        .evaluate_to(json::Kind::Number, &environment)
        .map_err(|failure| Problem::in_state(around, frame, failure))?;
    let text = match integer(&value).map(u64::try_from) {
        Some(Ok(count)) if count >= least => return Ok(count),
        Some(Ok(_)) => format!("{field} must be positive."),
        Some(Err(_)) => format!("{field} cannot be negative."),
        None => format!("The {field} field cannot be parsed as a long value: {}", value.to_text()),
    };
    Err(Problem::in_state(around, frame, expression.refuse(text)))
}

/// JSONata does not tell 1 from 1.0.
fn integer(value: &Value) -> Option<i64> {
    let exact = |number: &f64| number.fract() == 0.0 && number.abs() < (1_u64 << 53) as f64;
    value.as_i64().or_else(|| value.as_f64().filter(exact).map(|number| number as i64))
}
