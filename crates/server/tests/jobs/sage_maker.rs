//! SageMaker.

use crate::job::{Job, Submission, told};
use crate::walk::walk;

#[test]
fn training_jobs() {
    walk(&TRAINING);
}

#[test]
fn transform_jobs() {
    walk(&TRANSFORM);
}

#[test]
fn processing_jobs() {
    walk(&PROCESSING);
}

#[test]
fn labeling_jobs() {
    walk(&LABELING);
}

#[test]
fn tuning_jobs() {
    walk(&TUNING);
}

const TRAINING: Job = Job {
    resource: "sagemaker:createTrainingJob",
    parameters: r#"{
        "TrainingJobName": "$ID",
        "AlgorithmSpecification": { "TrainingInputMode": "File" },
        "OutputDataConfig": { "S3OutputPath": "s3://b" },
        "ResourceConfig": { "VolumeSizeInGB": 1 },
        "RoleArn": "r",
        "StoppingCondition": {}
    }"#,
    submit: Submission {
        operation: "CreateTrainingJob",
        sent: r#"{"TrainingJobName":"$ID","RoleArn":"r"}"#,
        answer: r#"{"TrainingJobArn":"arn-$ID"}"#,
        error_code: "ResourceLimitExceeded",
        error: "SageMaker.ResourceLimitExceededException",
    },
    describe: "DescribeTrainingJob",
    answer: |_| {
        told(
            r#"{"CreationTime":1795813200.5,"TrainingJobArn":"arn-$ID","TrainingJobName":"$ID",
                "TrainingJobStatus":"$STATUS"}"#,
        )
    },
    running: &["InProgress", "Stopping"],
    succeeded: &["Completed"],
    failed: &["Failed", "Stopped", "Deleting"],
    result: r#"{"CreationTime":1795813200500,"TrainingJobArn":"arn-$ID","TrainingJobName":"$ID",
        "TrainingJobStatus":"$STATUS"}"#,
    cause: None,
    stop: Some(("StopTrainingJob", r#"{"TrainingJobName":"$ID"}"#)),
};

const TRANSFORM: Job = Job {
    resource: "sagemaker:createTransformJob",
    parameters: r#"{
        "TransformJobName": "$ID",
        "ModelName": "m",
        "TransformInput": { "DataSource": { "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": "u" } } },
        "TransformOutput": { "S3OutputPath": "s3://b" },
        "TransformResources": { "InstanceCount": 1, "InstanceType": "ml.m4.xlarge" }
    }"#,
    submit: Submission {
        operation: "CreateTransformJob",
        sent: r#"{"TransformJobName":"$ID","ModelName":"m"}"#,
        answer: r#"{"TransformJobArn":"arn-$ID"}"#,
        ..TRAINING.submit
    },
    describe: "DescribeTransformJob",
    answer: |_| told(r#"{"TransformJobName":"$ID","TransformJobStatus":"$STATUS"}"#),
    failed: &["Failed", "Stopped"],
    result: r#"{"TransformJobName":"$ID","TransformJobStatus":"$STATUS"}"#,
    stop: Some(("StopTransformJob", r#"{"TransformJobName":"$ID"}"#)),
    ..TRAINING
};

const PROCESSING: Job = Job {
    resource: "sagemaker:createProcessingJob",
    parameters: r#"{
        "ProcessingJobName": "$ID",
        "AppSpecification": { "ImageUri": "i" },
        "ProcessingResources": {
            "ClusterConfig": { "InstanceCount": 1, "InstanceType": "ml.m4.xlarge", "VolumeSizeInGB": 1 }
        },
        "RoleArn": "r"
    }"#,
    submit: Submission {
        operation: "CreateProcessingJob",
        sent: r#"{"ProcessingJobName":"$ID","RoleArn":"r"}"#,
        answer: r#"{"ProcessingJobArn":"arn-$ID"}"#,
        ..TRAINING.submit
    },
    describe: "DescribeProcessingJob",
    answer: |_| told(r#"{"ProcessingJobName":"$ID","ProcessingJobStatus":"$STATUS"}"#),
    failed: &["Failed", "Stopped"],
    result: r#"{"ProcessingJobName":"$ID","ProcessingJobStatus":"$STATUS"}"#,
    stop: Some(("StopProcessingJob", r#"{"ProcessingJobName":"$ID"}"#)),
    ..TRAINING
};

const LABELING: Job = Job {
    resource: "sagemaker:createLabelingJob",
    parameters: r#"{
        "LabelingJobName": "$ID",
        "HumanTaskConfig": {
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskDescription": "d",
            "TaskTimeLimitInSeconds": 60,
            "TaskTitle": "t",
            "UiConfig": {},
            "WorkteamArn": "w"
        },
        "InputConfig": { "DataSource": {} },
        "LabelAttributeName": "a",
        "OutputConfig": { "S3OutputPath": "s3://b" },
        "RoleArn": "r"
    }"#,
    submit: Submission {
        operation: "CreateLabelingJob",
        sent: r#"{"LabelingJobName":"$ID","RoleArn":"r"}"#,
        answer: r#"{"LabelingJobArn":"arn-$ID"}"#,
        ..TRAINING.submit
    },
    describe: "DescribeLabelingJob",
    answer: |_| told(r#"{"LabelingJobName":"$ID","LabelingJobStatus":"$STATUS"}"#),
    running: &["Initializing", "InProgress", "Stopping"],
    failed: &["Failed", "Stopped"],
    result: r#"{"LabelingJobName":"$ID","LabelingJobStatus":"$STATUS"}"#,
    stop: Some(("StopLabelingJob", r#"{"LabelingJobName":"$ID"}"#)),
    ..TRAINING
};

const TUNING: Job = Job {
    resource: "sagemaker:createHyperParameterTuningJob",
    parameters: r#"{
        "HyperParameterTuningJobName": "$ID",
        "HyperParameterTuningJobConfig": {
            "ResourceLimits": { "MaxParallelTrainingJobs": 1 }, "Strategy": "Bayesian"
        }
    }"#,
    submit: Submission {
        operation: "CreateHyperParameterTuningJob",
        sent: r#"{"HyperParameterTuningJobName":"$ID"}"#,
        answer: r#"{"HyperParameterTuningJobArn":"arn-$ID"}"#,
        ..TRAINING.submit
    },
    describe: "DescribeHyperParameterTuningJob",
    answer: |_| told(r#"{"HyperParameterTuningJobName":"$ID","HyperParameterTuningJobStatus":"$STATUS"}"#),
    failed: &["Failed", "Stopped", "Deleting", "DeleteFailed"],
    result: r#"{"HyperParameterTuningJobName":"$ID","HyperParameterTuningJobStatus":"$STATUS"}"#,
    stop: Some(("StopHyperParameterTuningJob", r#"{"HyperParameterTuningJobName":"$ID"}"#)),
    ..TRAINING
};
