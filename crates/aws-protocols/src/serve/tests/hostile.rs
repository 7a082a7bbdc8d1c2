//! Whatever comes in, nothing panics and no stack overflows.

use proptest::prelude::*;

use super::{SERVICES, offered};
use crate::serve::{Asked, Incoming};

/// Pieces of which requests are made.
fn piece() -> impl Strategy<Value = String> {
    let known = [
        "Action=Publish",
        "&",
        "Version=2010-03-31",
        "MessageAttributes.entry.1.Name",
        "=",
        ".",
        "%",
        "%c3",
        "+",
        "/",
        "2015-03-31",
        "functions",
        "{",
        "}",
        "[",
        "]",
        "\"Entries\":",
        ",",
        "null",
        "1e999",
        "\"",
        "restapis",
        "?",
        "tags",
        "Version=2012-11-05",
        "Action=SendMessage",
        "Attribute.1.Name=",
    ];
    prop_oneof![3 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn any_request_is_answered(
        path in prop::collection::vec(piece(), 0..8),
        query in prop::collection::vec(piece(), 0..8),
        body in prop::collection::vec(piece(), 0..12),
        header in any::<String>(),
        method in prop::sample::select(vec!["GET", "POST", "PUT", "DELETE"]),
    ) {
        let (path, query, body) = (path.concat(), query.concat(), body.concat());
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"), ("authorization", header.as_str()),
            ("x-amz-invocation-type", header.as_str()),
        ];
        let incoming = Incoming { method, path: &path, query: &query, headers: &headers, body: body.as_bytes() };
        if let Ok(asked) = offered().find(&incoming)
            && let Ok(input) = asked.input(&incoming)
        {
            let _ = asked.check(&input);
        }
    }

    #[test]
    fn any_body_is_an_input_or_refused(body in any::<Vec<u8>>()) {
        for name in SERVICES {
            for operation in aws_models::service(name).unwrap().operations().take(5) {
                let incoming = Incoming { method: "POST", path: "/a/b", query: "", headers: &[], body: &body };
                let _ = Asked::of(operation).input(&incoming);
            }
        }
    }
}

/// As deep as the parser lets pass, on the stack of a test's thread, in code that is not optimised.
#[test]
fn the_deepest_values_fit_on_the_stack() {
    let levels = 490;
    let value = r#"{"M":{"a":"#.repeat(levels) + r#"{"S":"x"}"# + &"}}".repeat(levels);
    let body = format!(r#"{{"TableName":"t","Item":{{"a":{value}}}}}"#);
    let operation = aws_models::service("dynamodb").unwrap().operation_named("PutItem").unwrap();
    let asked = Asked::of(operation);
    let incoming = Incoming { method: "POST", path: "/", query: "", headers: &[], body: body.as_bytes() };
    let input = asked.input(&incoming).unwrap();
    asked.check(&input).unwrap();
    let output = json::value!({ "Attributes": (input.get("Item").unwrap().clone()) });
    assert_eq!(asked.answer(&output, "R").status, 200);
}
