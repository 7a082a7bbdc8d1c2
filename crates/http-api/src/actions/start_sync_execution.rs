//! StartSyncExecution: an execution of an EXPRESS machine, and its end in the answer.

use engine::request::{StartExecution, SyncExecution};
use execution::Status;

use super::{Call, describe_execution, start_execution};
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;

/// Durations are billed in steps of so many milliseconds.
const BILLED_MILLIS: u64 = 100;
/// The memory that is billed: AWS's smallest amount, as what AWS would need cannot be measured here.
const BILLED_MEGABYTES: u64 = 64;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { request, with_data } = read(&call.body)?;
    let request = start_execution::with_header(request, call);
    Ok(write(&call.engine.start_sync_execution(request).await?, with_data))
}

struct Request {
    request: StartExecution,
    with_data: bool,
}

/// As StartExecution's, with one more member.
fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let included = members.choice("includedData", constraint::INCLUDED_DATA)?;
    let request = start_execution::read_members(&members)?;
    Ok(Request { request, with_data: included != Some("METADATA_ONLY") })
}

fn write(execution: &SyncExecution, with_data: bool) -> String {
    let SyncExecution { start, close } = execution;
    // A quote of a payload takes two bytes; the rest is names and ARNs.
    let payload_bytes = start.input.size() + close.output.as_ref().map_or(0, json::Document::size);
    answer::object_of(768 + payload_bytes + payload_bytes / 4, |answer| {
        answer.text("executionArn", &start.arn);
        answer.text("stateMachineArn", &start.state_machine_arn);
        answer.text("name", &start.name);
        answer.time("startDate", start.started_at);
        answer.time("stopDate", close.at);
        answer.text("status", describe_execution::status_name(close.status));
        if with_data {
            match (&close.failure, close.status) {
                // There is no history that could tell.
                (_, Status::TimedOut) => answer.text("error", aws_names::error::TIMEOUT),
                (failure, _) => {
                    let failure = failure.as_ref();
                    answer.optional_text("error", failure.and_then(|failure| failure.error.as_deref()));
                    answer.optional_text("cause", failure.and_then(|failure| failure.cause.as_deref()));
                }
            }
            answer.text("input", start.input.text());
        }
        answer.object("inputDetails", |details| details.truth("included", with_data));
        if let Some(output) = close.output.as_ref().filter(|_| with_data) {
            answer.text("output", output.text());
        }
        // It is there without an output, too. (recorded)
        answer.object("outputDetails", |details| details.truth("included", with_data));
        answer.optional_text("traceHeader", start.trace_header.as_deref());
        answer.object("billingDetails", |details| {
            let took = u64::try_from(close.at.0 - start.started_at.0).unwrap_or_default();
            details.number("billedMemoryUsedInMB", BILLED_MEGABYTES);
            details.number("billedDurationInMilliseconds", took.max(1).next_multiple_of(BILLED_MILLIS));
        });
    })
}

#[cfg(test)]
mod tests {
    use asl::Failure;
    use execution::Close;
    use execution::Redrivable;
    use json::Document;

    use super::super::describe_execution::tests::view;
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let body = format!(r#"{{"stateMachineArn":"ARN:stateMachine:m"{members}}}"#);
            assert_eq!(outcome(read, |read| read.request.input.text().to_owned(), &body), expected);
        };
        check("", "{}");
        check(r#","name":"a b""#, "InvalidName: Invalid Name: 'a b'");
        check(
            r#","input":"""#,
            "InvalidExecutionInput: Invalid State Machine Execution Input: 'Invalid execution input.'",
        );
        check(
            r#","includedData":"SOME""#,
            "ValidationException: 1 validation error detected: Value 'SOME' at 'includedData' failed to satisfy \
             constraint: Member must satisfy enum value set: [ALL_DATA, METADATA_ONLY]",
        );
        assert_eq!(
            outcome(read, |_| String::new(), r#"{"stateMachineArn":"x"}"#),
            "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'"
        );
    }

    fn ended(status: Status, output: Option<&str>, failure: Option<Failure>, millis: i64) -> SyncExecution {
        let start = view(Status::Running).start;
        let at = start.started_at.plus_millis(millis);
        let output = output.map(Document::from_valid_text);
        SyncExecution { start, close: Close { status, at, output, failure, redrivable: Redrivable::NotKept } }
    }

    fn tail(execution: &SyncExecution, with_data: bool) -> String {
        let text = write(execution, with_data);
        let head =
            r#"{"executionArn":"arn:e","stateMachineArn":"arn:m","name":"e","startDate":1.000,"stopDate":"#;
        text.strip_prefix(head).unwrap_or_else(|| panic!("{text}")).to_owned()
    }

    #[test]
    fn answers() {
        let succeeded = ended(Status::Succeeded, Some("[1]"), None, 0);
        assert_eq!(
            tail(&succeeded, true),
            concat!(
                r#"1.000,"status":"SUCCEEDED","input":"{ \"a\": 1 }","inputDetails":{"included":true},"#,
                r#""output":"[1]","outputDetails":{"included":true},"#,
                r#""billingDetails":{"billedMemoryUsedInMB":64,"billedDurationInMilliseconds":100}}"#
            )
        );
        assert_eq!(
            tail(&succeeded, false),
            concat!(
                r#"1.000,"status":"SUCCEEDED","inputDetails":{"included":false},"outputDetails":{"included":false},"#,
                r#""billingDetails":{"billedMemoryUsedInMB":64,"billedDurationInMilliseconds":100}}"#
            )
        );
        assert_eq!(
            tail(&ended(Status::Failed, None, Some(Failure::new("E", "why")), 7_501), true),
            concat!(
                r#"8.501,"status":"FAILED","error":"E","cause":"why","input":"{ \"a\": 1 }","#,
                r#""inputDetails":{"included":true},"outputDetails":{"included":true},"#,
                r#""billingDetails":{"billedMemoryUsedInMB":64,"billedDurationInMilliseconds":7600}}"#
            )
        );
        let timed_out = tail(&ended(Status::TimedOut, None, None, 300_000), true);
        assert!(
            timed_out.starts_with(r#"301.000,"status":"TIMED_OUT","error":"States.Timeout","input""#),
            "{timed_out}"
        );
    }
}
