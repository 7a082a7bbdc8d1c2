//! How executions end from outside: stop, timeout, limits.

use expect_test::expect;

use crate::harness::check;

#[test]
fn stopping_aborts_without_aborting_states() {
    check(
        r#"{ "A": { "Type": "Wait", "Seconds": 9, "End": true } }"#,
        &["0s start", "1s stop", "2s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered A {}
              → SetTimer @1 9s
            — 1s stop
            3←0 ExecutionAborted -
              → CancelTimer @1
            — 2s timer
        "#]],
    );
}

#[test]
fn stopping_shows_error_and_cause() {
    check(
        r#"{ "A": { "Type": "Wait", "Seconds": 9, "End": true } }"#,
        &["0s start", "1s stop Why of all this"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered A {}
              → SetTimer @1 9s
            — 1s stop Why of all this
            3←0 ExecutionAborted Why: of all this
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn the_machine_s_timeout_ends_the_execution() {
    check(
        r#"{ "StartAt": "A", "TimeoutSeconds": 5, "States": { "A": { "Type": "Wait", "Seconds": 60, "End": true } } }"#,
        &["0s start", "4s timer @0", "4s restart", "5s timer @0"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered A {}
              → SetTimer @0 5s
              → SetTimer @1 60s
            — 4s timer @0
              → SetTimer @0 5s
            — restart
              → SetTimer @0 5s
              → SetTimer @1 60s
            — 5s timer @0
            3←0 ExecutionTimedOut States.Timeout
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn an_execution_that_ends_in_time_takes_its_timer_back() {
    check(
        r#"{ "StartAt": "A", "TimeoutSeconds": 5, "States": { "A": { "Type": "Wait", "Seconds": 2, "End": true } } }"#,
        &["0s start", "2s timer", "5s timer @0"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered A {}
              → SetTimer @0 5s
              → SetTimer @1 2s
            — 2s timer
            3←2 WaitStateExited A {}
            4←3 ExecutionSucceeded {}
              → CancelTimer @0
            — 5s timer @0
        "#]],
    );
}

#[test]
fn an_execution_that_ends_at_once_sets_no_timer() {
    check(
        r#"{ "StartAt": "A", "TimeoutSeconds": 5, "States": { "A": { "Type": "Pass", "End": true } } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {}
            4←3 ExecutionSucceeded {}
        "#]],
    );
}

#[test]
fn a_second_start_does_nothing() {
    check(
        r#"{ "A": { "Type": "Wait", "Seconds": 9, "End": true } }"#,
        &["0s start", "0s again"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered A {}
              → SetTimer @1 9s
            — 0s again
        "#]],
    );
}
