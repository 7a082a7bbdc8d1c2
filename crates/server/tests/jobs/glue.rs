//! Glue.

use crate::job::{Job, Submission, told};
use crate::walk::walk;

#[test]
fn runs() {
    walk(&RUN);
}

const RUN: Job = Job {
    resource: "glue:startJobRun",
    parameters: r#"{"JobName":"$ID","Arguments":{"--a":"b"}}"#,
    submit: Submission {
        operation: "StartJobRun",
        sent: r#"{"JobName":"$ID","Arguments":{"--a":"b"}}"#,
        answer: r#"{"JobRunId":"r-$ID"}"#,
        error_code: "ConcurrentRunsExceededException",
        error: "Glue.ConcurrentRunsExceededException",
    },
    describe: "GetJobRun",
    answer: |_| {
        told(r#"{"JobRun":{"Id":"r-$ID","JobName":"$ID","JobRunState":"$STATUS","StartedOn":1795813200.5}}"#)
    },
    running: &["WAITING", "STARTING", "RUNNING", "STOPPING"],
    succeeded: &["SUCCEEDED", "STOPPED"],
    failed: &["FAILED", "TIMEOUT", "ERROR", "EXPIRED"],
    result: r#"{"Id":"r-$ID","JobName":"$ID","JobRunState":"$STATUS","StartedOn":1795813200500}"#,
    cause: None,
    stop: Some(("BatchStopJobRun", r#"{"JobName":"$ID","JobRunIds":["r-$ID"]}"#)),
};
