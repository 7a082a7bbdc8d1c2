//! History events as GetExecutionHistory shows them. (spec/history-events.md §2)
//!
//! Payloads are strings of JSON text. Never here: which events there are.

use asl::Failure;
use execution::Event;
use execution::event::{EventKind, StateType};
use json::{Document, Text};

use crate::answer::ObjectWriter;

/// Writes one event's members. Without data, payloads and variables are left out; the members that
/// tell whether they were cut stay.
pub(crate) fn write_event(item: &mut ObjectWriter<'_>, event: &Event, with_data: bool) {
    item.number("id", event.id);
    item.number("previousEventId", event.previous);
    item.time("timestamp", event.timestamp);
    write_kind(item, &event.kind, with_data);
}

fn write_kind(item: &mut ObjectWriter<'_>, kind: &EventKind, with_data: bool) {
    use EventKind::*;
    match kind {
        ExecutionStarted { input: data, role_arn, version_arn, alias_arn } => {
            item.text("type", "ExecutionStarted");
            item.object("executionStartedEventDetails", |details| {
                input(details, data, with_data);
                details.text("roleArn", role_arn);
                details.optional_text("stateMachineAliasArn", alias_arn.as_deref());
                details.optional_text("stateMachineVersionArn", version_arn.as_deref());
            });
        }
        ExecutionSucceeded { output: data } => {
            item.text("type", "ExecutionSucceeded");
            item.object("executionSucceededEventDetails", |details| output(details, data, with_data));
        }
        ExecutionFailed { failure: why } => {
            failed(item, "ExecutionFailed", "executionFailedEventDetails", why)
        }
        ExecutionAborted { failure: why } => {
            failed(item, "ExecutionAborted", "executionAbortedEventDetails", why)
        }
        ExecutionTimedOut { failure: why } => {
            failed(item, "ExecutionTimedOut", "executionTimedOutEventDetails", why)
        }
        StateEntered { state_type, name, input: data } => {
            item.text("type", entered(*state_type));
            item.object("stateEnteredEventDetails", |details| {
                details.text("name", name);
                input(details, data, with_data);
            });
        }
        StateExited { state_type, name, output: data, assigned } => {
            item.text("type", exited(*state_type));
            item.object("stateExitedEventDetails", |details| {
                details.text("name", name);
                output(details, data, with_data);
                variables(details, assigned, with_data);
            });
        }
        StateAborted { state_type } => item.text("type", aborted(*state_type)),
        ParallelStateStarted => item.text("type", "ParallelStateStarted"),
        ParallelStateSucceeded => item.text("type", "ParallelStateSucceeded"),
        ParallelStateFailed => item.text("type", "ParallelStateFailed"),
        MapStateStarted { length } => {
            item.text("type", "MapStateStarted");
            item.object("mapStateStartedEventDetails", |details| details.number("length", *length));
        }
        MapStateSucceeded => item.text("type", "MapStateSucceeded"),
        MapStateFailed => item.text("type", "MapStateFailed"),
        MapIterationStarted { name, index } => {
            iteration(item, "MapIterationStarted", "mapIterationStartedEventDetails", name, *index);
        }
        MapIterationSucceeded { name, index } => {
            iteration(item, "MapIterationSucceeded", "mapIterationSucceededEventDetails", name, *index);
        }
        MapIterationFailed { name, index } => {
            iteration(item, "MapIterationFailed", "mapIterationFailedEventDetails", name, *index);
        }
        MapIterationAborted { name, index } => {
            iteration(item, "MapIterationAborted", "mapIterationAbortedEventDetails", name, *index);
        }
        LambdaFunctionScheduled { resource, input: data, timeout_seconds, role_arn } => {
            item.text("type", "LambdaFunctionScheduled");
            item.object("lambdaFunctionScheduledEventDetails", |details| {
                details.text("resource", resource);
                input(details, data, with_data);
                details.optional_number("timeoutInSeconds", *timeout_seconds);
                credentials(details, role_arn.as_ref());
            });
        }
        LambdaFunctionStarted => item.text("type", "LambdaFunctionStarted"),
        LambdaFunctionSucceeded { output: data } => {
            item.text("type", "LambdaFunctionSucceeded");
            item.object("lambdaFunctionSucceededEventDetails", |details| output(details, data, with_data));
        }
        LambdaFunctionFailed { failure: why } => {
            failed(item, "LambdaFunctionFailed", "lambdaFunctionFailedEventDetails", why);
        }
        LambdaFunctionTimedOut { failure: why } => {
            failed(item, "LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails", why);
        }
        ActivityScheduled { resource, input: data, timeout_seconds, heartbeat_seconds } => {
            item.text("type", "ActivityScheduled");
            item.object("activityScheduledEventDetails", |details| {
                details.text("resource", resource);
                input(details, data, with_data);
                details.optional_number("timeoutInSeconds", *timeout_seconds);
                details.optional_number("heartbeatInSeconds", *heartbeat_seconds);
            });
        }
        ActivityStarted { worker_name } => {
            item.text("type", "ActivityStarted");
            item.object("activityStartedEventDetails", |details| {
                details.optional_text("workerName", worker_name.as_deref());
            });
        }
        ActivitySucceeded { output: data } => {
            item.text("type", "ActivitySucceeded");
            item.object("activitySucceededEventDetails", |details| output(details, data, with_data));
        }
        ActivityFailed { failure: why } => failed(item, "ActivityFailed", "activityFailedEventDetails", why),
        ActivityTimedOut { failure: why } => {
            failed(item, "ActivityTimedOut", "activityTimedOutEventDetails", why)
        }
        TaskScheduled {
            resource_type,
            resource,
            region,
            parameters,
            timeout_seconds,
            heartbeat_seconds,
            role_arn,
        } => {
            item.text("type", "TaskScheduled");
            item.object("taskScheduledEventDetails", |details| {
                called(details, resource_type, resource);
                details.text("region", region);
                // AWS's model requires this member, so an empty text stands for what is left out.
                details.text("parameters", if with_data { parameters.text() } else { "" });
                details.optional_number("timeoutInSeconds", *timeout_seconds);
                details.optional_number("heartbeatInSeconds", *heartbeat_seconds);
                credentials(details, role_arn.as_ref());
            });
        }
        TaskStarted { resource_type, resource } => {
            item.text("type", "TaskStarted");
            item.object("taskStartedEventDetails", |details| called(details, resource_type, resource));
        }
        TaskSubmitted { resource_type, resource, output: data } => {
            item.text("type", "TaskSubmitted");
            item.object("taskSubmittedEventDetails", |details| {
                called(details, resource_type, resource);
                output(details, data, with_data);
            });
        }
        TaskSucceeded { resource_type, resource, output: data } => {
            item.text("type", "TaskSucceeded");
            item.object("taskSucceededEventDetails", |details| {
                called(details, resource_type, resource);
                output(details, data, with_data);
            });
        }
        TaskFailed { resource_type, resource, failure: why } => {
            item.text("type", "TaskFailed");
            item.object("taskFailedEventDetails", |details| {
                called(details, resource_type, resource);
                failure(details, why);
            });
        }
        TaskTimedOut { resource_type, resource, failure: why } => {
            item.text("type", "TaskTimedOut");
            item.object("taskTimedOutEventDetails", |details| {
                called(details, resource_type, resource);
                failure(details, why);
            });
        }
        EvaluationFailed { failure: why, location, state } => {
            item.text("type", "EvaluationFailed");
            item.object("evaluationFailedEventDetails", |details| {
                failure(details, why);
                details.optional_text("location", location.as_deref());
                details.text("state", state);
            });
        }
    }
}

fn input(details: &mut ObjectWriter<'_>, input: &Document, with_data: bool) {
    if with_data {
        details.text("input", input.text());
    }
    details.object("inputDetails", not_truncated);
}

fn output(details: &mut ObjectWriter<'_>, output: &Document, with_data: bool) {
    if with_data {
        details.text("output", output.text());
    }
    details.object("outputDetails", not_truncated);
}

fn variables(details: &mut ObjectWriter<'_>, assigned: &[(Text, Document)], with_data: bool) {
    if assigned.is_empty() {
        return;
    }
    if with_data {
        details.object("assignedVariables", |variables| {
            for (name, value) in assigned {
                variables.foreign_text(name, value.text());
            }
        });
    }
    details.object("assignedVariablesDetails", not_truncated);
}

/// The API never cuts payloads; only logs do.
fn not_truncated(details: &mut ObjectWriter<'_>) {
    details.truth("truncated", false);
}

fn failure(details: &mut ObjectWriter<'_>, failure: &Failure) {
    details.optional_text("error", failure.error.as_deref());
    details.optional_text("cause", failure.cause.as_deref());
}

fn failed(item: &mut ObjectWriter<'_>, event_type: &str, details: &str, why: &Failure) {
    item.text("type", event_type);
    item.object(details, |details| failure(details, why));
}

fn iteration(item: &mut ObjectWriter<'_>, event_type: &str, details: &str, name: &str, index: u64) {
    item.text("type", event_type);
    item.object(details, |details| {
        details.text("name", name);
        details.number("index", index);
    });
}

fn called(details: &mut ObjectWriter<'_>, resource_type: &str, resource: &str) {
    details.text("resourceType", resource_type);
    details.text("resource", resource);
}

fn credentials(details: &mut ObjectWriter<'_>, role_arn: Option<&Text>) {
    if let Some(role_arn) = role_arn {
        details.object("taskCredentials", |credentials| credentials.text("roleArn", role_arn));
    }
}

fn entered(state_type: StateType) -> &'static str {
    match state_type {
        StateType::Choice => "ChoiceStateEntered",
        StateType::Fail => "FailStateEntered",
        StateType::Map => "MapStateEntered",
        StateType::Parallel => "ParallelStateEntered",
        StateType::Pass => "PassStateEntered",
        StateType::Succeed => "SucceedStateEntered",
        StateType::Task => "TaskStateEntered",
        StateType::Wait => "WaitStateEntered",
    }
}

fn exited(state_type: StateType) -> &'static str {
    match state_type {
        StateType::Choice => "ChoiceStateExited",
        StateType::Fail => "FailStateExited",
        StateType::Map => "MapStateExited",
        StateType::Parallel => "ParallelStateExited",
        StateType::Pass => "PassStateExited",
        StateType::Succeed => "SucceedStateExited",
        StateType::Task => "TaskStateExited",
        StateType::Wait => "WaitStateExited",
    }
}

fn aborted(state_type: StateType) -> &'static str {
    match state_type {
        StateType::Choice => "ChoiceStateAborted",
        StateType::Fail => "FailStateAborted",
        StateType::Map => "MapStateAborted",
        StateType::Parallel => "ParallelStateAborted",
        StateType::Pass => "PassStateAborted",
        StateType::Succeed => "SucceedStateAborted",
        StateType::Task => "TaskStateAborted",
        StateType::Wait => "WaitStateAborted",
    }
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;

    use super::*;
    use crate::answer;

    fn document(text: &str) -> Document {
        Document::from_valid_text(text)
    }

    /// The event without what all events have.
    fn shown(kind: EventKind, with_data: bool) -> String {
        let event = Event { id: 2, previous: 1, timestamp: Timestamp(1_548_454_198_202), kind };
        let text = answer::object(|item| write_event(item, &event, with_data));
        let envelope = r#"{"id":2,"previousEventId":1,"timestamp":1548454198.202,"type":""#;
        text.strip_prefix(envelope).and_then(|rest| rest.strip_suffix('}')).expect("the envelope").to_owned()
    }

    fn check(kind: EventKind, expected: &str) {
        assert_eq!(shown(kind, true), expected);
    }

    const IN: &str = r#""input":"{\"a\":1}","inputDetails":{"truncated":false}"#;
    const OUT: &str = r#""output":"[]","outputDetails":{"truncated":false}"#;

    #[test]
    fn executions() {
        use EventKind::*;
        let (input, role_arn) = (document(r#"{"a":1}"#), Text::from("arn:r"));
        check(
            ExecutionStarted {
                input: input.clone(),
                role_arn: role_arn.clone(),
                version_arn: None,
                alias_arn: None,
            },
            &format!(r#"ExecutionStarted","executionStartedEventDetails":{{{IN},"roleArn":"arn:r"}}"#),
        );
        check(
            ExecutionStarted {
                input,
                role_arn,
                version_arn: Some("arn:v".into()),
                alias_arn: Some("arn:a".into()),
            },
            &format!(
                r#"ExecutionStarted","executionStartedEventDetails":{{{IN},"roleArn":"arn:r","stateMachineAliasArn":"arn:a","stateMachineVersionArn":"arn:v"}}"#
            ),
        );
        check(
            ExecutionSucceeded { output: document("[]") },
            &format!(r#"ExecutionSucceeded","executionSucceededEventDetails":{{{OUT}}}"#),
        );
        check(
            ExecutionFailed { failure: Failure::new("E", "why") },
            r#"ExecutionFailed","executionFailedEventDetails":{"error":"E","cause":"why"}"#,
        );
        check(
            ExecutionAborted { failure: Failure { error: None, cause: None } },
            r#"ExecutionAborted","executionAbortedEventDetails":{}"#,
        );
        check(
            ExecutionTimedOut { failure: Failure::named("States.Timeout") },
            r#"ExecutionTimedOut","executionTimedOutEventDetails":{"error":"States.Timeout"}"#,
        );
    }

    #[test]
    fn states() {
        use EventKind::*;
        check(
            StateEntered { state_type: StateType::Choice, name: "S".into(), input: document(r#"{"a":1}"#) },
            &format!(r#"ChoiceStateEntered","stateEnteredEventDetails":{{"name":"S",{IN}}}"#),
        );
        let exit = |assigned| StateExited {
            state_type: StateType::Pass,
            name: "S".into(),
            output: document("[]"),
            assigned,
        };
        check(exit(vec![]), &format!(r#"PassStateExited","stateExitedEventDetails":{{"name":"S",{OUT}}}"#));
        check(
            exit(vec![("x".into(), document("\"y\""))]),
            &format!(
                r#"PassStateExited","stateExitedEventDetails":{{"name":"S",{OUT},"assignedVariables":{{"x":"\"y\""}},"assignedVariablesDetails":{{"truncated":false}}}}"#
            ),
        );
        check(StateAborted { state_type: StateType::Task }, r#"TaskStateAborted""#);
        check(ParallelStateStarted, r#"ParallelStateStarted""#);
        check(
            MapStateStarted { length: 3 },
            r#"MapStateStarted","mapStateStartedEventDetails":{"length":3}"#,
        );
        check(
            MapIterationAborted { name: "M".into(), index: 2 },
            r#"MapIterationAborted","mapIterationAbortedEventDetails":{"name":"M","index":2}"#,
        );
    }

    #[test]
    fn tasks() {
        use EventKind::*;
        check(
            LambdaFunctionScheduled {
                resource: "arn:f".into(),
                input: document(r#"{"a":1}"#),
                timeout_seconds: Some(5),
                role_arn: Some("arn:r".into()),
            },
            &format!(
                r#"LambdaFunctionScheduled","lambdaFunctionScheduledEventDetails":{{"resource":"arn:f",{IN},"timeoutInSeconds":5,"taskCredentials":{{"roleArn":"arn:r"}}}}"#
            ),
        );
        check(LambdaFunctionStarted, r#"LambdaFunctionStarted""#);
        check(
            ActivityScheduled {
                resource: "arn:a".into(),
                input: document(r#"{"a":1}"#),
                timeout_seconds: None,
                heartbeat_seconds: Some(7),
            },
            &format!(
                r#"ActivityScheduled","activityScheduledEventDetails":{{"resource":"arn:a",{IN},"heartbeatInSeconds":7}}"#
            ),
        );
        check(ActivityStarted { worker_name: None }, r#"ActivityStarted","activityStartedEventDetails":{}"#);
        let (resource_type, resource) = (Text::from("sqs"), Text::from("sendMessage"));
        check(
            TaskScheduled {
                resource_type: resource_type.clone(),
                resource: resource.clone(),
                region: "us-east-1".into(),
                parameters: document("{}"),
                timeout_seconds: Some(1),
                heartbeat_seconds: Some(2),
                role_arn: None,
            },
            r#"TaskScheduled","taskScheduledEventDetails":{"resourceType":"sqs","resource":"sendMessage","region":"us-east-1","parameters":"{}","timeoutInSeconds":1,"heartbeatInSeconds":2}"#,
        );
        check(
            TaskSucceeded {
                resource_type: resource_type.clone(),
                resource: resource.clone(),
                output: document("[]"),
            },
            &format!(
                r#"TaskSucceeded","taskSucceededEventDetails":{{"resourceType":"sqs","resource":"sendMessage",{OUT}}}"#
            ),
        );
        check(
            TaskTimedOut { resource_type, resource, failure: Failure::named("States.Timeout") },
            r#"TaskTimedOut","taskTimedOutEventDetails":{"resourceType":"sqs","resource":"sendMessage","error":"States.Timeout"}"#,
        );
        check(
            EvaluationFailed {
                failure: Failure::new("E", "c"),
                location: Some("Output".into()),
                state: "S".into(),
            },
            r#"EvaluationFailed","evaluationFailedEventDetails":{"error":"E","cause":"c","location":"Output","state":"S"}"#,
        );
    }

    #[test]
    fn data_can_be_left_out() {
        let exit = EventKind::StateExited {
            state_type: StateType::Pass,
            name: "S".into(),
            output: document("[]"),
            assigned: vec![("x".into(), document("1"))],
        };
        assert_eq!(
            shown(exit, false),
            concat!(
                r#"PassStateExited","stateExitedEventDetails":{"name":"S","outputDetails":{"truncated":false},"#,
                r#""assignedVariablesDetails":{"truncated":false}}"#
            )
        );
    }
}
