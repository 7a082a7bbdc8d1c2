//! What targets are sent: the recorded facts of the specification, and corners of our own.

use events::Input;
use events::transform::{Context, Invalid, Occurrence, Path, Template};
use expect_test::{Expect, expect};
use json::{Value, value};
use proptest::prelude::*;

const CONTEXT: Context<'static> = Context {
    rule_arn: "arn:aws:events:us-east-1:123456789012:rule/example",
    rule_name: "example",
    ingestion_time: "2022-09-08T16:52:00Z",
};

const PATHS: [(&str, &str); 9] = [
    ("userId", "$.detail.payload.userId"),
    ("states", "$.detail.states"),
    ("one", "$.detail.one"),
    ("ids", "$.detail.ids"),
    ("flag", "$.detail.flag"),
    ("text", "$.detail.text"),
    ("missing", "$.detail.nothing.here"),
    ("all", "$.detail.list[*].id"),
    ("time", "$.time"),
];

fn event() -> Value {
    value!({
        "version": "0", "id": "7bf7", "detail-type": "Sale", "source": "shop", "account": "123456789012",
        "time": "2022-09-08T16:52:00Z", "region": "us-east-1", "resources": ["a"],
        "detail": {
            "payload": { "userId": "0a787ecb-4015" }, "states": ["ACTIVE", "INACTIVE"], "one": ["HIGH"],
            "ids": { "acc_id": "0a787ecb-4015", "sf_id": "baz" }, "flag": true, "text": "a \"b\"\nc",
            "list": [{ "id": 1 }, { "id": 2 }]
        }
    })
}

fn check(template: &str, expected: Expect) {
    let said = match Template::parse(template, PATHS) {
        Ok(template) => match Input::Template(template).text(&event(), &CONTEXT) {
            Ok(text) => text,
            Err(undeliverable) => format!("{undeliverable:?}"),
        },
        Err(invalid) => invalid.message("t1"),
    };
    expected.assert_eq(&said);
}

#[test]
fn outside_of_quotation_marks_values_are_json() {
    check(
        r#"{"id": <userId>, "all": <states>, "ids": <ids>, "flag": <flag>}"#,
        expect![[
            r#"{"id": "0a787ecb-4015", "all": ["ACTIVE","INACTIVE"], "ids": {"acc_id":"0a787ecb-4015","sf_id":"baz"}, "flag": true}"#
        ]],
    );
    check(r#"{"id": <missing>}"#, expect![[r#"{"id": ""}"#]]);
    check(r#"{"text": <text>}"#, expect![[r#"{"text": "a \"b\"\nc"}"#]]);
    check("<userId>", expect![[r#""0a787ecb-4015""#]]);
    check("[<flag>, <all>]", expect!["[true, [1,2]]"]);
}

#[test]
fn between_quotation_marks_values_are_text() {
    check(
        r#""Users <userId>: <states> <one> <ids> <flag>.""#,
        expect![[
            r#""Users 0a787ecb-4015: [ACTIVE,INACTIVE] [HIGH] {acc_id:0a787ecb-4015,sf_id:baz} true.""#
        ]],
    );
    check(r#"{"a": "<userId>/<missing>/<flag>"}"#, expect![[r#"{"a": "0a787ecb-4015//true"}"#]]);
    check(r#""is \"<userId>\" {[/Check""#, expect![[r#""is \"0a787ecb-4015\" {[/Check""#]]);
    check(r#""<text>""#, expect![[r#""a \"b\"\nc""#]]);
}

#[test]
fn lines_of_strings_stay_lines() {
    check(
        "\"<userId> came\"\n\"at <time>\"",
        expect![[r#"
        "0a787ecb-4015 came"
        "at 2022-09-08T16:52:00Z""#]],
    );
}

#[test]
fn what_is_no_json_is_not_delivered() {
    check(r#"{"a": "<states>"}"#, expect!["NotJson"]);
    check("<states> text", expect!["NotJson"]);
    check("plain text", expect!["NotJson"]);
}

#[test]
fn aws_knows_some_values_itself() {
    check(
        r#"{"arn": <aws.events.rule-arn>, "name": "<aws.events.rule-name>", "at": <aws.events.event.ingestion-time>}"#,
        expect![[
            r#"{"arn": "arn:aws:events:us-east-1:123456789012:rule/example", "name": "example", "at": "2022-09-08T16:52:00Z"}"#
        ]],
    );
    check(
        "<aws.events.event>",
        expect![[
            r#"{"id":"7bf7","account":"123456789012","detailType":"Sale","time":"2022-09-08T16:52:00Z","source":"shop","region":"us-east-1","resources":["a"],"version":"0"}"#
        ]],
    );
    check(
        r#"{"event": <aws.events.event.json>}"#,
        expect![[
            r#"{"event": {"version":"0","id":"7bf7","detail-type":"Sale","source":"shop","account":"123456789012","time":"2022-09-08T16:52:00Z","region":"us-east-1","resources":["a"],"detail":{"payload":{"userId":"0a787ecb-4015"},"states":["ACTIVE","INACTIVE"],"one":["HIGH"],"ids":{"acc_id":"0a787ecb-4015","sf_id":"baz"},"flag":true,"text":"a \"b\"\nc","list":[{"id":1},{"id":2}]}}}"#
        ]],
    );
}

#[test]
fn brackets_that_are_no_placeholders_are_text() {
    check(r#""1 < 2, <>, < userId>, <<userId>>""#, expect![[r#""1 < 2, <>, < userId>, <0a787ecb-4015>""#]]);
    check(
        "<notdefinedkey>",
        expect!["InputTemplate for target t1 contains invalid placeholder notdefinedkey."],
    );
}

#[test]
fn a_template_does_not_grow_without_bound() {
    let big = value!({ "detail": { "text": "x".repeat(300_000) } });
    let template = Template::parse("[<text>,<text>,<text>,<text>]", PATHS).unwrap();
    let said = Input::Template(template).text(&big, &CONTEXT);
    assert_eq!(format!("{said:?}"), "Err(TooLong)");
}

#[test]
fn paths_lead_into_the_event() {
    let at = |path: &str| {
        let path = Path::parse(path).unwrap();
        Input::Path(path)
            .text(&event(), &CONTEXT)
            .unwrap_or_else(|undeliverable| format!("{undeliverable:?}"))
    };
    for (path, text) in [
        ("$.detail.payload", r#"{"userId":"0a787ecb-4015"}"#),
        ("$.detail-type", r#""Sale""#),
        ("$['detail-type']", r#""Sale""#),
        ("$.detail.list[1].id", "2"),
        ("$.detail.list[*].id", "[1,2]"),
        ("$.detail.ids.*", r#"["0a787ecb-4015","baz"]"#),
        ("$.resources[0]", r#""a""#),
        ("$.resources[1]", "NothingThere"),
        ("$.detail.nothing", "NothingThere"),
        ("$.detail.nothing[*]", "NothingThere"),
    ] {
        assert_eq!(at(path), text, "{path}");
    }
    assert_eq!(at("$"), event().to_text());
    for path in
        ["", "detail", "$.", "$..a", "$.a[?(@.b)]", "$[1:2]", "$[-1]", "$.a b", "$['a", "$[1", "$.a.length()"]
    {
        assert!(matches!(Path::parse(path), Err(Invalid::Path { .. })), "{path}");
    }
}

#[test]
fn constants_and_events_go_as_they_are() {
    let text = Input::Constant(r#"{ "a" : 1 }"#.to_owned()).text(&event(), &CONTEXT);
    assert_eq!(text.unwrap(), r#"{ "a" : 1 }"#);
    assert_eq!(Input::Event.text(&event(), &CONTEXT).unwrap(), event().to_text());
}

#[test]
fn schedules_have_words_of_their_own() {
    let occurrence = Occurrence {
        schedule_arn: "arn:aws:scheduler:us-east-1:123456789012:schedule/default/nightly",
        scheduled_time: "2022-03-22T18:59:43Z",
        execution_id: "d32c5kddcf5bb8c3",
        attempt_number: 1,
    };
    let input = r#"{"at": "<aws.scheduler.scheduled-time>", "try": <aws.scheduler.attempt-number>, "id": "<aws.scheduler.execution-id>/<other>"}"#;
    let expected = r#"{"at": "2022-03-22T18:59:43Z", "try": 1, "id": "d32c5kddcf5bb8c3/<other>"}"#;
    assert_eq!(occurrence.fill(input), expected);
    assert_eq!(occurrence.fill("<aws.scheduler.schedule-arn>"), occurrence.schedule_arn);
}

proptest! {
    /// Whatever a template says, what is delivered is JSON or lines of JSON strings.
    #[test]
    fn what_is_delivered_is_json(pieces in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", "\"", "\\", ":", ",", "\n", " ", "a", "1", "<userId>", "<states>", "<text>", "<missing>",
        "<ids>", "<flag>", "<", ">", "\"a\":", "<aws.events.event>",
    ]), 1..12)) {
        let Ok(template) = Template::parse(&pieces.concat(), PATHS) else { return Ok(()) };
        if let Ok(text) = Input::Template(template).text(&event(), &CONTEXT) {
            let is_string = |line: &str| Value::parse(line).is_ok_and(|value| value.is_string());
            prop_assert!(Value::parse(&text).is_ok() || text.lines().all(is_string), "{}", text);
        }
    }
}
