//! Glue DataBrew.

use crate::job::{Job, Submission, told};
use crate::walk::walk;

#[test]
fn runs() {
    walk(&RUN);
}

const RUN: Job = Job {
    resource: "databrew:startJobRun",
    parameters: r#"{"Name":"$ID"}"#,
    submit: Submission {
        operation: "POST /jobs/$ID/startJobRun",
        sent: "{}",
        answer: r#"{"RunId":"r-$ID"}"#,
        error_code: "ConflictException",
        error: "DataBrew.ConflictException",
    },
    describe: "GET /jobs/$ID/jobRun/r-$ID",
    answer: |_| told(r#"{"CompletedOn":1795813200.5,"JobName":"$ID","RunId":"r-$ID","State":"$STATUS"}"#),
    running: &["STARTING", "RUNNING", "STOPPING"],
    succeeded: &["SUCCEEDED"],
    failed: &["FAILED", "STOPPED", "TIMEOUT"],
    result: r#"{"CompletedOn":1795813200500,"JobName":"$ID","RunId":"r-$ID","State":"$STATUS"}"#,
    cause: None,
    stop: Some(("POST /jobs/$ID/jobRun/r-$ID/stopJobRun", "{}")),
};
