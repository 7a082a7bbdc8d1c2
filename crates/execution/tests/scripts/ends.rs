//! How executions end from outside: stop, timeout, limits.

use asl::{Failure, Timestamp};
use execution::{FrameId, Status, TaskOutcome, Wakeup};
use expect_test::expect;
use json::Document;

use crate::harness::{START, Stage, check, machine};

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
fn a_late_timer_does_not_make_the_end_later() {
    let machine = machine(
        r#"{ "StartAt": "A", "TimeoutSeconds": 5, "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }"#,
    );
    let timer = Wakeup::TimerFired { frame: FrameId::EXECUTION };
    let result = TaskOutcome::Succeeded(Document::parse("{}").expect("JSON"));
    // Whatever comes after the time, comes too late.
    let returned = Wakeup::CallReturned { frame: FrameId::TOP, attempt: 1, outcome: result };
    for wakeup in [timer, returned, Wakeup::Stopped { failure: Failure { error: None, cause: None } }] {
        let mut stage = Stage::new(&machine);
        stage.wake(Wakeup::Started, Timestamp(START));
        let turn = stage.wake(wakeup, Timestamp(START + 7_123));
        let close = turn.close.expect("it ends");
        assert_eq!((close.status, close.at), (Status::TimedOut, Timestamp(START + 5_000)));
        assert_eq!((close.output, close.failure), (None, None));
        assert_eq!(turn.history.last().map(|event| event.timestamp), Some(Timestamp(START + 5_000)));
    }
}

#[test]
fn an_execution_lasts_a_year_at_most() {
    check(
        r#"{ "A": { "Type": "Wait", "SecondsPath": "$.seconds", "End": true } }"#,
        &[r#"0s start {"seconds": 40000000}"#, "31536000s timer"],
        expect![[r#"
            1←0 ExecutionStarted {"seconds": 40000000}
            2←0 WaitStateEntered A {"seconds": 40000000}
              → SetTimer @1 31536000s
            — 31536000s timer
            3←0 ExecutionTimedOut States.Timeout
        "#]],
    );
    check(
        r#"{ "StartAt": "A", "TimeoutSeconds": 99999999, "States": { "A": { "Type": "Task", "Resource": "activity:a", "End": true } } }"#,
        &["0s start", "31536000s timer @0"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ActivityScheduled {}
              → SetTimer @0 31536000s
              → OfferActivity @1#1 {} <token 1#1>
              → SetTimer @1 31536000s
            — 31536000s timer @0
            4←0 ExecutionTimedOut States.Timeout
              → CancelTask @1
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
