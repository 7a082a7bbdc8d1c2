//! HTTP endpoints of anybody. (spec/integrations.md §4)
//!
//! Never here: the calls themselves (`connectors`).

use json::{Object, Value};

use crate::action::{Action, Field, REQUEST_ONLY, Service, optional, required, required_unless};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "http",
    model: "http",
    naming: Naming { prefix: "States.Http", unnamed: "Socket", service: "HTTP" },
    actions: &[Action {
        fields: Some(INVOKE),
        check: problems,
        ..Action::without_operation("invoke", REQUEST_ONLY)
    }],
};

/// The methods that AWS lets through.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/// Which connection is used is told in one of two places. (spec/integrations.md §5)
const INVOKE: &[Field] = &[
    required("ApiEndpoint"),
    required("Method"),
    required_unless("Authentication", "InvocationConfig"),
    optional("InvocationConfig"),
    optional("Headers"),
    optional("QueryParameters"),
    optional("RequestBody"),
    optional("Transform"),
];

/// Headers that a Task may not set, in lower case.
const FORBIDDEN_HEADERS: [&str; 32] = [
    "a-im",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-md5",
    "date",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authorization",
    "referer",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "warning",
];
const FORBIDDEN_PREFIXES: [&str; 3] = ["x-forwarded-", "x-amz-", "x-amzn-"];

const ARRAY_FORMATS: [&str; 5] = ["INDICES", "REPEAT", "COMMAS", "BRACKETS", "NONE"];

/// Each in AWS's words; nothing if the parameters can be used.
fn problems(arguments: &Value) -> Vec<String> {
    let nothing = Object::new();
    let members = arguments.as_object().unwrap_or(&nothing);
    let mut problems = Vec::new();
    let known: Vec<&str> = INVOKE.iter().map(|field| field.name).collect();
    unknown_fields(members, &known, &mut problems);
    // An explicit null is as good as nothing.
    let member = |name: &str| members.get(name).filter(|value| !value.is_null());
    let mut check = |name: &str, fits: &dyn Fn(&Value) -> bool| {
        if member(name).is_some_and(|value| !fits(value)) {
            problems.push(invalid(name));
        }
    };
    check("ApiEndpoint", &|value| value.as_str().is_some_and(is_url));
    check("Method", &|value| value.as_str().is_some_and(|method| METHODS.contains(&method)));
    check("Headers", &|value| is_map(value, &|name, value| is_header_name(name) && is_header_value(value)));
    check("QueryParameters", &|value| is_map(value, &|_, value| scalar_text(value).is_some()));
    check("Transform", &Value::is_object);
    for name in ["ApiEndpoint", "Method"] {
        if member(name).is_none() {
            problems.push(missing(name));
        }
    }
    // Private APIs are reached through InvocationConfig, all others through Authentication.
    let connections = ["Authentication", "InvocationConfig"];
    for name in connections {
        if let Some(value) = member(name) {
            connection_problems(name, value, &mut problems);
        }
    }
    if connections.iter().all(|name| member(name).is_none()) {
        problems.push(missing("Authentication"));
    }
    for name in member("Headers").and_then(Value::as_object).into_iter().flat_map(Object::keys) {
        let lower = name.to_ascii_lowercase();
        let is_forbidden = FORBIDDEN_HEADERS.contains(&&*lower)
            || FORBIDDEN_PREFIXES.iter().any(|prefix| lower.starts_with(prefix));
        if is_forbidden {
            problems.push(unsupported(&format!("Headers.{name}")));
        }
    }
    if let Some(transform) = member("Transform").and_then(Value::as_object) {
        transform_problems(transform, member("RequestBody"), &mut problems);
    }
    problems
}

fn connection_problems(field: &str, value: &Value, problems: &mut Vec<String>) {
    let Some(object) = value.as_object() else { return problems.push(invalid(field)) };
    unknown_fields(object, &["ConnectionArn"], problems);
    match object.get("ConnectionArn") {
        None | Some(Value::Null) => problems.push(missing("ConnectionArn")),
        Some(Value::String(arn)) if arn.starts_with("arn:") => {}
        Some(_) => problems.push(invalid("ConnectionArn")),
    }
}

fn transform_problems(transform: &Object, body: Option<&Value>, problems: &mut Vec<String>) {
    unknown_fields(transform, &["RequestBodyEncoding", "RequestEncodingOptions"], problems);
    let encoding = transform.get("RequestBodyEncoding").filter(|value| !value.is_null());
    match encoding.map(|encoding| encoding.as_str().unwrap_or_default()) {
        None | Some("NONE") => {}
        // A list has no names that a form could give its values.
        Some("URL_ENCODED") if body.is_none_or(|body| body.is_object() || body.is_string()) => {}
        Some("URL_ENCODED") => problems.push(invalid("RequestBody")),
        Some(_) => problems.push(invalid("RequestBodyEncoding")),
    }
    match transform.get("RequestEncodingOptions").filter(|value| !value.is_null()) {
        None => {}
        Some(Value::Object(options)) => {
            unknown_fields(options, &["ArrayFormat"], problems);
            let format = options.get("ArrayFormat").filter(|value| !value.is_null());
            if format
                .is_some_and(|format| !format.as_str().is_some_and(|format| ARRAY_FORMATS.contains(&format)))
            {
                problems.push(invalid("ArrayFormat"));
            }
        }
        Some(_) => problems.push(invalid("RequestEncodingOptions")),
    }
}

/// `https://HOST…` or `http://HOST…`, without a user in it, whose password histories would show.
fn is_url(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some(prefix) = ["https://", "http://"].into_iter().find(|prefix| lower.starts_with(prefix)) else {
        return false;
    };
    let rest = &text[prefix.len()..];
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    !host.is_empty()
        && !host.contains('@')
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

fn is_map(value: &Value, fits: &dyn Fn(&str, &Value) -> bool) -> bool {
    let one = |name: &str, value: &Value| match value {
        Value::Array(items) => items.iter().all(|item| fits(name, item)),
        value => fits(name, value),
    };
    value.as_object().is_some_and(|object| object.iter().all(|(name, value)| one(name, value)))
}

/// (RFC 9110: token)
fn is_header_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_allowed)
}

/// What would end a header is none of it.
fn is_header_value(value: &Value) -> bool {
    scalar_text(value)
        .is_some_and(|text| text.bytes().all(|byte| byte == b'\t' || byte >= b' ' && byte != 0x7f))
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Big(_) => Some(value.to_text()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn unknown_fields(object: &Object, known: &[&str], problems: &mut Vec<String>) {
    let unknown = object.keys().filter(|name| !known.contains(&name.as_str()));
    problems.extend(unknown.map(|name| unsupported(name)));
}

fn unsupported(field: &str) -> String {
    format!("The field '{field}' is not supported by Step Functions")
}

fn missing(field: &str) -> String {
    format!("The field '{field}' is required but was missing")
}

fn invalid(field: &str) -> String {
    format!("The value of the field '{field}' has an invalid format")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(members: &str, expected: &[&str]) {
        let least =
            r#""ApiEndpoint":"https://a.b/c","Method":"GET","Authentication":{"ConnectionArn":"arn:c"}"#;
        let separator = if members.is_empty() { "" } else { "," };
        let arguments = Value::parse(&format!("{{{least}{separator}{members}}}")).unwrap();
        let expected: Vec<String> = expected
            .iter()
            .map(|problem| match problem.split_once(' ').unwrap() {
                ("not", field) => unsupported(field),
                ("no", field) => missing(field),
                (_, field) => invalid(field),
            })
            .collect();
        assert_eq!(problems(&arguments), expected, "{members}");
    }

    #[test]
    fn what_can_be_used() {
        check("", &[]);
        check(
            r#""Headers":{"X-A":"1","X-B":["1",2,true],"Content-Type":"text/plain"},"RequestBody":null"#,
            &[],
        );
        check(r#""QueryParameters":{"a":"1","b":["1",2]},"RequestBody":[1]"#, &[]);
        check(r#""RequestBody":"text","Transform":{"RequestBodyEncoding":"URL_ENCODED"}"#, &[]);
        for format in ARRAY_FORMATS {
            let options = format!(r#""RequestEncodingOptions":{{"ArrayFormat":"{format}"}}"#);
            check(&format!(r#""Transform":{{"RequestBodyEncoding":"NONE",{options}}}"#), &[]);
        }
        check(r#""Authentication":null,"InvocationConfig":{"ConnectionArn":"arn:c"}"#, &[]);
    }

    #[test]
    fn what_cannot() {
        assert_eq!(problems(&json::value!({})).len(), 3);
        check(r#""Authentication":null"#, &["no Authentication"]);
        check(r#""Authentication":{}"#, &["no ConnectionArn"]);
        check(r#""Authentication":{"ConnectionArn":"c","Kind":1}"#, &["not Kind", "bad ConnectionArn"]);
        check(r#""InvocationConfig":"c""#, &["bad InvocationConfig"]);
        for method in [r#""get""#, r#""TRACE""#, "1"] {
            check(&format!(r#""Method":{method}"#), &["bad Method"]);
        }
        for url in
            ["a.b", "ftp://a", "https://", "https://u:p@h/", "https://a b", "https://a/#b", "https://é"]
        {
            check(&format!(r#""ApiEndpoint":"{url}""#), &["bad ApiEndpoint"]);
        }
        check(r#""Url":"x""#, &["not Url"]);
        for headers in [r#""a""#, r#"{"a b":"c"}"#, r#"{"a":null}"#, r#"{"a":{}}"#, r#"{"a":"b\r\nc: d"}"#] {
            check(&format!(r#""Headers":{headers}"#), &["bad Headers"]);
        }
        check(r#""QueryParameters":{"a":{"b":1}}"#, &["bad QueryParameters"]);
        check(r#""Transform":"URL_ENCODED""#, &["bad Transform"]);
        check(
            r#""Transform":{"RequestBodyEncoding":"XML","RequestEncodingOptions":{"ArrayFormat":"x"}}"#,
            &["bad RequestBodyEncoding", "bad ArrayFormat"],
        );
        check(r#""RequestBody":[1],"Transform":{"RequestBodyEncoding":"URL_ENCODED"}"#, &["bad RequestBody"]);
    }

    #[test]
    fn headers_that_are_not_the_tasks_to_set() {
        for name in
            FORBIDDEN_HEADERS.into_iter().chain(["X-Forwarded-For", "X-Amz-Date", "x-amzn-trace-id", "HOST"])
        {
            check(&format!(r#""Headers":{{"{name}":"v"}}"#), &[&format!("not Headers.{name}")]);
        }
    }
}
