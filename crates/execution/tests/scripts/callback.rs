//! `.waitForTaskToken`: the token goes out, the answer comes back.

use expect_test::expect;

use crate::harness::check;

#[test]
fn the_token_is_answered_after_the_call_returned() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": { "Token.$": "$$.Task.Token" } }, "End": true } }"#,
        &["0s start", r#"1s returns {"MessageId": "m"}"#, r#"2s answers "done""#],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":{"Token":"<token 1#1>"}}
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":{"Token":"<token 1#1>"}}
            — 1s returns {"MessageId": "m"}
            5←4 TaskSubmitted {"MessageId": "m"}
              → SetTimer @1 31536000s
            — 2s answers "done"
            6←5 TaskSucceeded "done"
            7←6 TaskStateExited A "done"
            8←7 ExecutionSucceeded "done"
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn a_refusal_has_error_and_cause_as_sent() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "End": true } }"#,
        &["0s start", "1s returns {}", "2s refuses Nope because of this"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"}
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
            — 1s returns {}
            5←4 TaskSubmitted {}
              → SetTimer @1 31536000s
            — 2s refuses Nope because of this
            6←5 TaskFailed Nope: because of this
            7←6 ExecutionFailed Nope: because of this
              → CancelTimer @1
        "#]],
    );
}

#[test]
fn a_refusal_may_have_neither() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "End": true } }"#,
        &["0s start", "1s returns {}", "2s refuses"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"}
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
            — 1s returns {}
            5←4 TaskSubmitted {}
              → SetTimer @1 31536000s
            — 2s refuses
            6←5 TaskFailed -
            7←6 ExecutionFailed -
              → CancelTimer @1
        "#]],
    );
}

/// The call may return after its message was answered; TaskSubmitted comes first all the same.
#[test]
fn an_answer_before_the_call_returned_is_kept() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "End": true } }"#,
        &[
            "0s start",
            r#"1s answers "fast""#,
            r#"1s answers "again""#,
            "2s restart",
            r#"2s returns {"MessageId": "m"}"#,
        ],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"}
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
            — 1s answers "fast"
            — 1s answers "again"
            — restart
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
            — 2s returns {"MessageId": "m"}
            5←4 TaskSubmitted {"MessageId": "m"}
            6←5 TaskSucceeded "fast"
            7←6 TaskStateExited A "fast"
            8←7 ExecutionSucceeded "fast"
        "#]],
    );
}

#[test]
fn an_early_answer_counts_even_if_the_call_does_not_return_in_time() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "TimeoutSeconds": 5, "End": true } }"#,
        &["0s start", r#"1s answers "fast""#, "5s timer", "6s returns {}"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"} timeout=5
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
              → SetTimer @1 5s
            — 1s answers "fast"
            — 5s timer
            5←4 TaskSucceeded "fast"
            6←5 TaskStateExited A "fast"
            7←6 ExecutionSucceeded "fast"
              → CancelTimer @1
            — 6s returns {}
        "#]],
    );
}

#[test]
fn an_early_answer_counts_even_if_the_call_seems_to_have_failed() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "End": true } }"#,
        &["0s start", r#"1s answers "fast""#, "2s fails SQS.SdkClientException connection reset"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"}
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
            — 1s answers "fast"
            — 2s fails SQS.SdkClientException connection reset
            5←4 TaskSucceeded "fast"
            6←5 TaskStateExited A "fast"
            7←6 ExecutionSucceeded "fast"
        "#]],
    );
}

#[test]
fn a_failed_call_fails_the_task() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "End": true } }"#,
        &["0s start", "1s fails SQS.AmazonSQSException no queue", "2s answers @1#1 1"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"}
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
            — 1s fails SQS.AmazonSQSException no queue
            5←4 TaskFailed SQS.AmazonSQSException: no queue
            6←5 ExecutionFailed SQS.AmazonSQSException: no queue
            — 2s answers @1#1 1
        "#]],
    );
}

#[test]
fn the_timeout_counts_from_the_call() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "TimeoutSeconds": 10, "End": true } }"#,
        &["0s start", "2s returns {}", "10s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"} timeout=10
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
              → SetTimer @1 10s
            — 2s returns {}
            5←4 TaskSubmitted {}
            — 10s timer
            6←5 TaskTimedOut States.Timeout
            7←6 ExecutionFailed States.Timeout
              → CancelTask @1
        "#]],
    );
}

#[test]
fn heartbeats_count_from_the_call_s_return_and_put_the_end_off() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "TimeoutSeconds": 600, "HeartbeatSeconds": 5, "End": true } }"#,
        &["0s start", "2s returns {}", "6s heartbeat", "7s timer", "11s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"} timeout=600 heartbeat=5
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
              → SetTimer @1 600s
            — 2s returns {}
            5←4 TaskSubmitted {}
              → SetTimer @1 7s
            — 6s heartbeat
              → SetTimer @1 11s
            — 7s timer
              → SetTimer @1 11s
            — 11s timer
            6←5 TaskTimedOut States.Timeout
            7←6 ExecutionFailed States.Timeout
              → CancelTask @1
        "#]],
    );
}

#[test]
fn the_timeout_comes_before_a_later_heartbeat() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "TimeoutSeconds": 6, "HeartbeatSeconds": 5, "End": true } }"#,
        &["0s start", "2s returns {}", "6s timer"],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"} timeout=6 heartbeat=5
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
              → SetTimer @1 6s
            — 2s returns {}
            5←4 TaskSubmitted {}
            — 6s timer
            6←5 TaskTimedOut States.Timeout
            7←6 ExecutionFailed States.Timeout
              → CancelTask @1
        "#]],
    );
}

#[test]
fn heartbeat_seconds_path_is_read_from_the_input() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "HeartbeatSecondsPath": "$.h", "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "End": true } }"#,
        &[r#"0s start {"h": 120}"#, "1s returns {}"],
        expect![[r#"
            1←0 ExecutionStarted {"h": 120}
            2←0 TaskStateEntered A {"h": 120}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"m"} heartbeat=120
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"m"}
            — 1s returns {}
            5←4 TaskSubmitted {}
              → SetTimer @1 121s
        "#]],
    );
}

#[test]
fn a_retry_has_a_new_token_and_the_old_one_is_void() {
    check(
        r#"{ "A": { "Type": "Task", "Resource": "sqs:sendMessage.waitForTaskToken", "TimeoutSeconds": 5, "Parameters": { "QueueUrl": "q", "MessageBody.$": "$$.Task.Token" }, "Retry": [{ "ErrorEquals": ["States.Timeout"] }], "End": true } }"#,
        &[
            "0s start",
            "1s returns {}",
            "5s timer",
            "6s timer",
            "7s returns {}",
            r#"8s answers @1#1 "old""#,
            r#"8s answers @1#2 "new""#,
        ],
        expect![[r#"
            1←0 ExecutionStarted {}
            2←0 TaskStateEntered A {}
            3←2 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"<token 1#1>"} timeout=5
            4←3 TaskStarted
              → CallTask @1#1 {"QueueUrl":"q","MessageBody":"<token 1#1>"}
              → SetTimer @1 5s
            — 1s returns {}
            5←4 TaskSubmitted {}
            — 5s timer
            6←5 TaskTimedOut States.Timeout
              → CancelTask @1
              → SetTimer @1 6s
            — 6s timer
            7←6 TaskScheduled sqs:sendMessage.waitForTaskToken {"QueueUrl":"q","MessageBody":"<token 1#2>"} timeout=5
            8←7 TaskStarted
              → CallTask @1#2 {"QueueUrl":"q","MessageBody":"<token 1#2>"}
              → SetTimer @1 11s
            — 7s returns {}
            9←8 TaskSubmitted {}
            — 8s answers @1#1 "old"
            — 8s answers @1#2 "new"
            10←9 TaskSucceeded "new"
            11←10 TaskStateExited A "new"
            12←11 ExecutionSucceeded "new"
              → CancelTimer @1
        "#]],
    );
}
