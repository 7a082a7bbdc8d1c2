//! Pass, Succeed, Fail, and the data flow that all states share.

use expect_test::expect;

use crate::harness::check;

#[test]
fn a_pass_state_without_fields_hands_its_input_on() {
    check(
        r#"{ "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Pass", "End": true } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 PassStateExited A {"a": 1}
            4←3 PassStateEntered B {"a": 1}
            5←4 PassStateExited B {"a": 1}
            6←5 ExecutionSucceeded {"a": 1}
        "#]],
    );
}

#[test]
fn result_replaces_the_input() {
    check(
        r#"{ "A": { "Type": "Pass", "Result": [1, "x"], "End": true } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 PassStateExited A [1,"x"]
            4←3 ExecutionSucceeded [1,"x"]
        "#]],
    );
}

#[test]
fn result_path_puts_the_result_into_the_raw_input() {
    check(
        r#"{ "A": { "Type": "Pass", "InputPath": "$.a", "ResultPath": "$.b.c", "End": true } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 PassStateExited A {"a":1,"b":{"c":1}}
            4←3 ExecutionSucceeded {"a":1,"b":{"c":1}}
        "#]],
    );
}

#[test]
fn result_path_null_keeps_the_raw_input() {
    check(
        r#"{ "A": { "Type": "Pass", "Result": 5, "ResultPath": null, "End": true } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 PassStateExited A {"a": 1}
            4←3 ExecutionSucceeded {"a": 1}
        "#]],
    );
}

#[test]
fn input_path_null_is_an_empty_object() {
    check(
        r#"{ "A": { "Type": "Pass", "InputPath": null, "End": true } }"#,
        &["0s start [1]"],
        expect![[r#"
        1←0 ExecutionStarted [1]
        2←0 PassStateEntered A [1]
        3←2 PassStateExited A {}
        4←3 ExecutionSucceeded {}
    "#]],
    );
}

#[test]
fn output_path_null_is_an_empty_object() {
    check(
        r#"{ "A": { "Type": "Pass", "OutputPath": null, "End": true } }"#,
        &["0s start [1]"],
        expect![[r#"
            1←0 ExecutionStarted [1]
            2←0 PassStateEntered A [1]
            3←2 PassStateExited A {}
            4←3 ExecutionSucceeded {}
        "#]],
    );
}

#[test]
fn parameters_are_evaluated_on_the_selected_input() {
    check(
        r#"{ "A": { "Type": "Pass", "InputPath": "$.a", "Parameters": { "b.$": "$.x", "c": [{ "d.$": "$" }] }, "End": true } }"#,
        &[r#"0s start {"a": {"x": 1}}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": {"x": 1}}
            2←0 PassStateEntered A {"a": {"x": 1}}
            3←2 PassStateExited A {"b":1,"c":[{"d":{"x":1}}]}
            4←3 ExecutionSucceeded {"b":1,"c":[{"d":{"x":1}}]}
        "#]],
    );
}

#[test]
fn output_path_selects_last() {
    check(
        r#"{ "A": { "Type": "Pass", "Result": { "x": 2 }, "ResultPath": "$.r", "OutputPath": "$.r.x", "End": true } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 PassStateExited A 2
            4←3 ExecutionSucceeded 2
        "#]],
    );
}

#[test]
fn an_input_path_that_finds_nothing_ends_the_execution() {
    check(
        r#"{ "A": { "Type": "Pass", "InputPath": "$.no.such", "End": true } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). Invalid path '$.no.such' : Missing property in path $['no']
        "#]],
    );
}

#[test]
fn a_parameter_that_finds_nothing_ends_the_execution() {
    check(
        r#"{ "A": { "Type": "Pass", "Parameters": { "b.$": "$.no" }, "End": true } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The JSONPath '$.no' specified for the field 'b.$' could not be found in the input '{"a":1}'
        "#]],
    );
}

#[test]
fn a_result_path_that_does_not_fit_fails_the_state() {
    check(
        r#"{ "A": { "Type": "Pass", "Result": 1, "ResultPath": "$.x", "End": true } }"#,
        &[r#"0s start "text""#],
        expect![[r#"
            1←0 ExecutionStarted "text"
            2←0 PassStateEntered A "text"
            3←2 ExecutionFailed States.ResultPathMatchFailure: An error occurred while executing the state 'A' (entered at the event id #2). Unable to apply ReferencePath $.x to input "text"
        "#]],
    );
}

#[test]
fn succeed_ends_with_its_selected_input() {
    check(
        r#"{ "A": { "Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b" } }"#,
        &[r#"0s start {"a": {"b": 3}}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": {"b": 3}}
            2←0 SucceedStateEntered A {"a": {"b": 3}}
            3←2 SucceedStateExited A 3
            4←3 ExecutionSucceeded 3
        "#]],
    );
}

#[test]
fn fail_ends_with_error_and_cause() {
    check(
        r#"{ "A": { "Type": "Fail", "Error": "Broken", "Cause": "because" } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 FailStateEntered A {}
            3←2 ExecutionFailed Broken: because
        "#]],
    );
}

#[test]
fn fail_without_fields_has_neither() {
    check(
        r#"{ "A": { "Type": "Fail" } }"#,
        &["0s start"],
        expect![[r#"
        1←0 ExecutionStarted {}
        2←0 FailStateEntered A {}
        3←2 ExecutionFailed -
    "#]],
    );
}

#[test]
fn fail_takes_error_and_cause_from_the_input() {
    check(
        r#"{ "A": { "Type": "Fail", "ErrorPath": "$.e", "CausePath": "$.c" } }"#,
        &[r#"0s start {"e": "E", "c": "C"}"#],
        expect![[r#"
            1←0 ExecutionStarted {"e": "E", "c": "C"}
            2←0 FailStateEntered A {"e": "E", "c": "C"}
            3←2 ExecutionFailed E: C
        "#]],
    );
}

#[test]
fn an_error_path_that_finds_nothing_is_a_runtime_error() {
    check(
        r#"{ "A": { "Type": "Fail", "ErrorPath": "$.no" } }"#,
        &[r#"0s start {"e": "E"}"#],
        expect![[r#"
        1←0 ExecutionStarted {"e": "E"}
        2←0 FailStateEntered A {"e": "E"}
        3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The JSONPath '$.no' specified for the field 'ErrorPath' could not be found in the input '{"e":"E"}'
    "#]],
    );
}

#[test]
fn an_error_path_to_a_number_is_a_runtime_error() {
    check(
        r#"{ "A": { "Type": "Fail", "ErrorPath": "$.e" } }"#,
        &[r#"0s start {"e": 5}"#],
        expect![[r#"
        1←0 ExecutionStarted {"e": 5}
        2←0 FailStateEntered A {"e": 5}
        3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The field 'ErrorPath' must refer to a string but was: 5
    "#]],
    );
}
