//! The states that ask nobody: Pass, Wait, Choice, Succeed and Fail.

use json::{Object, Value};

use super::data::{self, Holder, Trouble, View};
use super::fault::Fault;
use super::jsonata::Seen;
use super::machine::{inside, list, object, text};
use super::story::Story;
use super::thread::{Scope, Visit, Work};
use super::{Difference, Failure, What, condition, time};

/// What the type of a state does that takes no time.
pub fn alone<'a>(visit: &Visit<'a>, view: &View<'_>) -> Work<'a> {
    match visit.state_type {
        "Pass" => match (data::effective_input(&visit.raw, view), visit.state.get("Result")) {
            (Ok(_), Some(result)) => Work::Done(result.clone()),
            (Ok(input), None) => Work::Done(input),
            (Err(trouble), _) => trouble.into(),
        },
        "Succeed" => data::effective_input(&visit.raw, view).map_or_else(Work::from, Work::Done),
        "Choice" => choose(visit, view).unwrap_or_else(Work::from),
        "Fail" => match (fail_text("Error", visit, view), fail_text("Cause", visit, view)) {
            (Ok(error), Ok(cause)) => Work::Faulted(Fault::of(Failure { error, cause })),
            (Err(trouble), _) | (_, Err(trouble)) => trouble.into(),
        },
        other => unreachable!("{other} is no type of states"),
    }
}

impl<'a> Story<'a> {
    /// A Wait is left at once, or when the time has come.
    pub fn wait(&mut self, visit: &mut Visit<'a>, scope: &Scope<'_>) -> Result<Work<'a>, Difference> {
        let view = visit.view(self, scope);
        let (input, until) = match until(visit, &view) {
            Ok(found) => found,
            Err(trouble) => return Ok(trouble.into()),
        };
        visit.earliest = until;
        let is_over = |what: &What| matches!(what, What::Exited { .. } | What::EvaluationFailed { .. });
        if until > visit.entered_at && self.find(visit.last, is_over).is_none() {
            return Ok(Work::Open(visit.open()));
        }
        Ok(Work::Done(input))
    }
}

fn until(visit: &Visit<'_>, view: &View<'_>) -> Result<(Value, i64), Trouble> {
    if view.is_jsonata {
        return Ok((visit.raw.clone(), computed_until(visit, view)?));
    }
    let input = data::effective_input(&visit.raw, view)?;
    let found = |field| text(visit.state, field).map(|path| data::path(path, &input, view));
    let until = if let Some(seconds) = visit.state.get("Seconds").and_then(Value::as_i64) {
        visit.entered_at + seconds * 1_000
    } else if let Some(seconds) = found("SecondsPath") {
        let seconds = seconds.and_then(|seconds| seconds.as_i64()).filter(|&seconds| seconds >= 0);
        visit.entered_at + seconds.ok_or_else(|| view.runtime())? * 1_000
    } else {
        let written = match found("TimestampPath") {
            Some(found) => found.and_then(|found| found.as_str().map(str::to_owned)),
            None => text(visit.state, "Timestamp").map(str::to_owned),
        };
        let instant = written.and_then(|written| time::parse(&written)).ok_or_else(|| view.runtime())?;
        instant.div_euclid(1_000) * 1_000
    };
    Ok((input, until))
}

/// The same in JSONata.
fn computed_until(visit: &Visit<'_>, view: &View<'_>) -> Result<i64, Trouble> {
    let seen = Seen::before(&visit.raw, view);
    if let Some(seconds) = seen.whole(visit.state, "Seconds", 0)? {
        return Ok(visit.entered_at + seconds * 1_000);
    }
    let written = seen.of_kind(visit.state, "Timestamp", "string")?;
    let instant = written.and_then(|written| time::parse(written.as_str()?));
    let instant = instant.ok_or_else(|| seen.unusable(Some("Timestamp")))?;
    Ok(instant.div_euclid(1_000) * 1_000)
}

/// The first rule that holds says where to go; its fields take the place of the state's.
fn choose<'a>(visit: &Visit<'a>, view: &View<'_>) -> Result<Work<'a>, Trouble> {
    let input = data::effective_input(&visit.raw, view)?;
    for (place, rule) in list(visit.state, "Choices").iter().enumerate() {
        let (fields, at) = (object(rule), format!("Choices[{place}]/"));
        let holds = match view.is_jsonata {
            true => computed_condition(fields, &at, &visit.raw, view)?,
            false => condition::holds(fields, &input, view)?,
        };
        if holds {
            let next = text(fields, "Next").expect("an accepted rule has a Next").into();
            return Ok(Work::Chosen { result: input, holder: Holder { fields, at }, next });
        }
    }
    match text(visit.state, "Default") {
        Some(next) => Ok(Work::Chosen { result: input, holder: visit.own_fields(), next: next.into() }),
        None => Err(view.trouble("States.NoChoiceMatched")),
    }
}

fn computed_condition(rule: &Object, at: &str, raw: &Value, view: &View<'_>) -> Result<bool, Trouble> {
    let condition = rule.get("Condition").expect("an accepted rule has a Condition");
    let held = match inside(condition) {
        Some(expression) => Seen::before(raw, view).kind(expression, &format!("{at}Condition"), "boolean")?,
        None => condition.clone(),
    };
    Ok(held == Value::Bool(true))
}

fn fail_text(field: &str, visit: &Visit<'_>, view: &View<'_>) -> Result<Option<String>, Trouble> {
    if view.is_jsonata {
        let value = Seen::before(&visit.raw, view).of_kind(visit.state, field, "string")?;
        return Ok(value.and_then(|value| value.as_str().map(str::to_owned)));
    }
    let source = match (visit.state.get(field), visit.state.get(&format!("{field}Path"))) {
        (Some(literal), _) => return Ok(literal.as_str().map(str::to_owned)),
        (None, source) => source.and_then(Value::as_str),
    };
    let Some(source) = source else { return Ok(None) };
    match data::expression(source, &visit.raw, view)? {
        Value::String(text) => Ok(Some(text.to_string())),
        _ => Err(view.runtime()),
    }
}
