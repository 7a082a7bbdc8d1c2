//! API Gateway: calls of deployed APIs, which are plain HTTP. (spec/integrations.md §4)
//!
//! Never here: the calls themselves (`connectors`).

use json::{Object, Value};

use crate::action::{Action, Field, Service, TOKEN, optional, required};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "apigateway",
    model: "apigateway",
    naming: Naming {
        prefix: "ApiGateway",
        unnamed: "AmazonApiGatewayException",
        service: "AmazonApiGateway",
    },
    actions: &[Action {
        fields: Some(INVOKE),
        check: problems,
        ..Action::without_operation("invoke", TOKEN)
    }],
};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
/// Those that take a body.
const METHODS_WITH_BODY: [&str; 3] = ["PATCH", "POST", "PUT"];
const AUTH_TYPES: [&str; 3] = ["NO_AUTH", "IAM_ROLE", "RESOURCE_POLICY"];

const INVOKE: &[Field] = &[
    required("ApiEndpoint"),
    required("Method"),
    optional("Headers"),
    optional("Stage"),
    optional("Path"),
    optional("QueryParameters"),
    optional("RequestBody"),
    optional("AllowNullValues"),
    optional("AuthType"),
];

/// Headers that a Task may not set, in lower case.
const FORBIDDEN_HEADERS: [&str; 14] = [
    "authorization",
    "connection",
    "content-md5",
    "expect",
    "host",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "www-authenticate",
];
const FORBIDDEN_PREFIXES: [&str; 2] = ["x-forwarded", "x-amz"];

/// Each in AWS's words; nothing if the parameters can be used.
fn problems(parameters: &Value) -> Vec<String> {
    let nothing = Object::new();
    let members = parameters.as_object().unwrap_or(&nothing);
    // An explicit null is as good as nothing.
    let member = |name: &str| members.get(name).filter(|value| !value.is_null());
    let unknown = members.keys().filter(|name| !INVOKE.iter().any(|field| field.name == name.as_str()));
    let mut problems: Vec<String> = unknown.map(|name| unsupported(name)).collect();
    let mut check = |name: &str, fits: &dyn Fn(&Value) -> bool| {
        if member(name).is_some_and(|value| !fits(value)) {
            problems.push(format!("The value of the field '{name}' has an invalid format"));
        }
    };
    let one_of = |value: &Value, set: &[&str]| value.as_str().is_some_and(|text| set.contains(&text));
    check("ApiEndpoint", &|value| value.as_str().is_some_and(is_host));
    check("Method", &|value| one_of(value, &METHODS));
    check("Stage", &|value| value.as_str().is_some_and(is_path));
    check("Path", &|value| value.as_str().is_some_and(is_path));
    check("Headers", &|value| is_map_of_lists(value, is_header));
    check("QueryParameters", &|value| is_map_of_lists(value, |_, _| true));
    check("RequestBody", &|value| matches!(value, Value::Object(_) | Value::Array(_) | Value::String(_)));
    check("AllowNullValues", &Value::is_boolean);
    check("AuthType", &|value| one_of(value, &AUTH_TYPES));
    for name in ["ApiEndpoint", "Method"] {
        if member(name).is_none() {
            problems.push(format!("The field '{name}' is required but was missing"));
        }
    }
    let takes_none = member("Method")
        .is_some_and(|method| one_of(method, &METHODS) && !one_of(method, &METHODS_WITH_BODY));
    if takes_none && member("RequestBody").is_some() {
        problems.push(unsupported("RequestBody"));
    }
    for name in member("Headers").and_then(Value::as_object).into_iter().flat_map(Object::keys) {
        let lower = name.to_ascii_lowercase();
        let is_forbidden = FORBIDDEN_HEADERS.contains(&&*lower)
            || FORBIDDEN_PREFIXES.iter().any(|prefix| lower.starts_with(prefix));
        if is_forbidden {
            problems.push(unsupported(&format!("Headers.{name}")));
        }
    }
    problems
}

fn unsupported(field: &str) -> String {
    format!("The field '{field}' is not supported by Step Functions")
}

/// `HOST` or `HOST:PORT`, without scheme, path or user.
fn is_host(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// What the caller has encoded.
fn is_path(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#".contains(&byte))
}

fn is_map_of_lists(value: &Value, fits: fn(&str, &str) -> bool) -> bool {
    let one = |name: &str, value: &Value| {
        let items = value.as_array();
        items.is_some_and(|items| items.iter().all(|item| item.as_str().is_some_and(|item| fits(name, item))))
    };
    value.as_object().is_some_and(|object| object.iter().all(|(name, value)| one(name, value)))
}

/// (RFC 9110: token; what would end a header is none of its value)
fn is_header(name: &str, value: &str) -> bool {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let of_value = |byte: u8| byte == b'\t' || byte >= b' ' && byte != 0x7f;
    !name.is_empty() && name.bytes().all(of_name) && value.bytes().all(of_value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(members: &str, expected: &[&str]) {
        let least = r#""ApiEndpoint":"id.execute-api.us-east-1.amazonaws.com","Method":"POST""#;
        let separator = if members.is_empty() { "" } else { "," };
        let parameters = Value::parse(&format!("{{{least}{separator}{members}}}")).unwrap();
        let expected: Vec<String> = expected
            .iter()
            .map(|problem| match problem.split_once(' ').unwrap() {
                ("not", field) => unsupported(field),
                (_, field) => format!("The value of the field '{field}' has an invalid format"),
            })
            .collect();
        assert_eq!(problems(&parameters), expected, "{members}");
    }

    #[test]
    fn what_can_be_used() {
        check("", &[]);
        check(
            r#""Headers":{"X-A":["1","2"],"Content-Type":["text/plain"]},"Stage":"prod","Path":"/a%20b","RequestBody":{},
               "QueryParameters":{"a":["1"]},"AllowNullValues":true,"AuthType":"IAM_ROLE""#,
            &[],
        );
        check(r#""RequestBody":"text","AuthType":"RESOURCE_POLICY","Headers":null"#, &[]);
    }

    #[test]
    fn what_cannot() {
        assert_eq!(
            problems(&json::value!({})),
            [
                "The field 'ApiEndpoint' is required but was missing",
                "The field 'Method' is required but was missing"
            ]
        );
        for host in ["https://a", "a/b", "u@a", "a b", ""] {
            check(&format!(r#""ApiEndpoint":"{host}""#), &["bad ApiEndpoint"]);
        }
        check(r#""Method":"TRACE""#, &["bad Method"]);
        check(r#""Path":"/a?b","Stage":"a b""#, &["bad Stage", "bad Path"]);
        // The recorded one: a list is wanted.
        for headers in [r#"{"a":"b"}"#, r#"["a"]"#, r#"{"a":[1]}"#, r#"{"a":["b\n"]}"#, r#"{"a b":["c"]}"#] {
            check(&format!(r#""Headers":{headers}"#), &["bad Headers"]);
        }
        check(r#""QueryParameters":{"a":"b"}"#, &["bad QueryParameters"]);
        check(
            r#""RequestBody":1,"AllowNullValues":"yes","AuthType":"NONE""#,
            &["bad RequestBody", "bad AllowNullValues", "bad AuthType"],
        );
        check(r#""Method":"GET","RequestBody":{}"#, &["not RequestBody"]);
        check(r#""Body":{}"#, &["not Body"]);
        for name in FORBIDDEN_HEADERS.into_iter().chain(["X-Forwarded-For", "X-Amz-Date", "X-Amzn-Trace-Id"])
        {
            check(&format!(r#""Headers":{{"{name}":["v"]}}"#), &[&format!("not Headers.{name}")]);
        }
    }
}
