//! Retry: counters, delays, and what a new attempt looks like in the history.

use expect_test::expect;

use crate::harness::check;

#[test]
fn a_retry_schedules_again_after_its_delay() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Parameters": { "n.$": "$$.State.RetryCount" }, "Retry": [{ "ErrorEquals": ["States.ALL"] }], "End": true } }"#,
        &["0s start", "1s fails E", "2s timer", "3s fails E", "5s timer", "6s returns 1"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {"n":0}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"n":0}
            — 1s fails E
            5←4 LambdaFunctionFailed E
              → SetTimer @1 2s
            — 2s timer
            6←5 LambdaFunctionScheduled {"n":1}
            7←6 LambdaFunctionStarted
              → CallTask @1#2 {"n":1}
            — 3s fails E
            8←7 LambdaFunctionFailed E
              → SetTimer @1 5s
            — 5s timer
            9←8 LambdaFunctionScheduled {"n":2}
            10←9 LambdaFunctionStarted
              → CallTask @1#3 {"n":2}
            — 6s returns 1
            11←10 LambdaFunctionSucceeded 1
            12←11 TaskStateExited A 1
            13←12 ExecutionSucceeded 1
        "#]],
    );
}

#[test]
fn each_retrier_counts_for_itself_and_a_used_up_one_does_not_pass_on() {
    check(
        r#"{ "X": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["A", "B"], "MaxAttempts": 2 }, { "ErrorEquals": ["C"], "IntervalSeconds": 5 }], "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Z" }], "End": true }, "Z": { "Type": "Pass", "End": true } }"#,
        &[
            "0s start",
            "0s fails A",
            "1s timer",
            "1s fails B",
            "3s timer",
            "3s fails C",
            "8s timer",
            "8s fails B",
        ],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered X {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 0s fails A
            5←4 LambdaFunctionFailed A
              → SetTimer @1 1s
            — 1s timer
            6←5 LambdaFunctionScheduled {}
            7←6 LambdaFunctionStarted
              → CallTask @1#2 {}
            — 1s fails B
            8←7 LambdaFunctionFailed B
              → SetTimer @1 3s
            — 3s timer
            9←8 LambdaFunctionScheduled {}
            10←9 LambdaFunctionStarted
              → CallTask @1#3 {}
            — 3s fails C
            11←10 LambdaFunctionFailed C
              → SetTimer @1 8s
            — 8s timer
            12←11 LambdaFunctionScheduled {}
            13←12 LambdaFunctionStarted
              → CallTask @1#4 {}
            — 8s fails B
            14←13 LambdaFunctionFailed B
            15←14 TaskStateExited X {"Error":"B","Cause":""}
            16←15 PassStateEntered Z {"Error":"B","Cause":""}
            17←16 PassStateExited Z {"Error":"B","Cause":""}
            18←17 ExecutionSucceeded {"Error":"B","Cause":""}
        "#]],
    );
}

#[test]
fn max_attempts_zero_never_retries() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["States.ALL"], "MaxAttempts": 0 }], "End": true } }"#,
        &["0s start", "1s fails E c"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s fails E c
            5←4 LambdaFunctionFailed E: c
            6←5 ExecutionFailed E: c
        "#]],
    );
}

#[test]
fn full_jitter_draws_the_delay_from_the_seed() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["E"], "IntervalSeconds": 60, "JitterStrategy": "FULL" }], "End": true } }"#,
        &["0s start", "0s fails E"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 0s fails E
            5←4 LambdaFunctionFailed E
              → SetTimer @1 26275ms
        "#]],
    );
}

#[test]
fn counters_start_anew_with_every_visit() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": 1 }], "Next": "B" }, "B": { "Type": "Choice", "Choices": [{ "Variable": "$", "IsNull": true, "Next": "C" }], "Default": "A" }, "C": { "Type": "Succeed" } }"#,
        &["0s start", "0s fails E", "1s timer", "1s returns 1", "2s fails E", "3s timer", "4s fails E"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 0s fails E
            5←4 LambdaFunctionFailed E
              → SetTimer @1 1s
            — 1s timer
            6←5 LambdaFunctionScheduled {}
            7←6 LambdaFunctionStarted
              → CallTask @1#2 {}
            — 1s returns 1
            8←7 LambdaFunctionSucceeded 1
            9←8 TaskStateExited A 1
            10←9 ChoiceStateEntered B 1
            11←10 ChoiceStateExited B 1
            12←11 TaskStateEntered A 1
            13←12 LambdaFunctionScheduled 1
            14←13 LambdaFunctionStarted
              → CallTask @1#3 1
            — 2s fails E
            15←14 LambdaFunctionFailed E
              → SetTimer @1 3s
            — 3s timer
            16←15 LambdaFunctionScheduled 1
            17←16 LambdaFunctionStarted
              → CallTask @1#4 1
            — 4s fails E
            18←17 LambdaFunctionFailed E
            19←18 ExecutionFailed E
        "#]],
    );
}

#[test]
fn a_timeout_is_retried_and_a_late_reply_of_the_first_attempt_dropped() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 2, "Retry": [{ "ErrorEquals": ["States.Timeout"], "IntervalSeconds": 10 }], "End": true } }"#,
        &[
            "0s start",
            "2s timer",
            r#"3s returns @1#1 "late""#,
            "12s timer",
            r#"13s returns @1#1 "late""#,
            r#"13s returns @1#2 "right""#,
        ],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {} timeout=2
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
              → SetTimer @1 2s
            — 2s timer
            5←4 LambdaFunctionTimedOut States.Timeout
              → CancelTask @1
              → SetTimer @1 12s
            — 3s returns @1#1 "late"
            — 12s timer
            6←5 LambdaFunctionScheduled {} timeout=2
            7←6 LambdaFunctionStarted
              → CallTask @1#2 {}
              → SetTimer @1 14s
            — 13s returns @1#1 "late"
            — 13s returns @1#2 "right"
            8←7 LambdaFunctionSucceeded "right"
            9←8 TaskStateExited A "right"
            10←9 ExecutionSucceeded "right"
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn a_missed_heartbeat_has_its_own_name_for_retriers() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:a", "HeartbeatSeconds": 2, "Retry": [{ "ErrorEquals": ["States.TaskFailed"] }, { "ErrorEquals": ["States.HeartbeatTimeout"], "IntervalSeconds": 7 }], "End": true } }"#,
        &["0s start", "1s polled", "3s timer", "10s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ActivityScheduled {} heartbeat=2
              → OfferActivity @1#1 {} <token 1#1>
              → SetTimer @1 31536000s
            — 1s polled
            4←3 ActivityStarted
              → SetTimer @1 3s
            — 3s timer
            5←4 ActivityTimedOut States.Timeout
              → CancelTask @1
              → SetTimer @1 10s
            — 10s timer
            6←5 ActivityScheduled {} heartbeat=2
              → OfferActivity @1#2 {} <token 1#2>
              → SetTimer @1 31536000s
        "#]],
    );
}

#[test]
fn a_parallel_state_is_retried_as_a_whole() {
    check(
        r#"{ "P": { "Type": "Parallel", "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": 1 }], "Branches": [{ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "E" } } }], "End": true } }"#,
        &["0s start", "1s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 FailStateEntered F {}
              → SetTimer @1 1s
            — 1s timer
            5←4 ParallelStateStarted
            6←5 FailStateEntered F {}
            7←6 ParallelStateFailed
            8←7 ExecutionFailed E
        "#]],
    );
}

#[test]
fn a_map_state_is_retried_as_a_whole() {
    check(
        r#"{ "M": { "Type": "Map", "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": 1 }], "ItemProcessor": { "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "E" } } }, "End": true } }"#,
        &["0s start [1]", "1s timer"],
        expect![[r#"
            1←0 ExecutionStarted [1]
            2←0 MapStateEntered M [1]
            3←2 MapStateStarted 1
            4←3 MapIterationStarted M 0
            5←4 FailStateEntered F 1
            6←5 MapIterationFailed M 0
              → SetTimer @1 1s
            — 1s timer
            7←5 MapStateStarted 1
            8←7 MapIterationStarted M 0
            9←8 FailStateEntered F 1
            10←9 MapIterationFailed M 0
            11←9 MapStateFailed
            12←11 ExecutionFailed E
        "#]],
    );
}

#[test]
fn a_retry_waits_through_a_restart() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["E"], "IntervalSeconds": 60 }], "End": true } }"#,
        &["0s start", "0s fails E", "5s restart", "60s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 0s fails E
            5←4 LambdaFunctionFailed E
              → SetTimer @1 60s
            — restart
              → SetTimer @1 60s
            — 60s timer
            6←5 LambdaFunctionScheduled {}
            7←6 LambdaFunctionStarted
              → CallTask @1#2 {}
        "#]],
    );
}
