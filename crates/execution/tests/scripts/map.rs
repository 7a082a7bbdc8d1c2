//! Inline Map: iterations, concurrency, items, and what one failure does to the others.

use expect_test::expect;

use crate::harness::check;

#[test]
fn iterations_run_one_after_the_other_with_max_concurrency_one() {
    check(
        r#"{ "M": { "Type": "Map", "MaxConcurrency": 1, "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }, "End": true } }"#,
        &[r#"0s start ["x", "y"]"#],
        expect![[r#"
            1←0 ExecutionStarted ["x", "y"]
            2←0 MapStateEntered M ["x", "y"]
            3←2 MapStateStarted 2
            4←3 MapIterationStarted M 0
            5←4 PassStateEntered I "x"
            6←5 PassStateExited I "x"
            7←6 MapIterationSucceeded M 0
            8←6 MapIterationStarted M 1
            9←8 PassStateEntered I "y"
            10←9 PassStateExited I "y"
            11←10 MapIterationSucceeded M 1
            12←11 MapStateSucceeded
            13←11 MapStateExited M ["x","y"]
            14←13 ExecutionSucceeded ["x","y"]
        "#]],
    );
}

#[test]
fn all_iterations_start_first_without_a_limit() {
    check(
        r#"{ "M": { "Type": "Map", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }, "End": true } }"#,
        &[r#"0s start ["x", "y"]"#],
        expect![[r#"
            1←0 ExecutionStarted ["x", "y"]
            2←0 MapStateEntered M ["x", "y"]
            3←2 MapStateStarted 2
            4←3 MapIterationStarted M 0
            5←3 MapIterationStarted M 1
            6←4 PassStateEntered I "x"
            7←6 PassStateExited I "x"
            8←7 MapIterationSucceeded M 0
            9←5 PassStateEntered I "y"
            10←9 PassStateExited I "y"
            11←10 MapIterationSucceeded M 1
            12←11 MapStateSucceeded
            13←11 MapStateExited M ["x","y"]
            14←13 ExecutionSucceeded ["x","y"]
        "#]],
    );
}

#[test]
fn results_come_in_the_order_of_the_items() {
    check(
        r#"{ "M": { "Type": "Map", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Task", "Resource": "function:f", "End": true } } }, "End": true } }"#,
        &[
            "0s start [1, 2, 3]",
            r#"1s returns @4 "c""#,
            r#"2s returns @2 "a""#,
            "2s restart",
            r#"3s returns @3 "b""#,
        ],
        expect![[r#"
            1←0 ExecutionStarted [1, 2, 3]
            2←0 MapStateEntered M [1, 2, 3]
            3←2 MapStateStarted 3
            4←3 MapIterationStarted M 0
            5←3 MapIterationStarted M 1
            6←3 MapIterationStarted M 2
            7←4 TaskStateEntered I 1
            8←7 LambdaFunctionScheduled 1
            9←8 LambdaFunctionStarted
            10←5 TaskStateEntered I 2
            11←10 LambdaFunctionScheduled 2
            12←11 LambdaFunctionStarted
            13←6 TaskStateEntered I 3
            14←13 LambdaFunctionScheduled 3
            15←14 LambdaFunctionStarted
              → CallTask @2#1 1
              → CallTask @3#1 2
              → CallTask @4#1 3
            — 1s returns @4 "c"
            16←15 LambdaFunctionSucceeded "c"
            17←16 TaskStateExited I "c"
            18←17 MapIterationSucceeded M 2
            — 2s returns @2 "a"
            19←9 LambdaFunctionSucceeded "a"
            20←19 TaskStateExited I "a"
            21←20 MapIterationSucceeded M 0
            — restart
              → CallTask @3#1 2
            — 3s returns @3 "b"
            22←12 LambdaFunctionSucceeded "b"
            23←22 TaskStateExited I "b"
            24←23 MapIterationSucceeded M 1
            25←24 MapStateSucceeded
            26←24 MapStateExited M ["a","b","c"]
            27←26 ExecutionSucceeded ["a","b","c"]
        "#]],
    );
}

#[test]
fn the_next_item_starts_when_one_has_ended() {
    check(
        r#"{ "M": { "Type": "Map", "MaxConcurrency": 2, "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Task", "Resource": "function:f", "End": true } } }, "End": true } }"#,
        &["0s start [1, 2, 3]", r#"1s returns @3 "b""#, r#"2s returns @2 "a""#, r#"3s returns @4 "c""#],
        expect![[r#"
            1←0 ExecutionStarted [1, 2, 3]
            2←0 MapStateEntered M [1, 2, 3]
            3←2 MapStateStarted 3
            4←3 MapIterationStarted M 0
            5←3 MapIterationStarted M 1
            6←4 TaskStateEntered I 1
            7←6 LambdaFunctionScheduled 1
            8←7 LambdaFunctionStarted
            9←5 TaskStateEntered I 2
            10←9 LambdaFunctionScheduled 2
            11←10 LambdaFunctionStarted
              → CallTask @2#1 1
              → CallTask @3#1 2
            — 1s returns @3 "b"
            12←11 LambdaFunctionSucceeded "b"
            13←12 TaskStateExited I "b"
            14←13 MapIterationSucceeded M 1
            15←13 MapIterationStarted M 2
            16←15 TaskStateEntered I 3
            17←16 LambdaFunctionScheduled 3
            18←17 LambdaFunctionStarted
              → CallTask @4#1 3
            — 2s returns @2 "a"
            19←8 LambdaFunctionSucceeded "a"
            20←19 TaskStateExited I "a"
            21←20 MapIterationSucceeded M 0
            — 3s returns @4 "c"
            22←18 LambdaFunctionSucceeded "c"
            23←22 TaskStateExited I "c"
            24←23 MapIterationSucceeded M 2
            25←24 MapStateSucceeded
            26←24 MapStateExited M ["a","b","c"]
            27←26 ExecutionSucceeded ["a","b","c"]
        "#]],
    );
}

#[test]
fn an_empty_array_has_an_empty_result() {
    check(
        r#"{ "M": { "Type": "Map", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }, "End": true } }"#,
        &["0s start []"],
        expect![[r#"
            1←0 ExecutionStarted []
            2←0 MapStateEntered M []
            3←2 MapStateStarted 0
            4←3 MapStateSucceeded
            5←3 MapStateExited M []
            6←5 ExecutionSucceeded []
        "#]],
    );
}

#[test]
fn items_path_and_item_selector_shape_the_input() {
    check(
        r#"{ "M": { "Type": "Map", "InputPath": "$.a", "ItemsPath": "$.list", "ItemSelector": { "i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "all.$": "$.list", "k": 1 }, "ResultPath": "$.out", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }, "End": true } }"#,
        &[r#"0s start {"a": {"list": [5, 6]}}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": {"list": [5, 6]}}
            2←0 MapStateEntered M {"a": {"list": [5, 6]}}
            3←2 MapStateStarted 2
            4←3 MapIterationStarted M 0
            5←3 MapIterationStarted M 1
            6←4 PassStateEntered I {"i":0,"v":5,"all":[5,6],"k":1}
            7←6 PassStateExited I {"i":0,"v":5,"all":[5,6],"k":1}
            8←7 MapIterationSucceeded M 0
            9←5 PassStateEntered I {"i":1,"v":6,"all":[5,6],"k":1}
            10←9 PassStateExited I {"i":1,"v":6,"all":[5,6],"k":1}
            11←10 MapIterationSucceeded M 1
            12←11 MapStateSucceeded
            13←11 MapStateExited M {"a":{"list":[5,6]},"out":[{"i":0,"v":5,"all":[5,6],"k":1},{"i":1,"v":6,"all":[5,6],"k":1}]}
            14←13 ExecutionSucceeded {"a":{"list":[5,6]},"out":[{"i":0,"v":5,"all":[5,6],"k":1},{"i":1,"v":6,"all":[5,6],"k":1}]}
        "#]],
    );
}

#[test]
fn inner_states_see_their_item_and_nested_maps_their_own() {
    check(
        r#"{ "M": { "Type": "Map", "ItemProcessor": { "StartAt": "N", "States": { "N": { "Type": "Map", "ItemsPath": "$.l", "ItemSelector": { "inner.$": "$$.Map.Item.Value" }, "ResultSelector": { "outer.$": "$$.Map.Item.Index", "r.$": "$" }, "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "Parameters": { "x.$": "$.inner", "i.$": "$$.Map.Item.Index" }, "End": true } } }, "End": true } } }, "End": true } }"#,
        &[r#"0s start [{"l": [7]}]"#],
        expect![[r#"
            1←0 ExecutionStarted [{"l": [7]}]
            2←0 MapStateEntered M [{"l": [7]}]
            3←2 MapStateStarted 1
            4←3 MapIterationStarted M 0
            5←4 MapStateEntered N {"l":[7]}
            6←5 MapStateStarted 1
            7←6 MapIterationStarted N 0
            8←7 PassStateEntered I {"inner":7}
            9←8 PassStateExited I {"x":7,"i":0}
            10←9 MapIterationSucceeded N 0
            11←10 MapStateSucceeded
            12←10 MapStateExited N {"outer":0,"r":[{"x":7,"i":0}]}
            13←12 MapIterationSucceeded M 0
            14←13 MapStateSucceeded
            15←13 MapStateExited M [{"outer":0,"r":[{"x":7,"i":0}]}]
            16←15 ExecutionSucceeded [{"outer":0,"r":[{"x":7,"i":0}]}]
        "#]],
    );
}

#[test]
fn what_is_no_array_ends_the_execution() {
    check(
        r#"{ "M": { "Type": "Map", "ItemsPath": "$.a", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }, "End": true } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 MapStateEntered M {"a": 1}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'M' (entered at the event id #2). Reference path "$.a" must point to array.
        "#]],
    );
}

#[test]
fn max_concurrency_path_must_be_a_whole_number() {
    check(
        r#"{ "M": { "Type": "Map", "ItemsPath": "$.l", "MaxConcurrencyPath": "$.n", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }, "End": true } }"#,
        &[
            r#"0s start {"l": [], "n": "NoNumber"}"#,
            r#"0s start {"l": [], "n": -1}"#,
            r#"0s start {"l": [], "n": 3}"#,
        ],
        expect![[r#"
            1←0 ExecutionStarted {"l": [], "n": "NoNumber"}
            2←0 MapStateEntered M {"l": [], "n": "NoNumber"}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'M' (entered at the event id #2). The MaxConcurrencyPath field refers to value "NoNumber" which is not a valid integer: $.n
            1←0 ExecutionStarted {"l": [], "n": -1}
            2←0 MapStateEntered M {"l": [], "n": -1}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'M' (entered at the event id #2). MaxConcurrency cannot be negative.
            1←0 ExecutionStarted {"l": [], "n": 3}
            2←0 MapStateEntered M {"l": [], "n": 3}
            3←2 MapStateStarted 0
            4←3 MapStateSucceeded
            5←3 MapStateExited M []
            6←5 ExecutionSucceeded []
        "#]],
    );
}

#[test]
fn a_timed_out_iteration_aborts_the_others_as_recorded() {
    check(
        r#"{ "M": { "Type": "Map", "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 5, "End": true } } }, "End": true } }"#,
        &["0s start [1, 2, 3]", "5s timer @2"],
        expect![[r#"
            1←0 ExecutionStarted [1, 2, 3]
            2←0 MapStateEntered M [1, 2, 3]
            3←2 MapStateStarted 3
            4←3 MapIterationStarted M 0
            5←3 MapIterationStarted M 1
            6←3 MapIterationStarted M 2
            7←4 TaskStateEntered I 1
            8←7 LambdaFunctionScheduled 1 timeout=5
            9←8 LambdaFunctionStarted
            10←5 TaskStateEntered I 2
            11←10 LambdaFunctionScheduled 2 timeout=5
            12←11 LambdaFunctionStarted
            13←6 TaskStateEntered I 3
            14←13 LambdaFunctionScheduled 3 timeout=5
            15←14 LambdaFunctionStarted
              → CallTask @2#1 1
              → CallTask @3#1 2
              → CallTask @4#1 3
              → SetTimer @2 5s
              → SetTimer @3 5s
              → SetTimer @4 5s
            — 5s timer @2
            16←9 LambdaFunctionTimedOut States.Timeout
            17←12 LambdaFunctionTimedOut States.Timeout
            18←15 LambdaFunctionTimedOut States.Timeout
            19←16 MapIterationFailed M 0
            20←16 TaskStateAborted
            21←16 MapIterationAborted M 1
            22←16 TaskStateAborted
            23←16 MapIterationAborted M 2
            24←16 TaskStateAborted
            25←16 MapStateFailed
            26←25 ExecutionFailed States.Timeout
              → CancelTask @2
              → CancelTask @3
              → CancelTimer @3
              → CancelTask @4
              → CancelTimer @4
        "#]],
    );
}

#[test]
fn an_iteration_that_ends_in_a_fail_state_has_no_open_state() {
    check(
        r#"{ "M": { "Type": "Map", "MaxConcurrency": 1, "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "Next": "E" }, "E": { "Type": "Fail", "Error": "E" } } }, "End": true } }"#,
        &["0s start [1, 2]"],
        expect![[r#"
            1←0 ExecutionStarted [1, 2]
            2←0 MapStateEntered M [1, 2]
            3←2 MapStateStarted 2
            4←3 MapIterationStarted M 0
            5←4 PassStateEntered I 1
            6←5 PassStateExited I 1
            7←6 FailStateEntered E 1
            8←7 MapIterationFailed M 0
            9←7 MapStateFailed
            10←9 ExecutionFailed E
        "#]],
    );
}

#[test]
fn a_failing_item_selector_is_a_runtime_error() {
    check(
        r#"{ "M": { "Type": "Map", "ItemSelector": { "x.$": "$.no" }, "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }, "End": true } }"#,
        &["0s start [1]"],
        expect![[r#"
            1←0 ExecutionStarted [1]
            2←0 MapStateEntered M [1]
            3←2 MapStateStarted 1
            4←3 MapIterationStarted M 0
            5←4 ExecutionFailed States.Runtime: An error occurred while executing the state 'M' (entered at the event id #2). The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '[1]'
        "#]],
    );
}

#[test]
fn nested_maps_unwind_one_by_one() {
    check(
        r#"{ "M": { "Type": "Map", "ItemProcessor": { "StartAt": "N", "States": { "N": { "Type": "Map", "ItemProcessor": { "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": "function:f", "End": true } } }, "End": true } } }, "End": true } }"#,
        &["0s start [[1, 2], [3]]", "1s fails @4 E"],
        expect![[r#"
            1←0 ExecutionStarted [[1, 2], [3]]
            2←0 MapStateEntered M [[1, 2], [3]]
            3←2 MapStateStarted 2
            4←3 MapIterationStarted M 0
            5←3 MapIterationStarted M 1
            6←4 MapStateEntered N [1,2]
            7←6 MapStateStarted 2
            8←7 MapIterationStarted N 0
            9←7 MapIterationStarted N 1
            10←5 MapStateEntered N [3]
            11←10 MapStateStarted 1
            12←11 MapIterationStarted N 0
            13←8 TaskStateEntered T 1
            14←13 LambdaFunctionScheduled 1
            15←14 LambdaFunctionStarted
            16←9 TaskStateEntered T 2
            17←16 LambdaFunctionScheduled 2
            18←17 LambdaFunctionStarted
            19←12 TaskStateEntered T 3
            20←19 LambdaFunctionScheduled 3
            21←20 LambdaFunctionStarted
              → CallTask @4#1 1
              → CallTask @5#1 2
              → CallTask @6#1 3
            — 1s fails @4 E
            22←15 LambdaFunctionFailed E
            23←22 MapIterationFailed N 0
            24←22 TaskStateAborted
            25←22 MapIterationAborted N 1
            26←22 TaskStateAborted
            27←22 MapStateFailed
            28←27 MapIterationFailed M 0
            29←27 MapStateAborted
            30←27 MapIterationAborted M 1
            31←27 MapStateAborted
            32←27 MapIterationAborted N 0
            33←27 TaskStateAborted
            34←27 MapStateFailed
            35←34 ExecutionFailed E
              → CancelTask @5
              → CancelTask @6
        "#]],
    );
}
