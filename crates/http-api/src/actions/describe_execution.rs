//! DescribeExecution: where an execution stands.

use asl::{Failure, Timestamp};
use engine::{Engine, Redrive, Refusal, RunningChild};
use execution::Redrivable;
use execution::execution::Status;
use json::{Document, Text};
use store::{ExecutionView, ExpressChild, MachineStatus, MapRunView, Redriven};

use super::Call;
use crate::answer::{self, ObjectWriter};
use crate::children::{self, ChildStatus};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    match &request.map_run_arn {
        Some(map_run_arn) => express_child(call, &request, map_run_arn),
        None => standard(call, &request),
    }
}

fn standard(call: &Call<'_>, request: &Request) -> Result<String, ApiError> {
    call.engine.check_owner(&request.arn)?;
    let Some(view) = call.engine.store().execution(&request.arn)? else {
        return Err(Refusal::ExecutionDoesNotExist { arn: request.arn.clone() }.into());
    };
    let map_run = match &view.map_run_arn {
        Some(arn) => call.engine.store().map_run(arn)?,
        None => None,
    };
    let obstacle = obstacle(&view, call.engine);
    Ok(write(&Description::of(&view, map_run.as_ref(), obstacle), request.with_data))
}

/// An EXPRESS execution is described only if a Map Run has begun it. The records of that tell of it once it has
/// ended; what is no longer known to run is among them.
fn express_child(call: &Call<'_>, request: &Request, map_run_arn: &Text) -> Result<String, ApiError> {
    call.engine.check_owner(map_run_arn)?;
    let name = request.arn.rsplit(':').nth(1).unwrap_or_default();
    if let Some(child) = call.engine.running_child(map_run_arn, name) {
        return Ok(write(&Description::of_running(&child, map_run_arn), request.with_data));
    }
    let store = call.engine.store();
    match (store.map_run(map_run_arn)?, store.express_child(&request.arn)?) {
        (Some(map_run), Some((child, _))) => {
            Ok(write(&Description::of_express(&child, &map_run), request.with_data))
        }
        _ => Err(Refusal::ExecutionDoesNotExist { arn: request.arn.clone() }.into()),
    }
}

/// Which execution, and how much of it.
struct Request {
    arn: Text,
    /// Of an EXPRESS execution: the Map Run that has begun it.
    map_run_arn: Option<Text>,
    with_data: bool,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("executionArn", &constraint::ARN)?;
    let included = members.choice("includedData", constraint::INCLUDED_DATA)?;
    members.check()?;
    let map_run_arn = resource::execution_or_child(&arn)?;
    Ok(Request { arn, map_run_arn, with_data: included != Some("METADATA_ONLY") })
}

/// Why the execution cannot be redriven, in AWS's words.
pub(crate) fn obstacle(view: &ExecutionView, engine: &Engine) -> Option<&'static str> {
    let machine_stays = || {
        let machine_arn = resource::machine_of_labelled(&view.start.state_machine_arn);
        let machine = engine.store().machine(&machine_arn);
        machine.is_some_and(|machine| machine.status == MachineStatus::Active)
    };
    let is_over = !matches!(view.status, Status::Running | Status::Succeeded);
    let redrive = Redrive {
        status: view.status,
        redrivable: view.redrivable,
        stopped_at: view.stopped_at,
        machine_stays: is_over && machine_stays(),
    };
    redrive.obstacle(engine.now())
}

/// What is shown of an execution.
struct Description<'e> {
    arn: &'e str,
    state_machine_arn: &'e str,
    name: &'e str,
    status: &'static str,
    started_at: Timestamp,
    stopped_at: Option<Timestamp>,
    input: &'e Document,
    output: Option<&'e Document>,
    trace_header: Option<&'e str>,
    map_run_arn: Option<&'e str>,
    failure: Option<&'e Failure>,
    version_arn: Option<&'e str>,
    alias_arn: Option<&'e str>,
    redriven: Option<Redriven>,
    redrive: RedriveStatus,
}

/// Whether and how it can be redriven.
#[derive(Clone, Copy)]
enum RedriveStatus {
    ByItself,
    /// With the execution that began the Map Run.
    ByMapRun,
    /// Why not.
    Not(&'static str),
}

impl<'e> Description<'e> {
    /// `map_run`: the one that has begun it, if one has.
    fn of(
        view: &'e ExecutionView,
        map_run: Option<&MapRunView>,
        obstacle: Option<&'static str>,
    ) -> Description<'e> {
        let start = &view.start;
        let begun_at = view.redriven.map_or(start.started_at, |redriven| redriven.at);
        let child_status =
            map_run.map(|map_run| ChildStatus::of(view.status, view.redrivable, begun_at, map_run).name());
        Description {
            arn: &start.arn,
            state_machine_arn: &start.state_machine_arn,
            name: &start.name,
            status: child_status.unwrap_or(status_name(view.status)),
            started_at: start.started_at,
            stopped_at: view.stopped_at,
            input: &start.input,
            output: view.output.as_ref(),
            trace_header: start.trace_header.as_deref(),
            map_run_arn: view.map_run_arn.as_deref(),
            failure: shown(view.failure.as_ref(), view.status),
            version_arn: start.version_arn.as_deref(),
            alias_arn: start.alias_arn.as_deref(),
            redriven: view.redriven,
            redrive: match obstacle {
                Some(why) => RedriveStatus::Not(why),
                None if view.map_run_arn.is_some() => RedriveStatus::ByMapRun,
                None => RedriveStatus::ByItself,
            },
        }
    }

    fn of_running(child: &'e RunningChild, map_run_arn: &'e str) -> Description<'e> {
        let start = &*child.start;
        let redrive = Redrive {
            status: Status::Running,
            redrivable: Redrivable::NotKept,
            stopped_at: None,
            machine_stays: true,
        };
        Description {
            arn: &start.arn,
            state_machine_arn: &start.state_machine_arn,
            name: &start.name,
            status: status_name(Status::Running),
            started_at: start.started_at,
            stopped_at: None,
            input: &start.input,
            output: None,
            trace_header: None,
            map_run_arn: Some(map_run_arn),
            failure: None,
            version_arn: None,
            alias_arn: None,
            redriven: children::redriven(child.redrives, start.started_at),
            redrive: redrive.obstacle(start.started_at).map_or(RedriveStatus::ByMapRun, RedriveStatus::Not),
        }
    }

    fn of_express(child: &'e ExpressChild, map_run: &'e MapRunView) -> Description<'e> {
        // Nothing but success stands in the way: it would begin anew, whatever its history was.
        let redrive = Redrive {
            status: child.status,
            redrivable: Redrivable::Yes,
            stopped_at: None,
            machine_stays: true,
        };
        Description {
            arn: &child.arn,
            state_machine_arn: &map_run.child_machine_arn,
            name: &child.name,
            status: ChildStatus::of(child.status, Redrivable::Yes, child.started_at, map_run).name(),
            started_at: child.started_at,
            stopped_at: Some(child.stopped_at),
            input: &child.input,
            output: child.output.as_ref(),
            trace_header: None,
            map_run_arn: Some(&map_run.arn),
            failure: shown(child.failure.as_ref(), child.status),
            version_arn: None,
            alias_arn: None,
            redriven: children::redriven(child.redrives, child.started_at),
            redrive: redrive.obstacle(child.stopped_at).map_or(RedriveStatus::ByMapRun, RedriveStatus::Not),
        }
    }
}

/// A timeout shows neither error nor cause here, only in the history.
fn shown(failure: Option<&Failure>, status: Status) -> Option<&Failure> {
    failure.filter(|_| status != Status::TimedOut)
}

fn write(shown: &Description<'_>, with_data: bool) -> String {
    answer::object(|answer| {
        answer.text("executionArn", shown.arn);
        answer.text("stateMachineArn", shown.state_machine_arn);
        answer.text("name", shown.name);
        answer.text("status", shown.status);
        answer.time("startDate", shown.started_at);
        if let Some(stopped) = shown.stopped_at {
            answer.time("stopDate", stopped);
        }
        if with_data {
            answer.text("input", shown.input.text());
        }
        answer.object("inputDetails", |details| details.truth("included", with_data));
        if let Some(output) = shown.output {
            if with_data {
                answer.text("output", output.text());
            }
            answer.object("outputDetails", |details| details.truth("included", with_data));
        }
        answer.optional_text("traceHeader", shown.trace_header);
        answer.optional_text("mapRunArn", shown.map_run_arn);
        if let Some(failure) = shown.failure.filter(|_| with_data) {
            answer.optional_text("error", failure.error.as_deref());
            answer.optional_text("cause", failure.cause.as_deref());
        }
        answer.optional_text("stateMachineVersionArn", shown.version_arn);
        answer.optional_text("stateMachineAliasArn", shown.alias_arn);
        write_redrives(answer, shown.redriven);
        let (status, why) = match shown.redrive {
            RedriveStatus::ByItself => ("REDRIVABLE", None),
            RedriveStatus::ByMapRun => ("REDRIVABLE_BY_MAP_RUN", None),
            RedriveStatus::Not(why) => ("NOT_REDRIVABLE", Some(why)),
        };
        answer.text("redriveStatus", status);
        answer.optional_text("redriveStatusReason", why);
    })
}

/// How often it was redriven, and when the last time.
pub(super) fn write_redrives(answer: &mut ObjectWriter<'_>, redriven: Option<Redriven>) {
    answer.number("redriveCount", redriven.map_or(0, |redriven| redriven.count));
    if let Some(redriven) = redriven {
        answer.time("redriveDate", redriven.at);
    }
}

/// The API's name of a status.
pub(crate) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Running => "RUNNING",
        Status::Succeeded => "SUCCEEDED",
        Status::Failed => "FAILED",
        Status::TimedOut => "TIMED_OUT",
        Status::Aborted => "ABORTED",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use execution::execution::{MachineType, Start};

    use super::super::describe_map_run;
    use super::*;
    use crate::actions::testing::outcome;
    use crate::children::tests::redriven;

    /// An execution that was started at 1 s and ended at 2 s.
    pub fn view(status: Status) -> ExecutionView {
        let start = Start {
            arn: "arn:e".into(),
            name: "e".into(),
            state_machine_arn: "arn:m".into(),
            state_machine_name: "m".into(),
            machine_type: MachineType::Standard,
            revision: 1,
            version_arn: None,
            alias_arn: None,
            test_case: None,
            role_arn: "arn:r".into(),
            region: "us-east-1".into(),
            input: Document::from_valid_text(r#"{ "a": 1 }"#),
            trace_header: None,
            parent: None,
            child_of: None,
            started_at: Timestamp(1000),
        };
        let closed = status != Status::Running;
        ExecutionView {
            start: Arc::new(start),
            status,
            stopped_at: closed.then_some(Timestamp(2000)),
            output: (status == Status::Succeeded).then(|| Document::from_valid_text("[]")),
            failure: (closed && status != Status::Succeeded).then(|| Failure::new("E", "why")),
            redrivable: if closed { Redrivable::Yes } else { Redrivable::NotKept },
            redriven: None,
            map_run_arn: None,
            items: None,
        }
    }

    fn described(status: Status) -> String {
        describe(&view(status), None)
    }

    fn describe(view: &ExecutionView, map_run: Option<&MapRunView>) -> String {
        let &ExecutionView { status, redrivable, stopped_at, .. } = view;
        let redrive = Redrive { status, redrivable, stopped_at, machine_stays: true };
        write(&Description::of(view, map_run, redrive.obstacle(Timestamp(3000))), true)
    }

    /// One that was begun at 1 s and ended at 2 s.
    fn express(status: Status) -> ExpressChild {
        ExpressChild {
            arn: "arn:x".into(),
            name: "x".into(),
            child: 3,
            status,
            items: 40,
            started_at: Timestamp(1000),
            stopped_at: Timestamp(2000),
            input: Document::from_valid_text("[1]"),
            output: (status == Status::Succeeded).then(|| Document::from_valid_text("[]")),
            failure: (status != Status::Succeeded).then(|| Failure::new("E", "why")),
            redrives: 0,
        }
    }

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |request: Request| format!("{} {}", request.arn, request.with_data);
            assert_eq!(outcome(read, show, body), expected);
        };
        check(
            r#"{"executionArn":"ARN:execution:m:e"}"#,
            "arn:aws:states:us-east-1:123456789012:execution:m:e true",
        );
        check(
            r#"{"executionArn":"ARN:execution:m:e","includedData":"METADATA_ONLY"}"#,
            "arn:aws:states:us-east-1:123456789012:execution:m:e false",
        );
        check(
            r#"{"executionArn":"ARN:express:m:e:u"}"#,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'",
        );
        check(
            r#"{"executionArn":"ARN:express:m/L:e:u"}"#,
            "arn:aws:states:us-east-1:123456789012:express:m/L:e:u true",
        );
        check(r#"{"executionArn":"x"}"#, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'");
    }

    #[test]
    fn a_running_execution() {
        assert_eq!(
            described(Status::Running),
            concat!(
                r#"{"executionArn":"arn:e","stateMachineArn":"arn:m","name":"e","status":"RUNNING","#,
                r#""startDate":1.000,"input":"{ \"a\": 1 }","inputDetails":{"included":true},"#,
                r#""redriveCount":0,"redriveStatus":"NOT_REDRIVABLE","#,
                r#""redriveStatusReason":"Execution is RUNNING and cannot be redriven"}"#
            )
        );
    }

    #[test]
    fn ends_show_what_they_led_to() {
        let tail = |status| {
            described(status).split_once(r#""inputDetails":{"included":true},"#).unwrap().1.to_owned()
        };
        assert_eq!(
            tail(Status::Succeeded),
            concat!(
                r#""output":"[]","outputDetails":{"included":true},"redriveCount":0,"#,
                r#""redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is SUCCEEDED and cannot be redriven"}"#
            )
        );
        let failed = r#""error":"E","cause":"why","redriveCount":0,"redriveStatus":"REDRIVABLE"}"#;
        assert_eq!(tail(Status::Failed), failed);
        assert_eq!(tail(Status::Aborted), failed);
        assert_eq!(tail(Status::TimedOut), r#""redriveCount":0,"redriveStatus":"REDRIVABLE"}"#);
    }

    #[test]
    fn one_that_was_redriven_says_so() {
        let redriven = Some(Redriven { count: 2, at: Timestamp(1500) });
        let text = describe(&ExecutionView { redriven, ..view(Status::Failed) }, None);
        assert!(
            text.ends_with(r#""redriveCount":2,"redriveDate":1.500,"redriveStatus":"REDRIVABLE"}"#),
            "{text}"
        );
    }

    #[test]
    fn metadata_only_leaves_the_data_out() {
        let view = view(Status::Succeeded);
        let text = write(&Description::of(&view, None, None), false);
        assert!(
            text.contains(r#""inputDetails":{"included":false},"outputDetails":{"included":false}"#),
            "{text}"
        );
        assert!(!text.contains(r#""input":"#) && !text.contains(r#""output":"#), "{text}");
    }
    #[test]
    fn a_child_is_redriven_by_its_map_run_alone() {
        let child = |status| ExecutionView { map_run_arn: Some("arn:m/L:u".into()), ..view(status) };
        let ended = describe_map_run::tests::view(Status::Failed);
        let text = describe(&child(Status::Failed), Some(&ended));
        let tail = r#""mapRunArn":"arn:m/L:u","error":"E","cause":"why","redriveCount":0,"redriveStatus":"REDRIVABLE_BY_MAP_RUN"}"#;
        assert!(text.contains(r#""status":"FAILED""#) && text.ends_with(tail), "{text}");
        let text = describe(&child(Status::Succeeded), Some(&ended));
        let why = r#""redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is SUCCEEDED and cannot be redriven"}"#;
        assert!(text.ends_with(why), "{text}");
        let text = describe(&child(Status::Failed), Some(&redriven(Status::Running)));
        assert!(text.contains(r#""status":"PENDING_REDRIVE""#), "{text}");
        // Its Map Run may be gone before it.
        let text = describe(&child(Status::Failed), None);
        assert!(text.contains(r#""status":"FAILED""#) && text.ends_with(tail), "{text}");
    }

    #[test]
    fn an_express_child() {
        let run = describe_map_run::tests::view(Status::Running);
        assert_eq!(
            write(&Description::of_express(&express(Status::Succeeded), &run), true),
            concat!(
                r#"{"executionArn":"arn:x","stateMachineArn":"arn:m/L","name":"x","status":"SUCCEEDED","#,
                r#""startDate":1.000,"stopDate":2.000,"input":"[1]","inputDetails":{"included":true},"#,
                r#""output":"[]","outputDetails":{"included":true},"mapRunArn":"arn:m/L:u","redriveCount":0,"#,
                r#""redriveStatus":"NOT_REDRIVABLE","redriveStatusReason":"Execution is SUCCEEDED and cannot be redriven"}"#
            )
        );
        let text = write(&Description::of_express(&express(Status::TimedOut), &run), true);
        let tail = r#""mapRunArn":"arn:m/L:u","redriveCount":0,"redriveStatus":"REDRIVABLE_BY_MAP_RUN"}"#;
        assert!(text.ends_with(tail), "{text}");
        let again = ExpressChild { redrives: 2, ..express(Status::Failed) };
        let text = write(&Description::of_express(&again, &run), true);
        assert!(text.contains(r#""redriveCount":2,"redriveDate":1.000,"#), "{text}");
        let waiting = Description::of_express(&express(Status::Failed), &redriven(Status::Running)).status;
        assert_eq!(waiting, "PENDING_REDRIVE");
    }
}
