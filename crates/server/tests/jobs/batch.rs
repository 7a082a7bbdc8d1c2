//! Batch.

use crate::job::{Job, Submission, told};
use crate::walk::walk;

#[test]
fn jobs() {
    walk(&JOB);
}

const JOB: Job = Job {
    resource: "batch:submitJob",
    parameters: r#"{"JobName":"$ID","JobDefinition":"d","JobQueue":"q"}"#,
    submit: Submission {
        operation: "POST /v1/submitjob",
        sent: r#"{
            "jobName": "$ID",
            "containerOverrides": {
                "environment": [{ "name": "MANAGED_BY_AWS", "value": "STARTED_BY_STEP_FUNCTIONS" }]
            }
        }"#,
        answer: r#"{"jobArn":"arn","jobId":"id-$ID","jobName":"$ID"}"#,
        error_code: "ClientException",
        error: "Batch.ClientException",
    },
    describe: "POST /v1/describejobs",
    answer: |_| {
        told(
            r#"{"jobs":[{"jobId":"id-$ID","jobName":"$ID","status":"$STATUS","createdAt":1795813200500,
                "container":{"exitCode":0,"environment":[{"name":"N","value":"v"}]},
                "parameters":{"inputFile":"f"}}]}"#,
        )
    },
    running: &["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"],
    succeeded: &["SUCCEEDED"],
    failed: &["FAILED"],
    result: r#"{"Container":{"Environment":[{"Name":"N","Value":"v"}],"ExitCode":0},"CreatedAt":1795813200500,
        "JobId":"id-$ID","JobName":"$ID","Parameters":{"inputFile":"f"},"Status":"$STATUS"}"#,
    cause: None,
    stop: Some((
        "POST /v1/terminatejob",
        r#"{"jobId":"id-$ID","reason":"Terminated by AWS Step Functions: the task that started it waits no longer"}"#,
    )),
};
