//! MediaConvert.

use crate::job::{Job, Submission, told};
use crate::walk::walk;

#[test]
fn jobs() {
    walk(&JOB);
}

const JOB: Job = Job {
    resource: "mediaconvert:createJob",
    parameters: r#"{"Queue":"$ID","Role":"r","Settings":{"Inputs":[{"FileInput":"s3://b/k"}]}}"#,
    submit: Submission {
        operation: "POST /2017-08-29/jobs",
        sent: r#"{"queue":"$ID","role":"r","settings":{"inputs":[{"fileInput":"s3://b/k"}]}}"#,
        answer: r#"{"job":{"id":"i-$ID","status":"SUBMITTED"}}"#,
        error_code: "TooManyRequestsException",
        error: "MediaConvert.TooManyRequestsException",
    },
    describe: "GET /2017-08-29/jobs/i-$ID",
    answer: |_| told(r#"{"job":{"createdAt":1795813200.5,"id":"i-$ID","status":"$STATUS"}}"#),
    running: &["SUBMITTED", "PROGRESSING"],
    succeeded: &["COMPLETE"],
    failed: &["CANCELED", "ERROR"],
    result: r#"{"Job":{"CreatedAt":1795813200500,"Id":"i-$ID","Status":"$STATUS"}}"#,
    cause: None,
    stop: Some(("DELETE /2017-08-29/jobs/i-$ID", "{}")),
};
