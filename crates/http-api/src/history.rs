//! History events as GetExecutionHistory and execution logs show them. (spec/history-events.md §2)
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
    let shown = Shown { payloads: with_data, causes: true, bytes_max: usize::MAX };
    write_kind(&mut Item { out: item, in_log: false }, &event.kind, shown);
}

/// Payloads of a log line are cut at so many bytes, as they are escaped there. (spec/api.md §8)
const LOGGED_BYTES_MAX: usize = 248 << 10;

/// Of which execution a log line is.
#[derive(Clone, Copy)]
pub(crate) struct LogOf<'a> {
    pub execution_arn: &'a str,
    /// How often that was redriven.
    pub redrive_count: u64,
}

/// Writes the line that an execution log has of an event. Without data, causes are left out, too.
pub(crate) fn write_log_line(item: &mut ObjectWriter<'_>, event: &Event, of: LogOf<'_>, with_data: bool) {
    // The log's numbers are strings.
    item.text("id", &event.id.to_string());
    let shown = Shown { payloads: with_data, causes: with_data, bytes_max: LOGGED_BYTES_MAX };
    write_kind(&mut Item { out: item, in_log: true }, &event.kind, shown);
    item.text("previous_event_id", &event.previous.to_string());
    item.text("event_timestamp", &event.timestamp.0.to_string());
    item.text("execution_arn", of.execution_arn);
    item.text("redrive_count", &of.redrive_count.to_string());
}

/// How much is shown of what an event carries.
#[derive(Clone, Copy)]
struct Shown {
    payloads: bool,
    causes: bool,
    /// Of one payload.
    bytes_max: usize,
}

/// Where an event is written: the members that say what happened have other names in a log.
struct Item<'i, 'o> {
    out: &'i mut ObjectWriter<'o>,
    in_log: bool,
}

impl Item<'_, '_> {
    fn text(&mut self, name: &str, text: &str) {
        self.out.text(name, text);
    }

    /// An event's details, by their name in the API.
    fn object(&mut self, name: &str, write: impl FnOnce(&mut ObjectWriter<'_>)) {
        self.out.object(if self.in_log { "details" } else { name }, write);
    }
}

fn write_kind(item: &mut Item<'_, '_>, kind: &EventKind, shown: Shown) {
    use EventKind::*;
    match kind {
        ExecutionStarted { input: data, role_arn, version_arn, alias_arn } => {
            item.text("type", "ExecutionStarted");
            item.object("executionStartedEventDetails", |details| {
                input(details, data, shown);
                details.text("roleArn", role_arn);
                details.optional_text("stateMachineAliasArn", alias_arn.as_deref());
                details.optional_text("stateMachineVersionArn", version_arn.as_deref());
            });
        }
        ExecutionRedriven { redrive_count, client_token: _ } => {
            item.text("type", "ExecutionRedriven");
            item.object("executionRedrivenEventDetails", |details| {
                details.number("redriveCount", *redrive_count);
            });
        }
        ExecutionSucceeded { output: data } => {
            item.text("type", "ExecutionSucceeded");
            item.object("executionSucceededEventDetails", |details| output(details, data, shown));
        }
        ExecutionFailed { failure: why } => {
            failed(item, "ExecutionFailed", "executionFailedEventDetails", why, shown)
        }
        ExecutionAborted { failure: why } => {
            failed(item, "ExecutionAborted", "executionAbortedEventDetails", why, shown)
        }
        ExecutionTimedOut { failure: why } => {
            failed(item, "ExecutionTimedOut", "executionTimedOutEventDetails", why, shown)
        }
        StateEntered { state_type, name, input: data } => {
            item.text("type", entered(*state_type));
            item.object("stateEnteredEventDetails", |details| {
                details.text("name", name);
                input(details, data, shown);
            });
        }
        StateExited { state_type, name, output: data, assigned } => {
            item.text("type", exited(*state_type));
            item.object("stateExitedEventDetails", |details| {
                details.text("name", name);
                output(details, data, shown);
                variables(details, assigned, shown);
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
        MapRunStarted { map_run_arn } => {
            item.text("type", "MapRunStarted");
            item.object("mapRunStartedEventDetails", |details| details.text("mapRunArn", map_run_arn));
        }
        MapRunSucceeded => item.text("type", "MapRunSucceeded"),
        MapRunFailed { failure: why } => failed(item, "MapRunFailed", "mapRunFailedEventDetails", why, shown),
        MapRunAborted => item.text("type", "MapRunAborted"),
        MapRunRedriven { map_run_arn, redrive_count } => {
            item.text("type", "MapRunRedriven");
            item.object("mapRunRedrivenEventDetails", |details| {
                details.text("mapRunArn", map_run_arn);
                details.number("redriveCount", *redrive_count);
            });
        }
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
                input(details, data, shown);
                details.optional_number("timeoutInSeconds", *timeout_seconds);
                credentials(details, role_arn.as_ref());
            });
        }
        LambdaFunctionStarted => item.text("type", "LambdaFunctionStarted"),
        LambdaFunctionSucceeded { output: data } => {
            item.text("type", "LambdaFunctionSucceeded");
            item.object("lambdaFunctionSucceededEventDetails", |details| output(details, data, shown));
        }
        LambdaFunctionFailed { failure: why } => {
            failed(item, "LambdaFunctionFailed", "lambdaFunctionFailedEventDetails", why, shown);
        }
        LambdaFunctionTimedOut { failure: why } => {
            failed(item, "LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails", why, shown);
        }
        ActivityScheduled { resource, input: data, timeout_seconds, heartbeat_seconds } => {
            item.text("type", "ActivityScheduled");
            item.object("activityScheduledEventDetails", |details| {
                details.text("resource", resource);
                input(details, data, shown);
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
            item.object("activitySucceededEventDetails", |details| output(details, data, shown));
        }
        ActivityFailed { failure: why } => {
            failed(item, "ActivityFailed", "activityFailedEventDetails", why, shown)
        }
        ActivityTimedOut { failure: why } => {
            failed(item, "ActivityTimedOut", "activityTimedOutEventDetails", why, shown)
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
                details.text("parameters", if shown.payloads { parameters.text() } else { "" });
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
                output(details, data, shown);
            });
        }
        TaskSucceeded { resource_type, resource, output: data } => {
            item.text("type", "TaskSucceeded");
            item.object("taskSucceededEventDetails", |details| {
                called(details, resource_type, resource);
                output(details, data, shown);
            });
        }
        TaskFailed { resource_type, resource, failure: why } => {
            item.text("type", "TaskFailed");
            item.object("taskFailedEventDetails", |details| {
                called(details, resource_type, resource);
                failure(details, why, shown);
            });
        }
        TaskTimedOut { resource_type, resource, failure: why } => {
            item.text("type", "TaskTimedOut");
            item.object("taskTimedOutEventDetails", |details| {
                called(details, resource_type, resource);
                failure(details, why, shown);
            });
        }
        EvaluationFailed { failure: why, location, state } => {
            item.text("type", "EvaluationFailed");
            item.object("evaluationFailedEventDetails", |details| {
                failure(details, why, shown);
                details.optional_text("location", location.as_deref());
                details.text("state", state);
            });
        }
    }
}

fn input(details: &mut ObjectWriter<'_>, input: &Document, shown: Shown) {
    let is_cut = payload(details, "input", input, shown);
    details.object("inputDetails", |details| details.truth("truncated", is_cut));
}

fn output(details: &mut ObjectWriter<'_>, output: &Document, shown: Shown) {
    let is_cut = payload(details, "output", output, shown);
    details.object("outputDetails", |details| details.truth("truncated", is_cut));
}

/// Whether it was cut. The API never cuts payloads; only logs do.
fn payload(details: &mut ObjectWriter<'_>, name: &str, payload: &Document, shown: Shown) -> bool {
    if !shown.payloads {
        return false;
    }
    let text = payload.text();
    let cut = escaped_up_to(text, shown.bytes_max);
    details.text(name, cut);
    cut.len() < text.len()
}

/// As much of a text as takes so many bytes in a JSON string.
fn escaped_up_to(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max / 6 {
        return text;
    }
    let mut bytes = 0;
    for (place, character) in text.char_indices() {
        bytes += match character {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            control if control < ' ' => 6,
            other => other.len_utf8(),
        };
        if bytes > bytes_max {
            return &text[..place];
        }
    }
    text
}

fn variables(details: &mut ObjectWriter<'_>, assigned: &[(Text, Document)], shown: Shown) {
    if assigned.is_empty() {
        return;
    }
    let too_long = |value: &Document| escaped_up_to(value.text(), shown.bytes_max).len() < value.size();
    let is_cut = shown.payloads && assigned.iter().any(|(_, value)| too_long(value));
    if shown.payloads {
        details.object("assignedVariables", |variables| {
            for (name, value) in assigned {
                variables.foreign_text(name, escaped_up_to(value.text(), shown.bytes_max));
            }
        });
    }
    details.object("assignedVariablesDetails", |details| details.truth("truncated", is_cut));
}

fn failure(details: &mut ObjectWriter<'_>, failure: &Failure, shown: Shown) {
    details.optional_text("error", failure.error.as_deref());
    details.optional_text("cause", failure.cause.as_deref().filter(|_| shown.causes));
}

fn failed(item: &mut Item<'_, '_>, event_type: &str, details: &str, why: &Failure, shown: Shown) {
    item.text("type", event_type);
    item.object(details, |details| failure(details, why, shown));
}

fn iteration(item: &mut Item<'_, '_>, event_type: &str, details: &str, name: &str, index: u64) {
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
    fn map_runs() {
        use EventKind::*;
        let map_run_arn = Text::from("arn:m/L:u");
        check(
            MapRunStarted { map_run_arn: map_run_arn.clone() },
            r#"MapRunStarted","mapRunStartedEventDetails":{"mapRunArn":"arn:m/L:u"}"#,
        );
        check(MapRunSucceeded, r#"MapRunSucceeded""#);
        check(
            MapRunFailed { failure: Failure::new("E", "why") },
            r#"MapRunFailed","mapRunFailedEventDetails":{"error":"E","cause":"why"}"#,
        );
        check(MapRunAborted, r#"MapRunAborted""#);
        check(
            MapRunRedriven { map_run_arn, redrive_count: 2 },
            r#"MapRunRedriven","mapRunRedrivenEventDetails":{"mapRunArn":"arn:m/L:u","redriveCount":2}"#,
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
            ExecutionRedriven { redrive_count: 1, client_token: Some("t".into()) },
            r#"ExecutionRedriven","executionRedrivenEventDetails":{"redriveCount":1}"#,
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

    #[test]
    fn log_lines_are_those_that_were_recorded() {
        let line = |kind, with_data| {
            let event = Event { id: 2, previous: 0, timestamp: Timestamp(1_548_454_198_202), kind };
            let of = LogOf { execution_arn: "arn:e", redrive_count: 2 };
            answer::object(|item| write_log_line(item, &event, of, with_data))
        };
        let tail = r#""previous_event_id":"0","event_timestamp":"1548454198202","execution_arn":"arn:e","redrive_count":"2"}"#;
        let entered = |input: &str| EventKind::StateEntered {
            state_type: StateType::Pass,
            name: "S".into(),
            input: document(input),
        };
        assert_eq!(
            line(entered("{}"), true),
            format!(
                r#"{{"id":"2","type":"PassStateEntered","details":{{"name":"S","input":"{{}}","inputDetails":{{"truncated":false}}}},{tail}"#
            )
        );
        assert_eq!(
            line(entered("{}"), false),
            format!(
                r#"{{"id":"2","type":"PassStateEntered","details":{{"name":"S","inputDetails":{{"truncated":false}}}},{tail}"#
            )
        );
        let failed = EventKind::ExecutionFailed { failure: Failure::new("E", "why") };
        assert_eq!(
            line(failed, false),
            format!(r#"{{"id":"2","type":"ExecutionFailed","details":{{"error":"E"}},{tail}"#)
        );
        // Quotes take two bytes each there.
        let text = format!("[{}]", vec!["\"\""; 80_000].join(","));
        let long = line(entered(&text), true);
        assert!(long.contains(r#""inputDetails":{"truncated":true}"#));
        let input = json::Value::parse(&long).unwrap();
        let input =
            input.get("details").and_then(|details| details.get("input")).and_then(json::Value::as_str);
        assert!(
            text.starts_with(input.unwrap())
                && (240 << 10..248 << 10).contains(&long.len().saturating_sub(300))
        );
    }
}
