//! EMR on EKS.

use crate::job::{Job, Submission, gone, told};
use crate::walk::walk;

#[test]
fn virtual_clusters_are_deleted() {
    walk(&DELETION);
}

#[test]
fn virtual_clusters_are_gone() {
    walk(&DISAPPEARANCE);
}

#[test]
fn runs() {
    walk(&RUN);
}

const DELETION: Job = Job {
    resource: "emr-containers:deleteVirtualCluster",
    parameters: r#"{"Id":"$ID"}"#,
    submit: Submission {
        operation: "DELETE /virtualclusters/$ID",
        sent: "{}",
        answer: r#"{"id":"$ID"}"#,
        error_code: "ValidationException",
        error: "EMRContainers.ValidationException",
    },
    describe: "GET /virtualclusters/$ID",
    answer: |_| told(r#"{"virtualCluster":{"id":"$ID","state":"$STATUS"}}"#),
    running: &["RUNNING", "TERMINATING"],
    succeeded: &["TERMINATED"],
    failed: &["ARRESTED"],
    result: r#"{"Id":"$ID","VirtualCluster":{"Id":"$ID","State":"$STATUS"}}"#,
    cause: None,
    stop: None,
};

/// The end is that nobody knows it any more.
const DISAPPEARANCE: Job = Job {
    answer: |status| match status {
        "GONE" => gone(),
        _ => (DELETION.answer)(status),
    },
    succeeded: &["GONE"],
    result: r#"{"Id":"$ID"}"#,
    cause: Some(DELETION.result),
    ..DELETION
};

const RUN: Job = Job {
    resource: "emr-containers:startJobRun",
    parameters: r#"{"Name":"$ID","VirtualClusterId":"v-1"}"#,
    submit: Submission {
        operation: "POST /virtualclusters/v-1/jobruns",
        sent: r#"{"name":"$ID"}"#,
        answer: r#"{"arn":"arn","id":"r-$ID","name":"$ID","virtualClusterId":"v-1"}"#,
        ..DELETION.submit
    },
    describe: "GET /virtualclusters/v-1/jobruns/r-$ID",
    answer: |_| {
        told(
            r#"{"jobRun":{"arn":"arn","finishedAt":"2026-11-27T21:00:00.5Z","id":"r-$ID","name":"$ID",
                "state":"$STATUS","virtualClusterId":"v-1"}}"#,
        )
    },
    running: &["PENDING", "SUBMITTED", "RUNNING", "CANCEL_PENDING"],
    succeeded: &["COMPLETED"],
    failed: &["FAILED", "CANCELLED"],
    result: r#"{"Arn":"arn","Id":"r-$ID","JobRun":{"Arn":"arn","FinishedAt":1795813200500,"Id":"r-$ID",
        "Name":"$ID","State":"$STATUS","VirtualClusterId":"v-1"},"Name":"$ID","VirtualClusterId":"v-1"}"#,
    stop: Some(("DELETE /virtualclusters/v-1/jobruns/r-$ID", "{}")),
    ..DELETION
};
