//! Bedrock: customisations of models.

use crate::job::{Job, Submission, told};
use crate::walk::walk;

#[test]
fn customizations() {
    walk(&CUSTOMIZATION);
}

const CUSTOMIZATION: Job = Job {
    resource: "bedrock:createModelCustomizationJob",
    parameters: r#"{
        "JobName": "$ID",
        "CustomModelName": "m",
        "RoleArn": "r",
        "BaseModelIdentifier": "b",
        "TrainingDataConfig": { "S3Uri": "s3://b/k" },
        "OutputDataConfig": { "S3Uri": "s3://b/o" }
    }"#,
    submit: Submission {
        operation: "POST /model-customization-jobs",
        sent: r#"{"jobName":"$ID","baseModelIdentifier":"b"}"#,
        answer: r#"{"jobArn":"arn-$ID"}"#,
        error_code: "ThrottlingException",
        error: "Bedrock.ThrottlingException",
    },
    describe: "GET /model-customization-jobs/arn-$ID",
    answer: |_| {
        told(
            r#"{"jobArn":"arn-$ID","jobName":"$ID","status":"$STATUS","creationTime":"2026-11-27T21:00:00.5Z",
                "hyperParameters":{"epochCount":"2"}}"#,
        )
    },
    running: &["InProgress", "Stopping"],
    succeeded: &["Completed"],
    failed: &["Failed", "Stopped"],
    result: r#"{"CreationTime":1795813200500,"HyperParameters":{"epochCount":"2"},"JobArn":"arn-$ID",
        "JobName":"$ID","Status":"$STATUS"}"#,
    cause: None,
    stop: Some(("POST /model-customization-jobs/arn-$ID/stop", "{}")),
};
