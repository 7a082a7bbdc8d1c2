//! States in JSONata by themselves: AWS shows little of their data flow, but all of it is evaluated.

use expect_test::{Expect, expect};

use crate::test_state::check;
use crate::test_state_map::DISTRIBUTED;

/// As `check`, of a state in JSONata.
#[track_caller]
fn check_jsonata(fields: &str, given: &str, expected: Expect) {
    check(&format!(r#"{{"QueryLanguage":"JSONata",{fields}}}"#), given, expected);
}

#[test]
fn a_task_shows_arguments_and_result() {
    let task = r#""Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Arguments":{"QueueUrl":"q","MessageBody":"{% $states.input.i + $v %}"},
        "Assign":{"v":"{% $states.result.n %}","w":"{% $v %}"},"Output":{"out":"{% $states.result.n + $states.input.i %}"},"Next":"N",
        "Catch":[{"ErrorEquals":["E"],"Output":"{% $states.errorOutput.Error & $v %}","Assign":{"v":0},"Next":"C"}]"#;
    check_jsonata(
        task,
        r#"{"input":{"i":1},"variables":{"v":2},"result":{"n":5}}"#,
        expect![[r#"
        Succeeded
        output {"out":6}
        → N
          Parameters {"QueueUrl":"q","MessageBody":3}
          Result {"n":5}
          $v = 5
          $w = 2"#]],
    );
    check_jsonata(
        task,
        r#"{"input":{"i":1},"variables":{"v":2},"error":"E"}"#,
        expect![[r#"
        CaughtError
        output "E2"
        error E: why
        → C
          Parameters {"QueueUrl":"q","MessageBody":3}
          $v = 0
          catcher 0"#]],
    );
    check_jsonata(
        task,
        r#"{"input":{"i":1},"variables":{"v":2},"error":"F"}"#,
        expect![[r#"
        Failed
        error F: why
          Parameters {"QueueUrl":"q","MessageBody":3}
          $v = 2"#]],
    );
    // What cannot be evaluated before or after the work.
    check_jsonata(
        task,
        r#"{"input":{"i":1},"result":{"n":5}}"#,
        expect![[r#"
        Failed
        error States.QueryEvaluationError: An error occurred while executing the state 'StateName' (entered at the event id #2). The JSONata expression '$states.input.i + $v' specified for the field 'Arguments/MessageBody' returned nothing (undefined)."#]],
    );
    check_jsonata(
        task,
        r#"{"input":{"i":1},"variables":{"v":2},"result":{}}"#,
        expect![[r#"
        Failed
        error States.QueryEvaluationError: An error occurred while executing the state 'StateName' (entered at the event id #2). The JSONata expression '$states.result.n + $states.input.i' specified for the field 'Output/out' returned nothing (undefined).
          Parameters {"QueueUrl":"q","MessageBody":3}
          Result {}
          $v = 2"#]],
    );
}

#[test]
fn the_others_show_nothing_of_their_flow() {
    check_jsonata(
        r#""Type":"Pass","Output":"{% $states.input.i * 2 %}","Assign":{"v":"{% $states.context.State.Name %}"},"End":true"#,
        r#"{"input":{"i":4}}"#,
        expect![[r#"
            Succeeded
            output 8
              $v = "StateName""#]],
    );
    let choice = r#""Type":"Choice","Choices":[{"Condition":"{% $states.input.i > 3 %}","Next":"More","Output":"{% $states.input.i %}"}],
        "Default":"Less""#;
    check_jsonata(
        choice,
        r#"{"input":{"i":4}}"#,
        expect![[r#"
        Succeeded
        output 4
        → More"#]],
    );
    check_jsonata(
        choice,
        r#"{"input":{"i":3}}"#,
        expect![[r#"
        Succeeded
        output {"i":3}
        → Less"#]],
    );
    check_jsonata(
        choice,
        r#"{"input":{"i":"four"}}"#,
        expect![[r#"
        Failed
        error States.QueryEvaluationError: An error occurred while executing the state 'StateName' (entered at the event id #2). The JSONata expression '$states.input.i > 3' specified for the field 'Choices[0]/Condition' threw an error during evaluation. T2009: The values "four" and 3 either side of operator ">" must be of the same data type"#]],
    );
    check_jsonata(
        r#""Type":"Wait","Seconds":"{% $states.input.s %}","End":true"#,
        r#"{"input":{"s":5}}"#,
        expect!["waits until Timestamp(6000)"],
    );
    check_jsonata(
        r#""Type":"Fail","Error":"{% $states.input.e %}""#,
        r#"{"input":{"e":"E"}}"#,
        expect![[r#"
        Failed
        error E: -"#]],
    );
    check_jsonata(
        r#""Type":"Parallel","Arguments":"{% $states.input.a %}","Output":"{% $states.result[1] %}","End":true,
        "Branches":[{"StartAt":"A","States":{"A":{"Type":"Succeed"}}},{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}]"#,
        r#"{"input":{"a":1},"result":[1,2]}"#,
        expect![[r#"
            Succeeded
            output 2"#]],
    );
}

#[test]
fn a_map_evaluates_items_and_counts() {
    let map = format!(
        r#""Type":"Map","Items":"{{% $states.input.list %}}","ItemSelector":{{"k":"{{% $states.context.Map.Item.Key %}}",
        "v":"{{% $states.context.Map.Item.Value %}}"}},"MaxConcurrency":"{{% $states.input.most %}}","ToleratedFailureCount":"{{% 1 %}}",
        "ToleratedFailurePercentage":"{{% 60 %}}","ItemBatcher":{{"MaxItemsPerBatch":2,"BatchInput":"{{% $states.input.most %}}"}},
        "End":true,{DISTRIBUTED}"#
    );
    check_jsonata(
        &map,
        r#"{"input":{"list":{"a":1,"b":2,"c":3},"most":7},"result":[0]}"#,
        expect![[r#"
        Succeeded
        output [0]
          ItemSelector [{"k":"a","v":1},{"k":"b","v":2},{"k":"c","v":3}]
          ItemBatcher [{"BatchInput":7,"Items":[{"k":"a","v":1},{"k":"b","v":2}]},{"BatchInput":7,"Items":[{"k":"c","v":3}]}]
          MaxConcurrency 7
          ToleratedFailureCount 1
          iterations 3
          ToleratedFailurePercentage 60.0"#]],
    );
    check_jsonata(
        &map,
        r#"{"input":{"list":{"a":1},"most":7},"result":[0],"failed":1}"#,
        expect![[r#"
        Failed
        error States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded
          ItemSelector [{"k":"a","v":1}]
          ItemBatcher [{"BatchInput":7,"Items":[{"k":"a","v":1}]}]
          MaxConcurrency 7
          ToleratedFailureCount 1
          iterations 1
          ToleratedFailurePercentage 60.0"#]],
    );
    check_jsonata(
        &map,
        r#"{"input":{"list":3,"most":7},"result":[0]}"#,
        expect![[r#"
        Failed
        error States.QueryEvaluationError: An error occurred while executing the state 'StateName' (entered at the event id #2). The JSONata expression '$states.input.list' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'number' for value: 3"#]],
    );
    check_jsonata(
        &map,
        r#"{"input":{"list":[],"most":-1},"result":[0]}"#,
        expect![[r#"
        Failed
        error States.QueryEvaluationError: An error occurred while executing the state 'StateName' (entered at the event id #2). MaxConcurrency cannot be negative."#]],
    );
}

#[test]
fn a_reader_takes_arguments() {
    check_jsonata(
        &format!(
            r#""Type":"Map","ItemReader":{{"Resource":"arn:aws:states:::s3:getObject","Arguments":{{"Bucket":"b","Key":"{{% $states.input.k %}}"}},
            "ReaderConfig":{{"InputType":"JSON"}}}},"ItemSelector":"{{% $states.context.Map.Item.Source %}}","End":true,{DISTRIBUTED}"#
        ),
        r#"{"input":{"k":"x"},"result":[0],"data":"[1,2]"}"#,
        expect![[r#"
            Succeeded
            output [0]
              ItemSelector ["S3://b/x","S3://b/x"]
              MaxConcurrency 0
              iterations 2"#]],
    );
}
