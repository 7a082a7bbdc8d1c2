//! A Task: what it asks the world, and what the world answered.

use json::{Text, Value};

use super::data::{self, Trouble, View};
use super::fault::Fault;
use super::jsonata::Seen;
use super::machine::text;
use super::parallel::silent;
use super::story::Story;
use super::thread::{Scope, Visit, Work};
use super::{Difference, Event, Failure, Family, What};

/// What a Task asks.
struct Asked {
    input: Value,
    timeout: Option<u64>,
    heartbeat: Option<u64>,
    role: Option<Text>,
}

impl<'a> Story<'a> {
    pub fn task(&mut self, visit: &mut Visit<'a>, scope: &Scope<'_>) -> Result<Work<'a>, Difference> {
        let asked = match ask(visit, &visit.view(self, scope)) {
            Ok(asked) => asked,
            Err(trouble) => return Ok(silent(trouble.into())),
        };
        let source = text(visit.state, "Resource").expect("an accepted Task has a Resource");
        let (family, resource) = match source.strip_prefix("arn:aws:states:::") {
            Some(service) => (Family::Service, service),
            None if source.contains(":activity:") => (Family::Activity, source),
            None => (Family::Function, source),
        };
        let is_scheduled = |what: &What| matches!(what, What::Scheduled { .. });
        let scheduled = match visit.may_not_have_begun {
            false => self.must(visit.last, "call", is_scheduled)?,
            true => self.take(visit.last, is_scheduled),
        };
        let Some(scheduled) = scheduled else { return Ok(Work::Open(visit.open())) };
        check_call(scheduled, family, resource, &asked, visit.earliest)?;
        visit.last = scheduled.id;
        visit.may_not_have_begun = false;
        if family != Family::Activity {
            self.told.calls += 1;
            match self.must(visit.last, "start of the call", |what| *what == What::Called(family))? {
                Some(called) => visit.last = called.id,
                None => return Ok(Work::Open(visit.open())),
            }
        }
        self.answer(visit, &asked, family, scheduled.at, waits_after_its_call(resource))
    }

    /// What came of the call.
    fn answer(
        &mut self,
        visit: &mut Visit<'a>,
        asked: &Asked,
        family: Family,
        scheduled_at: i64,
        may_be_submitted: bool,
    ) -> Result<Work<'a>, Difference> {
        let mut began_at = scheduled_at;
        let mut alive_since = None;
        if let Some(taken) = self.take(visit.last, |what| family == Family::Activity && *what == What::Taken)
        {
            // An activity's time begins anew with its worker.
            (began_at, alive_since) = (taken.at, Some(taken.at));
            visit.last = taken.id;
        }
        let is_submitted = |what: &What| may_be_submitted && matches!(what, What::Submitted { .. });
        if let Some(submitted) = self.take(visit.last, is_submitted) {
            alive_since = Some(submitted.at);
            visit.last = submitted.id;
        }
        let is_answer = |what: &What| match what {
            // A worker that has not got the task cannot have done it.
            What::TaskSucceeded { family: of, .. } => {
                *of == family && (family != Family::Activity || alive_since.is_some())
            }
            What::TaskFailed { family: of, .. } | What::TaskTimedOut { family: of, .. } => *of == family,
            _ => false,
        };
        let Some(answer) = self.take(visit.last, is_answer) else {
            self.told.calls_cut += usize::from(family != Family::Activity);
            return Ok(Work::Open(visit.open()));
        };
        visit.last = answer.id;
        match &answer.what {
            What::TaskSucceeded { output, .. } => Ok(Work::Done(output.value().clone())),
            What::TaskFailed { failure, .. } if failure.name() == "States.Runtime" => {
                Ok(Work::Fatal(failure.clone()))
            }
            What::TaskFailed { failure, .. } => Ok(Work::Faulted(Fault::of(failure.clone()))),
            What::TaskTimedOut { failure, .. } => {
                self.told.calls_timed_out += usize::from(family != Family::Activity);
                let heartbeat = self.check_timeout(answer, asked, began_at, alive_since)?;
                let fault = Fault { heartbeat, by_timeout: true, ..Fault::of(failure.clone()) };
                match *failure == Failure::named("States.Timeout") {
                    true => Ok(Work::Faulted(fault)),
                    false => Err(Difference(format!("event {} times out as {failure:?}", answer.id))),
                }
            }
            _ => unreachable!("only answers were asked for"),
        }
    }

    /// Whether the time was up; and whether it may and must have been a heartbeat's.
    fn check_timeout(
        &self,
        event: &Event,
        asked: &Asked,
        began_at: i64,
        alive_since: Option<i64>,
    ) -> Result<(bool, bool), Difference> {
        let is_past = |from: i64, seconds: u64| event.at >= from + seconds as i64 * 1_000;
        let by_timeout = asked.timeout.is_some_and(|seconds| is_past(began_at, seconds));
        let by_heartbeat = asked.heartbeat.zip(alive_since).is_some_and(|(seconds, since)| {
            // A heartbeat, of which the history says nothing, may have come from a clock that was behind.
            self.clock_went_back || is_past(since, seconds)
        });
        if !by_timeout && !by_heartbeat {
            return Err(Difference(format!("event {} times out too early", event.id)));
        }
        Ok((by_heartbeat, by_heartbeat && !by_timeout))
    }
}

/// Whether the call of this resource only begins what the Task waits for; such Tasks have a token.
pub(super) fn waits_after_its_call(resource: &str) -> bool {
    [".waitForTaskToken", ".sync", ".sync:2"].iter().any(|pattern| resource.ends_with(pattern))
}

fn ask(visit: &Visit<'_>, view: &View<'_>) -> Result<Asked, Trouble> {
    if view.is_jsonata {
        return ask_computed(visit, view);
    }
    let selected = data::select("InputPath", &visit.raw, view)?;
    let seconds = |field: &str| -> Result<Option<u64>, Trouble> {
        if let Some(literal) = visit.state.get(field).and_then(Value::as_i64) {
            return Ok(Some(literal as u64));
        }
        let Some(path) = text(visit.state, &format!("{field}Path")) else { return Ok(None) };
        let found = data::path(path, &selected, view).and_then(|found| found.as_i64());
        let positive = found.filter(|&seconds| seconds > 0).ok_or_else(|| view.runtime())?;
        Ok(Some(positive as u64))
    };
    let (timeout, heartbeat) = (seconds("TimeoutSeconds")?, seconds("HeartbeatSeconds")?);
    let role = match visit.state.get("Credentials") {
        None => None,
        Some(credentials) => {
            let made = data::template(credentials, &selected, view)?;
            Some(made.get("RoleArn").and_then(Value::as_str).ok_or_else(|| view.runtime())?.into())
        }
    };
    let input = data::effective_input(&visit.raw, view)?;
    Ok(Asked { input, timeout, heartbeat, role })
}

/// The same in JSONata.
fn ask_computed(visit: &Visit<'_>, view: &View<'_>) -> Result<Asked, Trouble> {
    let seen = Seen::before(&visit.raw, view);
    let seconds = |field| Ok(seen.whole(visit.state, field, 1)?.map(|seconds| seconds as u64));
    let (timeout, heartbeat) = (seconds("TimeoutSeconds")?, seconds("HeartbeatSeconds")?);
    let role = match visit.state.get("Credentials") {
        None => None,
        Some(credentials) => {
            let made = seen.value(credentials, "Credentials")?;
            let role = made.get("RoleArn").and_then(Value::as_str);
            Some(role.ok_or_else(|| seen.unusable(Some("Credentials/RoleArn")))?.into())
        }
    };
    let input = data::effective_input(&visit.raw, view)?;
    Ok(Asked { input, timeout, heartbeat, role })
}

fn check_call(
    event: &Event,
    family: Family,
    resource: &str,
    asked: &Asked,
    earliest: i64,
) -> Result<(), Difference> {
    let What::Scheduled { family: shown_family, resource: shown_resource, input, timeout, heartbeat, role } =
        &event.what
    else {
        unreachable!("only calls were asked for")
    };
    if event.at < earliest {
        return Err(Difference(format!("event {} tries again too early", event.id)));
    }
    // Of an activity's credentials no event tells.
    let asked_role = asked.role.as_ref().filter(|_| family != Family::Activity);
    let is_same = *shown_family == family
        && shown_resource == resource
        && data::fits(&asked.input, input.value())
        && (timeout, heartbeat, role.as_ref()) == (&asked.timeout, &asked.heartbeat, asked_role);
    if is_same {
        return Ok(());
    }
    Err(Difference(format!(
        "event {} calls {:?}; expected: {resource} with {}, {:?}, {:?}, {:?}",
        event.id,
        event.what,
        asked.input.to_text(),
        asked.timeout,
        asked.heartbeat,
        asked.role
    )))
}
