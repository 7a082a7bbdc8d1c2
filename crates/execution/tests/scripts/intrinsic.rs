//! Intrinsic functions where they may stand, and what becomes of their failures.

use expect_test::expect;

use crate::harness::check;

#[test]
fn a_failed_call_in_a_task_s_parameters_may_be_caught() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Parameters": { "x.$": "States.StringToJson($.a)" }, "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &[r#"0s start {"a": "{no json"}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": "{no json"}
            2←0 TaskStateEntered A {"a": "{no json"}
            3←2 TaskStateExited A {"Error":"States.IntrinsicFailure","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The function 'States.StringToJson($.a)' had the following error: The argument is not JSON: Unexpected character ('n' (code 110)): was expecting double-quote to start field name"}
            4←3 PassStateEntered Z {"Error":"States.IntrinsicFailure","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The function 'States.StringToJson($.a)' had the following error: The argument is not JSON: Unexpected character ('n' (code 110)): was expecting double-quote to start field name"}
            5←4 PassStateExited Z {"Error":"States.IntrinsicFailure","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The function 'States.StringToJson($.a)' had the following error: The argument is not JSON: Unexpected character ('n' (code 110)): was expecting double-quote to start field name"}
            6←5 ExecutionSucceeded {"Error":"States.IntrinsicFailure","Cause":"An error occurred while executing the state 'A' (entered at the event id #2). The function 'States.StringToJson($.a)' had the following error: The argument is not JSON: Unexpected character ('n' (code 110)): was expecting double-quote to start field name"}
        "#]],
    );
}

#[test]
fn a_failed_item_selector_fails_the_map() {
    check(
        r#"{ "M": { "Type": "Map", "ItemSelector": { "x.$": "States.StringToJson($$.Map.Item.Value)" }, "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } }, "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &[r#"0s start ["{}", "{no json"]"#],
        expect![[r#"
            1←0 ExecutionStarted ["{}", "{no json"]
            2←0 MapStateEntered M ["{}", "{no json"]
            3←2 MapStateStarted 2
            4←3 MapIterationStarted M 0
            5←3 MapIterationStarted M 1
            6←5 MapIterationFailed M 1
            7←5 MapIterationAborted M 0
            8←5 MapStateFailed
            9←8 MapStateExited M ["{}", "{no json"]
            10←9 PassStateEntered Z ["{}", "{no json"]
            11←10 PassStateExited Z ["{}", "{no json"]
            12←11 ExecutionSucceeded ["{}", "{no json"]
        "#]],
    );
}

#[test]
fn a_failed_result_selector_of_a_parallel_state_may_be_caught() {
    check(
        r#"{ "P": { "Type": "Parallel", "ResultSelector": { "x.$": "States.ArrayGetItem($, 7)" }, "Branches": [{ "StartAt": "B", "States": { "B": { "Type": "Pass", "End": true } } }], "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &["0s start {}"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 PassStateEntered B {}
            5←4 PassStateExited B {}
            6←5 ParallelStateSucceeded
            7←5 ParallelStateExited P {}
            8←7 PassStateEntered Z {}
            9←8 PassStateExited Z {}
            10←9 ExecutionSucceeded {}
        "#]],
    );
}

#[test]
fn random_values_follow_from_the_seed() {
    check(
        r#"{ "A": { "Type": "Pass", "Parameters": { "id.$": "States.UUID()", "other.$": "States.UUID()" }, "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {"id":"1cc1d069-b22d-4407-a6b9-b4d4603b2e62","other":"7c5d0df9-3ca4-4f53-90b7-fdb9e33b7258"}
            4←3 ExecutionSucceeded {"id":"1cc1d069-b22d-4407-a6b9-b4d4603b2e62","other":"7c5d0df9-3ca4-4f53-90b7-fdb9e33b7258"}
        "#]],
    );
}

#[test]
fn fail_may_build_its_cause() {
    check(
        r#"{ "F": { "Type": "Fail", "Error": "E", "CausePath": "States.Format('it was {}', $.a)" } }"#,
        &[r#"0s start {"a": 5}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 5}
            2←0 FailStateEntered F {"a": 5}
            3←2 ExecutionFailed E: it was 5
        "#]],
    );
}

/// Heavy evaluation does not keep others waiting, in this language neither: the turn is cut.
#[test]
fn a_turn_that_evaluates_much_is_cut() {
    let calls: Vec<String> = (0..40)
        .map(|place| format!(r#""k{place}.$": "States.ArrayUnique(States.ArrayRange(1, 1000, 1))""#))
        .collect();
    let state = |next: &str| {
        format!(
            r#"{{ "Type": "Pass", "Parameters": {{ "k": {{ {} }} }}, "ResultPath": null, {next} }}"#,
            calls.join(",")
        )
    };
    check(
        &format!(r#"{{ "A": {}, "B": {} }}"#, state(r#""Next": "B""#), state(r#""End": true"#)),
        &["0s start", "0s again"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {}
              → WakeAgain
            — 0s again
            4←3 PassStateEntered B {}
            5←4 PassStateExited B {}
            6←5 ExecutionSucceeded {}
        "#]],
    );
}

/// One state may not evaluate without an end, but fails.
#[test]
fn the_calls_of_a_state_share_a_budget() {
    let unique = "States.ArrayUnique(States.ArrayRange(1, 1000, 1))";
    let calls: Vec<String> =
        (0..5_000).map(|place| format!(r#""k{place}.$": "States.ArrayLength({unique})""#)).collect();
    check(
        &format!(
            r#"{{ "A": {{ "Type": "Task", "Resource": "function:f", "Parameters": {{ {} }}, "Catch": [{{ "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Z" }}], "End": true }}, "Z": {{ "Type": "Pass", "End": true }} }}"#,
            calls.join(",")
        ),
        &["0s start", "0s again"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskStateExited A {}
              → WakeAgain
            — 0s again
            4←3 PassStateEntered Z {}
            5←4 PassStateExited Z {}
            6←5 ExecutionSucceeded {}
        "#]],
    );
}
