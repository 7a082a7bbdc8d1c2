//! CodeBuild.

use crate::job::{Job, Submission, told};
use crate::walk::walk;

#[test]
fn builds() {
    walk(&BUILD);
}

#[test]
fn batches() {
    walk(&BATCH);
}

#[test]
fn batches_again() {
    walk(&AGAIN);
}

const BUILD: Job = Job {
    resource: "codebuild:startBuild",
    parameters: r#"{"ProjectName":"$ID"}"#,
    submit: Submission {
        operation: "StartBuild",
        sent: r#"{"projectName":"$ID"}"#,
        answer: r#"{"build":{"id":"$ID:1","buildStatus":"IN_PROGRESS"}}"#,
        error_code: "AccountLimitExceededException",
        error: "CodeBuild.AccountLimitExceededException",
    },
    describe: "BatchGetBuilds",
    answer: |_| {
        told(
            r#"{"builds":[{"id":"$ID:1","buildStatus":"$STATUS","startTime":1795813200.5}],"buildsNotFound":[]}"#,
        )
    },
    running: &["IN_PROGRESS"],
    succeeded: &["SUCCEEDED"],
    failed: &["FAILED", "FAULT", "TIMED_OUT", "STOPPED"],
    result: r#"{"Build":{"BuildStatus":"$STATUS","Id":"$ID:1","StartTime":1795813200500}}"#,
    cause: None,
    stop: Some(("StopBuild", r#"{"id":"$ID:1"}"#)),
};

const BATCH: Job = Job {
    resource: "codebuild:startBuildBatch",
    submit: Submission {
        operation: "StartBuildBatch",
        answer: r#"{"buildBatch":{"id":"$ID:1","buildBatchStatus":"IN_PROGRESS"}}"#,
        error_code: "ResourceNotFoundException",
        error: "CodeBuild.ResourceNotFoundException",
        ..BUILD.submit
    },
    describe: "BatchGetBuildBatches",
    answer: |_| told(r#"{"buildBatches":[{"id":"$ID:1","buildBatchStatus":"$STATUS"}]}"#),
    result: r#"{"BuildBatch":{"BuildBatchStatus":"$STATUS","Id":"$ID:1"}}"#,
    stop: Some(("StopBuildBatch", r#"{"id":"$ID:1"}"#)),
    ..BUILD
};

const AGAIN: Job = Job {
    resource: "codebuild:retryBuildBatch",
    parameters: r#"{"Id":"$ID:0"}"#,
    submit: Submission { operation: "RetryBuildBatch", sent: r#"{"id":"$ID:0"}"#, ..BATCH.submit },
    ..BATCH
};
