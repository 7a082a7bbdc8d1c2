//! Whatever comes in, nothing panics and no stack overflows.

use json::Value;
use proptest::prelude::*;

use super::operation;
use crate::{Response, request, response};

/// One operation of each protocol, with shapes that nest.
const OPERATIONS: [(&str, &str); 6] = [
    ("dynamodb", "getItem"),
    ("stepfunctions", "getExecutionHistory"),
    ("lambda", "getFunction"),
    ("s3", "getBucketAcl"),
    ("sns", "getTopicAttributes"),
    ("ec2", "describeInstances"),
];

fn read_all(status: u16, headers: &[(String, String)], body: &[u8]) {
    for (service, action) in OPERATIONS {
        let _ = response(operation(service, action), Response { status, headers, body });
    }
}

/// Pieces of which answers are made.
fn piece() -> impl Strategy<Value = String> {
    let known = [
        "<Error>",
        "</Error>",
        "<Code>",
        "</Code>",
        "<a",
        "/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&lt;",
        "&#x41;",
        "&",
        ";",
        "=\"",
        "'",
        "<?xml",
        "?>",
        "<Attributes>",
        "<entry>",
        "<key>",
        "{\"Item\":",
        "{\"M\":",
        "}",
        "[",
        "]",
        "\"startDate\":",
        "1e999",
        "null",
        ",",
        "<GetTopicAttributesResult>",
    ];
    prop_oneof![prop::sample::select(known.to_vec()).prop_map(str::to_owned), any::<String>()]
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_unreadable(body in any::<Vec<u8>>(), status in 100_u16..600) {
        read_all(status, &[], &body);
    }

    #[test]
    fn so_is_anything_that_looks_like_one(
        pieces in prop::collection::vec(piece(), 0..20),
        header in any::<String>(),
    ) {
        let headers = [("x-amz-meta-a".to_owned(), header.clone()), (header, "expires".to_owned())];
        read_all(200, &headers, pieces.concat().as_bytes());
    }

    #[test]
    fn any_input_is_a_request_or_refused(field in any::<String>(), text in any::<String>()) {
        for (service, action) in OPERATIONS {
            let shape = operation(service, action).input();
            let members = shape.into_iter().flat_map(|shape| shape.members());
            let all = members.map(|member| (member.field_name(), text.clone()));
            let input: json::Object = all.chain([(field.clone(), text.clone())]).collect();
            let _ = request(operation(service, action), &Value::Object(input), &text);
        }
    }
}

/// As deep as a JSON parser lets pass, on the stack of a test's thread, in code that is not optimised.
#[test]
fn the_deepest_values_fit_on_the_stack() {
    let deep = |levels: usize, open: &str, inner: &str, close: &str| {
        open.repeat(levels) + inner + &close.repeat(levels)
    };
    let value = deep(490, r#"{"M":{"a":"#, r#"{"S":"x"}"#, "}}");
    let body = format!(r#"{{"Item":{{"a":{value}}}}}"#);
    let answer = Response { status: 200, headers: &[], body: body.as_bytes() };
    assert!(response(operation("dynamodb", "getItem"), answer).is_ok());

    let input = format!(r#"{{"TableName":"t","Item":{{"a":{value}}}}}"#);
    assert!(request(operation("dynamodb", "putItem"), &super::parsed(&input), "").is_ok());

    let xml = deep(100_000, "<a>", "", "</a>");
    let answer = Response { status: 200, headers: &[], body: xml.as_bytes() };
    assert!(response(operation("sns", "getTopicAttributes"), answer).is_err());
}
