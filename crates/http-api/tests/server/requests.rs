//! What every action says of members that are absent, too long or of the wrong type, and of payloads
//! beyond the limits.

use crate::world::{World, text};

const ROLE: &str = "arn:aws:iam::123456789012:role/r";
const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

/// Each action with its members, `!` behind those that are required: `s`tring, `b`oolean, `n`umber,
/// `l`ist, `o`bject.
const MEMBERS: &[(&str, &str)] = &[
    ("CreateActivity", "name:s! tags:l encryptionConfiguration:o"),
    (
        "CreateStateMachine",
        "name:s! definition:s! roleArn:s! type:s loggingConfiguration:o tags:l tracingConfiguration:o publish:b \
         versionDescription:s encryptionConfiguration:o",
    ),
    ("DeleteActivity", "activityArn:s!"),
    ("DeleteStateMachine", "stateMachineArn:s!"),
    ("DescribeActivity", "activityArn:s!"),
    ("DescribeExecution", "executionArn:s! includedData:s"),
    ("DescribeMapRun", "mapRunArn:s!"),
    ("DescribeStateMachine", "stateMachineArn:s! includedData:s"),
    ("DescribeStateMachineForExecution", "executionArn:s! includedData:s"),
    ("GetActivityTask", "activityArn:s! workerName:s"),
    ("GetExecutionHistory", "executionArn:s! maxResults:n reverseOrder:b nextToken:s includeExecutionData:b"),
    ("ListActivities", "maxResults:n nextToken:s"),
    (
        "ListExecutions",
        "stateMachineArn:s statusFilter:s maxResults:n nextToken:s mapRunArn:s redriveFilter:s",
    ),
    ("ListMapRuns", "executionArn:s! maxResults:n nextToken:s"),
    ("ListStateMachines", "maxResults:n nextToken:s"),
    ("ListTagsForResource", "resourceArn:s!"),
    ("RedriveExecution", "executionArn:s! clientToken:s"),
    ("SendTaskFailure", "taskToken:s! error:s cause:s"),
    ("SendTaskHeartbeat", "taskToken:s!"),
    ("SendTaskSuccess", "taskToken:s! output:s!"),
    ("StartExecution", "stateMachineArn:s! name:s input:s traceHeader:s"),
    ("StartSyncExecution", "stateMachineArn:s! name:s input:s traceHeader:s includedData:s"),
    ("StopExecution", "executionArn:s! error:s cause:s"),
    ("TagResource", "resourceArn:s! tags:l!"),
    ("UntagResource", "resourceArn:s! tagKeys:l!"),
    ("UpdateMapRun", "mapRunArn:s! maxConcurrency:n toleratedFailureCount:n"),
    (
        "UpdateStateMachine",
        "stateMachineArn:s! definition:s roleArn:s loggingConfiguration:o tracingConfiguration:o publish:b \
         versionDescription:s encryptionConfiguration:o",
    ),
    ("ValidateStateMachineDefinition", "definition:s! type:s severity:s maxResults:n"),
];

/// A value of each type, by the letter in [`MEMBERS`]. A number is also tried with a fraction.
const VALUES: &[(&str, &str)] =
    &[("s", r#""x""#), ("b", "true"), ("n", "7"), ("", "1.5"), ("l", "[]"), ("o", "{}"), ("", "1e999")];

#[tokio::test]
async fn members_have_their_types() {
    let world = World::start().await;
    for (action, members) in MEMBERS {
        for (member, kind) in members.split(' ').filter_map(|member| member.split_once(':')) {
            let kind = kind.trim_end_matches('!');
            for (_, value) in VALUES.iter().filter(|(known, _)| *known != kind) {
                let refusal = world.refusal(action, &format!(r#"{{"{member}":{value}}}"#)).await;
                assert!(
                    refusal.starts_with("SerializationException: "),
                    "{action} {member}={value}: {refusal}"
                );
            }
        }
    }
    world.stopped().await;
}

#[tokio::test]
async fn required_members_are_all_named_when_they_are_absent_or_null() {
    let world = World::start().await;
    for (action, members) in MEMBERS {
        let required: Vec<&str> =
            members.split(' ').filter_map(|member| member.strip_suffix(":s!")).collect();
        let lists = members.split(' ').filter_map(|member| member.strip_suffix(":l!"));
        let required: Vec<&str> = required.into_iter().chain(lists).collect();
        if required.is_empty() {
            continue;
        }
        let problems: Vec<String> = required
            .iter()
            .map(|name| {
                format!("Value null at '{name}' failed to satisfy constraint: Member must not be null")
            })
            .collect();
        let plural = if problems.len() == 1 { "" } else { "s" };
        let expected = format!(
            "ValidationException: {} validation error{plural} detected: {}",
            problems.len(),
            problems.join("; ")
        );
        let nulls: Vec<String> = required.iter().map(|name| format!(r#""{name}":null"#)).collect();
        for body in ["{}".to_owned(), format!("{{{}}}", nulls.join(","))] {
            assert_eq!(world.refusal(action, &body).await, expected, "{action} {body}");
        }
    }
    world.stopped().await;
}

#[tokio::test]
async fn names_have_no_forbidden_characters() {
    let world = World::start().await;
    let definition = r#"{\"StartAt\":\"S\",\"States\":{\"S\":{\"Type\":\"Succeed\"}}}"#;
    let create = format!(r#""definition":"{definition}","roleArn":"{ROLE}""#);
    world.ask("CreateStateMachine", &format!(r#"{{"name":"m",{create}}}"#)).await;
    let start = format!(r#""stateMachineArn":"{MACHINE}""#);
    let controls = ('\u{0}'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
    let others = " \u{a0}\u{2003}<>{}[]?*\"#%\\^|~`$&,;:/\u{fffe}\u{ffff}\u{10ffff}".chars();
    for forbidden in controls.chain(others) {
        let name = format!("a{forbidden}b");
        let quoted = json::Value::from(name.as_str()).to_text();
        let expected = format!("InvalidName: Invalid Name: '{name}'");
        for (action, more) in
            [("CreateActivity", r#""tags":[]"#), ("CreateStateMachine", &create), ("StartExecution", &start)]
        {
            let body = format!(r#"{{"name":{quoted},{more}}}"#);
            assert_eq!(world.refusal(action, &body).await, expected, "{action} {forbidden:?}");
        }
    }
    world.stopped().await;
}

#[tokio::test]
async fn payloads_have_limits() {
    let world = World::start().await;
    let activity = text(&world.ask("CreateActivity", r#"{"name":"a"}"#).await, "activityArn");
    let definition = format!(
        r#"{{\"StartAt\":\"S\",\"States\":{{\"S\":{{\"Type\":\"Task\",\"Resource\":\"{activity}\",\"End\":true}}}}}}"#
    );
    let create = format!(r#"{{"name":"m","definition":"{definition}","roleArn":"{ROLE}"}}"#);
    world.ask("CreateStateMachine", &create).await;
    let start = |input: &str| format!(r#"{{"stateMachineArn":"{MACHINE}","input":{input}}}"#);
    // Counted are the characters of the JSON text, its own quotes included.
    let quoted = |text: &str| format!(r#""\"{text}\"""#);
    let (fits, too_long) = ("x".repeat(262_142), "x".repeat(262_143));
    let wide = "é".repeat(131_072);
    let deep = format!(r#""{}""#, "[".repeat(262_144));

    let too_many = "failed to satisfy constraint: Member must have length less than or equal to";
    let refusal = world.refusal("StartExecution", &start(&quoted(&too_long))).await;
    assert_eq!(
        refusal,
        format!("ValidationException: 1 validation error detected: Value at 'input' {too_many} 262144")
    );
    let refusal = world.refusal("StartExecution", &start(&quoted(&wide))).await;
    assert!(refusal.starts_with("InvalidExecutionInput: "), "{refusal}");
    let refusal = world.refusal("StartExecution", &start(&deep)).await;
    assert!(refusal.starts_with("InvalidExecutionInput: "), "{refusal}");
    let started = world.ask("StartExecution", &start(&quoted(&fits))).await;

    let poll = format!(r#"{{"activityArn":"{activity}"}}"#);
    let task = world.ask("GetActivityTask", &poll).await;
    assert_eq!(text(&task, "input").len(), 262_144);
    let token = text(&task, "taskToken");
    let answer = |more: String| format!(r#"{{"taskToken":"{token}",{more}}}"#);
    let success = |output: &str| answer(format!(r#""output":{output}"#));
    let refusal = world.refusal("SendTaskSuccess", &success(&quoted(&too_long))).await;
    assert_eq!(
        refusal,
        format!("ValidationException: 1 validation error detected: Value at 'output' {too_many} 262144")
    );
    for output in [quoted(&wide), deep, r#""""#.to_owned(), r#""{""#.to_owned()] {
        let refusal = world.refusal("SendTaskSuccess", &success(&output)).await;
        assert!(refusal.starts_with("InvalidOutput: Invalid Output: '"), "{refusal}");
    }
    let failure = format!(r#""error":"{}","cause":"{}""#, "e".repeat(257), "c".repeat(32_769));
    let stop = format!(r#"{{"executionArn":"{}",{failure}}}"#, text(&started, "executionArn"));
    for (action, body) in [("SendTaskFailure", answer(failure)), ("StopExecution", stop)] {
        let expected = format!(
            "ValidationException: 2 validation errors detected: Value at 'error' {too_many} 256; Value at 'cause' \
             {too_many} 32768"
        );
        assert_eq!(world.refusal(action, &body).await, expected);
    }
    // None of this has touched the task.
    world.ask("SendTaskHeartbeat", &format!(r#"{{"taskToken":"{token}"}}"#)).await;
    world.ask("SendTaskSuccess", &success(&quoted(&fits))).await;
    let late = world.refusal("SendTaskSuccess", &success(r#""1""#)).await;
    assert_eq!(late, "TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'");
    world.stopped().await;
}
