//! A test case: Task states answer what it says, with the events that they would have anyway.

use asl::Timestamp;
use execution::{Change, TaskOutcome, Wakeup};
use expect_test::expect;
use json::Document;

use crate::harness::{START, Stage, check, check_mocked, machine, mocks};

#[test]
fn a_function_and_a_request_are_answered_without_a_call() {
    check_mocked(
        r#"{ "F": { "Type": "Task", "Resource": "function:f", "ResultPath": "$.f", "Next": "S" },
             "S": { "Type": "Task", "Resource": "sqs:sendMessage", "Parameters": { "QueueUrl": "q", "MessageBody.$": "$.f" }, "ResultSelector": { "id.$": "$.MessageId" }, "TimeoutSeconds": 5, "End": true } }"#,
        r#"{ "F": { "0": { "Return": "ok" } }, "S": { "0": { "Return": { "MessageId": "m" } } } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered F {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
            5←4 LambdaFunctionSucceeded "ok"
            6←5 TaskStateExited F {"f":"ok"}
            7←6 TaskStateEntered S {"f":"ok"}
            8←7 TaskScheduled sqs:sendMessage {"QueueUrl":"q","MessageBody":"ok"} timeout=5
            9←8 TaskStarted
            10←9 TaskSucceeded {"MessageId":"m"}
            11←10 TaskStateExited S {"id":"m"}
            12←11 ExecutionSucceeded {"id":"m"}
        "#]],
    );
}

#[test]
fn jobs_callbacks_and_activities_end_without_a_worker() {
    check_mocked(
        r#"{ "Job": { "Type": "Task", "Resource": "states:startExecution.sync", "Parameters": { "StateMachineArn": "arn:m" }, "Next": "Job2" },
             "Job2": { "Type": "Task", "Resource": "states:startExecution.sync:2", "Parameters": { "StateMachineArn": "arn:m" }, "Next": "Callback" },
             "Callback": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "HeartbeatSeconds": 9, "Parameters": { "QueueUrl": "q", "MessageBody.$": "$$.Task.Token" }, "Next": "Gone" },
             "Gone": { "Type": "Task", "Resource": "activity:gone", "End": true } }"#,
        r#"{ "Job": { "0": { "Return": 1 } }, "Job2": { "0": { "Return": 2 } }, "Callback": { "0": { "Return": null } }, "Gone": { "0": { "Return": {} } } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered Job {}
            3←2 TaskScheduled states:startExecution.sync {"StateMachineArn":"arn:m"}
            4←3 TaskStarted
            5←4 TaskSubmitted {}
            6←5 TaskSucceeded 1
            7←6 TaskStateExited Job 1
            8←7 TaskStateEntered Job2 1
            9←8 TaskScheduled states:startExecution.sync:2 {"StateMachineArn":"arn:m"}
            10←9 TaskStarted
            11←10 TaskSubmitted {}
            12←11 TaskSucceeded 2
            13←12 TaskStateExited Job2 2
            14←13 TaskStateEntered Callback 2
            15←14 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"<token 1#3>"} heartbeat=9
            16←15 TaskStarted
            17←16 TaskSubmitted {}
            18←17 TaskSucceeded null
            19←18 TaskStateExited Callback null
            20←19 TaskStateEntered Gone null
            21←20 ActivityScheduled null
            22←21 ActivityStarted
            23←22 ActivitySucceeded {}
            24←23 TaskStateExited Gone {}
            25←24 ExecutionSucceeded {}
        "#]],
    );
}

#[test]
fn what_is_thrown_meets_retry_and_catch_and_each_attempt_has_its_own_answer() {
    check_mocked(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "Retry": [{ "ErrorEquals": ["Sqs"], "IntervalSeconds": 1, "MaxAttempts": 3 }], "Catch": [{ "ErrorEquals": ["States.TaskFailed"], "Next": "B" }], "End": true },
             "B": { "Type": "Task", "Resource": "activity:a", "Catch": [{ "ErrorEquals": ["Bad"], "Next": "C" }], "End": true },
             "C": { "Type": "Task", "Resource": "function:f", "End": true } }"#,
        r#"{ "A": { "0": { "Throw": { "Error": "Sqs", "Cause": "once" } }, "1-2": { "Throw": { "Error": "Sqs", "Cause": "again" } }, "3": { "Throw": { "Error": "Other", "Cause": "" } } },
             "B": { "0": { "Throw": { "Error": "Bad", "Cause": "luck" } } },
             "C": { "0": { "Throw": { "Error": "Worse", "Cause": "yet" } } } }"#,
        &["0s start", "1s timer", "3s timer", "7s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"}
            4←3 TaskStarted
            5←4 TaskSubmitted {}
            6←5 TaskFailed Sqs: once
              → SetTimer @1 1s
            — 1s timer
            7←6 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"}
            8←7 TaskStarted
            9←8 TaskSubmitted {}
            10←9 TaskFailed Sqs: again
              → SetTimer @1 3s
            — 3s timer
            11←10 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"}
            12←11 TaskStarted
            13←12 TaskSubmitted {}
            14←13 TaskFailed Sqs: again
              → SetTimer @1 7s
            — 7s timer
            15←14 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"}
            16←15 TaskStarted
            17←16 TaskSubmitted {}
            18←17 TaskFailed Other:
            19←18 TaskStateExited A {"Error":"Other","Cause":""}
            20←19 TaskStateEntered B {"Error":"Other","Cause":""}
            21←20 ActivityScheduled {"Error":"Other","Cause":""}
            22←21 ActivityStarted
            23←22 ActivityFailed Bad: luck
            24←23 TaskStateExited B {"Error":"Bad","Cause":"luck"}
            25←24 TaskStateEntered C {"Error":"Bad","Cause":"luck"}
            26←25 LambdaFunctionScheduled {"Error":"Bad","Cause":"luck"}
            27←26 LambdaFunctionStarted
            28←27 LambdaFunctionFailed Worse: yet
            29←28 ExecutionFailed Worse: yet
        "#]],
    );
}

#[test]
fn a_restart_in_between_counts_on() {
    check_mocked(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1 }], "Next": "B" },
             "B": { "Type": "Task", "Resource": "function:real", "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "C" }], "Next": "A" },
             "C": { "Type": "Succeed" } }"#,
        r#"{ "A": { "0": { "Throw": { "Error": "E", "Cause": "c" } }, "1": { "Return": 1 }, "2": { "Return": 2 } } }"#,
        &["0s start", "0s restart", "1s timer", "1s restart", "2s returns {}", "2s restart", "3s returns {}"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
            5←4 LambdaFunctionFailed E: c
              → SetTimer @1 1s
            — restart
              → SetTimer @1 1s
            — 1s timer
            6←5 LambdaFunctionScheduled {}
            7←6 LambdaFunctionStarted
            8←7 LambdaFunctionSucceeded 1
            9←8 TaskStateExited A 1
            10←9 TaskStateEntered B 1
            11←10 LambdaFunctionScheduled 1
            12←11 LambdaFunctionStarted
              → CallTask @1#3 1
            — restart
              → CallTask @1#3 1
            — 2s returns {}
            13←12 LambdaFunctionSucceeded {}
            14←13 TaskStateExited B {}
            15←14 TaskStateEntered A {}
            16←15 LambdaFunctionScheduled {}
            17←16 LambdaFunctionStarted
            18←17 LambdaFunctionSucceeded 2
            19←18 TaskStateExited A 2
            20←19 TaskStateEntered B 2
            21←20 LambdaFunctionScheduled 2
            22←21 LambdaFunctionStarted
              → CallTask @1#5 2
            — restart
              → CallTask @1#5 2
            — 3s returns {}
            23←22 LambdaFunctionSucceeded {}
            24←23 TaskStateExited B {}
            25←24 TaskStateEntered A {}
            26←25 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #25). The test case 'Case' does not say what invocation 3 of this state answers (the first is 0): its mocked response 'A' has 0, 1, 2.
        "#]],
    );
}

#[test]
fn branches_and_iterations_count_by_state() {
    check_mocked(
        r#"{ "P": { "Type": "Parallel", "Next": "M", "Branches": [
                 { "StartAt": "L", "States": { "L": { "Type": "Task", "Resource": "function:f", "End": true } } },
                 { "StartAt": "R", "States": { "R": { "Type": "Task", "Resource": "function:f", "End": true } } } ] },
             "M": { "Type": "Map", "MaxConcurrency": 1, "End": true, "ItemProcessor": { "StartAt": "I", "States": {
                 "I": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["E"], "IntervalSeconds": 1 }], "End": true } } } } }"#,
        r#"{ "L": { "0": { "Return": "left" } }, "R": { "0": { "Return": "right" } },
             "I": { "0": { "Return": "a" }, "1": { "Throw": { "Error": "E", "Cause": "c" } }, "2": { "Return": "b" } } }"#,
        &["0s start", "1s timer @5"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 ParallelStateEntered P {}
            3←2 ParallelStateStarted
            4←3 TaskStateEntered L {}
            5←4 LambdaFunctionScheduled {}
            6←5 LambdaFunctionStarted
            7←6 LambdaFunctionSucceeded "left"
            8←7 TaskStateExited L "left"
            9←3 TaskStateEntered R {}
            10←9 LambdaFunctionScheduled {}
            11←10 LambdaFunctionStarted
            12←11 LambdaFunctionSucceeded "right"
            13←12 TaskStateExited R "right"
            14←13 ParallelStateSucceeded
            15←13 ParallelStateExited P ["left","right"]
            16←15 MapStateEntered M ["left","right"]
            17←16 MapStateStarted 2
            18←17 MapIterationStarted M 0
            19←18 TaskStateEntered I "left"
            20←19 LambdaFunctionScheduled "left"
            21←20 LambdaFunctionStarted
            22←21 LambdaFunctionSucceeded "a"
            23←22 TaskStateExited I "a"
            24←23 MapIterationSucceeded M 0
            25←23 MapIterationStarted M 1
            26←25 TaskStateEntered I "right"
            27←26 LambdaFunctionScheduled "right"
            28←27 LambdaFunctionStarted
            29←28 LambdaFunctionFailed E: c
              → SetTimer @5 1s
            — 1s timer @5
            30←29 LambdaFunctionScheduled "right"
            31←30 LambdaFunctionStarted
            32←31 LambdaFunctionSucceeded "b"
            33←32 TaskStateExited I "b"
            34←33 MapIterationSucceeded M 1
            35←34 MapStateSucceeded
            36←34 MapStateExited M ["a","b"]
            37←36 ExecutionSucceeded ["a","b"]
        "#]],
    );
}

#[test]
fn what_the_test_case_does_not_say_ends_the_execution_whatever_it_catches() {
    check_mocked(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1 }], "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "B" }], "Next": "A" },
             "B": { "Type": "Succeed" } }"#,
        r#"{ "A": { "0": { "Return": 0 }, "1-2": { "Throw": { "Error": "E", "Cause": "c" } } } }"#,
        &["0s start", "1s timer", "3s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
            5←4 LambdaFunctionSucceeded 0
            6←5 TaskStateExited A 0
            7←6 TaskStateEntered A 0
            8←7 LambdaFunctionScheduled 0
            9←8 LambdaFunctionStarted
            10←9 LambdaFunctionFailed E: c
              → SetTimer @1 1s
            — 1s timer
            11←10 LambdaFunctionScheduled 0
            12←11 LambdaFunctionStarted
            13←12 LambdaFunctionFailed E: c
              → SetTimer @1 3s
            — 3s timer
            14←13 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #7). The test case 'Case' does not say what invocation 3 of this state answers (the first is 0): its mocked response 'A' has 0, 1-2.
        "#]],
    );
}

#[test]
fn the_file_is_asked_when_the_task_is() {
    check_mocked(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Retry": [{ "ErrorEquals": ["E"], "IntervalSeconds": 1 }], "End": true } }"#,
        r#"{ "A": { "0": { "Throw": { "Error": "E", "Cause": "c" } } } }"#,
        &["0s start", r#"0s mocks {"A": {"1": {"Return": "edited"}}}"#, "1s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
            5←4 LambdaFunctionFailed E: c
              → SetTimer @1 1s
            — 1s timer
            6←5 LambdaFunctionScheduled {}
            7←6 LambdaFunctionStarted
            8←7 LambdaFunctionSucceeded "edited"
            9←8 TaskStateExited A "edited"
            10←9 ExecutionSucceeded "edited"
        "#]],
    );
}

#[test]
fn express_executions_have_test_cases_too() {
    check_mocked(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "OutputPath": "$.Payload", "End": true } }"#,
        r#"{ "A": { "0": { "Return": { "Payload": [1] } } } }"#,
        &["0s express"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
            5←4 LambdaFunctionSucceeded {"Payload":[1]}
            6←5 TaskStateExited A [1]
            7←6 ExecutionSucceeded [1]
        "#]],
    );
}

#[test]
fn without_a_test_case_the_world_is_asked() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "End": true } }"#,
        &["0s start", r#"0s mocks {"A": {"0": {"Return": "mocked"}}}"#, r#"1s returns "real""#],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s returns "real"
            5←4 LambdaFunctionSucceeded "real"
            6←5 TaskStateExited A "real"
            7←6 ExecutionSucceeded "real"
        "#]],
    );
}

#[test]
fn a_turn_costs_no_more_however_many_states_were_asked() {
    const STATES: usize = 60;
    let (mut states, mut responses) = (String::new(), String::new());
    for n in 0..STATES {
        let next =
            if n + 1 < STATES { format!(r#""Next": "M{}""#, n + 1) } else { r#""End": true"#.to_owned() };
        let comma = if n == 0 { "" } else { ", " };
        states.push_str(&format!(
            r#"{comma}"M{n}": {{ "Type": "Task", "Resource": "function:m", "Next": "R{n}" }},
               "R{n}": {{ "Type": "Task", "Resource": "function:r", {next} }}"#
        ));
        responses.push_str(&format!(r#"{comma}"M{n}": {{ "0": {{ "Return": {n} }} }}"#));
    }
    let machine = machine(&format!("{{ {states} }}"));
    let mut stage = Stage::new(&machine).mocked(mocks(&format!("{{ {responses} }}")));
    let mut turn = stage.wake(Wakeup::Started, Timestamp(START));
    for _ in 0..STATES - 1 {
        let counts =
            turn.changes.iter().filter(|change| matches!(change, Change::Invocations { .. })).count();
        // The mocked Task, and the real one behind it.
        assert_eq!(counts, 2);
        let (&frame, waiting) = stage.execution.frames.first_key_value().expect("it waits for the real one");
        let attempt = waiting.attempt;
        let outcome = TaskOutcome::Succeeded(Document::parse("0").expect("JSON"));
        turn = stage.wake(Wakeup::CallReturned { frame, attempt, outcome }, Timestamp(START));
    }
    let (first, last) = (stage.sizes[2], stage.sizes[STATES - 1]);
    assert!(last <= first + 32, "{first} bytes at first, {last} at last");
}
