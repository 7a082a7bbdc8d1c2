//! The Context Object.

use expect_test::expect;

use crate::harness::check;

#[test]
fn a_pass_state_sees_execution_machine_and_state() {
    check(
        r#"{ "A": { "Type": "Pass", "InputPath": "$$", "End": true } }"#,
        &[r#"0s start {"a": 1}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 PassStateEntered A {"a": 1}
            3←2 PassStateExited A {"Execution":{"Id":"arn:aws:states:us-east-1:123456789012:execution:machine:run","Input":{"a":1},"StartTime":"2025-01-01T00:00:00Z","Name":"run","RoleArn":"arn:aws:iam::123456789012:role/role","RedriveCount":0},"StateMachine":{"Id":"arn:aws:states:us-east-1:123456789012:stateMachine:machine","Name":"machine"},"State":{"Name":"A","EnteredTime":"2025-01-01T00:00:00Z"}}
            4←3 ExecutionSucceeded {"Execution":{"Id":"arn:aws:states:us-east-1:123456789012:execution:machine:run","Input":{"a":1},"StartTime":"2025-01-01T00:00:00Z","Name":"run","RoleArn":"arn:aws:iam::123456789012:role/role","RedriveCount":0},"StateMachine":{"Id":"arn:aws:states:us-east-1:123456789012:stateMachine:machine","Name":"machine"},"State":{"Name":"A","EnteredTime":"2025-01-01T00:00:00Z"}}
        "#]],
    );
}

#[test]
fn a_task_sees_its_retries_and_its_token() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "activity:a", "Parameters": { "c.$": "$$.State", "t.$": "$$.Task.Token" }, "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ActivityScheduled {"c":{"Name":"A","EnteredTime":"2025-01-01T00:00:00Z","RetryCount":0},"t":"<token 1#1>"}
              → OfferActivity @1#1 {"c":{"Name":"A","EnteredTime":"2025-01-01T00:00:00Z","RetryCount":0},"t":"<token 1#1>"} <token 1#1>
              → SetTimer @1 31536000s
        "#]],
    );
}

#[test]
fn a_function_task_has_no_token() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Parameters": { "t.$": "$$.Task.Token" }, "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The JSONPath '$$.Task.Token' specified for the field 't.$' could not be found in the input '{}'
        "#]],
    );
}

#[test]
fn entered_time_is_when_the_state_was_entered() {
    check(
        r#"{ "A": { "Type": "Wait", "Seconds": 2, "Next": "B" }, "B": { "Type": "Pass", "Parameters": { "t.$": "$$.State.EnteredTime" }, "End": true } }"#,
        &["0s start", "2s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 WaitStateEntered A {}
              → SetTimer @1 2s
            — 2s timer
            3←2 WaitStateExited A {}
            4←3 PassStateEntered B {}
            5←4 PassStateExited B {"t":"2025-01-01T00:00:02Z"}
            6←5 ExecutionSucceeded {"t":"2025-01-01T00:00:02Z"}
        "#]],
    );
}
