//! Task states: functions, integrations, their timeouts, and answers that come late.

use expect_test::expect;

use crate::harness::check;

#[test]
fn a_function_task_calls_and_takes_the_result() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "End": true } }"#,
        &[r#"0s start {"a": 1}"#, r#"1s returns {"b": 2}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 LambdaFunctionScheduled {"a": 1}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"a": 1}
            — 1s returns {"b": 2}
            5←4 LambdaFunctionSucceeded {"b": 2}
            6←5 TaskStateExited A {"b": 2}
            7←6 ExecutionSucceeded {"b": 2}
        "#]],
    );
}

#[test]
fn an_integration_task_has_task_events() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage", "Parameters": { "QueueUrl": "q", "MessageBody.$": "$.a" }, "ResultPath": "$.sent", "End": true } }"#,
        &[r#"0s start {"a": 1}"#, r#"1s returns {"MessageId": "m"}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 TaskScheduled sqs:sendMessage {"QueueUrl":"q","MessageBody":1}
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":1}
            — 1s returns {"MessageId": "m"}
            5←4 TaskSucceeded {"MessageId": "m"}
            6←5 TaskStateExited A {"a":1,"sent":{"MessageId":"m"}}
            7←6 ExecutionSucceeded {"a":1,"sent":{"MessageId":"m"}}
        "#]],
    );
}

#[test]
fn result_selector_comes_before_result_path() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "ResultSelector": { "x.$": "$.b", "n.$": "$$.State.RetryCount" }, "ResultPath": "$.r", "OutputPath": "$.r", "End": true } }"#,
        &[r#"0s start {"a": 1}"#, r#"1s returns {"b": 2}"#],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 LambdaFunctionScheduled {"a": 1}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"a": 1}
            — 1s returns {"b": 2}
            5←4 LambdaFunctionSucceeded {"b": 2}
            6←5 TaskStateExited A {"x":2,"n":0}
            7←6 ExecutionSucceeded {"x":2,"n":0}
        "#]],
    );
}

#[test]
fn a_failed_function_fails_the_execution() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "End": true } }"#,
        &["0s start", "1s fails Custom it broke"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s fails Custom it broke
            5←4 LambdaFunctionFailed Custom: it broke
            6←5 ExecutionFailed Custom: it broke
        "#]],
    );
}

#[test]
fn a_failed_integration_fails_the_execution() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "End": true } }"#,
        &["0s start", "1s fails SQS.AmazonSQSException no queue"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage {"QueueUrl":"q","MessageBody":"m"}
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
            — 1s fails SQS.AmazonSQSException no queue
            5←4 TaskFailed SQS.AmazonSQSException: no queue
            6←5 ExecutionFailed SQS.AmazonSQSException: no queue
        "#]],
    );
}

#[test]
fn a_timeout_cancels_the_call() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 5, "End": true } }"#,
        &["0s start", "5s timer", "6s returns 1"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {} timeout=5
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
              → SetTimer @1 5s
            — 5s timer
            5←4 LambdaFunctionTimedOut States.Timeout
            6←5 ExecutionFailed States.Timeout
              → CancelTask @1
            — 6s returns 1
        "#]],
    );
}

#[test]
fn an_integration_times_out_with_its_own_event() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "TimeoutSeconds": 5, "End": true } }"#,
        &["0s start", "5s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage {"QueueUrl":"q","MessageBody":"m"} timeout=5
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
              → SetTimer @1 5s
            — 5s timer
            5←4 TaskTimedOut States.Timeout
            6←5 ExecutionFailed States.Timeout
              → CancelTask @1
        "#]],
    );
}

#[test]
fn a_service_may_time_out_itself() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "End": true } }"#,
        &["0s start", "5s timedout"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 5s timedout
            5←4 LambdaFunctionTimedOut States.Timeout
            6←5 ExecutionFailed States.Timeout
        "#]],
    );
}

#[test]
fn a_result_takes_the_timer_back() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 5, "Next": "B" }, "B": { "Type": "Wait", "Seconds": 9, "End": true } }"#,
        &["0s start", "4s returns 1", "13s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {} timeout=5
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
              → SetTimer @1 5s
            — 4s returns 1
            5←4 LambdaFunctionSucceeded 1
            6←5 TaskStateExited A 1
            7←6 WaitStateEntered B 1
              → SetTimer @1 13s
            — 13s timer
            8←7 WaitStateExited B 1
            9←8 ExecutionSucceeded 1
        "#]],
    );
}

#[test]
fn timeout_seconds_path_is_read_from_the_selected_input() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "InputPath": "$.i", "TimeoutSecondsPath": "$.t", "Parameters": {}, "End": true } }"#,
        &[r#"0s start {"i": {"t": 3}}"#, "3s timer"],
        expect![[r#"
            1←0 ExecutionStarted {"i": {"t": 3}}
            2←0 TaskStateEntered A {"i": {"t": 3}}
            3←2 LambdaFunctionScheduled {} timeout=3
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
              → SetTimer @1 3s
            — 3s timer
            5←4 LambdaFunctionTimedOut States.Timeout
            6←5 ExecutionFailed States.Timeout
              → CancelTask @1
        "#]],
    );
}

#[test]
fn timeout_seconds_path_must_find_a_positive_whole_number() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "TimeoutSecondsPath": "$.t", "End": true } }"#,
        &["0s start", r#"0s start {"t": 0}"#, r#"0s start {"t": -3}"#, r#"0s start {"t": "x"}"#],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The TimeoutSecondsPath parameter does not reference an input value: $.t
            1←0 ExecutionStarted {"t": 0}
            2←0 TaskStateEntered A {"t": 0}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The TimeoutSecondsPath parameter does not reference a positive value: $.t == 0
            1←0 ExecutionStarted {"t": -3}
            2←0 TaskStateEntered A {"t": -3}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The TimeoutSecondsPath parameter references a negative value: $.t == -3
            1←0 ExecutionStarted {"t": "x"}
            2←0 TaskStateEntered A {"t": "x"}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The TimeoutSecondsPath parameter cannot be parsed as a long value: $.t == x
        "#]],
    );
}

#[test]
fn credentials_name_the_role() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Credentials": { "RoleArn.$": "$.role" }, "End": true } }"#,
        &[r#"0s start {"role": "arn:aws:iam::1:role/r"}"#],
        expect![[r#"
            1←0 ExecutionStarted {"role": "arn:aws:iam::1:role/r"}
            2←0 TaskStateEntered A {"role": "arn:aws:iam::1:role/r"}
            3←2 LambdaFunctionScheduled {"role": "arn:aws:iam::1:role/r"} role=arn:aws:iam::1:role/r
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"role": "arn:aws:iam::1:role/r"} as arn:aws:iam::1:role/r
        "#]],
    );
}

#[test]
fn a_late_reply_is_not_taken_for_the_next_state_s() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 5, "Catch": [{ "ErrorEquals": ["States.Timeout"], "Next": "B" }], "End": true }, "B": { "Type": "Task", "Resource": "function:g", "End": true } }"#,
        &["0s start", "5s timer", r#"6s returns @1#1 "late""#, r#"7s returns @1#2 "right""#],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {} timeout=5
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
              → SetTimer @1 5s
            — 5s timer
            5←4 LambdaFunctionTimedOut States.Timeout
            6←5 TaskStateExited A {"Error":"States.Timeout","Cause":""}
            7←6 TaskStateEntered B {"Error":"States.Timeout","Cause":""}
            8←7 LambdaFunctionScheduled {"Error":"States.Timeout","Cause":""}
            9←8 LambdaFunctionStarted
              → CancelTask @1
              → CallTask @1#2 {"Error":"States.Timeout","Cause":""}
            — 6s returns @1#1 "late"
            — 7s returns @1#2 "right"
            10←9 LambdaFunctionSucceeded "right"
            11←10 TaskStateExited B "right"
            12←11 ExecutionSucceeded "right"
        "#]],
    );
}

#[test]
fn a_reply_after_the_end_is_dropped() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "End": true } }"#,
        &["0s start", "1s stop", "2s returns @1#1 1"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s stop
            5←0 ExecutionAborted -
              → CancelTask @1
            — 2s returns @1#1 1
        "#]],
    );
}

#[test]
fn a_reply_for_nobody_is_dropped() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "End": true } }"#,
        &["0s start", "1s returns @9#1 1", "1s polled @1", "1s answers @1 5", "1s heartbeat @1"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s returns @9#1 1
            — 1s polled @1
            — 1s answers @1 5
            — 1s heartbeat @1
        "#]],
    );
}

#[test]
fn a_runtime_error_of_the_call_ends_the_execution() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "B" }], "End": true }, "B": { "Type": "Pass", "End": true } }"#,
        &["0s start", "1s fails States.Runtime no endpoint is set"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s fails States.Runtime no endpoint is set
            5←4 LambdaFunctionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). no endpoint is set
            6←5 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). no endpoint is set
        "#]],
    );
}

#[test]
fn parameters_that_lambda_cannot_take_fail_before_anything_is_scheduled() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "lambda:invoke", "Parameters": { "FunctionName.$": "$.f", "InvocationType.$": "$.t" }, "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "A" }], "End": true } }"#,
        &[
            r#"0s start {"f":1,"t":"Later"}"#,
            r#"0s start {"f":null,"t":null}"#,
            r#"0s start {"f":"f","t":"Event"}"#,
        ],
        expect![[r#"
            1←0 ExecutionStarted {"f":1,"t":"Later"}
            2←0 TaskStateEntered A {"f":1,"t":"Later"}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The Parameters '{"FunctionName":1,"InvocationType":"Later"}' could not be used to start the Task: [The value of the field 'FunctionName' has an invalid format, The value of the field 'InvocationType' has an invalid format]
            1←0 ExecutionStarted {"f":null,"t":null}
            2←0 TaskStateEntered A {"f":null,"t":null}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The Parameters '{"FunctionName":null,"InvocationType":null}' could not be used to start the Task: [The field 'FunctionName' is required but was missing]
            1←0 ExecutionStarted {"f":"f","t":"Event"}
            2←0 TaskStateEntered A {"f":"f","t":"Event"}
            3←2 TaskScheduled lambda:invoke {"FunctionName":"f","InvocationType":"Event"}
            4←3 TaskStarted
              → CallTask @1#1 {"FunctionName":"f","InvocationType":"Event"}
        "#]],
    );
}

#[test]
fn an_output_path_that_finds_nothing_is_not_caught() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "OutputPath": "$.no.such", "Catch": [{ "ErrorEquals": ["States.Runtime"], "Next": "B" }], "End": true }, "B": { "Type": "Pass", "End": true } }"#,
        &["0s start", "1s returns {}"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 LambdaFunctionScheduled {}
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {}
            — 1s returns {}
            5←4 LambdaFunctionSucceeded {}
            6←5 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). Invalid path '$.no.such' : Missing property in path $['no']
        "#]],
    );
}

#[test]
fn after_a_restart_the_call_is_outstanding() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "function:f", "TimeoutSeconds": 5, "Parameters": { "x.$": "$.a" }, "Credentials": { "RoleArn": "r" }, "End": true } }"#,
        &[r#"0s start {"a": 1}"#, "0s restart", "2s returns 7"],
        expect![[r#"
            1←0 ExecutionStarted {"a": 1}
            2←0 TaskStateEntered A {"a": 1}
            3←2 LambdaFunctionScheduled {"x":1} timeout=5 role=r
            4←3 LambdaFunctionStarted
              → CallTask @1#1 {"x":1} as r
              → SetTimer @1 5s
            — restart
              → CallTask @1#1 {"x":1} as r
              → SetTimer @1 5s
            — 2s returns 7
            5←4 LambdaFunctionSucceeded 7
            6←5 TaskStateExited A 7
            7←6 ExecutionSucceeded 7
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn a_sync_task_is_submitted_and_awaited() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "states:startExecution.sync:2", "Parameters": { "StateMachineArn": "arn" }, "End": true } }"#,
        &[
            r#"0s start {"Input": 1}"#,
            r#"1s returns {"ExecutionArn": "e"}"#,
            "1s restart",
            r#"9s returns {"Status": "SUCCEEDED"}"#,
        ],
        expect![[r#"
            1←0 ExecutionStarted {"Input": 1}
            2←0 TaskStateEntered A {"Input": 1}
            3←2 TaskScheduled states:startExecution.sync:2 {"StateMachineArn":"arn"}
            4←3 TaskStarted
              → CallTask @1#1 {"StateMachineArn":"arn"}
            — 1s returns {"ExecutionArn": "e"}
            5←4 TaskSubmitted {"ExecutionArn": "e"}
              → AwaitJob @1#1 {"StateMachineArn":"arn"} submitted {"ExecutionArn": "e"}
              → SetTimer @1 31536000s
            — restart
              → AwaitJob @1#1 {"StateMachineArn":"arn"} submitted {"ExecutionArn": "e"}
              → SetTimer @1 31536000s
            — 9s returns {"Status": "SUCCEEDED"}
            6←5 TaskSucceeded {"Status": "SUCCEEDED"}
            7←6 TaskStateExited A {"Status": "SUCCEEDED"}
            8←7 ExecutionSucceeded {"Status": "SUCCEEDED"}
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn what_step_functions_adds_to_parameters_is_shown_and_called_with() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "Parameters": { "TaskDefinition": "d" }, "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled ecs:runTask.sync {"TaskDefinition":"d","StartedBy":"AWS Step Functions"}
            4←3 TaskStarted
              → CallTask @1#1 {"TaskDefinition":"d","StartedBy":"AWS Step Functions"}
        "#]],
    );
}

#[test]
fn parameters_of_ones_own_that_step_functions_adds_are_refused() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "Parameters": { "TaskDefinition": "d", "StartedBy": "me" }, "End": true } }"#,
        &["0s start"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 ExecutionFailed States.Runtime: An error occurred while executing the state 'A' (entered at the event id #2). The Parameters '{"TaskDefinition":"d","StartedBy":"me"}' could not be used to start the Task: [The field 'StartedBy' is not supported by Step Functions]
        "#]],
    );
}

#[test]
fn a_sync_job_that_fails_fails_the_task() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "states:startExecution.sync", "Parameters": { "StateMachineArn": "arn" }, "End": true } }"#,
        &["0s start", r#"1s returns {"ExecutionArn": "e"}"#, "9s fails States.TaskFailed {}"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled states:startExecution.sync {"StateMachineArn":"arn"}
            4←3 TaskStarted
              → CallTask @1#1 {"StateMachineArn":"arn"}
            — 1s returns {"ExecutionArn": "e"}
            5←4 TaskSubmitted {"ExecutionArn": "e"}
              → AwaitJob @1#1 {"StateMachineArn":"arn"} submitted {"ExecutionArn": "e"}
              → SetTimer @1 31536000s
            — 9s fails States.TaskFailed {}
            6←5 TaskFailed States.TaskFailed: {}
            7←6 ExecutionFailed States.TaskFailed: {}
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn a_sync_job_is_cancelled_when_the_execution_stops() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "states:startExecution.sync", "Parameters": { "StateMachineArn": "arn" }, "End": true } }"#,
        &["0s start", r#"1s returns {"ExecutionArn": "e"}"#, "2s stop"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled states:startExecution.sync {"StateMachineArn":"arn"}
            4←3 TaskStarted
              → CallTask @1#1 {"StateMachineArn":"arn"}
            — 1s returns {"ExecutionArn": "e"}
            5←4 TaskSubmitted {"ExecutionArn": "e"}
              → AwaitJob @1#1 {"StateMachineArn":"arn"} submitted {"ExecutionArn": "e"}
              → SetTimer @1 31536000s
            — 2s stop
            6←0 ExecutionAborted -
              → CancelTask @1
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn a_sync_job_may_be_answered_by_its_token() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "states:startExecution.sync", "Parameters": { "StateMachineArn": "arn", "Input": { "Token.$": "$$.Task.Token" } }, "End": true } }"#,
        &["0s start", r#"1s returns {"ExecutionArn": "e"}"#, r#"2s answers "early""#],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled states:startExecution.sync {"StateMachineArn":"arn","Input":{"Token":"<token 1#1>"}}
            4←3 TaskStarted
              → CallTask @1#1 {"StateMachineArn":"arn","Input":{"Token":"<token 1#1>"}}
            — 1s returns {"ExecutionArn": "e"}
            5←4 TaskSubmitted {"ExecutionArn": "e"}
              → AwaitJob @1#1 {"StateMachineArn":"arn","Input":{"Token":"<token 1#1>"}} submitted {"ExecutionArn": "e"}
              → SetTimer @1 31536000s
            — 2s answers "early"
            6←5 TaskSucceeded "early"
            7←6 TaskStateExited A "early"
            8←7 ExecutionSucceeded "early"
              → CancelTimer @1
        "#]],
    );
}
