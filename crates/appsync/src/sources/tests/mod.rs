//! Data sources as scripts: a request in; what was asked of the outside, and the result or the error, out.

mod functions;
mod others;
mod real_servers;
mod real_tables;
mod servers;
mod table_requests;
mod versions;

use std::collections::VecDeque;

use expect_test::Expect;
use json::{Object, Value};
use ledger::Ledger;
use services::records::Records;

use super::moments::{Clock, Moments};
use super::positions::Positions;
use super::{Answer, Asking, DataSource, Memory, SyncConfig};
use crate::outside::{HttpCall, Outside, ServiceCall, Trouble};
use crate::testing::Prepared;

/// 2023-11-14T22:13:20.000Z
const NOW: i64 = 1_700_000_000_000;

/// Parses JSON.
fn parsed(text: &str) -> Value {
    Value::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// An outside that will give these answers. `!CODE: MESSAGE {members}` is a refusal, `!: MESSAGE` nobody there.
fn outside(answers: &[&str]) -> Prepared {
    let answers: VecDeque<_> = answers.iter().map(|answer| of_text(answer)).collect();
    Prepared { answers: answers.into(), ..Prepared::default() }
}

fn of_text(answer: &str) -> Result<Value, Trouble> {
    let Some(refusal) = answer.strip_prefix('!') else { return Ok(parsed(answer)) };
    let (code, rest) = refusal.split_once(": ").unwrap();
    let (message, members) = rest.split_once(" {").unwrap_or((rest, "}"));
    if code.is_empty() {
        return Err(Trouble::unreachable(message));
    }
    Err(Trouble {
        code: code.into(),
        status: 400,
        message: message.to_owned(),
        members: parsed(&format!("{{{members}")),
        request_id: "R".into(),
    })
}

/// Who asks in tests: a mutation of somebody.
fn context() -> Object {
    let context = parsed(
        r#"{"arguments": {"id": "a"}, "identity": {"sub": "ada"}, "info": {"parentTypeName": "Mutation", "fieldName": "f"}}"#,
    );
    context.as_object().cloned().unwrap()
}

/// Asks a data source, of a record in JSON, several times, and compares all that is said.
async fn check(record: &str, requests: &[&str], answers: &[&str], expected: Expect) {
    check_with(record, &SyncConfig::default(), requests, answers, expected).await;
}

/// What data sources keep, by a clock that stands still.
fn memory() -> Memory {
    memory_by(Box::new(|| NOW))
}

fn memory_by(clock: Clock) -> Memory {
    let ledger = Ledger::open(&ledger::Settings { data_dir: None, segment_bytes: 1 << 20 }).unwrap();
    Memory { positions: Positions::new(&ledger, &Records::default()), moments: Moments::new(clock) }
}

async fn check_with(record: &str, sync: &SyncConfig, requests: &[&str], answers: &[&str], expected: Expect) {
    let (outside, memory, context) = (outside(answers), memory(), context());
    let source = DataSource::of(&parsed(record));
    let mut said = String::new();
    for request in requests {
        let request = parsed(request);
        let is_old_version = request.get("version").and_then(Value::as_str) == Some("2017-02-28");
        let asking = Asking { outside: &outside, memory: &memory, is_old_version, sync, context: &context };
        let answer = source.ask(&request, asking).await;
        said += &asked(&outside);
        said += &shown(&answer);
    }
    expected.assert_eq(&said);
}

/// What was asked since the last time.
fn asked(outside: &Prepared) -> String {
    let calls = std::mem::take(&mut *outside.calls.lock().unwrap());
    let sent = std::mem::take(&mut *outside.sent.lock().unwrap());
    calls.iter().map(call_line).chain(sent.iter().map(|(call, _)| sent_line(call))).collect()
}

fn call_line(call: &ServiceCall) -> String {
    let ServiceCall { service, operation, input, body, role_arn, region } = call;
    let body = body.as_ref().map(|body| format!(" {}", String::from_utf8_lossy(body))).unwrap_or_default();
    let role = role_arn.as_ref().map(|role| format!(" as {role}")).unwrap_or_default();
    let region = if region.is_empty() { String::new() } else { format!(" in {region}") };
    format!("→ {service} {operation}{region}{role} {}{body}\n", input.to_text())
}

fn sent_line(call: &HttpCall) -> String {
    let HttpCall { method, url, headers, body, signed } = call;
    let headers: String = headers.iter().map(|(name, value)| format!(" {name}: {value};")).collect();
    let signed = signed.as_ref().map(|signed| format!(" signed for {} in {}", signed.service, signed.region));
    let line =
        format!("→ {method} {url}{}{headers} {}", signed.unwrap_or_default(), String::from_utf8_lossy(body));
    format!("{}\n", line.trim_end())
}

fn shown(answer: &Answer) -> String {
    let Answer { result, error } = answer;
    let Some(error) = error else { return format!("{}\n", result.to_text()) };
    let result = if result.is_null() { String::new() } else { format!(" result {}", result.to_text()) };
    let data = if error.data.is_null() { String::new() } else { format!(" data {}", error.data.to_text()) };
    let info = if error.info.is_null() { String::new() } else { format!(" info {}", error.info.to_text()) };
    format!("✗ {}: {}{result}{data}{info}\n", error.error_type, error.message)
}
