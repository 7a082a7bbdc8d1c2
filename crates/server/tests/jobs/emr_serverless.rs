//! EMR Serverless. An application goes on without its execution; a run does not.

use crate::job::{Job, Submission, gone, told};
use crate::walk::walk;

#[test]
fn applications_are_created() {
    walk(&CREATION);
}

#[test]
fn applications_are_started() {
    walk(&START);
}

#[test]
fn applications_are_stopped() {
    walk(&STOP);
}

#[test]
fn applications_are_deleted() {
    walk(&DELETION);
}

#[test]
fn runs() {
    walk(&RUN);
}

#[test]
fn runs_are_cancelled() {
    walk(&CANCELLATION);
}

const CREATION: Job = Job {
    resource: "emr-serverless:createApplication",
    parameters: r#"{"Name":"$ID","ReleaseLabel":"emr-7.0.0","Type":"SPARK"}"#,
    submit: Submission {
        operation: "POST /applications",
        sent: r#"{"name":"$ID","releaseLabel":"emr-7.0.0","type":"SPARK"}"#,
        answer: r#"{"applicationId":"a-$ID","arn":"arn","name":"$ID"}"#,
        error_code: "ValidationException",
        error: "EmrServerless.ValidationException",
    },
    describe: "GET /applications/a-$ID",
    answer: |_| {
        told(r#"{"application":{"applicationId":"a-$ID","arn":"arn","name":"$ID","state":"$STATUS"}}"#)
    },
    running: &["CREATING"],
    succeeded: &["CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED"],
    failed: &["TERMINATED"],
    result: r#"{"ApplicationId":"a-$ID","Arn":"arn","Name":"$ID"}"#,
    cause: Some(r#"{"Application":{"ApplicationId":"a-$ID","Arn":"arn","Name":"$ID","State":"$STATUS"}}"#),
    stop: None,
};

const START: Job = Job {
    resource: "emr-serverless:startApplication",
    parameters: r#"{"ApplicationId":"a-$ID"}"#,
    submit: Submission {
        operation: "POST /applications/a-$ID/start",
        sent: "{}",
        answer: "{}",
        ..CREATION.submit
    },
    running: &["CREATING", "STARTING"],
    succeeded: &["STARTED"],
    failed: &["CREATED", "STOPPING", "STOPPED", "TERMINATED"],
    result: r#"{"ApplicationId":"a-$ID"}"#,
    ..CREATION
};

const STOP: Job = Job {
    resource: "emr-serverless:stopApplication",
    submit: Submission { operation: "POST /applications/a-$ID/stop", ..START.submit },
    running: &["STOPPING"],
    succeeded: &["CREATED", "STOPPED"],
    failed: &["CREATING", "STARTING", "STARTED", "TERMINATED"],
    ..START
};

const DELETION: Job = Job {
    resource: "emr-serverless:deleteApplication",
    submit: Submission { operation: "DELETE /applications/a-$ID", ..START.submit },
    answer: |status| match status {
        "GONE" => gone(),
        _ => (CREATION.answer)(status),
    },
    running: &["CREATING", "CREATED", "STOPPING", "STOPPED"],
    succeeded: &["TERMINATED", "GONE"],
    failed: &["STARTING", "STARTED"],
    ..START
};

const RUN: Job = Job {
    resource: "emr-serverless:startJobRun",
    parameters: r#"{"ApplicationId":"a-1","ExecutionRoleArn":"r","Name":"$ID"}"#,
    submit: Submission {
        operation: "POST /applications/a-1/jobruns",
        sent: r#"{"executionRoleArn":"r","name":"$ID"}"#,
        answer: r#"{"applicationId":"a-1","arn":"arn","jobRunId":"r-$ID"}"#,
        ..CREATION.submit
    },
    describe: "GET /applications/a-1/jobruns/r-$ID",
    answer: |_| {
        told(
            r#"{"jobRun":{"applicationId":"a-1","arn":"arn","createdAt":1795813200.5,"jobRunId":"r-$ID",
                "state":"$STATUS"}}"#,
        )
    },
    running: &["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "QUEUED"],
    succeeded: &["SUCCESS"],
    failed: &["FAILED", "CANCELLED"],
    result: r#"{"ApplicationId":"a-1","Arn":"arn","JobRun":{"ApplicationId":"a-1","Arn":"arn",
        "CreatedAt":1795813200500,"JobRunId":"r-$ID","State":"$STATUS"},"JobRunId":"r-$ID"}"#,
    cause: None,
    stop: Some(("DELETE /applications/a-1/jobruns/r-$ID", "{}")),
};

const CANCELLATION: Job = Job {
    resource: "emr-serverless:cancelJobRun",
    parameters: r#"{"ApplicationId":"a-1","JobRunId":"r-$ID"}"#,
    submit: Submission {
        operation: "DELETE /applications/a-1/jobruns/r-$ID",
        sent: "{}",
        answer: r#"{"applicationId":"a-1","jobRunId":"r-$ID"}"#,
        ..CREATION.submit
    },
    succeeded: &["CANCELLED"],
    failed: &["SUCCESS", "FAILED"],
    stop: None,
    ..RUN
};
