//! The histories that AWS recorded: each machine runs again, its tasks end as they did then, and
//! the events must come out with the same ids, predecessors, types, data and causes.
//!
//! Texts in a recording that hold `<…>` stand for anything (see the corpus' README).

use std::collections::BTreeMap;
use std::path::Path;

use asl::{Failure, Timestamp};
use execution::event::StateType;
use execution::{Effect, Event, EventKind, TaskOutcome, Wakeup};
use json::{Document, Value};

use crate::harness::{START, Stage, try_machine};

/// Recordings of an interplay that one machine alone cannot repeat, each with its reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("test_wait_timestamppath_Z", "waits for a time more than a year after the start here"),
    ("test_service_lambda_map_timeout", "the tasks were started after all of them had been scheduled"),
    ("invoke_with_retry_extended_input", "recorded before the Context Object had RedriveCount"),
];

#[test]
#[allow(clippy::disallowed_methods, reason = "the corpus is read from disk")]
fn recorded_histories_come_out_again() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/cases"));
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let (mut same, mut skipped, mut different) = (0, BTreeMap::<String, u32>::new(), Vec::new());
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a case can be read");
        let case = Value::parse(&text).expect("a case is JSON");
        match replay(&case) {
            Ok(()) => same += 1,
            Err(Trouble::Skip(why)) => *skipped.entry(why).or_default() += 1,
            Err(Trouble::Different(how)) => different.push(format!("{}\n{how}", path.display())),
        }
    }
    println!("{same} recorded histories came out again; not run: {skipped:?}");
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n\n"));
    assert!(same > 100, "only {same} histories were compared");
}

enum Trouble {
    Skip(String),
    Different(String),
}

fn skip<T>(why: &str) -> Result<T, Trouble> {
    Err(Trouble::Skip(why.to_owned()))
}

fn replay(case: &Value) -> Result<(), Trouble> {
    let text = |name: &str| case.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("kind") != "execution" {
        return skip("no execution");
    }
    if LEFT_OUT.iter().any(|(id, _)| text("id").contains(id)) {
        return skip("left out");
    }
    let definition = fill_in(text("definition"));
    if definition.contains("JSONata") {
        return skip("JSONata");
    }
    if definition.contains("DISTRIBUTED") || definition.contains("\"ItemReader\"") {
        return skip("distributed Map");
    }
    let Some(expected) = recorded_events(case) else { return skip("no single history") };
    if expected.iter().any(|event| !matches!(event.get("id"), Some(Value::Int(_)))) {
        return skip("a history without ids");
    }
    let machine = try_machine(&definition).or_else(|why| skip(&format!("refused: {why}")))?;
    let input = if text("input").is_empty() { "{}".to_owned() } else { fill_in(text("input")) };
    let mut stage = Stage::with_input(&machine, &input);
    let actual = run(&mut stage, &expected).map_err(Trouble::Different)?;

    let problems: Vec<String> = (0..expected.len().max(actual.len()))
        .filter_map(|place| match (expected.get(place), actual.get(place)) {
            (Some(expected), Some(actual)) if same_event(expected, actual) => None,
            (expected, actual) => Some(format!(
                "recorded {}\n  made {actual:?}",
                expected.map_or("nothing".into(), Value::to_text)
            )),
        })
        .collect();
    match problems.first() {
        None => Ok(()),
        Some(first) => Err(Trouble::Different(format!("{first}\n  ({} events differ)", problems.len()))),
    }
}

fn recorded_events(case: &Value) -> Option<Vec<Value>> {
    let expected = case.get("expected")?.as_object()?;
    let mut histories = expected.values().filter_map(|value| value.get("events")?.as_array());
    let events = histories.next()?.iter().cloned().collect();
    histories.next().is_none().then_some(events)
}

/// Puts ARNs in the place of references to what the case's earlier steps made.
fn fill_in(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        out += before;
        out += match name.to_lowercase() {
            name if name.contains("activity") => "arn:aws:states:us-east-1:123456789012:activity:a",
            name if name.contains("function") => "arn:aws:lambda:us-east-1:123456789012:function:f",
            _ => "arn:aws:states:us-east-1:123456789012:stateMachine:m",
        };
        rest = after;
    }
    out + rest
}

/// Runs the machine; each task ends as the recording says.
fn run(stage: &mut Stage<'_>, expected: &[Value]) -> Result<Vec<Event>, String> {
    let mut now = START;
    let mut events = Vec::new();
    let mut wakeup = Wakeup::Started;
    let mut timers = BTreeMap::new();
    // More than any recorded history has.
    for _ in 0..2000 {
        let turn = stage.wake(wakeup, Timestamp(now));
        events.extend(turn.history);
        for effect in turn.effects {
            match effect {
                Effect::SetTimer { frame, at } => drop(timers.insert(frame, at)),
                Effect::CancelTimer { frame } => drop(timers.remove(&frame)),
                _ => {}
            }
        }
        if turn.close.is_some() {
            return Ok(events);
        }
        wakeup = match next_answer(stage, expected) {
            Some(answer) => answer,
            None => {
                let next = timers.iter().min_by_key(|(_, at)| **at).map(|(frame, at)| (*frame, *at));
                let Some((frame, at)) = next else { return Err(format!("stuck after {}", events.len())) };
                timers.remove(&frame);
                now = at.0;
                Wakeup::TimerFired { frame }
            }
        };
    }
    Err("no end".to_owned())
}

/// What the recording says next about one of the tasks that are waited for.
fn next_answer(stage: &Stage<'_>, expected: &[Value]) -> Option<Wakeup> {
    let answers = stage.execution.frames.values().filter_map(|frame| {
        let execution::Waiting::Task(task) = &frame.waiting else { return None };
        let last = Value::Int(frame.last_event as i64);
        let event = expected.iter().find(|event| event.get("previousEventId") == Some(&last))?;
        let id = event.get("id")?.as_i64()?;
        let details = details(event);
        let outcome = || {
            Some(match event.get("type")?.as_str()? {
                "TaskSucceeded" | "LambdaFunctionSucceeded" | "ActivitySucceeded" | "TaskSubmitted" => {
                    TaskOutcome::Succeeded(document(details.get("output")?))
                }
                "TaskFailed" | "LambdaFunctionFailed" | "ActivityFailed" => TaskOutcome::Failed(Failure {
                    error: details.get("error").and_then(Value::as_str).map(Into::into),
                    cause: details.get("cause").map(|cause| match cause {
                        Value::String(cause) => cause.to_string(),
                        other => other.to_text(),
                    }),
                }),
                _ => return None,
            })
        };
        let (frame_id, attempt) = (frame.id, frame.attempt);
        use execution::frame::TaskStage;
        let wakeup = match task.stage {
            TaskStage::Called | TaskStage::Submitted => {
                Wakeup::CallReturned { frame: frame_id, attempt, outcome: outcome()? }
            }
            TaskStage::Offered => Wakeup::ActivityStarted {
                frame: frame_id,
                attempt,
                worker_name: details.get("workerName").and_then(Value::as_str).map(Into::into),
            },
            TaskStage::Given => Wakeup::TokenAnswered { frame: frame_id, attempt, outcome: outcome()? },
        };
        Some((id, wakeup))
    });
    answers.min_by_key(|(id, _)| *id).map(|(_, wakeup)| wakeup)
}

/// The recording has objects where the API has texts, and texts where those are no objects.
fn document(payload: &Value) -> Document {
    match payload {
        Value::String(text) => {
            Document::parse(text).unwrap_or_else(|_| Document::from_value(payload.clone()))
        }
        other => Document::from_value(other.clone()),
    }
}

fn details(event: &Value) -> Value {
    let members = event.as_object().into_iter().flat_map(|event| event.iter());
    let found = members.filter(|(name, _)| name.ends_with("Details")).map(|(_, value)| value.clone()).next();
    found.unwrap_or_else(|| json::value!({}))
}

fn same_event(recorded: &Value, event: &Event) -> bool {
    let number = |name: &str| recorded.get(name).and_then(Value::as_i64);
    let (type_name, members) = shown(&event.kind);
    let details = details(recorded);
    number("id") == Some(event.id as i64)
        && number("previousEventId") == Some(event.previous as i64)
        && recorded.get("type").and_then(Value::as_str) == Some(&type_name)
        && members.iter().all(|(name, value)| match (details.get(name), value) {
            (None, None) => true,
            (Some(recorded), Some(value)) => matches(recorded, value),
            (None, Some(_)) | (Some(_), None) => false,
        })
}

/// The event's type, and the members of its details that are compared.
fn shown(kind: &EventKind) -> (String, Vec<(&'static str, Option<Value>)>) {
    let debug = format!("{kind:?}");
    let plain = debug.split([' ', '{']).next().unwrap_or_default().to_owned();
    let of_state = |state_type: &StateType, what: &str| format!("{state_type:?}State{what}");
    let doc = |document: &Document| Some(document.value().clone());
    let failed = |failure: &Failure| {
        let text = |text: Option<&str>| text.map(|text| Value::String(text.into()));
        vec![("error", text(failure.error.as_deref())), ("cause", text(failure.cause.as_deref()))]
    };
    use EventKind as K;
    match kind {
        K::StateEntered { state_type, name, input } => (
            of_state(state_type, "Entered"),
            vec![("name", Some(Value::String(name.clone()))), ("input", doc(input))],
        ),
        K::StateExited { state_type, name, output, assigned } => {
            let mut members = vec![("name", Some(Value::String(name.clone()))), ("output", doc(output))];
            let mut object = json::Object::new();
            for (name, value) in assigned {
                object.insert(name.clone(), value.value().clone());
            }
            members.push(("assignedVariables", (!assigned.is_empty()).then_some(Value::Object(object))));
            (of_state(state_type, "Exited"), members)
        }
        K::StateAborted { state_type } => (of_state(state_type, "Aborted"), vec![]),
        K::ExecutionStarted { input, .. } => (plain, vec![("input", doc(input))]),
        K::ExecutionSucceeded { output } => (plain, vec![("output", doc(output))]),
        K::ExecutionFailed { failure }
        | K::ExecutionAborted { failure }
        | K::ExecutionTimedOut { failure }
        | K::LambdaFunctionFailed { failure }
        | K::LambdaFunctionTimedOut { failure }
        | K::ActivityFailed { failure }
        | K::ActivityTimedOut { failure }
        | K::TaskFailed { failure, .. }
        | K::TaskTimedOut { failure, .. } => (plain, failed(failure)),
        K::LambdaFunctionScheduled { input, .. } | K::ActivityScheduled { input, .. } => {
            (plain, vec![("input", doc(input))])
        }
        K::TaskScheduled {
            resource_type, resource, parameters, timeout_seconds, heartbeat_seconds, ..
        } => {
            let number = |number: &Option<u64>| number.map(|number| Value::Int(number as i64));
            let members = vec![
                ("resourceType", Some(Value::String(resource_type.clone()))),
                ("resource", Some(Value::String(resource.clone()))),
                ("parameters", doc(parameters)),
                ("timeoutInSeconds", number(timeout_seconds)),
                ("heartbeatInSeconds", number(heartbeat_seconds)),
            ];
            (plain, members)
        }
        K::TaskSucceeded { output, .. } | K::TaskSubmitted { output, .. } => {
            (plain, vec![("output", doc(output))])
        }
        K::LambdaFunctionSucceeded { output } | K::ActivitySucceeded { output } => {
            (plain, vec![("output", doc(output))])
        }
        K::MapStateStarted { length } => (plain, vec![("length", Some(Value::Int(*length as i64)))]),
        _ => (plain, vec![]),
    }
}

/// Whether a value is what the recording says, placeholders aside.
fn matches(recorded: &Value, actual: &Value) -> bool {
    match (recorded, actual) {
        (Value::String(text), _) if is_placeholder(text) => true,
        (_, Value::String(text)) if text.contains("arn:aws:") || text.contains("c0ffee") => true,
        (Value::Object(recorded), Value::Object(actual)) => {
            recorded.len() == actual.len()
                && recorded
                    .iter()
                    .all(|(name, value)| actual.get(name).is_some_and(|actual| matches(value, actual)))
        }
        (Value::Array(recorded), Value::Array(actual)) => {
            recorded.len() == actual.len() && recorded.iter().zip(actual).all(|(one, two)| matches(one, two))
        }
        // A payload that is no object is shown as its text.
        (Value::String(text), actual) if !actual.is_string() => {
            Value::parse(text).is_ok_and(|recorded| matches(&recorded, actual))
        }
        (Value::String(text), Value::String(actual)) => {
            text == actual
                || Value::parse(text)
                    .is_ok_and(|text| text.is_string() && matches(&text, &Value::String(actual.clone())))
        }
        // A cause that is JSON is shown parsed.
        (recorded, Value::String(actual)) => {
            Value::parse(actual).is_ok_and(|actual| matches(recorded, &actual))
        }
        (recorded, actual) => recorded == actual,
    }
}

fn is_placeholder(text: &str) -> bool {
    text.contains('<')
        || ["date", "datetime", "timestamp"].contains(&text)
        || text.ends_with("_arn")
        || text.ends_with("_url")
        || text.ends_with("_name")
}
