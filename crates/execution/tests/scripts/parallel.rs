//! Parallel: branches, their results, and what one failure does to the others.

use expect_test::expect;

use crate::harness::check;

#[test]
fn branches_get_the_same_input_and_results_come_in_branch_order() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Wait", "Seconds": 5, "End": true } } }, { "StartAt": "C", "States": { "C": { "Type": "Pass", "End": true } } }], "End": true } }"#,
        &[r#"0s start {"a": 1}"#, "5s timer @3", r#"6s returns @2 "first""#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 ParallelStateEntered P {"a": 1}
            3←2 ParallelStateStarted
            4←3 TaskStateEntered A {"a": 1}
            5←4 LambdaFunctionScheduled {"a": 1}
            6←5 LambdaFunctionStarted
            7←3 WaitStateEntered B {"a": 1}
            8←3 PassStateEntered C {"a": 1}
            9←8 PassStateExited C {"a": 1}
              → CallTask @2#1 {"a": 1}
              → SetTimer @3 5s
            — 5s timer @3
            10←7 WaitStateExited B {"a": 1}
            — 6s returns @2 "first"
            11←6 LambdaFunctionSucceeded "first"
            12←11 TaskStateExited A "first"
            13←12 ParallelStateSucceeded
            14←12 ParallelStateExited P ["first",{"a":1},{"a":1}]
            15←14 ExecutionSucceeded ["first",{"a":1},{"a":1}]
        "#]],
    );
}

#[test]
fn parameters_make_the_input_of_the_branches() {
    check(
        r#"{ "P": { "Type": "Parallel", "InputPath": "$.a", "Parameters": { "x.$": "$" }, "ResultSelector": { "second.$": "$[1]" }, "ResultPath": "$.r", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Pass", "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Pass", "End": true } } }], "End": true } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 ParallelStateEntered P {"a": 1}
            3←2 ParallelStateStarted
            4←3 PassStateEntered A {"x":1}
            5←4 PassStateExited A {"x":1}
            6←3 PassStateEntered B {"x":1}
            7←6 PassStateExited B {"x":1}
            8←7 ParallelStateSucceeded
            9←7 ParallelStateExited P {"a":1,"r":{"second":{"x":1}}}
            10←9 ExecutionSucceeded {"a":1,"r":{"second":{"x":1}}}
        "#]],
    );
}

#[test]
fn a_failing_branch_aborts_the_others() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Wait", "Seconds": 9, "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "C", "States": { "C": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 5, "End": true } } }], "End": true } }"#,
        &["0s start", "1s fails @3 E c", "2s returns @4#1 1"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 WaitStateEntered A {}
            5←3 TaskStateEntered B {}
            6←5 LambdaFunctionScheduled {}
            7←6 LambdaFunctionStarted
            8←3 TaskStateEntered C {}
            9←8 LambdaFunctionScheduled {} timeout=5
            10←9 LambdaFunctionStarted
              → CallTask @3#1 {}
              → CallTask @4#1 {}
              → SetTimer @2 9s
              → SetTimer @4 5s
            — 1s fails @3 E c
            11←7 LambdaFunctionFailed E: c
            12←11 WaitStateAborted
            13←11 TaskStateAborted
            14←11 TaskStateAborted
            15←11 ParallelStateFailed
            16←15 ExecutionFailed E: c
              → CancelTimer @2
              → CancelTask @4
              → CancelTimer @4
            — 2s returns @4#1 1
        "#]],
    );
}

#[test]
fn a_branch_that_fails_at_once_takes_calls_of_the_same_turn_back() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "E", "States": { "E": { "Type": "Fail", "Error": "E" } } }], "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 TaskStateEntered A {}
            5←4 LambdaFunctionScheduled {}
            6←5 LambdaFunctionStarted
            7←3 FailStateEntered E {}
            8←7 TaskStateAborted
            9←7 ParallelStateFailed
            10←9 ExecutionFailed E
        "#]],
    );
}

#[test]
fn nested_parallel_states_unwind_one_by_one() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "Q", "States": { "Q": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Wait", "Seconds": 9, "End": true } } }], "End": true } } }, { "StartAt": "C", "States": { "C": { "Type": "Task", "Resource": "function:f", "End": true } } }], "End": true } }"#,
        &["0s start", "1s fails @4 E c"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 ParallelStateEntered Q {}
            5←4 ParallelStateStarted
            6←3 TaskStateEntered C {}
            7←6 LambdaFunctionScheduled {}
            8←7 LambdaFunctionStarted
            9←5 TaskStateEntered A {}
            10←9 LambdaFunctionScheduled {}
            11←10 LambdaFunctionStarted
            12←5 WaitStateEntered B {}
              → CallTask @3#1 {}
              → CallTask @4#1 {}
              → SetTimer @5 9s
            — 1s fails @4 E c
            13←11 LambdaFunctionFailed E: c
            14←13 TaskStateAborted
            15←13 WaitStateAborted
            16←13 ParallelStateFailed
            17←16 ParallelStateAborted
            18←16 TaskStateAborted
            19←16 ParallelStateFailed
            20←19 ExecutionFailed E: c
              → CancelTask @3
              → CancelTimer @5
        "#]],
    );
}

#[test]
fn an_inner_parallel_state_is_aborted_with_what_is_in_it() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "Q", "States": { "Q": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Wait", "Seconds": 9, "End": true } } }], "End": true } } }, { "StartAt": "C", "States": { "C": { "Type": "Task", "Resource": "function:f", "End": true } } }], "End": true } }"#,
        &["0s start", "1s fails @3 E c"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 ParallelStateEntered Q {}
            5←4 ParallelStateStarted
            6←3 TaskStateEntered C {}
            7←6 LambdaFunctionScheduled {}
            8←7 LambdaFunctionStarted
            9←5 TaskStateEntered A {}
            10←9 LambdaFunctionScheduled {}
            11←10 LambdaFunctionStarted
            12←5 WaitStateEntered B {}
              → CallTask @3#1 {}
              → CallTask @4#1 {}
              → SetTimer @5 9s
            — 1s fails @3 E c
            13←8 LambdaFunctionFailed E: c
            14←13 ParallelStateAborted
            15←13 TaskStateAborted
            16←13 WaitStateAborted
            17←13 TaskStateAborted
            18←13 ParallelStateFailed
            19←18 ExecutionFailed E: c
              → CancelTask @4
              → CancelTimer @5
        "#]],
    );
}

#[test]
fn a_runtime_error_in_a_branch_ends_the_execution() {
    check(
        r#"{ "P": { "Type": "Parallel", "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Z" }], "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Pass", "InputPath": "$.no", "End": true } } }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 TaskStateEntered A {}
            5←4 LambdaFunctionScheduled {}
            6←5 LambdaFunctionStarted
            7←3 PassStateEntered B {}
            8←7 ExecutionFailed States.Runtime: An error occurred while executing the state 'B' (entered at the event id #7). Invalid path '$.no' : No results for path: $['no']
        "#]],
    );
}

#[test]
fn a_retry_inside_a_branch_stays_there() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["E"] }], "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Wait", "Seconds": 1, "End": true } } }], "End": true } }"#,
        &["0s start", "0s fails @2 E", "1s timer @3", "1s timer @2", r#"2s returns @2 "ok""#],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 TaskStateEntered A {}
            5←4 LambdaFunctionScheduled {}
            6←5 LambdaFunctionStarted
            7←3 WaitStateEntered B {}
              → CallTask @2#1 {}
              → SetTimer @3 1s
            — 0s fails @2 E
            8←6 LambdaFunctionFailed E
              → SetTimer @2 1s
            — 1s timer @3
            9←7 WaitStateExited B {}
            — 1s timer @2
            10←8 LambdaFunctionScheduled {}
            11←10 LambdaFunctionStarted
              → CallTask @2#2 {}
            — 2s returns @2 "ok"
            12←11 LambdaFunctionSucceeded "ok"
            13←12 TaskStateExited A "ok"
            14←13 ParallelStateSucceeded
            15←13 ParallelStateExited P ["ok",{}]
            16←15 ExecutionSucceeded ["ok",{}]
        "#]],
    );
}

#[test]
fn a_branch_in_its_retry_delay_is_aborted() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["E"], "IntervalSeconds": 9 }], "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Task", "Resource": "function:f", "End": true } } }], "End": true } }"#,
        &["0s start", "0s fails @2 E", "1s fails @3 Other"],
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
            — 0s fails @2 E
            10←6 LambdaFunctionFailed E
              → SetTimer @2 9s
            — 1s fails @3 Other
            11←9 LambdaFunctionFailed Other
            12←11 TaskStateAborted
            13←11 TaskStateAborted
            14←11 ParallelStateFailed
            15←14 ExecutionFailed Other
              → CancelTimer @2
        "#]],
    );
}

#[test]
fn branches_survive_a_restart() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }, { "StartAt": "B", "States": { "B": { "Type": "Wait", "Seconds": 5, "End": true } } }], "End": true } }"#,
        &["0s start", "5s timer @3", "6s restart", "7s returns @2 1"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 TaskStateEntered A {}
            5←4 LambdaFunctionScheduled {}
            6←5 LambdaFunctionStarted
            7←3 WaitStateEntered B {}
              → CallTask @2#1 {}
              → SetTimer @3 5s
            — 5s timer @3
            8←7 WaitStateExited B {}
            — restart
              → CallTask @2#1 {}
            — 7s returns @2 1
            9←6 LambdaFunctionSucceeded 1
            10←9 TaskStateExited A 1
            11←10 ParallelStateSucceeded
            12←10 ParallelStateExited P [1,{}]
            13←12 ExecutionSucceeded [1,{}]
        "#]],
    );
}

#[test]
fn tasks_that_time_out_together_say_so_before_anything_follows() {
    check(
        r#"{ "P": { "Type": "Parallel", "Branches": [
            { "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 3, "Catch": [{ "ErrorEquals": ["States.Timeout"], "Next": "C" }], "End": true }, "C": { "Type": "Pass", "End": true } } },
            { "StartAt": "B", "States": { "B": { "Type": "Task", "Resource": "activity:a", "TimeoutSeconds": 9, "HeartbeatSeconds": 2, "Retry": [{ "ErrorEquals": ["States.HeartbeatTimeout"] }], "End": true } } } ], "End": true } }"#,
        &["0s start", "1s polled @3", "3s timer @2", "3s timer @3", "4s timer @3"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 TaskStateEntered A {}
            5←4 LambdaFunctionScheduled {} timeout=3
            6←5 LambdaFunctionStarted
            7←3 TaskStateEntered B {}
            8←7 ActivityScheduled {} timeout=9 heartbeat=2
              → CallTask @2#1 {}
              → OfferActivity @3#1 {} <token 3#1>
              → SetTimer @2 3s
              → SetTimer @3 9s
            — 1s polled @3
            9←8 ActivityStarted
              → SetTimer @3 3s
            — 3s timer @2
            10←6 LambdaFunctionTimedOut States.Timeout
            11←9 ActivityTimedOut States.Timeout
            12←10 TaskStateExited A {"Error":"States.Timeout","Cause":""}
            13←12 PassStateEntered C {"Error":"States.Timeout","Cause":""}
            14←13 PassStateExited C {"Error":"States.Timeout","Cause":""}
              → CancelTask @2
              → CancelTask @3
              → SetTimer @3 4s
            — 3s timer @3
              → SetTimer @3 4s
            — 4s timer @3
            15←11 ActivityScheduled {} timeout=9 heartbeat=2
              → OfferActivity @3#2 {} <token 3#2>
              → SetTimer @3 13s
        "#]],
    );
}
