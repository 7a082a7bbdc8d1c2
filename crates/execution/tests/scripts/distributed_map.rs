//! Distributed Map as its execution sees it: a Map Run begins, and is heard of when it has ended.
//! (spec/asl.md §10, spec/history-events.md §3.3)

use expect_test::expect;

use crate::harness::check;

/// A distributed Map with these members, and the state that follows it.
fn map(members: &str) -> String {
    let processor = r#""ItemProcessor": { "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" }, "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }"#;
    format!(r#"{{ "M": {{ "Type": "Map", "Label": "L", {processor}, {members} "End": true }} }}"#)
}

#[test]
fn a_map_run_begins_and_its_result_is_the_states() {
    check(
        &map(r#""MaxConcurrency": 5, "ToleratedFailureCount": 2, "ResultPath": "$[0]","#),
        &[r#"0s start ["x", "y"]"#, "0s restart", r#"9s mapped ["X", "Y"]"#],
        expect![[r#"
            1←0 ExecutionStarted ["x", "y"]
            2←0 MapStateEntered M ["x", "y"]
            3←2 MapStateStarted 2
            4←3 MapRunStarted machine/L
              → StartMapRun @1 machine/L 2 items at once 5 tolerated 2
            — restart
            — 9s mapped ["X", "Y"]
            5←4 MapRunSucceeded
            6←5 MapStateSucceeded
            7←5 MapStateExited M [["X","Y"],"y"]
            8←7 ExecutionSucceeded [["X","Y"],"y"]
        "#]],
    );
}

#[test]
fn a_run_that_fails_can_be_retried_by_a_new_one_and_caught() {
    check(
        &map(
            r#""Retry": [{ "ErrorEquals": ["States.ALL"], "MaxAttempts": 1 }], "Catch": [{ "ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "M" }],"#,
        ),
        &[
            "0s start [1]",
            "1s unmapped States.ItemReaderFailed no",
            "2s timer",
            "3s unmapped States.ExceedToleratedFailureThreshold The specified tolerated failure threshold was exceeded",
        ],
        expect![[r#"
            1←0 ExecutionStarted [1]
            2←0 MapStateEntered M [1]
            3←2 MapStateStarted 1
            4←3 MapRunStarted machine/L
              → StartMapRun @1 machine/L 1 items at once 0
            — 1s unmapped States.ItemReaderFailed no
            5←4 MapRunFailed States.ItemReaderFailed: no
              → SetTimer @1 2s
            — 2s timer
            6←5 MapStateStarted 1
            7←6 MapRunStarted machine/L
              → StartMapRun @1 machine/L 1 items at once 0
            — 3s unmapped States.ExceedToleratedFailureThreshold The specified tolerated failure threshold was exceeded
            8←7 MapRunFailed States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded
            9←8 MapStateFailed
            10←9 MapStateExited M {"Error":"States.ExceedToleratedFailureThreshold","Cause":"The specified tolerated failure threshold was exceeded"}
            11←10 MapStateEntered M {"Error":"States.ExceedToleratedFailureThreshold","Cause":"The specified tolerated failure threshold was exceeded"}
            12←11 ExecutionFailed States.Runtime: An error occurred while executing the state 'M' (entered at the event id #11). Reference path "$" must point to array.
        "#]],
    );
}

#[test]
fn a_stop_stops_the_run_and_a_redrive_lets_it_go_on() {
    check(
        &map(""),
        &["0s start [1, 2]", "1s stop", "60s redrive", "0s restart", "61s mapped [1, 2]"],
        expect![[r#"
            1←0 ExecutionStarted [1, 2]
            2←0 MapStateEntered M [1, 2]
            3←2 MapStateStarted 2
            4←3 MapRunStarted machine/L
              → StartMapRun @1 machine/L 2 items at once 0
            — 1s stop
            5←4 MapRunAborted
            6←4 MapStateAborted
            7←0 ExecutionAborted -
              → StopMapRun machine/L
            — 60s redrive
            8←7 ExecutionRedriven 1
            9←4 MapRunRedriven machine/L 1
              → RedriveMapRun @1 machine/L
            — restart
              → RedriveMapRun @1 machine/L
            — 61s mapped [1, 2]
            10←9 MapRunSucceeded
            11←10 MapStateSucceeded
            12←10 MapStateExited M [1, 2]
            13←12 ExecutionSucceeded [1, 2]
        "#]],
    );
}

#[test]
fn after_too_many_failures_the_same_run_is_redriven_after_another_failure_a_new_one_begins() {
    check(
        &map(""),
        &[
            "0s start [1, 2]",
            "1s unmapped States.ExceedToleratedFailureThreshold c",
            "60s redrive",
            "61s unmapped States.DataLimitExceeded c",
            "90s redrive",
        ],
        expect![[r#"
            1←0 ExecutionStarted [1, 2]
            2←0 MapStateEntered M [1, 2]
            3←2 MapStateStarted 2
            4←3 MapRunStarted machine/L
              → StartMapRun @1 machine/L 2 items at once 0
            — 1s unmapped States.ExceedToleratedFailureThreshold c
            5←4 MapRunFailed States.ExceedToleratedFailureThreshold: c
            6←5 MapStateFailed
            7←6 ExecutionFailed States.ExceedToleratedFailureThreshold: c
            — 60s redrive
            8←7 ExecutionRedriven 1
            9←5 MapRunRedriven machine/L 1
              → RedriveMapRun @1 machine/L
            — 61s unmapped States.DataLimitExceeded c
            10←9 MapRunFailed States.DataLimitExceeded: c
            11←10 MapStateFailed
            12←11 ExecutionFailed States.DataLimitExceeded: c
            — 90s redrive
            13←12 ExecutionRedriven 2
            14←11 MapStateStarted 2
            15←14 MapRunStarted machine/L
              → StartMapRun @1 machine/L 2 items at once 0
        "#]],
    );
}

#[test]
fn what_is_tolerated_is_looked_at_after_the_state_has_started() {
    check(
        &map(r#""ItemsPath": "$.items", "ToleratedFailureCountPath": "$.tolerated","#),
        &[r#"0s start {"items": [0], "tolerated": -1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"items": [0], "tolerated": -1}
            2←0 MapStateEntered M {"items": [0], "tolerated": -1}
            3←2 MapStateStarted 1
            4←3 ExecutionFailed States.Runtime: An error occurred while executing the state 'M' (entered at the event id #2). ToleratedFailureCount cannot be negative.
        "#]],
    );
}

#[test]
fn a_reader_is_asked_for_the_items() {
    check(
        &map(
            r#""ItemReader": { "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": { "InputType": "JSON", "MaxItemsPath": "$.max" }, "Parameters": { "Bucket": "b", "Key.$": "$.key" } },"#,
        ),
        &[
            r#"0s start {"key": "k", "max": 0}"#,
            r#"1s start {"key": "k", "max": -1}"#,
            r#"2s start {"max": 1}"#,
        ],
        expect![[r#"
            1←0 ExecutionStarted {"key": "k", "max": 0}
            2←0 MapStateEntered M {"key": "k", "max": 0}
            3←2 MapStateStarted 0
            4←3 MapRunStarted machine/L
              → StartMapRun @1 machine/L at once 0
            1←0 ExecutionStarted {"key": "k", "max": -1}
            2←0 MapStateEntered M {"key": "k", "max": -1}
            3←2 MapStateStarted 0
            4←3 MapRunStarted machine/L
              → StartMapRun @1 machine/L at once 0
            1←0 ExecutionStarted {"max": 1}
            2←0 MapStateEntered M {"max": 1}
            3←2 MapStateStarted 0
            4←3 ExecutionFailed States.Runtime: An error occurred while executing the state 'M' (entered at the event id #2). The JSONPath '$.key' specified for the field 'Key.$' could not be found in the input '{"max":1}'
        "#]],
    );
}

#[test]
fn a_sibling_that_fails_aborts_the_run() {
    let processor = r#""ItemProcessor": { "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS" }, "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }"#;
    check(
        &format!(
            r#"{{ "P": {{ "Type": "Parallel", "End": true, "Branches": [
                {{ "StartAt": "M", "States": {{ "M": {{ "Type": "Map", "Label": "L", {processor}, "End": true }} }} }},
                {{ "StartAt": "F", "States": {{ "F": {{ "Type": "Task", "Resource": "function:f", "End": true }} }} }} ] }} }}"#
        ),
        &["0s start [1]", "1s fails @3 E"],
        expect![[r#"
            1←0 ExecutionStarted [1]
            2←0 ParallelStateEntered P [1]
            3←2 ParallelStateStarted
            4←3 MapStateEntered M [1]
            5←4 MapStateStarted 1
            6←5 MapRunStarted machine/L
            7←3 TaskStateEntered F [1]
            8←7 LambdaFunctionScheduled [1]
            9←8 LambdaFunctionStarted
              → StartMapRun @2 machine/L EXPRESS 1 items at once 0
              → CallTask @3#1 [1]
            — 1s fails @3 E
            10←9 LambdaFunctionFailed E
            11←10 MapRunAborted
            12←10 MapStateAborted
            13←10 TaskStateAborted
            14←10 ParallelStateFailed
            15←14 ExecutionFailed E
              → StopMapRun machine/L
        "#]],
    );
}
