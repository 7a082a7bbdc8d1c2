//! What each kind of job is asked and stopped with, and that the service takes it so.

use std::fmt::Write;

use expect_test::{Expect, expect};
use json::Value;

use crate::integration::{Call, Integration};
use crate::resource::{Pattern, Resource};

/// Prints the question and the stop of the job of a Resource, given the Task's parameters and what the
/// service answered to the submission.
#[track_caller]
fn check(resource: &str, parameters: &Value, submitted: &Value, expected: Expect) {
    let resource = Resource::parse(&format!("arn:aws:states:::{resource}")).expect("a resource");
    let Resource::Integration { service, action, pattern } = &resource else { panic!("{resource:?}") };
    let integration = Integration::find(service, action).expect("an integration");
    assert_eq!(*pattern, Pattern::Sync);
    assert_eq!(integration.problems(parameters), Vec::<String>::new());
    let job = integration.job(*pattern, parameters, submitted).expect("a job");
    let mut text = String::new();
    for call in [job.question(), job.stop()].into_iter().flatten() {
        let Call { operation, input } = call;
        assert!(aws_protocols::request(operation, &input, "token").is_ok(), "{}", input.to_text());
        writeln!(text, "{} {}", operation.name(), input.to_text()).expect("memory has room");
    }
    expected.assert_eq(&text);
}

#[test]
fn batch() {
    check(
        "batch:submitJob.sync",
        &json::value!({ "JobDefinition": "d", "JobName": "n", "JobQueue": "q" }),
        &json::value!({ "JobArn": "arn", "JobId": "id", "JobName": "n" }),
        expect![[r#"
            DescribeJobs {"Jobs":["id"]}
            TerminateJob {"JobId":"id","Reason":"Terminated by AWS Step Functions: the task that started it waits no longer"}
        "#]],
    );
}

#[test]
fn ecs() {
    check(
        "ecs:runTask.sync",
        &json::value!({ "Cluster": "c", "TaskDefinition": "d" }),
        &json::value!({ "Failures": [], "Tasks": [{ "ClusterArn": "c-arn", "TaskArn": "t-arn" }] }),
        expect![[r#"
            DescribeTasks {"Cluster":"c-arn","Tasks":["t-arn"]}
            StopTask {"Cluster":"c-arn","Task":"t-arn","Reason":"Stopped by AWS Step Functions: the task that started it waits no longer"}
        "#]],
    );
}

#[test]
fn glue() {
    check(
        "glue:startJobRun.sync",
        &json::value!({ "JobName": "j" }),
        &json::value!({ "JobName": "j", "JobRunId": "r" }),
        expect![[r#"
            GetJobRun {"JobName":"j","RunId":"r"}
            BatchStopJobRun {"JobName":"j","JobRunIds":["r"]}
        "#]],
    );
}

#[test]
fn data_brew() {
    check(
        "databrew:startJobRun.sync",
        &json::value!({ "Name": "j" }),
        &json::value!({ "RunId": "r" }),
        expect![[r#"
            DescribeJobRun {"Name":"j","RunId":"r"}
            StopJobRun {"Name":"j","RunId":"r"}
        "#]],
    );
}

#[test]
fn athena() {
    check(
        "athena:startQueryExecution.sync",
        &json::value!({ "QueryString": "select 1" }),
        &json::value!({ "QueryExecutionId": "q" }),
        expect![[r#"
            GetQueryExecution {"QueryExecutionId":"q"}
            StopQueryExecution {"QueryExecutionId":"q"}
        "#]],
    );
}

#[test]
fn code_build() {
    check(
        "codebuild:startBuild.sync",
        &json::value!({ "ProjectName": "p" }),
        &json::value!({ "Build": { "Id": "p:1" } }),
        expect![[r#"
            BatchGetBuilds {"Ids":["p:1"]}
            StopBuild {"Id":"p:1"}
        "#]],
    );
    check(
        "codebuild:startBuildBatch.sync",
        &json::value!({ "ProjectName": "p" }),
        &json::value!({ "BuildBatch": { "Id": "p:1" } }),
        expect![[r#"
            BatchGetBuildBatches {"Ids":["p:1"]}
            StopBuildBatch {"Id":"p:1"}
        "#]],
    );
    check(
        "codebuild:retryBuildBatch.sync",
        &json::value!({ "Id": "p:1" }),
        &json::value!({ "BuildBatch": { "Id": "p:2" } }),
        expect![[r#"
            BatchGetBuildBatches {"Ids":["p:2"]}
            StopBuildBatch {"Id":"p:2"}
        "#]],
    );
}

#[test]
fn sage_maker() {
    check(
        "sagemaker:createTrainingJob.sync",
        &json::value!({
            "TrainingJobName": "t",
            "AlgorithmSpecification": { "TrainingInputMode": "File" },
            "OutputDataConfig": { "S3OutputPath": "s3://b" },
            "ResourceConfig": { "VolumeSizeInGB": 1 },
            "RoleArn": "r",
            "StoppingCondition": {},
        }),
        &json::value!({ "TrainingJobArn": "arn" }),
        expect![[r#"
            DescribeTrainingJob {"TrainingJobName":"t"}
            StopTrainingJob {"TrainingJobName":"t"}
        "#]],
    );
    check(
        "sagemaker:createTransformJob.sync",
        &json::value!({
            "TransformJobName": "t",
            "ModelName": "m",
            "TransformInput": { "DataSource": { "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": "u" } } },
            "TransformOutput": { "S3OutputPath": "s3://b" },
            "TransformResources": { "InstanceCount": 1, "InstanceType": "ml.m4.xlarge" },
        }),
        &json::value!({ "TransformJobArn": "arn" }),
        expect![[r#"
            DescribeTransformJob {"TransformJobName":"t"}
            StopTransformJob {"TransformJobName":"t"}
        "#]],
    );
    check(
        "sagemaker:createProcessingJob.sync",
        &json::value!({
            "ProcessingJobName": "p",
            "AppSpecification": { "ImageUri": "i" },
            "ProcessingResources": {
                "ClusterConfig": { "InstanceCount": 1, "InstanceType": "ml.m4.xlarge", "VolumeSizeInGB": 1 },
            },
            "RoleArn": "r",
        }),
        &json::value!({ "ProcessingJobArn": "arn" }),
        expect![[r#"
            DescribeProcessingJob {"ProcessingJobName":"p"}
            StopProcessingJob {"ProcessingJobName":"p"}
        "#]],
    );
    check(
        "sagemaker:createLabelingJob.sync",
        &json::value!({
            "LabelingJobName": "l",
            "HumanTaskConfig": {
                "NumberOfHumanWorkersPerDataObject": 1,
                "TaskDescription": "d",
                "TaskTimeLimitInSeconds": 60,
                "TaskTitle": "t",
                "UiConfig": {},
                "WorkteamArn": "w",
            },
            "InputConfig": { "DataSource": {} },
            "LabelAttributeName": "a",
            "OutputConfig": { "S3OutputPath": "s3://b" },
            "RoleArn": "r",
        }),
        &json::value!({ "LabelingJobArn": "arn" }),
        expect![[r#"
            DescribeLabelingJob {"LabelingJobName":"l"}
            StopLabelingJob {"LabelingJobName":"l"}
        "#]],
    );
    check(
        "sagemaker:createHyperParameterTuningJob.sync",
        &json::value!({
            "HyperParameterTuningJobName": "h",
            "HyperParameterTuningJobConfig": { "ResourceLimits": { "MaxParallelTrainingJobs": 1 }, "Strategy": "Bayesian" },
        }),
        &json::value!({ "HyperParameterTuningJobArn": "arn" }),
        expect![[r#"
            DescribeHyperParameterTuningJob {"HyperParameterTuningJobName":"h"}
            StopHyperParameterTuningJob {"HyperParameterTuningJobName":"h"}
        "#]],
    );
}
