//! DescribeExecution: where an execution stands.

use engine::{Engine, Redrive, Refusal};
use execution::execution::Status;
use json::Text;
use store::{ExecutionView, MachineStatus};

use super::Call;
use crate::answer::{self, ObjectWriter};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    call.engine.check_owner(&request.arn)?;
    let Some(view) = call.engine.store().execution(&request.arn)? else {
        return Err(Refusal::ExecutionDoesNotExist { arn: request.arn }.into());
    };
    let obstacle = obstacle(&view, call.engine);
    Ok(write(&view, obstacle, request.with_data))
}

/// Which execution, and how much of it.
struct Request {
    arn: Text,
    with_data: bool,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("executionArn", &constraint::ARN)?;
    let included = members.choice("includedData", constraint::INCLUDED_DATA)?;
    members.check()?;
    resource::execution(&arn)?;
    Ok(Request { arn, with_data: included != Some("METADATA_ONLY") })
}

/// Why the execution cannot be redriven, in AWS's words.
fn obstacle(view: &ExecutionView, engine: &Engine) -> Option<&'static str> {
    let machine_stays = || {
        let machine = engine.store().machine(&view.start.state_machine_arn);
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

fn write(view: &ExecutionView, obstacle: Option<&str>, with_data: bool) -> String {
    let start = &view.start;
    answer::object(|answer| {
        answer.text("executionArn", &start.arn);
        answer.text("stateMachineArn", &start.state_machine_arn);
        answer.text("name", &start.name);
        answer.text("status", status_name(view.status));
        answer.time("startDate", start.started_at);
        if let Some(stopped) = view.stopped_at {
            answer.time("stopDate", stopped);
        }
        if with_data {
            answer.text("input", start.input.text());
        }
        answer.object("inputDetails", |details| details.truth("included", with_data));
        if let Some(output) = &view.output {
            if with_data {
                answer.text("output", output.text());
            }
            answer.object("outputDetails", |details| details.truth("included", with_data));
        }
        answer.optional_text("traceHeader", start.trace_header.as_deref());
        // A timeout shows neither member here, only in the history.
        if let Some(failure) = view.failure.as_ref().filter(|_| with_data && view.status != Status::TimedOut)
        {
            answer.optional_text("error", failure.error.as_deref());
            answer.optional_text("cause", failure.cause.as_deref());
        }
        write_qualifiers(answer, view);
        write_redrives(answer, view);
        answer.text("redriveStatus", if obstacle.is_some() { "NOT_REDRIVABLE" } else { "REDRIVABLE" });
        answer.optional_text("redriveStatusReason", obstacle);
    })
}

/// By which version or alias it was started, if by any.
pub(super) fn write_qualifiers(answer: &mut ObjectWriter<'_>, view: &ExecutionView) {
    answer.optional_text("stateMachineVersionArn", view.start.version_arn.as_deref());
    answer.optional_text("stateMachineAliasArn", view.start.alias_arn.as_deref());
}

/// How often it was redriven, and when the last time.
pub(super) fn write_redrives(answer: &mut ObjectWriter<'_>, view: &ExecutionView) {
    answer.number("redriveCount", view.redriven.map_or(0, |redriven| redriven.count));
    if let Some(redriven) = view.redriven {
        answer.time("redriveDate", redriven.at);
    }
}

/// The API's name of a status.
pub(super) fn status_name(status: Status) -> &'static str {
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

    use asl::{Failure, Timestamp};
    use execution::Redrivable;
    use execution::execution::{MachineType, Start};
    use json::Document;

    use super::*;
    use crate::actions::testing::outcome;

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
        }
    }

    fn described(status: Status) -> String {
        let view = view(status);
        let ExecutionView { redrivable, stopped_at, .. } = view;
        let redrive = Redrive { status, redrivable, stopped_at, machine_stays: true };
        write(&view, redrive.obstacle(Timestamp(3000)), true)
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
        let redriven = Some(store::Redriven { count: 2, at: Timestamp(1500) });
        let text = write(&ExecutionView { redriven, ..view(Status::Failed) }, None, true);
        assert!(
            text.ends_with(r#""redriveCount":2,"redriveDate":1.500,"redriveStatus":"REDRIVABLE"}"#),
            "{text}"
        );
    }

    #[test]
    fn metadata_only_leaves_the_data_out() {
        let view = view(Status::Succeeded);
        let text = write(&view, None, false);
        assert!(
            text.contains(r#""inputDetails":{"included":false},"outputDetails":{"included":false}"#),
            "{text}"
        );
        assert!(!text.contains(r#""input":"#) && !text.contains(r#""output":"#), "{text}");
    }
}
