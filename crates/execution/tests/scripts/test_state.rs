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
fn test(definition: &str, given: &str) -> Test {
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
        role_arn: "".into(),
        region: "us-east-1".into(),
        input: given.get("input").map_or_else(|| document(&Value::Object(Object::new())), document),
        trace_header: None,
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

fn outside(second: i64) -> Outside<'static> {
    Outside::new(Timestamp(second * 1000), 7)
}

#[track_caller]
fn check(definition: &str, given: &str, expected: Expect) {
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
        let definition =
            format!(r#"{{"Type":"Task","Resource":"{resource}","Parameters":{{"c.$":"$$"}},"End":true}}"#);
        let Progress::Ended(tested) = test(&definition, given).begin(outside(61)) else { panic!("{given}") };
        let (_, parameters) = tested
            .inspected
            .stages
            .into_iter()
            .find(|(stage, _)| *stage == Stage::Parameters)
            .expect("it is there");
        parameters.value().get("c").expect("it is there").to_text()
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

const PROCESSOR: &str = r#""ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;
const DISTRIBUTED: &str = r#""ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
    "StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;

#[test]
fn a_map_shows_items_and_results() {
    check(
        &format!(
            r#"{{"Type":"Map","InputPath":"$.a","ItemsPath":"$.list","MaxConcurrencyPath":"$.most","End":true,"ResultPath":"$.r",
            "ItemSelector":{{"n.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","most.$":"$.most"}},{PROCESSOR}}}"#
        ),
        r#"{"input":{"a":{"list":["x","y"],"most":100}},"result":[1,2]}"#,
        expect![[r#"
            Succeeded
            output {"a":{"list":["x","y"],"most":100},"r":[1,2]}
              InputPath {"list":["x","y"],"most":100}
              ItemsPath ["x","y"]
              ItemSelector [{"n":0,"v":"x","most":100},{"n":1,"v":"y","most":100}]
              ResultSelector [1,2]
              ResultPath {"a":{"list":["x","y"],"most":100},"r":[1,2]}
              MaxConcurrency 100
              iterations 2"#]],
    );
    check(
        &format!(r#"{{"Type":"Map","ItemsPath":"$.list","End":true,{PROCESSOR}}}"#),
        r#"{"input":{"list":3},"result":[]}"#,
        expect![[r#"
            Failed
            error States.Runtime: An error occurred while executing the state 'StateName' (entered at the event id #2). Reference path "$.list" must point to array.
              InputPath {"list":3}
              ItemsPath 3"#]],
    );
}

#[test]
fn failed_iterations_are_tolerated_up_to_the_threshold() {
    let check = |fields: &str, failed: u32, expected: Expect| {
        check(
            &format!(
                r#"{{"Type":"Map","End":true,"Retry":[{{"ErrorEquals":["States.ExceedToleratedFailureThreshold"]}}],{fields}{DISTRIBUTED}}}"#
            ),
            &format!(r#"{{"input":[1,2,3,4],"result":[0],"failed":{failed}}}"#),
            expected,
        );
    };
    // Where nothing is said, nothing is compared. (recorded)
    check(
        "",
        4,
        expect![[r#"
        Succeeded
        output [0]
          InputPath [1,2,3,4]
          ItemsPath [1,2,3,4]
          ResultSelector [0]
          ResultPath [0]
          MaxConcurrency 0
          iterations 4"#]],
    );
    check(
        r#""ToleratedFailureCount":2,"#,
        2,
        expect![[r#"
        Succeeded
        output [0]
          InputPath [1,2,3,4]
          ItemsPath [1,2,3,4]
          ResultSelector [0]
          ResultPath [0]
          MaxConcurrency 0
          ToleratedFailureCount 2
          iterations 4"#]],
    );
    check(
        r#""ToleratedFailureCount":2,"#,
        3,
        expect![[r#"
        Retriable
        error States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded
          InputPath [1,2,3,4]
          ItemsPath [1,2,3,4]
          MaxConcurrency 0
          ToleratedFailureCount 2
          iterations 4
          retrier 0
          retry after 1"#]],
    );
    check(
        r#""ToleratedFailurePercentage":25,"#,
        1,
        expect![[r#"
        Succeeded
        output [0]
          InputPath [1,2,3,4]
          ItemsPath [1,2,3,4]
          ResultSelector [0]
          ResultPath [0]
          MaxConcurrency 0
          iterations 4
          ToleratedFailurePercentage 25.0"#]],
    );
    check(
        r#""ToleratedFailurePercentagePath":"$[0]","#,
        1,
        expect![[r#"
        Retriable
        error States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded
          InputPath [1,2,3,4]
          ItemsPath [1,2,3,4]
          MaxConcurrency 0
          iterations 4
          retrier 0
          retry after 1
          ToleratedFailurePercentage 1.0"#]],
    );
    check(
        r#""ToleratedFailureCountPath":"$","#,
        0,
        expect![[r#"
            Failed
            error States.Runtime: An error occurred while executing the state 'StateName' (entered at the event id #2). The ToleratedFailureCountPath field refers to value "[1,2,3,4]" which is not a valid integer: $
              InputPath [1,2,3,4]
              ItemsPath [1,2,3,4]"#]],
    );
}

#[test]
fn readers_and_batchers() {
    let reader = |fields: &str| {
        format!(
            r#""ItemReader":{{"Resource":"arn:aws:states:::s3:getObject","Parameters":{{"Bucket":"b","Key.$":"$.key"}},
            "ReaderConfig":{{{fields}}}}},"#
        )
    };
    let check = |fields: &str, data: &str, expected: Expect| {
        let data = Value::String(data.into()).to_text();
        check(
            &format!(r#"{{"Type":"Map","End":true,{fields}{DISTRIBUTED}}}"#),
            &format!(r#"{{"input":{{"key":"k"}},"result":[0],"data":{data}}}"#),
            expected,
        );
    };
    check(
        &format!(
            r#"{}"ItemSelector":{{"item.$":"$$.Map.Item","key.$":"$.key"}},"#,
            reader(r#""InputType":"JSON","ItemsPointer":"/items","MaxItems":1"#)
        ),
        r#"{"items":{"one":1,"two":2}}"#,
        expect![[r#"
            Succeeded
            output [0]
              InputPath {"key":"k"}
              ItemsPointer {"one":1,"two":2}
              ItemSelector [{"item":{"Index":0,"Value":1,"Source":"S3://b/k","Key":"one"},"key":"k"}]
              ResultSelector [0]
              ResultPath [0]
              MaxConcurrency 0
              iterations 1"#]],
    );
    check(
        &format!(
            r#"{}"ItemBatcher":{{"MaxItemsPerBatch":2,"BatchInput":{{"of.$":"$.key"}}}},"#,
            reader(r#""InputType":"JSONL""#)
        ),
        "1\n2\n3",
        expect![[r#"
            Succeeded
            output [0]
              InputPath {"key":"k"}
              ItemBatcher [{"BatchInput":{"of":"k"},"Items":[1,2]},{"BatchInput":{"of":"k"},"Items":[3]}]
              ResultSelector [0]
              ResultPath [0]
              MaxConcurrency 0
              iterations 3"#]],
    );
    check(
        &format!(
            r#"{}"ItemBatcher":{{"MaxInputBytesPerBatch":40}},"#,
            reader(r#""InputType":"CSV","CSVHeaderLocation":"FIRST_ROW""#)
        ),
        "a\nx\ny\nz",
        expect![[r#"
            Succeeded
            output [0]
              InputPath {"key":"k"}
              ItemBatcher [{"Items":[{"a":"x"}]},{"Items":[{"a":"y"}]},{"Items":[{"a":"z"}]}]
              ResultSelector [0]
              ResultPath [0]
              MaxConcurrency 0
              iterations 3"#]],
    );
    check(
        &reader(r#""InputType":"JSON""#),
        "7",
        expect![[r#"
        Failed
        error States.ItemReaderFailed: An error occurred while executing the state 'StateName' (entered at the event id #2). Attempting to map over non-iterable node.
          InputPath {"key":"k"}"#]],
    );
    check(
        &reader(r#""InputType":"JSON","MaxItemsPath":"$.key""#),
        "[]",
        expect![[r#"
        Failed
        error States.Runtime: An error occurred while executing the state 'StateName' (entered at the event id #2). The MaxItemsPath field refers to value "k" which is not a valid integer: $.key
          InputPath {"key":"k"}"#]],
    );
}

#[test]
fn many_items_are_looked_at_some_at_a_time() {
    let definition = format!(
        r#"{{"Type":"Map","End":true,"ItemSelector":{{"i.$":"$$.Map.Item.Index"}},"ToleratedFailureCount":8,{DISTRIBUTED}}}"#
    );
    let mut test =
        test(&definition, &format!(r#"{{"input":[{}0],"result":[7],"failed":9}}"#, "0,".repeat(99)));
    let mut rounds = 1;
    let mut progress = test.begin(outside(1));
    while let Progress::Again = progress {
        rounds += 1;
        progress = test.again(outside(2));
    }
    let Progress::Ended(tested) = progress else { panic!("{progress:?}") };
    assert_eq!((rounds, tested.status, tested.inspected.iterations), (3, TestStatus::Failed, Some(100)));
    let (_, selected) = tested
        .inspected
        .stages
        .into_iter()
        .find(|(stage, _)| *stage == Stage::ItemSelector)
        .expect("it is there");
    assert_eq!(selected.value().at(99), Some(&json::value!({ "i": 99 })));
}

#[test]
fn without_data_a_reader_reads_nothing() {
    check(
        &format!(
            r#"{{"Type":"Map","End":true,"MaxConcurrency":5,{DISTRIBUTED},
            "ItemReader":{{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{{"Bucket":"b"}}}}}}"#
        ),
        r#"{"result":[7],"failed":9}"#,
        expect![[r#"
            Succeeded
            output [7]
              InputPath {}
              ResultSelector [7]
              ResultPath [7]
              MaxConcurrency 5"#]],
    );
}
