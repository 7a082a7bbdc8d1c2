//! Activities: offered, taken, answered.

use expect_test::expect;

use crate::harness::check;

#[test]
fn a_worker_takes_the_task_and_answers() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:a", "End": true } }"#,
        &[r#"0s start {"a": 1}"#, "3s polled bob", r#"4s answers {"b": 2}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 ActivityScheduled {"a": 1}
              → OfferActivity @1#1 {"a": 1} <token 1#1>
              → SetTimer @1 31536000s
            — 3s polled bob
            4←3 ActivityStarted bob
            — 4s answers {"b": 2}
            5←4 ActivitySucceeded {"b": 2}
            6←5 TaskStateExited A {"b": 2}
            7←6 ExecutionSucceeded {"b": 2}
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn a_worker_without_a_name_may_refuse() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:a", "End": true } }"#,
        &["0s start", "3s polled", "4s refuses E c"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ActivityScheduled {}
              → OfferActivity @1#1 {} <token 1#1>
              → SetTimer @1 31536000s
            — 3s polled
            4←3 ActivityStarted
            — 4s refuses E c
            5←4 ActivityFailed E: c
            6←5 ExecutionFailed E: c
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn timeout_and_heartbeat_count_from_the_poll() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:a", "TimeoutSeconds": 60, "HeartbeatSeconds": 10, "End": true } }"#,
        &["0s start", "20s polled bob", "29s heartbeat", "39s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ActivityScheduled {} timeout=60 heartbeat=10
              → OfferActivity @1#1 {} <token 1#1>
              → SetTimer @1 60s
            — 20s polled bob
            4←3 ActivityStarted bob
              → SetTimer @1 30s
            — 29s heartbeat
              → SetTimer @1 39s
            — 39s timer
            5←4 ActivityTimedOut States.Timeout
            6←5 ExecutionFailed States.Timeout
              → CancelTask @1
        "#]],
    );
}

#[test]
fn an_activity_that_nobody_takes_times_out() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:a", "TimeoutSeconds": 60, "End": true } }"#,
        &["0s start", "60s timer", "61s polled @1#1 bob"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ActivityScheduled {} timeout=60
              → OfferActivity @1#1 {} <token 1#1>
              → SetTimer @1 60s
            — 60s timer
            4←3 ActivityTimedOut States.Timeout
            5←4 ExecutionFailed States.Timeout
              → CancelTask @1
            — 61s polled @1#1 bob
        "#]],
    );
}

#[test]
fn an_offer_is_outstanding_after_a_restart_a_given_task_is_not() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:a", "HeartbeatSeconds": 10, "End": true } }"#,
        &[r#"0s start {"a": 1}"#, "1s restart", "2s polled bob", "3s restart", "4s answers 1"],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 ActivityScheduled {"a": 1} heartbeat=10
              → OfferActivity @1#1 {"a": 1} <token 1#1>
              → SetTimer @1 31536000s
            — restart
              → OfferActivity @1#1 {"a": 1} <token 1#1>
              → SetTimer @1 31536000s
            — 2s polled bob
            4←3 ActivityStarted bob
              → SetTimer @1 12s
            — restart
              → SetTimer @1 12s
            — 4s answers 1
            5←4 ActivitySucceeded 1
            6←5 TaskStateExited A 1
            7←6 ExecutionSucceeded 1
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn an_answer_before_the_poll_is_nobody_s() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:a", "End": true } }"#,
        &["0s start", "1s answers 1", "1s heartbeat"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ActivityScheduled {}
              → OfferActivity @1#1 {} <token 1#1>
              → SetTimer @1 31536000s
            — 1s answers 1
            — 1s heartbeat
        "#]],
    );
}

#[test]
fn an_activity_that_is_gone_ends_the_execution() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:a", "End": true } }"#,
        &["0s start", "1s fails States.Runtime The activity arn does not exist."],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ActivityScheduled {}
              → OfferActivity @1#1 {} <token 1#1>
              → SetTimer @1 31536000s
            — 1s fails States.Runtime The activity arn does not exist.
            4←3 ActivityFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The activity arn does not exist.
            5←4 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The activity arn does not exist.
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn stopping_takes_the_offer_back() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:a", "TimeoutSeconds": 9, "End": true } }"#,
        &["0s start", "1s stop Enough of this"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ActivityScheduled {} timeout=9
              → OfferActivity @1#1 {} <token 1#1>
              → SetTimer @1 9s
            — 1s stop Enough of this
            4←0 ExecutionAborted Enough: of this
              → CancelTask @1
              → CancelTimer @1
        "#]],
    );
}

/// Recorded: a deleted activity.
#[test]
fn a_task_for_an_activity_that_is_gone_fails_as_it_is_entered() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:gone", "Parameters": { "x.$": "$.nope" }, "Retry": [{ "ErrorEquals": ["States.ALL"] }], "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "A" }], "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The activity arn:aws:states:us-east-1:123456789012:activity:gone does not exist.
        "#]],
    );
}
