//! API destinations: HTTP endpoints that rules call, let in by a connection.

use events::transform::Path;
use json::{Object, Text, Value};

use super::rule_target::RuleTarget;
use super::state::State;
use crate::delivery::{OutCall, Trouble};

/// How long one call may take, in milliseconds. (EventBridge user guide, "API destinations")
pub(super) const TIME_MAX: i64 = 5_000;

/// AWS's own rate where a destination has none.
pub(super) const PER_SECOND: u32 = 300;

/// How many calls may begin in a second, if the lane is that of an API destination.
pub(super) fn per_second(state: &State, lane: &str) -> Option<u32> {
    let rate = state.destination(lane)?.get("InvocationRateLimitPerSecond").and_then(Value::as_i64);
    Some(rate.and_then(|rate| u32::try_from(rate).ok()).unwrap_or(PER_SECOND))
}

/// The call that an event makes, as an HTTP task.
pub(super) fn call(
    state: &State,
    target: &RuleTarget,
    event: &Value,
    payload: &str,
    call: OutCall,
) -> Result<OutCall, Trouble> {
    let missing = || Trouble::lasting("NO_RESOURCE", format!("{} does not exist.", target.arn));
    let destination = state.destination(&target.arn).ok_or_else(missing)?;
    let text = |name| destination.get(name).and_then(Value::as_str).unwrap_or_default();
    let given = target.record.get("HttpParameters");
    let of = |name| given.and_then(|given| given.get(name));
    let path = of("PathParameterValues").and_then(Value::as_array).into_iter().flatten();
    let endpoint = with_path(text("InvocationEndpoint"), path.map(|value| filled(value, event)));
    let mut input = Object::new();
    input.insert("ApiEndpoint", endpoint);
    input.insert("Method", text("HttpMethod"));
    input.insert("Authentication", json::value!({ "ConnectionArn": (text("ConnectionArn")) }));
    input.insert("Headers", parameters(of("HeaderParameters"), event));
    input.insert("QueryParameters", parameters(of("QueryStringParameters"), event));
    if !matches!(text("HttpMethod"), "GET" | "HEAD" | "OPTIONS") {
        input.insert("RequestBody", Value::parse(payload).unwrap_or_else(|_| payload.into()));
    }
    Ok(OutCall { service: "http".into(), operation: "invoke".into(), input: Value::Object(input), ..call })
}

/// Names with values, which may be paths into the event.
fn parameters(given: Option<&Value>, event: &Value) -> Value {
    let given = given.and_then(Value::as_object).into_iter().flat_map(Object::iter);
    Value::Object(given.map(|(name, value)| (name.clone(), filled(value, event))).collect())
}

fn filled(value: &Value, event: &Value) -> Text {
    let text = value.as_str().unwrap_or_default();
    if !text.starts_with("$.") {
        return text.into();
    }
    match Path::parse(text).ok().and_then(|path| path.find(event)) {
        Some(Value::String(text)) => text,
        Some(value) => value.to_text().into(),
        None => Text::default(),
    }
}

/// Each `*` of the endpoint gives way to the next value; without one, to nothing.
fn with_path(endpoint: &str, mut values: impl Iterator<Item = Text>) -> String {
    let mut pieces = endpoint.split('*');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        for byte in values.next().unwrap_or_default().bytes() {
            // Unreserved characters of a URL. (RFC 3986, 2.3)
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
                other => out += &format!("%{other:02X}"),
            }
        }
        out += piece;
    }
    out
}
