//! RedriveExecution: what goes on, what keeps its result, what begins anew. (spec/api.md §6)

use asl::Timestamp;
use execution::{FrameId, TaskOutcome, Wakeup};
use expect_test::expect;
use json::{Document, Value};

use crate::harness::{START, Stage, check, machine};

#[test]
fn a_task_is_scheduled_again_without_being_entered() {
    check(
        r#"{ "A": { "Type": "Pass", "Next": "T" }, "T": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 10, "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": 1 }], "Next": "B" }, "B": { "Type": "Pass", "End": true } }"#,
        &[
            r#"0s start {"a": 1}"#,
            "1s fails E",
            "2s timer",
            "3s fails E c",
            "60s redrive",
            "0s restart",
            "61s returns @1#2 1",
            "61s fails E",
            "62s timer",
            r#"63s returns "good""#,
        ],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 PassStateExited A {"a": 1}
            4←3 TaskStateEntered T {"a": 1}
            5←4 LambdaFunctionScheduled {"a": 1} timeout=10
            6←5 LambdaFunctionStarted
              → CallTask @1#1 {"a": 1}
              → SetTimer @1 10s
            — 1s fails E
            7←6 LambdaFunctionFailed E
              → SetTimer @1 2s
            — 2s timer
            8←7 LambdaFunctionScheduled {"a": 1} timeout=10
            9←8 LambdaFunctionStarted
              → CallTask @1#2 {"a": 1}
              → SetTimer @1 12s
            — 3s fails E c
            10←9 LambdaFunctionFailed E: c
            11←10 ExecutionFailed E: c
              → CancelTimer @1
            — 60s redrive
            12←11 ExecutionRedriven 1
            13←10 LambdaFunctionScheduled {"a": 1} timeout=10
            14←13 LambdaFunctionStarted
              → CallTask @1#3 {"a": 1}
              → SetTimer @1 70s
            — restart
              → CallTask @1#3 {"a": 1}
              → SetTimer @1 70s
            — 61s returns @1#2 1
            — 61s fails E
            15←14 LambdaFunctionFailed E
              → SetTimer @1 62s
            — 62s timer
            16←15 LambdaFunctionScheduled {"a": 1} timeout=10
            17←16 LambdaFunctionStarted
              → CallTask @1#4 {"a": 1}
              → SetTimer @1 72s
            — 63s returns "good"
            18←17 LambdaFunctionSucceeded "good"
            19←18 TaskStateExited T "good"
            20←19 PassStateEntered B "good"
            21←20 PassStateExited B "good"
            22←21 ExecutionSucceeded "good"
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn an_activity_is_offered_again_with_another_token() {
    check(
        r#"{ "T": { "Type": "Task", "Resource": "activity:a", "HeartbeatSeconds": 5, "End": true } }"#,
        &["0s start", "1s polled w", "6s timer", "9s redrive", "10s polled w", "11s answers 1"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered T {}
            3←2 ActivityScheduled {} heartbeat=5
              → OfferActivity @1#1 {} <token 1#1>
              → SetTimer @1 31536000s
            — 1s polled w
            4←3 ActivityStarted w
              → SetTimer @1 6s
            — 6s timer
            5←4 ActivityTimedOut States.Timeout
            6←5 ExecutionFailed States.Timeout
              → CancelTask @1
            — 9s redrive
            7←6 ExecutionRedriven 1
            8←5 ActivityScheduled {} heartbeat=5
              → OfferActivity @1#2 {} <token 1#2>
              → SetTimer @1 31536003s
            — 10s polled w
            9←8 ActivityStarted w
              → SetTimer @1 15s
            — 11s answers 1
            10←9 ActivitySucceeded 1
            11←10 TaskStateExited T 1
            12←11 ExecutionSucceeded 1
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn fail_is_entered_again_and_fails_again() {
    check(
        r#"{ "F": { "Type": "Fail", "Error": "E", "Cause": "c" } }"#,
        &["0s start", "9s redrive", "10s redrive"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 FailStateEntered F {}
            3←2 ExecutionFailed E: c
            — 9s redrive
            4←3 ExecutionRedriven 1
            5←2 FailStateEntered F {}
            6←5 ExecutionFailed E: c
            — 10s redrive
            7←6 ExecutionRedriven 2
            8←5 FailStateEntered F {}
            9←8 ExecutionFailed E: c
        "#]],
    );
}

#[test]
fn a_stopped_wait_begins_anew_and_one_whose_time_has_come_is_over() {
    check(
        r#"{ "A": { "Type": "Wait", "Seconds": 10, "Next": "B" }, "B": { "Type": "Wait", "Timestamp": "2025-01-01T00:01:00Z", "End": true } }"#,
        &["0s start", "4s stop E c", "20s redrive", "30s timer", "31s stop", "100s redrive"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered A {}
              → SetTimer @1 10s
            — 4s stop E c
            3←0 ExecutionAborted E: c
              → CancelTimer @1
            — 20s redrive
            4←3 ExecutionRedriven 1
              → SetTimer @1 30s
            — 30s timer
            5←2 WaitStateExited A {}
            6←5 WaitStateEntered B {}
              → SetTimer @1 60s
            — 31s stop
            7←0 ExecutionAborted -
              → CancelTimer @1
            — 100s redrive
            8←7 ExecutionRedriven 2
            9←6 WaitStateExited B {}
            10←9 ExecutionSucceeded {}
        "#]],
    );
}

#[test]
fn the_timeout_of_the_machine_begins_anew() {
    check(
        r#"{ "StartAt": "W", "TimeoutSeconds": 10, "States": { "W": { "Type": "Wait", "Seconds": 60, "End": true } } }"#,
        &["0s start", "10s timer @0", "20s redrive", "0s restart", "30s timer @0"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered W {}
              → SetTimer @0 10s
              → SetTimer @1 60s
            — 10s timer @0
            3←0 ExecutionTimedOut States.Timeout
              → CancelTimer @1
            — 20s redrive
            4←3 ExecutionRedriven 1
              → SetTimer @0 30s
              → SetTimer @1 80s
            — restart
              → SetTimer @0 30s
              → SetTimer @1 80s
            — 30s timer @0
            5←0 ExecutionTimedOut States.Timeout
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn a_choice_is_made_again_with_another_input() {
    check(
        r#"{ "C": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "NumericEquals": 2, "Next": "P" }] }, "P": { "Type": "Pass", "End": true } }"#,
        &[r#"0s start {"a": 1}"#, "1s redrive", r#"2s redrive {"a": 2}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 ChoiceStateEntered C {"a": 1}
            3←2 ExecutionFailed States.NoChoiceMatched: An error occurred while executing the state 'C' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.
            — 1s redrive
            4←3 ExecutionRedriven 1
            5←2 ExecutionFailed States.NoChoiceMatched: An error occurred while executing the state 'C' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.
            — 2s redrive {"a": 2}
            6←5 ExecutionRedriven 2
            7←2 ChoiceStateEntered C {"a": 2}
            8←7 ChoiceStateExited C {"a": 2}
            9←8 PassStateEntered P {"a": 2}
            10←9 PassStateExited P {"a": 2}
            11←10 ExecutionSucceeded {"a": 2}
        "#]],
    );
}

#[test]
fn a_pass_is_evaluated_again() {
    check(
        r#"{ "P": { "Type": "Pass", "Parameters": { "n.$": "$$.Execution.RedriveCount", "at.$": "$$.Execution.RedriveTime" }, "End": true } }"#,
        &["0s start", "9s redrive"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered P {}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'P' (entered at the event id #2). The JSONPath '$$.Execution.RedriveTime' specified for the field 'at.$' could not be found in the input '{}'
            — 9s redrive
            4←3 ExecutionRedriven 1
            5←2 PassStateExited P {"n":1,"at":"2025-01-01T00:00:09Z"}
            6←5 ExecutionSucceeded {"n":1,"at":"2025-01-01T00:00:09Z"}
        "#]],
    );
}

#[test]
fn parallel_keeps_what_succeeded_and_does_the_rest_again() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "C", "States": { "C": { "Type": "Wait", "Seconds": 9, "End": true } } }], "End": true } }"#,
        &[
            "0s start",
            r#"1s returns @2 "kept""#,
            "2s fails @3 E c",
            "5s redrive",
            "0s restart",
            "14s timer @4",
            r#"15s returns @3 "again""#,
        ],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 TaskStateEntered A {}
            5←4 LambdaFunctionScheduled {}
            6←5 LambdaFunctionStarted
            7←3 TaskStateEntered B {}
            8←7 LambdaFunctionScheduled {}
            9←8 LambdaFunctionStarted
            10←3 WaitStateEntered C {}
              → CallTask @2#1 {}
              → CallTask @3#1 {}
              → SetTimer @4 9s
            — 1s returns @2 "kept"
            11←6 LambdaFunctionSucceeded "kept"
            12←11 TaskStateExited A "kept"
            — 2s fails @3 E c
            13←9 LambdaFunctionFailed E: c
            14←13 TaskStateAborted
            15←13 WaitStateAborted
            16←13 ParallelStateFailed
            17←16 ExecutionFailed E: c
              → CancelTimer @4
            — 5s redrive
            18←17 ExecutionRedriven 1
            19←13 LambdaFunctionScheduled {}
            20←19 LambdaFunctionStarted
              → CallTask @3#2 {}
              → SetTimer @4 14s
            — restart
              → CallTask @3#2 {}
              → SetTimer @4 14s
            — 14s timer @4
            21←10 WaitStateExited C {}
            — 15s returns @3 "again"
            22←20 LambdaFunctionSucceeded "again"
            23←22 TaskStateExited B "again"
            24←23 ParallelStateSucceeded
            25←23 ParallelStateExited P ["kept","again",{}]
            26←25 ExecutionSucceeded ["kept","again",{}]
        "#]],
    );
}

#[test]
fn parallel_does_all_again_when_its_results_were_too_large() {
    let machine = machine(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Task", "Resource": "function:f", "End": true } } }], "End": true } }"#,
    );
    let mut stage = Stage::new(&machine);
    stage.wake(Wakeup::Started, Timestamp(START));
    let large = Document::from_value(Value::from("x".repeat(200_000)));
    for frame in [2, 3] {
        let outcome = TaskOutcome::Succeeded(large.clone());
        stage.wake(Wakeup::CallReturned { frame: FrameId(frame), attempt: 1, outcome }, Timestamp(START));
    }
    let close = stage.execution.close.as_ref().expect("it has failed");
    assert_eq!(close.failure.as_ref().map(|failure| failure.name()), Some("States.DataLimitExceeded"));
    stage.said.clear();
    stage.wake(Wakeup::Redriven { client_token: None, input: None }, Timestamp(START));
    expect![[r#"
        16←15 ExecutionRedriven 1
        17←14 ParallelStateStarted
        18←17 TaskStateEntered A {}
        19←18 LambdaFunctionScheduled {}
        20←19 LambdaFunctionStarted
        21←17 TaskStateEntered B {}
        22←21 LambdaFunctionScheduled {}
        23←22 LambdaFunctionStarted
          → CallTask @4#1 {}
          → CallTask @5#1 {}
    "#]]
    .assert_eq(&stage.said);
}

#[test]
fn a_map_keeps_what_succeeded_and_starts_what_had_not_begun() {
    check(
        r#"{ "M": { "Type": "Map", "MaxConcurrency": 2, "ItemProcessor": { "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": "function:f", "End": true } } }, "End": true } }"#,
        &[
            "0s start [10, 11, 12, 13]",
            r#"1s returns @2 "kept""#,
            "2s fails @3 E c",
            "5s redrive",
            "0s restart",
            "6s returns @3 1",
            "7s returns @4 2",
            "8s returns @5 3",
        ],
        expect![[r#"
            1←0 ExecutionStarted [10, 11, 12, 13]
            2←0 MapStateEntered M [10, 11, 12, 13]
            3←2 MapStateStarted 4
            4←3 MapIterationStarted M 0
            5←3 MapIterationStarted M 1
            6←4 TaskStateEntered T 10
            7←6 LambdaFunctionScheduled 10
            8←7 LambdaFunctionStarted
            9←5 TaskStateEntered T 11
            10←9 LambdaFunctionScheduled 11
            11←10 LambdaFunctionStarted
              → CallTask @2#1 10
              → CallTask @3#1 11
            — 1s returns @2 "kept"
            12←8 LambdaFunctionSucceeded "kept"
            13←12 TaskStateExited T "kept"
            14←13 MapIterationSucceeded M 0
            15←13 MapIterationStarted M 2
            16←15 TaskStateEntered T 12
            17←16 LambdaFunctionScheduled 12
            18←17 LambdaFunctionStarted
              → CallTask @4#1 12
            — 2s fails @3 E c
            19←11 LambdaFunctionFailed E: c
            20←19 MapIterationFailed M 1
            21←19 TaskStateAborted
            22←19 MapIterationAborted M 2
            23←19 TaskStateAborted
            24←19 MapStateFailed
            25←24 ExecutionFailed E: c
              → CancelTask @4
            — 5s redrive
            26←25 ExecutionRedriven 1
            27←19 LambdaFunctionScheduled 11
            28←27 LambdaFunctionStarted
            29←18 LambdaFunctionScheduled 12
            30←29 LambdaFunctionStarted
              → CallTask @3#2 11
              → CallTask @4#2 12
            — restart
              → CallTask @3#2 11
              → CallTask @4#2 12
            — 6s returns @3 1
            31←28 LambdaFunctionSucceeded 1
            32←31 TaskStateExited T 1
            33←32 MapIterationSucceeded M 1
            34←32 MapIterationStarted M 3
            35←34 TaskStateEntered T 13
            36←35 LambdaFunctionScheduled 13
            37←36 LambdaFunctionStarted
              → CallTask @5#1 13
            — 7s returns @4 2
            38←30 LambdaFunctionSucceeded 2
            39←38 TaskStateExited T 2
            40←39 MapIterationSucceeded M 2
            — 8s returns @5 3
            41←37 LambdaFunctionSucceeded 3
            42←41 TaskStateExited T 3
            43←42 MapIterationSucceeded M 3
            44←43 MapStateSucceeded
            45←43 MapStateExited M ["kept",1,2,3]
            46←45 ExecutionSucceeded ["kept",1,2,3]
        "#]],
    );
}

#[test]
fn an_iteration_that_could_not_begin_begins_with_the_redrive() {
    check(
        r#"{ "M": { "Type": "Map", "ItemsPath": "$.items", "ItemSelector": { "v.$": "States.ArrayGetItem($$.Map.Item.Value, $$.Execution.RedriveCount)" }, "ItemProcessor": { "StartAt": "T", "States": { "T": { "Type": "Wait", "Seconds": 5, "End": true } } }, "End": true } }"#,
        &[r#"0s start {"items": [[1, 2], [], [3, 4]]}"#, "9s redrive"],
        expect![[r#"
            1←0 ExecutionStarted {"items": [[1, 2], [], [3, 4]]}
            2←0 MapStateEntered M {"items": [[1, 2], [], [3, 4]]}
            3←2 MapStateStarted 3
            4←3 MapIterationStarted M 0
            5←3 MapIterationStarted M 1
            6←5 MapIterationFailed M 1
            7←5 MapIterationAborted M 0
            8←5 MapStateFailed
            9←8 ExecutionFailed States.IntrinsicFailure: An error occurred while executing the state 'M' (entered at the event id #2). The function 'States.ArrayGetItem($$.Map.Item.Value, $$.Execution.RedriveCount)' had the following error: The index 0 is outside of an array of 0 items
            — 9s redrive
            10←9 ExecutionRedriven 1
            11←5 MapIterationStarted M 1
            12←11 MapIterationFailed M 1
            13←11 MapIterationAborted M 0
            14←11 MapStateFailed
            15←14 ExecutionFailed States.IntrinsicFailure: An error occurred while executing the state 'M' (entered at the event id #2). The function 'States.ArrayGetItem($$.Map.Item.Value, $$.Execution.RedriveCount)' had the following error: The index 1 is outside of an array of 0 items
        "#]],
    );
}

#[test]
fn frames_that_a_caught_failure_removed_are_forgotten() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Fail", "Error": "E" } } }, { "StartAt": "B", "States": { "B": { "Type": "Wait", "Seconds": 9, "End": true } } }], "Catch": [{ "ErrorEquals": ["E"], "Next": "F" }], "End": true }, "F": { "Type": "Fail", "Error": "F" } }"#,
        &["0s start", "5s redrive"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 FailStateEntered A {}
            5←4 ParallelStateFailed
            6←5 ParallelStateExited P {"Error":"E","Cause":""}
            7←6 FailStateEntered F {"Error":"E","Cause":""}
            8←7 ExecutionFailed F
            — 5s redrive
            9←8 ExecutionRedriven 1
            10←7 FailStateEntered F {"Error":"E","Cause":""}
            11←10 ExecutionFailed F
        "#]],
    );
}

#[test]
fn what_was_nested_deep_goes_on_where_it_failed() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "M", "States": { "M": { "Type": "Map", "ItemsPath": "$.l", "ItemProcessor": { "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": "function:f", "End": true } } }, "End": true } } }, { "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 9, "End": true } } }], "End": true } }"#,
        &[
            r#"0s start {"l": [1, 2]}"#,
            r#"1s returns @4 "kept""#,
            "2s fails @5 E c",
            "3s redrive",
            "12s timer @3",
            "13s returns @5 1",
        ],
        expect![[r#"
            1←0 ExecutionStarted {"l": [1, 2]}
            2←0 ParallelStateEntered P {"l": [1, 2]}
            3←2 ParallelStateStarted
            4←3 MapStateEntered M {"l": [1, 2]}
            5←4 MapStateStarted 2
            6←5 MapIterationStarted M 0
            7←5 MapIterationStarted M 1
            8←3 WaitStateEntered W {"l": [1, 2]}
            9←6 TaskStateEntered T 1
            10←9 LambdaFunctionScheduled 1
            11←10 LambdaFunctionStarted
            12←7 TaskStateEntered T 2
            13←12 LambdaFunctionScheduled 2
            14←13 LambdaFunctionStarted
              → CallTask @4#1 1
              → CallTask @5#1 2
              → SetTimer @3 9s
            — 1s returns @4 "kept"
            15←11 LambdaFunctionSucceeded "kept"
            16←15 TaskStateExited T "kept"
            17←16 MapIterationSucceeded M 0
            — 2s fails @5 E c
            18←14 LambdaFunctionFailed E: c
            19←18 MapIterationFailed M 1
            20←18 TaskStateAborted
            21←18 MapStateFailed
            22←21 MapStateAborted
            23←21 WaitStateAborted
            24←21 ParallelStateFailed
            25←24 ExecutionFailed E: c
              → CancelTimer @3
            — 3s redrive
            26←25 ExecutionRedriven 1
            27←18 LambdaFunctionScheduled 2
            28←27 LambdaFunctionStarted
              → CallTask @5#2 2
              → SetTimer @3 12s
            — 12s timer @3
            29←8 WaitStateExited W {"l": [1, 2]}
            — 13s returns @5 1
            30←28 LambdaFunctionSucceeded 1
            31←30 TaskStateExited T 1
            32←31 MapIterationSucceeded M 1
            33←32 MapStateSucceeded
            34←32 MapStateExited M ["kept",1]
            35←34 ParallelStateSucceeded
            36←34 ParallelStateExited P [["kept",1],{"l":[1,2]}]
            37←36 ExecutionSucceeded [["kept",1],{"l":[1,2]}]
        "#]],
    );
}

#[test]
fn a_changed_input_is_for_the_state_that_failed() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Task", "Resource": "function:f", "End": true } } }], "End": true } }"#,
        &[
            "0s start {}",
            "1s fails @3 E",
            r#"2s redrive {"fixed": true}"#,
            "3s returns @2 1",
            "4s returns @3 2",
        ],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 TaskStateEntered A {}
            5←4 LambdaFunctionScheduled {}
            6←5 LambdaFunctionStarted
            7←3 TaskStateEntered B {}
            8←7 LambdaFunctionScheduled {}
            9←8 LambdaFunctionStarted
              → CallTask @2#1 {}
              → CallTask @3#1 {}
            — 1s fails @3 E
            10←9 LambdaFunctionFailed E
            11←10 TaskStateAborted
            12←10 TaskStateAborted
            13←10 ParallelStateFailed
            14←13 ExecutionFailed E
              → CancelTask @2
            — 2s redrive {"fixed": true}
            15←14 ExecutionRedriven 1
            16←6 LambdaFunctionScheduled {}
            17←16 LambdaFunctionStarted
            18←10 TaskStateEntered B {"fixed": true}
            19←18 LambdaFunctionScheduled {"fixed": true}
            20←19 LambdaFunctionStarted
              → CallTask @2#2 {}
              → CallTask @3#2 {"fixed": true}
            — 3s returns @2 1
            21←17 LambdaFunctionSucceeded 1
            22←21 TaskStateExited A 1
            — 4s returns @3 2
            23←20 LambdaFunctionSucceeded 2
            24←23 TaskStateExited B 2
            25←24 ParallelStateSucceeded
            26←24 ParallelStateExited P [1,2]
            27←26 ExecutionSucceeded [1,2]
        "#]],
    );
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Wait", "Seconds": 9, "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Wait", "Seconds": 9, "End": true } } }], "End": true } }"#,
        &["0s start {}", "1s stop", r#"2s redrive {"for": "whom"}"#],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 WaitStateEntered A {}
            5←3 WaitStateEntered B {}
              → SetTimer @2 9s
              → SetTimer @3 9s
            — 1s stop
            6←0 ExecutionAborted -
              → CancelTimer @2
              → CancelTimer @3
            — 2s redrive {"for": "whom"}
        "#]],
    );
}

#[test]
fn what_runs_or_succeeded_is_not_redriven() {
    check(
        r#"{ "W": { "Type": "Wait", "Seconds": 9, "End": true } }"#,
        &["0s start", "1s redrive", "9s timer", "10s redrive"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered W {}
              → SetTimer @1 9s
            — 1s redrive
            — 9s timer
            3←2 WaitStateExited W {}
            4←3 ExecutionSucceeded {}
            — 10s redrive
        "#]],
    );
}

/// What fails again as the redrive begins ends the execution again, and the other branch with it.
#[test]
fn an_item_selector_that_fails_again_is_the_end_again() {
    check(
        r#"{ "P": { "Type": "Parallel", "End": true, "Branches": [
            { "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 60, "End": true } } },
            { "StartAt": "M", "States": { "M": { "Type": "Map", "ItemsPath": "$.items", "ItemSelector": { "a.$": "$.missing" }, "End": true,
                "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } } } } }
        ] } }"#,
        &[r#"0s start {"items": [1]}"#, "5s redrive", "90s timer"],
        expect![[r#"
            1←0 ExecutionStarted {"items": [1]}
            2←0 ParallelStateEntered P {"items": [1]}
            3←2 ParallelStateStarted
            4←3 WaitStateEntered W {"items": [1]}
            5←3 MapStateEntered M {"items": [1]}
            6←5 MapStateStarted 1
            7←6 MapIterationStarted M 0
            8←7 ExecutionFailed States.Runtime: An error occurred while executing the state 'M' (entered at the event id #5). The JSONPath '$.missing' specified for the field 'a.$' could not be found in the input '{"items":[1]}'
            — 5s redrive
            9←8 ExecutionRedriven 1
            10←7 MapIterationStarted M 0
            11←10 ExecutionFailed States.Runtime: An error occurred while executing the state 'M' (entered at the event id #5). The JSONPath '$.missing' specified for the field 'a.$' could not be found in the input '{"items":[1]}'
            — 90s timer
        "#]],
    );
}
