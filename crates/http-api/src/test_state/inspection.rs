//! The answer: what came of a test, and what was seen on the way.

use engine::{Header, HttpTrace};
use execution::Stage;
use execution::test_state::{Inspected, TestStatus, Tested};
use json::{Document, Object, Value};

use super::Level;
use crate::answer::{self, ObjectWriter};

/// What an HTTP task sent and got, and how much of it is shown.
#[derive(Clone, Copy)]
pub(crate) struct Trace<'t> {
    pub trace: &'t HttpTrace,
    pub reveals_secrets: bool,
}

pub(crate) fn write(tested: &Tested, input: &Document, level: Level, trace: Option<Trace<'_>>) -> String {
    let Tested { status, output, failure, next_state, inspected } = tested;
    let bytes = output.as_ref().map_or(0, Document::size) + input.size();
    answer::object_of(512 + 4 * bytes, |answer| {
        answer.optional_text("output", output.as_ref().map(Document::text));
        let failure = failure.as_ref();
        answer.optional_text("error", failure.and_then(|failure| failure.error.as_deref()));
        answer.optional_text("cause", failure.and_then(|failure| failure.cause.as_deref()));
        match level {
            Level::Info => {}
            Level::Debug => answer.object("inspectionData", |data| write_inspected(inspected, input, data)),
            Level::Trace => answer.object("inspectionData", |data| {
                write_inspected(inspected, input, data);
                if let Some(trace) = trace {
                    write_trace(trace, data);
                }
            }),
        }
        answer.optional_text("nextState", next_state.as_deref());
        answer.text("status", status_name(*status));
    })
}

fn write_inspected(inspected: &Inspected, input: &Document, data: &mut ObjectWriter<'_>) {
    data.text("input", input.text());
    for (stage, document) in &inspected.stages {
        data.text(stage_name(*stage, inspected.is_jsonata), document.text());
    }
    if !inspected.variables.is_empty() {
        let variables = inspected.variables.iter().map(|(name, value)| (name.clone(), value.value().clone()));
        data.text("variables", &Value::Object(variables.collect::<Object>()).to_text());
    }
    data.optional_number("maxConcurrency", inspected.max_concurrency);
    data.optional_number("toleratedFailureCount", inspected.tolerated_failure_count);
    if let Some(percentage) = inspected.tolerated_failure_percentage {
        data.value("toleratedFailurePercentage", &Value::Float(percentage));
    }
    let index = |index: Option<usize>| index.map(|index| index as u64);
    let (retry, catch) = (index(inspected.retry_index), index(inspected.catch_index));
    if retry.is_some() || catch.is_some() {
        data.object("errorDetails", |details| {
            details.optional_number("catchIndex", catch);
            details.optional_number("retryIndex", retry);
            details.optional_number("retryBackoffIntervalSeconds", inspected.retry_backoff_seconds);
        });
    }
}

/// Without what a connection added, unless secrets are to be revealed. A response is shown as it came. (the
/// API's documentation)
fn write_trace(Trace { trace, reveals_secrets }: Trace<'_>, data: &mut ObjectWriter<'_>) {
    let sent = if reveals_secrets { &trace.request } else { &trace.request_without_secrets };
    data.object("request", |request| {
        request.text("protocol", &sent.protocol);
        request.text("method", &sent.method);
        request.text("url", &sent.url);
        request.text("headers", &headers(&sent.headers));
        request.text("body", &sent.body);
    });
    if let Some(got) = &trace.response {
        data.object("response", |response| {
            response.text("protocol", &got.protocol);
            response.text("statusCode", &got.status.to_string());
            response.text("statusMessage", &got.status_text);
            response.text("headers", &headers(&got.headers));
            response.text("body", &got.body);
        });
    }
}

/// `[name: value, name: value]`
fn headers(headers: &[Header]) -> String {
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}"));
    format!("[{}]", headers.collect::<Vec<_>>().join(", "))
}

fn status_name(status: TestStatus) -> &'static str {
    match status {
        TestStatus::Succeeded => "SUCCEEDED",
        TestStatus::Failed => "FAILED",
        TestStatus::Retriable => "RETRIABLE",
        TestStatus::CaughtError => "CAUGHT_ERROR",
    }
}

fn stage_name(stage: Stage, is_jsonata: bool) -> &'static str {
    match stage {
        Stage::InputPath => "afterInputPath",
        Stage::Parameters if is_jsonata => "afterArguments",
        Stage::Parameters => "afterParameters",
        Stage::ItemsPointer => "afterItemsPointer",
        Stage::ItemsPath => "afterItemsPath",
        Stage::ItemSelector => "afterItemSelector",
        Stage::ItemBatcher => "afterItemBatcher",
        Stage::Result => "result",
        Stage::ResultSelector => "afterResultSelector",
        Stage::ResultPath => "afterResultPath",
    }
}
