//! Where EXPRESS executions differ: five minutes, no history that could be full, no redrives.

use asl::Timestamp;
use execution::{Status, Wakeup};
use expect_test::expect;

use crate::harness::{START, Stage, check, express, machine};

#[test]
fn an_express_execution_lasts_five_minutes_at_most() {
    check(
        r#"{ "A": { "Type": "Wait", "Seconds": 301, "End": true } }"#,
        &["0s express", "300s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered A {}
              → SetTimer @0 300s
              → SetTimer @1 300s
            — 300s timer
            3←0 ExecutionTimedOut States.Timeout
              → CancelTimer @0
        "#]],
    );
    // A call that outlasts the execution is given up.
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 900, "End": true } }"#,
        &["0s express", "299s timer @0", "300s timer @0"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {} timeout=900
            4←3 LambdaFunctionStarted
              → SetTimer @0 300s
              → CallTask @1#1 {}
              → SetTimer @1 900s
            — 299s timer @0
              → SetTimer @0 300s
            — 300s timer @0
            5←0 ExecutionTimedOut States.Timeout
              → CancelTask @1
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn a_machine_s_own_timeout_counts_where_it_is_shorter() {
    check(
        r#"{ "StartAt": "A", "TimeoutSeconds": 5, "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }"#,
        &["0s express", "5s timer @0"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → SetTimer @0 5s
              → CallTask @1#1 {}
            — 5s timer @0
            5←0 ExecutionTimedOut States.Timeout
              → CancelTask @1
        "#]],
    );
    check(
        r#"{ "StartAt": "A", "TimeoutSeconds": 900, "States": { "A": { "Type": "Task", "Resource": "function:f", "End": true } } }"#,
        &["0s express", "1s returns 2"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → SetTimer @0 300s
              → CallTask @1#1 {}
            — 1s returns 2
            5←4 LambdaFunctionSucceeded 2
            6←5 TaskStateExited A 2
            7←6 ExecutionSucceeded 2
              → CancelTimer @0
        "#]],
    );
}

#[test]
fn the_context_object_has_no_redrive_count() {
    check(
        r#"{ "A": { "Type": "Pass", "InputPath": "$$.Execution", "End": true } }"#,
        &["0s express"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 PassStateEntered A {}
            3←2 PassStateExited A {"Id":"arn:aws:states:us-east-1:123456789012:express:machine:run:uuid","Input":{},"StartTime":"2025-01-01T00:00:00Z","Name":"run","RoleArn":"arn:aws:iam::123456789012:role/role"}
            4←3 ExecutionSucceeded {"Id":"arn:aws:states:us-east-1:123456789012:express:machine:run:uuid","Input":{},"StartTime":"2025-01-01T00:00:00Z","Name":"run","RoleArn":"arn:aws:iam::123456789012:role/role"}
        "#]],
    );
}

#[test]
fn a_ring_of_states_goes_on_past_the_length_of_a_history() {
    let machine = machine(
        r#"{ "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Choice", "Default": "A",
            "Choices": [{ "Variable": "$.done", "IsPresent": true, "Next": "C" }] }, "C": { "Type": "Succeed" } }"#,
    );
    let mut stage = Stage::with_start(&machine, express("{}"));
    stage.wake(Wakeup::Started, Timestamp(START));
    for _ in 0..30 {
        let turn = stage.wake(Wakeup::Again, Timestamp(START + 1));
        assert!(turn.close.is_none() && turn.history.len() <= 1_002, "{} events", turn.history.len());
    }
    assert!(stage.execution.next_event > 30_000);
    let turn = stage.wake(Wakeup::Again, Timestamp(START + 300_000));
    assert_eq!(turn.close.map(|close| close.status), Some(Status::TimedOut));
}
