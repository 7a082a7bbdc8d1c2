//! States by themselves: what comes out, what is seen on the way, and how a failure ends.

use std::sync::Arc;

use asl::{Failure, Timestamp};
use execution::execution::Start;
use execution::test_state::{Inspected, Progress, Subject, Test, TestStatus, Tested};
use execution::{MachineType, Outside, Stage, TaskOutcome};
use expect_test::{Expect, expect};
use json::{Document, Object, Value};

const ARN: &str = "arn:aws:states:us-east-1:123456789012:";

/// A test of the state `definition` that is given what `given` says: `input`, `variables`, `context`,
/// `result` or `error`, `retries`, `failed`, `data`.
pub fn test(definition: &str, given: &str) -> Test {
    let alone = match asl::compile_state(definition, None) {
        Ok(alone) => alone,
        Err(error) => panic!("{definition}: {error:?}"),
    };
    let given = Value::parse(given).unwrap_or_else(|error| panic!("{given}: {error}"));
    let document = |value: &Value| Document::from_value(value.clone());
    let object = |name: &str| given.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let number = |name: &str| given.get(name).and_then(Value::as_i64).unwrap_or_default() as u32;
    let start = Start {
        arn: format!("{ARN}express:M:E").into(),
        name: "E".into(),
        state_machine_arn: format!("{ARN}stateMachine:M").into(),
        state_machine_name: "M".into(),
        machine_type: MachineType::Express,
        revision: 0,
        version_arn: None,
        alias_arn: None,
        test_case: None,
        role_arn: "".into(),
        region: "us-east-1".into(),
        input: given.get("input").map_or_else(|| document(&Value::Object(Object::new())), document),
        trace_header: None,
        parent: None,
        child_of: None,
        started_at: Timestamp(0),
    };
    let error = given.get("error").and_then(Value::as_str).map(|error| Failure::new(error, "why"));
    let result = given.get("result").map(|result| TaskOutcome::Succeeded(document(result)));
    Test::new(Subject {
        machine: Arc::new(alone.machine),
        state: asl::Alone::STATE,
        start,
        variables: object("variables").iter().map(|(name, value)| (name.clone(), document(value))).collect(),
        context: object("context"),
        mock: error.map(TaskOutcome::Failed).or(result),
        retries: number("retries"),
        iteration_failures: number("failed"),
        item_reader_data: given.get("data").and_then(Value::as_str).map(Into::into),
    })
}

pub fn outside(second: i64) -> Outside<'static> {
    Outside::new(Timestamp(second * 1000), 7)
}

#[track_caller]
pub fn check(definition: &str, given: &str, expected: Expect) {
    let mut test = test(definition, given);
    let mut progress = test.begin(outside(1));
    while let Progress::Again = progress {
        progress = test.again(outside(1));
    }
    expected.assert_eq(&show(progress));
}

fn show(progress: Progress) -> String {
    let tested = match progress {
        Progress::Ended(tested) => *tested,
        Progress::Call { call, until } => {
            return format!(
                "calls {} with {} until {until:?}",
                call.resource.resource_name(),
                call.arguments.text()
            );
        }
        Progress::Again => return "again".to_owned(),
        Progress::Wait(until) => return format!("waits until {until:?}"),
    };
    let Tested { status, output, failure, next_state, inspected } = tested;
    let mut lines = vec![format!("{status:?}")];
    lines.extend(output.map(|output| format!("output {}", output.text())));
    lines.extend(
        failure
            .map(|failure| format!("error {}: {}", failure.name(), failure.cause.as_deref().unwrap_or("-"))),
    );
    lines.extend(next_state.map(|next| format!("→ {next}")));
    show_inspected(&inspected, &mut lines);
    lines.join("\n")
}

fn show_inspected(inspected: &Inspected, lines: &mut Vec<String>) {
    for (stage, document) in &inspected.stages {
        lines.push(format!("  {stage:?} {}", document.text()));
    }
    for (name, value) in &inspected.variables {
        lines.push(format!("  ${name} = {}", value.text()));
    }
    let counts = [
        ("MaxConcurrency", inspected.max_concurrency),
        ("ToleratedFailureCount", inspected.tolerated_failure_count),
        ("iterations", inspected.iterations.map(|count| count as u64)),
        ("retrier", inspected.retry_index.map(|index| index as u64)),
        ("retry after", inspected.retry_backoff_seconds),
        ("catcher", inspected.catch_index.map(|index| index as u64)),
    ];
    for (name, count) in counts {
        lines.extend(count.map(|count| format!("  {name} {count}")));
    }
    let share = inspected.tolerated_failure_percentage;
    lines.extend(share.map(|share| format!("  ToleratedFailurePercentage {share:?}")));
}

#[test]
fn a_pass_shows_its_whole_flow_or_its_literal_result() {
    check(
        r#"{"Type":"Pass","InputPath":"$.a","Parameters":{"x.$":"$.b"},"ResultPath":"$.c","OutputPath":"$.c",
            "Assign":{"v.$":"$.x"},"Next":"After"}"#,
        r#"{"input":{"a":{"b":1}},"variables":{"w":2}}"#,
        expect![[r#"
            Succeeded
            output {"x":1}
            → After
              InputPath {"b":1}
              Parameters {"x":1}
              ResultSelector {"x":1}
              ResultPath {"a":{"b":1},"c":{"x":1}}
              $v = 1
              $w = 2"#]],
    );
    check(
        r#"{"Type":"Pass","InputPath":"$.a","Result":[7],"End":true}"#,
        r#"{"input":{"a":{"b":1}}}"#,
        expect![[r#"
            Succeeded
            output [7]
              Result [7]
              ResultSelector [7]
              ResultPath [7]"#]],
    );
}

#[test]
fn what_fails_shows_what_came_before() {
    check(
        r#"{"Type":"Pass","InputPath":"$.a","End":true}"#,
        "{}",
        expect![[r#"
        Failed
        error States.Runtime: An error occurred while executing the state 'StateName' (entered at the event id #2). Invalid path '$.a' : No results for path: $['a']"#]],
    );
    check(
        r#"{"Type":"Pass","InputPath":"$.a","Parameters":{"x.$":"$.b"},"End":true}"#,
        r#"{"input":{"a":{}}}"#,
        expect![[r#"
            Failed
            error States.Runtime: An error occurred while executing the state 'StateName' (entered at the event id #2). The JSONPath '$.b' specified for the field 'x.$' could not be found in the input '{}'
              InputPath {}"#]],
    );
    check(
        r#"{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","ResultSelector":{"x.$":"$.b"},"End":true,
            "Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}]}"#,
        r#"{"input":[1],"result":{}}"#,
        expect![[r#"
            Failed
            error States.Runtime: An error occurred while executing the state 'StateName' (entered at the event id #2). The JSONPath '$.b' specified for the field 'x.$' could not be found in the input '{}'
              InputPath [1]
              Parameters [1]
              Result {}"#]],
    );
}

#[test]
fn choices_waits_and_ends() {
    let choice = r#"{"Type":"Choice","Choices":[{"Variable":"$.a","NumericEquals":1,"Next":"One","Assign":{"v":1}}],
        "Default":"Other"}"#;
    check(
        choice,
        r#"{"input":{"a":1}}"#,
        expect![[r#"
        Succeeded
        output {"a":1}
        → One
          InputPath {"a":1}
          $v = 1"#]],
    );
    check(
        choice,
        r#"{"input":{"a":2}}"#,
        expect![[r#"
        Succeeded
        output {"a":2}
        → Other
          InputPath {"a":2}"#]],
    );
    check(
        r#"{"Type":"Choice","Choices":[{"Variable":"$.a","IsPresent":true,"Next":"A"}]}"#,
        "{}",
        expect![[r#"
            Failed
            error States.NoChoiceMatched: An error occurred while executing the state 'StateName' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.
              InputPath {}"#]],
    );
    check(
        r#"{"Type":"Succeed","OutputPath":"$.a"}"#,
        r#"{"input":{"a":1}}"#,
        expect![[r#"
        Succeeded
        output 1
          InputPath {"a":1}"#]],
    );
    check(
        r#"{"Type":"Fail","Error":"E","CausePath":"$.a"}"#,
        r#"{"input":{"a":"why"}}"#,
        expect![[r#"
        Failed
        error E: why"#]],
    );
    check(
        r#"{"Type":"Fail"}"#,
        "{}",
        expect![[r#"
        Failed
        error : -"#]],
    );
    check(
        r#"{"Type":"Wait","Seconds":0,"End":true}"#,
        "{}",
        expect![[r#"
        Succeeded
        output {}
          InputPath {}"#]],
    );
    check(
        r#"{"Type":"Wait","SecondsPath":"$.a","End":true}"#,
        r#"{"input":{"a":-1}}"#,
        expect![[r#"
        Failed
        error States.Runtime: An error occurred while executing the state 'StateName' (entered at the event id #2). The SecondsPath parameter references a negative value: $.a == -1
          InputPath {"a":-1}"#]],
    );
}

#[test]
fn a_wait_goes_on_when_its_time_has_come() {
    let mut test = test(r#"{"Type":"Wait","Seconds":20,"Next":"After"}"#, r#"{"input":[1]}"#);
    expect!["waits until Timestamp(21000)"].assert_eq(&show(test.begin(outside(1))));
    expect![[r#"
        Succeeded
        output [1]
        → After
          InputPath [1]"#]]
    .assert_eq(&show(test.waited(outside(21))));
}

#[test]
fn a_task_without_a_mock_is_called_and_goes_on_with_the_answer() {
    let definition = r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","TimeoutSeconds":9,
        "Parameters":{"x.$":"$.a"},"ResultPath":"$.r","End":true,
        "Retry":[{"ErrorEquals":["Again"]}],"Catch":[{"ErrorEquals":["States.Timeout"],"ResultPath":"$.e","Next":"C"}]}"#;
    let mut succeeds = test(definition, r#"{"input":{"a":1}}"#);
    expect![[
        r#"calls arn:aws:lambda:us-east-1:123456789012:function:f with {"x":1} until Some(Timestamp(10000))"#
    ]]
    .assert_eq(&show(succeeds.begin(outside(1))));
    let answer = TaskOutcome::Succeeded(Document::from_value("done".into()));
    expect![[r#"
        Succeeded
        output {"a":1,"r":"done"}
          InputPath {"a":1}
          Parameters {"x":1}
          Result "done"
          ResultSelector "done"
          ResultPath {"a":1,"r":"done"}"#]]
    .assert_eq(&show(succeeds.returned(answer, outside(2))));
    let mut retries = test(definition, r#"{"input":{"a":1}}"#);
    retries.begin(outside(1));
    let answer = TaskOutcome::Failed(Failure::new("Again", "why"));
    expect![[r#"
        Retriable
        error Again: why
          InputPath {"a":1}
          Parameters {"x":1}
          retrier 0
          retry after 1"#]]
    .assert_eq(&show(retries.returned(answer, outside(2))));
    let mut times_out = test(definition, r#"{"input":{"a":1}}"#);
    times_out.begin(outside(1));
    expect![[r#"
        CaughtError
        output {"a":1,"e":{"Error":"States.Timeout","Cause":""}}
        error States.Timeout: -
        → C
          InputPath {"a":1}
          Parameters {"x":1}
          catcher 0"#]]
    .assert_eq(&show(times_out.returned(TaskOutcome::TimedOut, outside(10))));
}

#[test]
fn out_of_time_is_no_failure_of_the_states_own() {
    let definition = r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","End":true,
        "Retry":[{"ErrorEquals":["States.ALL"]}]}"#;
    let mut test = test(definition, r#"{"input":1}"#);
    test.begin(outside(1));
    let tested = test.time_out();
    assert_eq!(tested.status, TestStatus::Failed);
    assert_eq!(tested.failure, Some(Failure::named("States.Timeout")));
    let stages: Vec<Stage> = tested.inspected.stages.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(stages, [Stage::InputPath, Stage::Parameters]);
}

#[test]
fn mocked_failures_meet_retry_and_catch() {
    let definition = r#"{"Type":"Task","Resource":"arn:aws:states:::glue:startJobRun.sync","End":true,
        "Retry":[{"ErrorEquals":["A"],"MaxAttempts":2,"IntervalSeconds":3,"BackoffRate":1.5},
                 {"ErrorEquals":["B"],"MaxAttempts":9,"MaxDelaySeconds":5}],
        "Catch":[{"ErrorEquals":["X"],"Next":"ForX"},
                 {"ErrorEquals":["States.TaskFailed"],"ResultPath":"$.e","Next":"ForAll","Assign":{"v.$":"$.Error"}}]}"#;
    let check = |given: &str, expected: Expect| {
        check(definition, &format!(r#"{{"input":{{"i":1}},{given}}}"#), expected);
    };
    check(
        r#""error":"A""#,
        expect![[r#"
        Retriable
        error A: why
          InputPath {"i":1}
          Parameters {"i":1}
          retrier 0
          retry after 3"#]],
    );
    check(
        r#""error":"A","retries":1"#,
        expect![[r#"
        Retriable
        error A: why
          InputPath {"i":1}
          Parameters {"i":1}
          retrier 0
          retry after 4"#]],
    );
    check(
        r#""error":"A","retries":2"#,
        expect![[r#"
        CaughtError
        output {"i":1,"e":{"Error":"A","Cause":"why"}}
        error A: why
        → ForAll
          InputPath {"i":1}
          Parameters {"i":1}
          $v = "A"
          retrier 0
          catcher 1"#]],
    );
    check(
        r#""error":"B","retries":8"#,
        expect![[r#"
        Retriable
        error B: why
          InputPath {"i":1}
          Parameters {"i":1}
          retrier 1
          retry after 5"#]],
    );
    check(
        r#""error":"States.Timeout""#,
        expect![[r#"
        Failed
        error States.Timeout: why
          InputPath {"i":1}
          Parameters {"i":1}"#]],
    );
    check(
        r#""error":"States.Runtime""#,
        expect![[r#"
            Failed
            error States.Runtime: why
              InputPath {"i":1}
              Parameters {"i":1}"#]],
    );
}

#[test]
fn any_task_can_be_mocked() {
    for resource in [
        "arn:aws:states:us-east-1:123456789012:activity:a",
        "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "arn:aws:states:::states:startExecution.sync:2",
        "arn:aws:states:::aws-sdk:s3:getObject",
        "arn:aws:states:::http:invoke",
    ] {
        let definition = format!(r#"{{"Type":"Task","Resource":"{resource}","End":true}}"#);
        let Progress::Ended(tested) = test(&definition, r#"{"result":{"x":1}}"#).begin(outside(1)) else {
            panic!("{resource}")
        };
        assert_eq!(tested.output.expect("an output").text(), r#"{"x":1}"#, "{resource}");
    }
}

#[test]
fn the_context_object_is_partly_made_up() {
    let show = |resource: &str, given: &str| {
        let definition = format!(
            r#"{{"Type":"Task","Resource":"{resource}","Parameters":{{"Message.$":"$$"}},"End":true}}"#
        );
        let Progress::Ended(tested) = test(&definition, given).begin(outside(61)) else { panic!("{given}") };
        let (_, parameters) = tested
            .inspected
            .stages
            .into_iter()
            .find(|(stage, _)| *stage == Stage::Parameters)
            .expect("it is there");
        parameters.value().get("Message").expect("it is there").to_text()
    };
    expect![[r#"{"Execution":{"Id":"arn:aws:states:us-east-1:123456789012:express:M:E","Input":{"i":1},"StartTime":"1970-01-01T00:00:00Z","Name":"E","RoleArn":""},"StateMachine":{"Id":"arn:aws:states:us-east-1:123456789012:stateMachine:M","Name":"M"},"State":{"Name":"StateName","EnteredTime":"1970-01-01T00:01:01Z","RetryCount":0}}"#]].assert_eq(&show("arn:aws:states:::sns:publish", r#"{"result":1,"input":{"i":1}}"#));
    expect![[r#"{"Execution":{"Id":"arn:aws:states:us-east-1:123456789012:express:M:E","Input":[2],"StartTime":"1970-01-01T00:00:00Z","Name":"E","RoleArn":null},"StateMachine":{"Id":"arn:aws:states:us-east-1:123456789012:stateMachine:M","Name":"M"},"State":{"Name":"StateName","EnteredTime":"1970-01-01T00:01:01Z","RetryCount":3},"Task":{"Token":"t"},"Map":{"Item":{"Index":0}}}"#]].assert_eq(&show(
        "arn:aws:states:::sns:publish.waitForTaskToken",
        r#"{"result":1,"context":{"Execution":{"Input":[2],"RoleArn":null},"State":{"RetryCount":3},"Task":{"Token":"t"},
            "Map":{"Item":{"Index":0}}}}"#,
    ));
}

#[test]
fn a_parallel_shows_what_becomes_of_its_result() {
    let definition = r#"{"Type":"Parallel","InputPath":"$.a","ResultSelector":{"first.$":"$[0]"},"ResultPath":"$.r","Next":"N",
        "Retry":[{"ErrorEquals":["Again"]}],
        "Branches":[{"StartAt":"B","States":{"B":{"Type":"Fail"}}}]}"#;
    check(
        definition,
        r#"{"input":{"a":1},"result":[{"x":1}]}"#,
        expect![[r#"
        Succeeded
        output {"a":1,"r":{"first":{"x":1}}}
        → N
          ResultSelector {"first":{"x":1}}
          ResultPath {"a":1,"r":{"first":{"x":1}}}"#]],
    );
    check(
        definition,
        r#"{"input":{"a":1},"error":"Again","retries":3}"#,
        expect![[r#"
        Failed
        error Again: why
          retrier 0"#]],
    );
}
