//! Definitions that are made to hurt: each is answered within moments, and the server goes on.

use std::time::{Duration, Instant};

use json::Value;

use crate::world::{World, text};

/// What answers in milliseconds when optimised may take this long in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(8);

/// Has a definition validated; `expected` is how its first error starts, empty if there must be none.
async fn check(world: &World, name: &str, definition: &str, expected: &str) {
    assert!(definition.len() <= 1_048_576, "{name} has {} characters", definition.len());
    let body = json::value!({ "definition": definition }).to_text();
    let sent = Instant::now();
    let verdict = world.ask("ValidateStateMachineDefinition", &body).await;
    assert!(sent.elapsed() < PATIENCE, "{name} took {:?}", sent.elapsed());
    let first = verdict.get("diagnostics").and_then(|all| all.as_array()?.iter().next());
    let first = first.map(|one| format!("{}: {}", text(one, "code"), text(one, "message")));
    match expected {
        "" => assert_eq!(first, None, "{name}"),
        _ => assert!(first.as_ref().is_some_and(|first| first.starts_with(expected)), "{name}: {first:?}"),
    }
    assert_eq!(text(&verdict, "result"), if expected.is_empty() { "OK" } else { "FAIL" }, "{name}");
}

/// A Pass state with one more field.
fn pass(field: &str, value: impl Into<Value>) -> String {
    let value = value.into().to_text();
    format!(r#"{{"StartAt":"S","States":{{"S":{{"Type":"Pass","{field}":{value},"End":true}}}}}}"#)
}

/// `count` states, each leading to the next, each with more fields.
fn chain(count: usize, more: &str) -> String {
    let state = |n| {
        let next = if n + 1 < count { format!(r#""Next":"S{}""#, n + 1) } else { r#""End":true"#.to_owned() };
        format!(r#""S{n}":{{"Type":"Pass",{next}{more}}}"#)
    };
    let states: Vec<String> = (0..count).map(state).collect();
    format!(r#"{{"StartAt":"S0","States":{{{}}}}}"#, states.join(","))
}

/// Parallel states inside each other.
fn nested(depth: usize) -> String {
    let inside = |n, inner: String| {
        format!(
            r#"{{"StartAt":"S{n}","States":{{"S{n}":{{"Type":"Parallel","End":true,"Branches":[{inner}]}}}}}}"#
        )
    };
    let innermost = r#"{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}"#.to_owned();
    (0..depth).fold(innermost, |inner, n| inside(n, inner))
}

#[tokio::test]
async fn large_ones() {
    let world = World::start().await;
    let long_name = "x".repeat(500_000);
    let chained = chain(10_000, "");
    let largest = format!("{chained}{}", " ".repeat(1_048_576 - chained.len()));
    let wrong = r#","Foo":1,"TimeoutSeconds":2"#;
    let unsupported = "SCHEMA_VALIDATION_FAILED: Field 'Foo' is not supported";
    check(&world, "10,000 states", &chained, "").await;
    check(&world, "10,000 wrong states", &chain(10_000, wrong), unsupported).await;
    check(&world, "the largest", &largest, "").await;
    check(
        &world,
        "a long name",
        &format!(r#"{{"StartAt":"S","States":{{"{long_name}":{{"Type":"Pass","Next":"Nowhere"}}}}}}"#),
        "INVALID_STATE_NAME: ",
    )
    .await;
    let twins = format!(
        r#"{{"StartAt":"S","States":{{{}"S":{{"Type":"Succeed"}}}}}}"#,
        r#""S":{"Type":"Succeed"},"#.repeat(30_000)
    );
    check(&world, "30,000 states of one name", &twins, "DUPLICATE_STATE_NAME: ").await;
    let twice = chain(15_000, r#","Result":{"a":0,"a":0}"#);
    check(&world, "15,000 results with a member twice", &twice, "").await;
    let slashes = format!(
        r#"{{"StartAt":"S","States":{{"S":{{"Type":"Succeed"}},"{0}":{{"a":0,"a":0}},"{0}b":{{"a":{{"a":0,"a":0}}}}}}}}"#,
        "/".repeat(400_000)
    );
    check(&world, "names of slashes", &slashes, "INVALID_STATE_NAME: ").await;
    let rule = r#"{"Variable":"$.a","IsPresent":true}"#;
    let rules = vec![rule; 20_000].join(",");
    let choice = format!(
        r#"{{"StartAt":"S","States":{{"S":{{"Type":"Choice","Choices":[{{"Or":[{rules}],"Next":"E"}}]}},"E":{{"Type":"Fail"}}}}}}"#
    );
    check(&world, "20,000 conditions", &choice, "").await;
    check(
        &world,
        "a number of 500,000 digits",
        &pass("Result", 1).replace(":1,", &format!(":{},", "9".repeat(500_000))),
        "",
    )
    .await;
    world.stopped().await;
}

#[tokio::test]
async fn deep_ones() {
    let world = World::start().await;
    let depth = "INVALID_JSON_DESCRIPTION: Document nesting depth (1001) exceeds the maximum";
    check(&world, "a million brackets", &"[".repeat(1_000_000), depth).await;
    check(&world, "closed brackets", &("[".repeat(500_000) + &"]".repeat(500_000)), depth).await;
    check(&world, "a few containers", &nested(20), "").await;
    check(&world, "many containers", &nested(150), "TOO_DEEPLY_NESTED: ").await;
    check(&world, "more containers than JSON may nest", &nested(5_000), depth).await;
    let template = |depth| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    let parameters = |depth| pass("Parameters", 1).replace(":1,", &format!(":{},", template(depth)));
    check(&world, "a template", &parameters(100), "").await;
    check(&world, "a deep template", &parameters(900), "SCHEMA_VALIDATION_FAILED: ").await;
    let not = |depth| {
        format!(
            r#"{{"StartAt":"S","States":{{"S":{{"Type":"Choice","Choices":[{{"Next":"E",{}"Not":{{"Variable":"$.a","IsNull":true}}{}}}]}},"E":{{"Type":"Fail"}}}}}}"#,
            r#""Not":{"#.repeat(depth),
            "}".repeat(depth)
        )
    };
    check(&world, "a condition", &not(100), "").await;
    check(&world, "a deep condition", &not(900), "SCHEMA_VALIDATION_FAILED: ").await;
    world.stopped().await;
}

#[tokio::test]
async fn long_paths_and_calls() {
    let world = World::start().await;
    let bad = "SCHEMA_VALIDATION_FAILED: Value must be a valid JSONPath.";
    for (name, path, expected) in [
        ("fields", format!("${}", ".a".repeat(200_000)), bad),
        ("brackets", format!("${}", "[".repeat(300_000)), bad),
        ("filters in filters", format!("${}", "[?(".repeat(50_000)), bad),
        ("parentheses", format!("$[?({}1{})]", "(".repeat(100_000), ")".repeat(100_000)), bad),
        ("negations", format!("$[?({}@.a)]", "!".repeat(100_000)), bad),
        ("conjunctions", format!("$[?({}@.a)]", "@.a && ".repeat(50_000)), ""),
        ("conjunctions without blanks", format!("$[?(@.a &&{}@.a)]", "(@.b)&&".repeat(50_000)), ""),
        ("alternatives", format!("$[?({}@.a)]", "@.a || ".repeat(50_000)), ""),
        ("a list", format!("$[?(@.a in [{}1])]", "1,".repeat(100_000)), ""),
        ("a text that is not closed", format!("$[?(@.a == {})]", "'a".repeat(50_001)), bad),
        ("parameters", format!("$.concat({}$.a)", "$.a,".repeat(60_000)), ""),
    ] {
        check(&world, name, &pass("InputPath", path), expected).await;
    }
    let bad = "SCHEMA_VALIDATION_FAILED: The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic";
    for (name, call, expected) in [
        ("calls in calls", format!("{}1{}", "States.Array(".repeat(40_000), ")".repeat(40_000)), bad),
        ("arguments", format!("States.Array({}1)", "'x',".repeat(100_000)), ""),
        ("no commas", format!("States.Array({}1)", "'x' ".repeat(100_000)), bad),
        ("blanks", format!("States.Array({0}1{0})", " ".repeat(400_000)), ""),
        ("places", format!("States.Format('{}'{})", "{}".repeat(50_000), ",$.a".repeat(50_000)), ""),
    ] {
        check(&world, name, &pass("Parameters", json::value!({ "a.$": call })), expected).await;
    }
    world.stopped().await;
}
