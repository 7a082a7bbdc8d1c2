//! Athena.

use crate::job::{Job, Submission, told};
use crate::walk::walk;

#[test]
fn queries() {
    walk(&QUERY);
}

const QUERY: Job = Job {
    resource: "athena:startQueryExecution",
    parameters: r#"{"QueryString":"select '$ID'","WorkGroup":"w"}"#,
    submit: Submission {
        operation: "StartQueryExecution",
        sent: r#"{"QueryString":"select '$ID'","WorkGroup":"w"}"#,
        answer: r#"{"QueryExecutionId":"q-$ID"}"#,
        error_code: "TooManyRequestsException",
        error: "Athena.TooManyRequestsException",
    },
    describe: "GetQueryExecution",
    answer: |_| {
        told(
            r#"{"QueryExecution":{"QueryExecutionId":"q-$ID",
                "Status":{"State":"$STATUS","SubmissionDateTime":1795813200.5}}}"#,
        )
    },
    running: &["QUEUED", "RUNNING"],
    succeeded: &["SUCCEEDED"],
    failed: &["FAILED", "CANCELLED"],
    result: r#"{"QueryExecution":{"QueryExecutionId":"q-$ID",
        "Status":{"State":"$STATUS","SubmissionDateTime":1795813200500}}}"#,
    cause: None,
    stop: Some(("StopQueryExecution", r#"{"QueryExecutionId":"q-$ID"}"#)),
};
