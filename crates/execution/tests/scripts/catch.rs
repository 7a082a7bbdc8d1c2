//! Catch: where a failure goes, and what it takes along.

use expect_test::expect;

use crate::harness::check;

#[test]
fn the_error_output_replaces_the_input() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "OutputPath": "$.no.such", "Catch": [{ "ErrorEquals": ["E"], "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &[r#"0s start {"a": 1}"#, "1s fails E because"],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 LambdaFunctionScheduled {"a": 1}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"a": 1}
            — 1s fails E because
            5←4 LambdaFunctionFailed E: because
            6←5 TaskStateExited A {"Error":"E","Cause":"because"}
            7←6 PassStateEntered Z {"Error":"E","Cause":"because"}
            8←7 PassStateExited Z {"Error":"E","Cause":"because"}
            9←8 ExecutionSucceeded {"Error":"E","Cause":"because"}
        "#]],
    );
}

#[test]
fn result_path_puts_it_into_the_raw_input() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "InputPath": "$.a", "Catch": [{ "ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.e", "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &[r#"0s start {"a": 1}"#, "1s fails E"],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 LambdaFunctionScheduled 1
            4←3 LambdaFunctionStarted
              → CallTask @1#1 1
            — 1s fails E
            5←4 LambdaFunctionFailed E
            6←5 TaskStateExited A {"a":1,"e":{"Error":"E","Cause":""}}
            7←6 PassStateEntered Z {"a":1,"e":{"Error":"E","Cause":""}}
            8←7 PassStateExited Z {"a":1,"e":{"Error":"E","Cause":""}}
            9←8 ExecutionSucceeded {"a":1,"e":{"Error":"E","Cause":""}}
        "#]],
    );
}

#[test]
fn result_path_null_drops_it() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &[r#"0s start {"a": 1}"#, "1s fails E"],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 LambdaFunctionScheduled {"a": 1}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"a": 1}
            — 1s fails E
            5←4 LambdaFunctionFailed E
            6←5 TaskStateExited A {"a": 1}
            7←6 PassStateEntered Z {"a": 1}
            8←7 PassStateExited Z {"a": 1}
            9←8 ExecutionSucceeded {"a": 1}
        "#]],
    );
}

#[test]
fn a_catcher_s_assign_sees_the_error_output() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Assign": { "never": 1 }, "Catch": [{ "ErrorEquals": ["E"], "Assign": { "why.$": "$.Cause" }, "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "Parameters": { "w.$": "$why" }, "End": true } }"#,
        &["0s start", "1s fails E because"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s fails E because
            5←4 LambdaFunctionFailed E: because
            6←5 TaskStateExited A {"Error":"E","Cause":"because"} $why="because"
            7←6 PassStateEntered Z {"Error":"E","Cause":"because"}
            8←7 PassStateExited Z {"w":"because"}
            9←8 ExecutionSucceeded {"w":"because"}
        "#]],
    );
}

#[test]
fn the_first_catcher_that_fits_takes_it() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Catch": [{ "ErrorEquals": ["X"], "Next": "Z" }, { "ErrorEquals": ["Y", "E"], "Next": "B" }, { "ErrorEquals": ["States.ALL"], "Next": "Z" }], "End": true }, "B": { "Type": "Pass", "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &["0s start", "1s fails E"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s fails E
            5←4 LambdaFunctionFailed E
            6←5 TaskStateExited A {"Error":"E","Cause":""}
            7←6 PassStateEntered B {"Error":"E","Cause":""}
            8←7 PassStateExited B {"Error":"E","Cause":""}
            9←8 ExecutionSucceeded {"Error":"E","Cause":""}
        "#]],
    );
}

#[test]
fn task_failed_does_not_take_a_timeout() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 1, "Catch": [{ "ErrorEquals": ["States.TaskFailed"], "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &["0s start", "1s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {} timeout=1
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
              → SetTimer @1 1s
            — 1s timer
            5←4 LambdaFunctionTimedOut States.Timeout
            6←5 ExecutionFailed States.Timeout
              → CancelTask @1
        "#]],
    );
}

#[test]
fn a_result_path_that_does_not_fit_is_not_caught_again() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &[r#"0s start "text""#, "1s fails E"],
        expect![[r#"
            1←0 ExecutionStarted "text"
            2←0 TaskStateEntered A "text"
            3←2 LambdaFunctionScheduled "text"
            4←3 LambdaFunctionStarted
              → CallTask @1#1 "text"
            — 1s fails E
            5←4 LambdaFunctionFailed E
            6←5 ExecutionFailed States.ResultPathMatchFailure: An error occurred while executing the state 'A' (entered at the event id #2). Unable to apply ReferencePath $.e to input "text"
        "#]],
    );
}

#[test]
fn a_failed_branch_is_caught_by_its_parallel_state() {
    check(
        r#"{ "P": { "Type": "Parallel", "Catch": [{ "ErrorEquals": ["E"], "Next": "Z" }], "Branches": [{ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "E", "Cause": "c" } } }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 FailStateEntered F {}
            5←4 ParallelStateFailed
            6←5 ParallelStateExited P {"Error":"E","Cause":"c"}
            7←6 PassStateEntered Z {"Error":"E","Cause":"c"}
            8←7 PassStateExited Z {"Error":"E","Cause":"c"}
            9←8 ExecutionSucceeded {"Error":"E","Cause":"c"}
        "#]],
    );
}

#[test]
fn a_failed_iteration_is_caught_by_its_map_state() {
    check(
        r#"{ "M": { "Type": "Map", "Catch": [{ "ErrorEquals": ["E"], "Next": "Z" }], "ItemProcessor": { "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "E", "Cause": "c" } } }, "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &["0s start [1, 2]"],
        expect![[r#"
            1←0 ExecutionStarted [1, 2]
            2←0 MapStateEntered M [1, 2]
            3←2 MapStateStarted 2
            4←3 MapIterationStarted M 0
            5←3 MapIterationStarted M 1
            6←4 FailStateEntered F 1
            7←6 MapIterationFailed M 0
            8←6 MapIterationAborted M 1
            9←6 MapStateFailed
            10←9 MapStateExited M {"Error":"E","Cause":"c"}
            11←10 PassStateEntered Z {"Error":"E","Cause":"c"}
            12←11 PassStateExited Z {"Error":"E","Cause":"c"}
            13←12 ExecutionSucceeded {"Error":"E","Cause":"c"}
        "#]],
    );
}

#[test]
fn what_a_failure_does_not_say_is_empty_in_the_error_output() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "F", "States": { "F": { "Type": "Fail" } } }], "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "S" }], "End": true }, "S": { "Type": "Succeed" } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 FailStateEntered F {}
            5←4 ParallelStateFailed
            6←5 ParallelStateExited P {"e":{"Error":"","Cause":""}}
            7←6 SucceedStateEntered S {"e":{"Error":"","Cause":""}}
            8←7 SucceedStateExited S {"e":{"Error":"","Cause":""}}
            9←8 ExecutionSucceeded {"e":{"Error":"","Cause":""}}
        "#]],
    );
}
