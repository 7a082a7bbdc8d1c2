//! Proxy integrations of functions: the event, format 1.0, and what a function answers.

use json::{Object, Value, value};

use crate::exchange::Response;
use services::Members;

use super::course::{Course, object};
use super::{Method, context};

/// The event that a function is given.
pub(super) fn event(course: &Course<'_>, method: &Method) -> Value {
    let is_binary = course.deployed.is_some_and(|deployed| deployed.binary.has(course.content_type()));
    let body = body(&course.request.body, is_binary);
    value!({
        "resource": method.resource_path.as_str(),
        "path": crate::percent::decode(&course.request.path),
        "httpMethod": course.request.method.as_str(),
        "headers": or_null(object(&course.headers)),
        "multiValueHeaders": or_null(lists(&course.headers)),
        "queryStringParameters": or_null(object(&course.query)),
        "multiValueQueryStringParameters": or_null(lists(&course.query)),
        "pathParameters": or_null(object(&course.path_parameters)),
        "stageVariables": or_null(course.facts.stage_variables.clone()),
        "requestContext": request_context(course),
        "body": body,
        "isBase64Encoded": is_binary,
    })
}

fn request_context(course: &Course<'_>) -> Value {
    let context = &course.context;
    let mut shown = Object::new();
    shown.insert("resourceId", context.member("resourceId").cloned());
    if let Some(authorizer) = context.member("authorizer") {
        shown.insert("authorizer", authorizer);
    }
    shown.insert("resourcePath", context.member("resourcePath").cloned());
    if let Some(name) = course.method.and_then(|method| method.operation_name.as_deref()) {
        shown.insert("operationName", name);
    }
    for name in [
        "httpMethod",
        "extendedRequestId",
        "requestTime",
        "path",
        "accountId",
        "protocol",
        "stage",
        "domainPrefix",
        "requestTimeEpoch",
        "requestId",
        "identity",
        "domainName",
        "deploymentId",
        "apiId",
    ] {
        shown.insert(name, context.member(name).cloned());
    }
    shown.into()
}

/// A body in an event: a text, base 64 if it is bytes, null if it is empty.
pub(crate) fn body(bytes: &[u8], is_binary: bool) -> Value {
    match (bytes.is_empty(), is_binary) {
        (true, _) => Value::Null,
        (false, true) => vtl::text::base64_encode(bytes).into(),
        (false, false) => String::from_utf8_lossy(bytes).into_owned().into(),
    }
}

/// Names and all their values.
pub(crate) fn lists(pairs: &[(String, String)]) -> Object {
    let mut lists = Object::new();
    for (name, value) in pairs {
        match lists.get_mut(name) {
            Some(Value::Array(values)) => values.push(value.as_str()),
            _ => {
                lists.insert(name.as_str(), value!([value.as_str()]));
            }
        }
    }
    lists
}

pub(crate) fn or_null(object: Object) -> Value {
    if object.is_empty() { Value::Null } else { object.into() }
}

/// The response that a function's answer is; nothing if it is none.
pub(crate) fn function_answer(payload: &[u8], is_binary: impl Fn(&str) -> bool) -> Option<Response> {
    let Ok(Value::Object(answer)) = Value::parse_bytes(payload) else { return None };
    // A misspelt member is a mistake that nobody should find by its absence alone.
    const KNOWN: [&str; 5] = ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];
    if answer.keys().any(|name| !KNOWN.contains(&name.as_str())) {
        return None;
    }
    let status = match answer.member("statusCode") {
        Some(Value::Int(status)) => *status,
        Some(Value::String(status)) => status.parse().ok()?,
        _ => return None,
    };
    let status = u16::try_from(status).ok().filter(|status| (100..=599).contains(status))?;
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, values) in answer.part("multiValueHeaders").iter() {
        let values = values.as_array()?.iter();
        headers.extend(values.map(|value| (name.to_string(), super::mapping::as_text(value))));
    }
    for (name, value) in answer.part("headers").iter() {
        if value.is_object() || value.is_array() {
            return None;
        }
        let value = super::mapping::as_text(value);
        // Both are merged; what stands in both is there once.
        if !headers.iter().any(|(known, other)| known.eq_ignore_ascii_case(name) && *other == value) {
            headers.push((name.to_string(), value));
        }
    }
    let body = match answer.member("body") {
        None => String::new(),
        Some(Value::String(text)) => text.to_string(),
        Some(_) => return None,
    };
    let kind = crate::exchange::last(&headers, "content-type").unwrap_or_default();
    let body = match answer.flag("isBase64Encoded") && is_binary(kind) {
        true => vtl::text::base64_decode(&body)?,
        false => body.into_bytes(),
    };
    Some(Response { status, headers, body })
}

/// `28/Nov/2026:07:12:02 +0000`
pub(crate) fn time_text(milliseconds: i64) -> String {
    context::common_log_time(milliseconds)
}
