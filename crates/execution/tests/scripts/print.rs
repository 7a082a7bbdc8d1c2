//! Turns as text: one line for each event and effect.

use execution::event::StateType;
use execution::map_run::MapRunSettings;
use execution::{Effect, Event, EventKind, Failure, MapRunStart, TaskCall, TaskToken, Timestamp, Turn};
use json::{Document, Text};

use crate::harness::START;

pub fn turn(turn: &Turn) -> String {
    let mut out: String = turn.history.iter().map(event).collect();
    out.extend(turn.effects.iter().map(effect));
    out
}

fn event(event: &Event) -> String {
    let Event { id, previous, kind, .. } = event;
    let line = format!("{id}←{previous} {}", self::kind(kind));
    format!("{}\n", line.trim_end())
}

pub fn effect(effect: &Effect) -> String {
    let text = match effect {
        Effect::CallTask(call) => format!("CallTask {}", self::call(call)),
        Effect::AwaitJob { call, submitted } => {
            format!("AwaitJob {} submitted {}", self::call(call), doc(submitted))
        }
        Effect::OfferActivity { frame, attempt, input, token, .. } => {
            format!("OfferActivity @{}#{attempt} {} {}", frame.0, doc(input), hide(token))
        }
        Effect::CancelTask { frame } => format!("CancelTask @{}", frame.0),
        Effect::StartMapRun(start) => map_run(start),
        Effect::RedriveMapRun { frame, map_run_arn } => {
            format!("RedriveMapRun @{} {}", frame.0, label(map_run_arn))
        }
        Effect::StopMapRun { map_run_arn } => format!("StopMapRun {}", label(map_run_arn)),
        Effect::SetTimer { frame, at } => format!("SetTimer @{} {}", frame.0, time(*at)),
        Effect::CancelTimer { frame } => format!("CancelTimer @{}", frame.0),
        Effect::WakeAgain => "WakeAgain".to_owned(),
    };
    format!("  → {text}\n")
}

fn map_run(start: &MapRunStart) -> String {
    let kind = if start.express { " EXPRESS" } else { "" };
    let items = start.items.map(|items| format!(" {items} items")).unwrap_or_default();
    let MapRunSettings { max_concurrency, tolerated_failure_count, tolerated_failure_percentage } =
        start.settings;
    let mut settings = format!(" at once {max_concurrency}");
    if let Some(count) = tolerated_failure_count {
        settings += &format!(" tolerated {count}");
    }
    if let Some(percentage) = tolerated_failure_percentage {
        settings += &format!(" tolerated {percentage} %");
    }
    format!("StartMapRun @{} {}{kind}{items}{settings}", start.frame.0, label(&start.arn))
}

/// What stands in a Map Run's ARN between the kind and the UUID.
fn label(map_run_arn: &str) -> &str {
    let (_, behind) = map_run_arn.split_once(":mapRun:").unwrap_or_default();
    behind.split_once(':').map_or("", |(label, _)| label)
}

fn call(call: &TaskCall) -> String {
    let role = call.role_arn.as_ref().map(|role| format!(" as {role}")).unwrap_or_default();
    format!("@{}#{} {}{role}", call.frame.0, call.attempt, doc(&call.arguments))
}

fn time(Timestamp(millis): Timestamp) -> String {
    let millis = millis - START;
    if millis % 1000 == 0 { format!("{}s", millis / 1000) } else { format!("{millis}ms") }
}

fn doc(document: &Document) -> String {
    hide(document.text())
}

/// Shows task tokens as `<token frame#attempt>`.
fn hide(text: &str) -> String {
    words(text).fold(text.to_owned(), |text, word| match TaskToken::parse(word) {
        Some(token) => text.replace(word, &format!("<token {}#{}>", token.frame.0, token.attempt)),
        None => text,
    })
}

/// What could be tokens.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_')
        .filter(|word| word.len() > 40)
}

fn failure(failure: &Failure) -> String {
    let error = failure.error.as_deref().unwrap_or("-");
    failure.cause.as_ref().map_or_else(|| error.to_owned(), |cause| format!("{error}: {}", hide(cause)))
}

fn limits(timeout: &Option<u64>, heartbeat: &Option<u64>, role: &Option<Text>) -> String {
    let mut out = String::new();
    for (name, value) in [("timeout", timeout), ("heartbeat", heartbeat)] {
        if let Some(value) = value {
            out += &format!(" {name}={value}");
        }
    }
    if let Some(role) = role {
        out += &format!(" role={role}");
    }
    out
}

fn kind(kind: &EventKind) -> String {
    use EventKind as K;
    let state = |state_type: &StateType, what: &str| format!("{state_type:?}State{what}");
    match kind {
        K::ExecutionStarted { input, .. } => format!("ExecutionStarted {}", doc(input)),
        K::ExecutionRedriven { redrive_count, .. } => format!("ExecutionRedriven {redrive_count}"),
        K::ExecutionSucceeded { output } => format!("ExecutionSucceeded {}", doc(output)),
        K::ExecutionFailed { failure: f } => format!("ExecutionFailed {}", failure(f)),
        K::ExecutionAborted { failure: f } => format!("ExecutionAborted {}", failure(f)),
        K::ExecutionTimedOut { failure: f } => format!("ExecutionTimedOut {}", failure(f)),
        K::StateEntered { state_type, name, input } => {
            format!("{} {name} {}", state(state_type, "Entered"), doc(input))
        }
        K::StateExited { state_type, name, output, assigned } => {
            let assigned: String =
                assigned.iter().map(|(name, value)| format!(" ${name}={}", doc(value))).collect();
            format!("{} {name} {}{assigned}", state(state_type, "Exited"), doc(output))
        }
        K::StateAborted { state_type } => state(state_type, "Aborted"),
        K::ParallelStateStarted => "ParallelStateStarted".to_owned(),
        K::ParallelStateSucceeded => "ParallelStateSucceeded".to_owned(),
        K::ParallelStateFailed => "ParallelStateFailed".to_owned(),
        K::MapStateStarted { length } => format!("MapStateStarted {length}"),
        K::MapStateSucceeded => "MapStateSucceeded".to_owned(),
        K::MapStateFailed => "MapStateFailed".to_owned(),
        K::MapRunStarted { map_run_arn } => format!("MapRunStarted {}", label(map_run_arn)),
        K::MapRunSucceeded => "MapRunSucceeded".to_owned(),
        K::MapRunFailed { failure: f } => format!("MapRunFailed {}", failure(f)),
        K::MapRunAborted => "MapRunAborted".to_owned(),
        K::MapRunRedriven { map_run_arn, redrive_count } => {
            format!("MapRunRedriven {} {redrive_count}", label(map_run_arn))
        }
        K::MapIterationStarted { name, index } => format!("MapIterationStarted {name} {index}"),
        K::MapIterationSucceeded { name, index } => format!("MapIterationSucceeded {name} {index}"),
        K::MapIterationFailed { name, index } => format!("MapIterationFailed {name} {index}"),
        K::MapIterationAborted { name, index } => format!("MapIterationAborted {name} {index}"),
        K::LambdaFunctionScheduled { input, timeout_seconds, role_arn, .. } => {
            format!("LambdaFunctionScheduled {}{}", doc(input), limits(timeout_seconds, &None, role_arn))
        }
        K::LambdaFunctionStarted => "LambdaFunctionStarted".to_owned(),
        K::LambdaFunctionSucceeded { output } => format!("LambdaFunctionSucceeded {}", doc(output)),
        K::LambdaFunctionFailed { failure: f } => format!("LambdaFunctionFailed {}", failure(f)),
        K::LambdaFunctionTimedOut { failure: f } => format!("LambdaFunctionTimedOut {}", failure(f)),
        K::ActivityScheduled { input, timeout_seconds, heartbeat_seconds, .. } => {
            format!("ActivityScheduled {}{}", doc(input), limits(timeout_seconds, heartbeat_seconds, &None))
        }
        K::ActivityStarted { worker_name } => {
            format!("ActivityStarted {}", worker_name.as_deref().unwrap_or_default())
        }
        K::ActivitySucceeded { output } => format!("ActivitySucceeded {}", doc(output)),
        K::ActivityFailed { failure: f } => format!("ActivityFailed {}", failure(f)),
        K::ActivityTimedOut { failure: f } => format!("ActivityTimedOut {}", failure(f)),
        K::TaskScheduled {
            resource_type,
            resource,
            parameters,
            timeout_seconds,
            heartbeat_seconds,
            role_arn,
            ..
        } => format!(
            "TaskScheduled {resource_type}:{resource} {}{}",
            doc(parameters),
            limits(timeout_seconds, heartbeat_seconds, role_arn)
        ),
        K::TaskStarted { .. } => "TaskStarted".to_owned(),
        K::TaskSubmitted { output, .. } => format!("TaskSubmitted {}", doc(output)),
        K::TaskSucceeded { output, .. } => format!("TaskSucceeded {}", doc(output)),
        K::TaskFailed { failure: f, .. } => format!("TaskFailed {}", failure(f)),
        K::TaskTimedOut { failure: f, .. } => format!("TaskTimedOut {}", failure(f)),
        K::EvaluationFailed { failure: f, state, location } => {
            format!("EvaluationFailed {state} {} {}", location.as_deref().unwrap_or("-"), failure(f))
        }
    }
}
