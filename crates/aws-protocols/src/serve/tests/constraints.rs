//! Constraints of the models, in AWS's words.

use aws_models::service;
use expect_test::{Expect, expect};
use json::Value;

use crate::serve::Asked;

fn check(service_name: &str, operation: &str, input: &str, expected: Expect) {
    let asked = Asked::of(service(service_name).unwrap().operation_named(operation).unwrap());
    let told = match asked.check(&Value::parse(input).unwrap()) {
        Ok(()) => "good".to_owned(),
        Err(fault) => format!("{}: {}", fault.code, fault.message),
    };
    expected.assert_eq(&told);
}

#[test]
fn what_is_missing_too_long_or_of_another_pattern_is_told_at_once() {
    check("events", "PutRule", r#"{"Name":"r"}"#, expect!["good"]);
    check(
        "events",
        "PutRule",
        "{}",
        expect![
            "ValidationException: 1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"
        ],
    );
    check(
        "events",
        "PutRule",
        r#"{"Name":"a b","State":"ON","Description":null}"#,
        expect![
            "ValidationException: 2 validation errors detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+; Value 'ON' at 'state' failed to satisfy constraint: Member must satisfy enum value set: [ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]"
        ],
    );
}

#[test]
fn places_lead_into_lists_and_maps() {
    check(
        "events",
        "PutTargets",
        r#"{"Rule":"r","Targets":[{"Id":"1","Arn":"a"},{"Id":"","Arn":"a","RetryPolicy":{"MaximumEventAgeInSeconds":1}}]}"#,
        expect![[r"
            ValidationException: 3 validation errors detected: Value '' at 'targets.2.member.id' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'targets.2.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+; Value '1' at 'targets.2.member.retryPolicy.maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60"]],
    );
    check(
        "dynamodb",
        "BatchGetItem",
        r#"{"RequestItems":{"Tab":{}}}"#,
        expect![
            "ValidationException: 1 validation error detected: Value null at 'requestItems.Tab.member.keys' failed to satisfy constraint: Member must not be null"
        ],
    );
    check(
        "sns",
        "TagResource",
        r#"{"ResourceArn":"a","Tags":[{"Key":"k"}]}"#,
        expect![
            "ValidationError: 1 validation error detected: Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null"
        ],
    );
}

#[test]
fn values_are_shown_as_java_prints_them_unless_they_are_secret() {
    check(
        "dynamodb",
        "CreateTable",
        r#"{"TableName":"t","AttributeDefinitions":[],"KeySchema":[]}"#,
        expect![
            "ValidationException: 1 validation error detected: Value '[]' at 'keySchema' failed to satisfy constraint: Member must have length greater than or equal to 1"
        ],
    );
    check(
        "events",
        "CreateConnection",
        r#"{"Name":"c","AuthorizationType":"BASIC","AuthParameters":{"BasicAuthParameters":{"Username":"u","Password":"p\n"}}}"#,
        expect![[
            r#"ValidationException: 1 validation error detected: Value at 'authParameters.basicAuthParameters.password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$"#
        ]],
    );
}

#[test]
fn a_long_value_is_cut() {
    let input = format!(r#"{{"Name":"{}"}}"#, "x".repeat(100_000));
    let asked = Asked::of(service("events").unwrap().operation_named("PutRule").unwrap());
    let fault = asked.check(&Value::parse(&input).unwrap()).unwrap_err();
    assert!(fault.message.len() < 5000 && fault.message.contains("x…' at 'name'"), "{}", fault.message);
}
