//! What is wrong with a definition, as CreateStateMachine, UpdateStateMachine and
//! ValidateStateMachineDefinition tell it.

use json::{Value, value};

use crate::world::{World, text};

const SOUND: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
/// Measured on AWS: a loop without an end has no location.
const LOOP: &str =
    r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}}}"#;
/// Several mistakes, and a warning among them.
const SEVERAL: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"X","Catch":[],"Parameters":{"a":"$.b"}},
    "B":{"Type":"Wait","Next":"B"}}}"#;
const WARNED: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"$.a","End":true}}}"#;
/// The space at the end of AWS's sentence stands before `at`.
const CALLS_BACK: &str = r#"{"StartAt":"T","States":{"T":{"Type":"Task","End":true,
    "Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken"}}}"#;

const CASES: &[(&str, &str)] = &[
    ("{}", "SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /"),
    ("[]", "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null"),
    (LOOP, "MISSING_END_STATE: Workflow has no terminal state at null"),
    (
        SEVERAL,
        "SCHEMA_VALIDATION_FAILED: Field 'Catch' is not supported at /States/A, \
         SCHEMA_VALIDATION_FAILED: One of the following fields is required: [Seconds, SecondsPath, Timestamp, \
         TimestampPath] at /States/B, \
         MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Next, \
         MISSING_END_STATE: Workflow has no terminal state at null",
    ),
    (
        "nothing",
        "INVALID_JSON_DESCRIPTION: Unrecognized token 'nothing': was expecting (JSON String, Number, Array, Object or \
         token 'null', 'true' or 'false')\n at [Source: (String)\"nothing\"; line: 1, column: 8] at [Source: \
         (String)\"nothing\"; line: 1, column: 8]",
    ),
];

fn create(name: &str, definition: &str, machine_type: &str) -> String {
    let role = "arn:aws:iam::123456789012:role/r";
    value!({ "name": name, "definition": definition, "roleArn": role, "type": machine_type }).to_text()
}

fn update(name: &str, definition: &str) -> String {
    let arn = format!("arn:aws:states:us-east-1:123456789012:stateMachine:{name}");
    value!({ "stateMachineArn": arn, "definition": definition }).to_text()
}

/// The diagnostics of an answer, as the message of a refusal lists them.
fn listed(answer: &Value) -> String {
    let all = answer.get("diagnostics").and_then(Value::as_array).expect("diagnostics");
    let one = |one: &Value| {
        let location = one.get("location").and_then(Value::as_str).unwrap_or("null");
        format!("{}: {} at {location}", text(one, "code"), text(one, "message"))
    };
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn creating_updating_and_validating_say_the_same() {
    let world = World::start().await;
    world.ask("CreateStateMachine", &create("sound", SOUND, "STANDARD")).await;
    for (definition, expected) in CASES {
        let refusal = format!("InvalidDefinition: Invalid State Machine Definition: '{expected}'");
        let created = world.refusal("CreateStateMachine", &create("m", definition, "STANDARD")).await;
        assert_eq!(created, refusal, "{definition}");
        assert_eq!(world.refusal("UpdateStateMachine", &update("sound", definition)).await, refusal);
        let body = value!({ "definition": *definition }).to_text();
        let validated = world.ask("ValidateStateMachineDefinition", &body).await;
        assert_eq!(listed(&validated), *expected);
        assert_eq!(text(&validated, "result"), "FAIL");
    }
    let described = r#"{"stateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:sound"}"#;
    let described = world.ask("DescribeStateMachine", described).await;
    assert_eq!(text(&described, "definition"), SOUND, "a refused update changes nothing");
    world.stopped().await;
}

#[tokio::test]
async fn the_type_of_the_machine_matters() {
    let world = World::start().await;
    let expected = "SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' service \
                    integration  at /States/T/Resource";
    let refusal = format!("InvalidDefinition: Invalid State Machine Definition: '{expected}'");
    world.ask("CreateStateMachine", &create("standard", CALLS_BACK, "STANDARD")).await;
    world.ask("CreateStateMachine", &create("express", SOUND, "EXPRESS")).await;
    assert_eq!(world.refusal("CreateStateMachine", &create("m", CALLS_BACK, "EXPRESS")).await, refusal);
    assert_eq!(world.refusal("UpdateStateMachine", &update("express", CALLS_BACK)).await, refusal);
    for (machine_type, listed_then) in [("STANDARD", ""), ("EXPRESS", expected)] {
        let body = value!({ "definition": CALLS_BACK, "type": machine_type }).to_text();
        assert_eq!(listed(&world.ask("ValidateStateMachineDefinition", &body).await), listed_then);
    }
    world.stopped().await;
}

#[tokio::test]
async fn warnings_are_told_to_those_who_ask() {
    let world = World::start().await;
    let validate = async |definition: &str, severity: &str, limit: i64| {
        let body = value!({ "definition": definition, "severity": severity, "maxResults": limit }).to_text();
        let answer = world.ask("ValidateStateMachineDefinition", &body).await;
        let truncated = answer.get("truncated").and_then(Value::as_bool).expect("truncated");
        format!("{} {truncated} {}", text(&answer, "result"), listed(&answer))
    };
    let warning =
        "PASS_RESULT_IS_STATIC: Attempt to use a path in the result of a pass state. at /States/A/Result";
    assert_eq!(validate(WARNED, "ERROR", 0).await, "OK false ");
    assert_eq!(validate(WARNED, "WARNING", 0).await, format!("OK false {warning}"));
    let told = validate(SEVERAL, "WARNING", 0).await;
    assert!(told.starts_with("FAIL false ") && told.contains(", NO_DOLLAR: "), "{told}");
    let first = "SCHEMA_VALIDATION_FAILED: Field 'Catch' is not supported at /States/A";
    assert_eq!(validate(SEVERAL, "WARNING", 1).await, format!("FAIL true {first}"));
    assert!(validate(SEVERAL, "ERROR", 4).await.starts_with("FAIL false "));
    // A definition that only has warnings is created.
    world.ask("CreateStateMachine", &create("warned", WARNED, "STANDARD")).await;
    world.stopped().await;
}

#[tokio::test]
async fn at_most_100_are_told() {
    let world = World::start().await;
    let fields: String = (0..150).map(|field| format!(r#""f{field}":0,"#)).collect();
    let definition = format!(r#"{{{fields}"StartAt":"A","States":{{"A":{{"Type":"Succeed"}}}}}}"#);
    for (limit, count, truncated) in [(0, 100, true), (100, 100, true), (7, 7, true)] {
        let body = value!({ "definition": definition.as_str(), "maxResults": limit }).to_text();
        let answer = world.ask("ValidateStateMachineDefinition", &body).await;
        let told = answer.get("diagnostics").and_then(Value::as_array).expect("diagnostics").len();
        assert_eq!((told, answer.get("truncated")), (count, Some(&Value::from(truncated))), "{limit}");
    }
    world.stopped().await;
}

#[tokio::test]
async fn validating_leaves_nothing_behind() {
    let world = World::start().await;
    world.ask("ValidateStateMachineDefinition", &value!({ "definition": SOUND }).to_text()).await;
    let machines = world.ask("ListStateMachines", "{}").await;
    assert_eq!(machines.get("stateMachines").map(Value::to_text).as_deref(), Some("[]"));
    world.stopped().await;
}
