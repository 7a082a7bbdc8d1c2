//! What jobs are asked and stopped with, and what their descriptions mean.

use aws_protocols::Response;

use super::*;
use crate::{Integration, Pattern};

/// A job, and what it asks, stops with, and makes of a description: results, causes and `…` while it runs.
struct Row {
    resource: &'static str,
    parameters: &'static str,
    submitted: &'static str,
    question: &'static str,
    /// Empty for a job that goes on without its execution.
    stop: &'static str,
    descriptions: &'static [(&'static str, &'static str)],
}

const ROWS: &[Row] = &[
    Row {
        resource: "elasticmapreduce:createCluster",
        parameters: r#"{"Name":"c"}"#,
        submitted: r#"{"ClusterId":"j-1"}"#,
        question: r#"DescribeCluster {"ClusterId":"j-1"}"#,
        stop: "",
        descriptions: &[
            (r#"{"Cluster":{"Status":{"State":"RUNNING"}}}"#, "…"),
            (
                r#"{"Cluster":{"Id":"j-1","Status":{"State":"WAITING"}}}"#,
                r#"{"Cluster":{"Id":"j-1","Status":{"State":"WAITING"}},"ClusterId":"j-1"}"#,
            ),
        ],
    },
    Row {
        resource: "elasticmapreduce:terminateCluster",
        parameters: r#"{"ClusterId":"j-1"}"#,
        submitted: "{}",
        question: r#"DescribeCluster {"ClusterId":"j-1"}"#,
        stop: "",
        descriptions: &[
            (r#"{"Cluster":{"Status":{"State":"WAITING"}}}"#, "…"),
            (
                r#"{"Cluster":{"Id":"j-1","Status":{"State":"TERMINATED"}}}"#,
                r#"{"Cluster":{"Id":"j-1","Status":{"State":"TERMINATED"}},"ClusterId":"j-1"}"#,
            ),
        ],
    },
    Row {
        resource: "elasticmapreduce:addStep",
        parameters: r#"{"ClusterId":"j-1","Step":{}}"#,
        submitted: r#"{"StepId":"s-1"}"#,
        question: r#"DescribeStep {"ClusterId":"j-1","StepId":"s-1"}"#,
        stop: r#"CancelSteps {"ClusterId":"j-1","StepIds":["s-1"]}"#,
        descriptions: &[(
            r#"{"Step":{"Id":"s-1","Status":{"State":"FAILED"}}}"#,
            r#"States.TaskFailed {"Step":{"Id":"s-1","Status":{"State":"FAILED"}},"StepId":"s-1"}"#,
        )],
    },
    Row {
        resource: "emr-containers:deleteVirtualCluster",
        parameters: r#"{"Id":"v-1"}"#,
        submitted: r#"{"Id":"v-1"}"#,
        question: r#"DescribeVirtualCluster {"Id":"v-1"}"#,
        stop: "",
        descriptions: &[(
            r#"{"VirtualCluster":{"Id":"v-1","State":"TERMINATED"}}"#,
            r#"{"Id":"v-1","VirtualCluster":{"Id":"v-1","State":"TERMINATED"}}"#,
        )],
    },
    Row {
        resource: "emr-containers:startJobRun",
        parameters: r#"{"VirtualClusterId":"v-1"}"#,
        submitted: r#"{"Id":"r-1","VirtualClusterId":"v-1"}"#,
        question: r#"DescribeJobRun {"Id":"r-1","VirtualClusterId":"v-1"}"#,
        stop: r#"CancelJobRun {"Id":"r-1","VirtualClusterId":"v-1"}"#,
        descriptions: &[(
            r#"{"JobRun":{"Id":"r-1","State":"COMPLETED"}}"#,
            r#"{"Id":"r-1","JobRun":{"Id":"r-1","State":"COMPLETED"}}"#,
        )],
    },
    Row {
        resource: "emr-serverless:createApplication",
        parameters: r#"{"ReleaseLabel":"l","Type":"SPARK"}"#,
        submitted: r#"{"ApplicationId":"a-1","Arn":"arn"}"#,
        question: r#"GetApplication {"ApplicationId":"a-1"}"#,
        stop: "",
        descriptions: &[(
            r#"{"Application":{"ApplicationId":"a-1","Arn":"arn","State":"CREATED"}}"#,
            r#"{"ApplicationId":"a-1","Arn":"arn"}"#,
        )],
    },
    Row {
        resource: "emr-serverless:deleteApplication",
        parameters: r#"{"ApplicationId":"a-1"}"#,
        submitted: r#"{"ApplicationId":"a-1"}"#,
        question: r#"GetApplication {"ApplicationId":"a-1"}"#,
        stop: "",
        descriptions: &[
            (r#"{"Application":{"ApplicationId":"a-1","State":"TERMINATED"}}"#, r#"{"ApplicationId":"a-1"}"#),
            (
                r#"{"Application":{"ApplicationId":"a-1","State":"STARTED"}}"#,
                r#"States.TaskFailed {"Application":{"ApplicationId":"a-1","State":"STARTED"}}"#,
            ),
        ],
    },
    Row {
        resource: "emr-serverless:startJobRun",
        parameters: r#"{"ApplicationId":"a-1","ExecutionRoleArn":"r"}"#,
        submitted: r#"{"ApplicationId":"a-1","JobRunId":"r-1","Arn":"arn"}"#,
        question: r#"GetJobRun {"ApplicationId":"a-1","JobRunId":"r-1"}"#,
        stop: r#"CancelJobRun {"ApplicationId":"a-1","JobRunId":"r-1"}"#,
        descriptions: &[(
            r#"{"JobRun":{"ApplicationId":"a-1","JobRunId":"r-1","State":"SUCCESS"}}"#,
            r#"{"ApplicationId":"a-1","JobRun":{"ApplicationId":"a-1","JobRunId":"r-1","State":"SUCCESS"},"JobRunId":"r-1"}"#,
        )],
    },
    Row {
        resource: "emr-serverless:cancelJobRun",
        parameters: r#"{"ApplicationId":"a-1","JobRunId":"r-1"}"#,
        submitted: r#"{"ApplicationId":"a-1","JobRunId":"r-1"}"#,
        question: r#"GetJobRun {"ApplicationId":"a-1","JobRunId":"r-1"}"#,
        stop: "",
        descriptions: &[(
            r#"{"JobRun":{"State":"SUCCESS"}}"#,
            r#"States.TaskFailed {"JobRun":{"State":"SUCCESS"}}"#,
        )],
    },
    Row {
        resource: "eks:createCluster",
        parameters: r#"{"Name":"c"}"#,
        submitted: r#"{"Cluster":{"Name":"c","Status":"CREATING"}}"#,
        question: r#"DescribeCluster {"Name":"c"}"#,
        stop: "",
        descriptions: &[(
            r#"{"Cluster":{"Name":"c","Status":"ACTIVE"}}"#,
            r#"{"Cluster":{"Name":"c","Status":"ACTIVE"}}"#,
        )],
    },
    Row {
        resource: "eks:deleteFargateProfile",
        parameters: r#"{"ClusterName":"c","FargateProfileName":"p"}"#,
        submitted: r#"{"FargateProfile":{"Status":"DELETING"}}"#,
        question: r#"DescribeFargateProfile {"ClusterName":"c","FargateProfileName":"p"}"#,
        stop: "",
        descriptions: &[(r#"{"FargateProfile":{"Status":"DELETING"}}"#, "…")],
    },
    Row {
        resource: "eks:createNodegroup",
        parameters: r#"{"ClusterName":"c","NodegroupName":"n"}"#,
        submitted: r#"{"Nodegroup":{"Status":"CREATING"}}"#,
        question: r#"DescribeNodegroup {"ClusterName":"c","NodegroupName":"n"}"#,
        stop: "",
        descriptions: &[(
            r#"{"Nodegroup":{"Status":"CREATE_FAILED"}}"#,
            r#"States.TaskFailed {"Nodegroup":{"Status":"CREATE_FAILED"}}"#,
        )],
    },
    Row {
        resource: "mediaconvert:createJob",
        parameters: r#"{"Role":"r","Settings":{}}"#,
        submitted: r#"{"Job":{"Id":"1"}}"#,
        question: r#"GetJob {"Id":"1"}"#,
        stop: r#"CancelJob {"Id":"1"}"#,
        descriptions: &[
            (r#"{"Job":{"Status":"COMPLETE"}}"#, r#"{"Job":{"Status":"COMPLETE"}}"#),
            (r#"{"Job":{"Status":"CANCELED"}}"#, r#"States.TaskFailed {"Job":{"Status":"CANCELED"}}"#),
        ],
    },
    Row {
        resource: "bedrock:createModelCustomizationJob",
        parameters: r#"{"JobName":"n"}"#,
        submitted: r#"{"JobArn":"arn"}"#,
        question: r#"GetModelCustomizationJob {"JobIdentifier":"arn"}"#,
        stop: r#"StopModelCustomizationJob {"JobIdentifier":"arn"}"#,
        descriptions: &[
            (r#"{"Status":"Stopping"}"#, "…"),
            (r#"{"JobArn":"arn","Status":"Completed"}"#, r#"{"JobArn":"arn","Status":"Completed"}"#),
        ],
    },
];

/// What is called: the model takes it as it is.
fn written(call: &Call) -> String {
    let Call { operation, input } = call;
    let request = aws_protocols::request(*operation, input, "token");
    assert!(request.is_ok(), "{} {}: {:?}", operation.name(), input.to_text(), request.err());
    format!("{} {}", operation.name(), input.to_text())
}

fn find(resource: &str) -> Integration {
    let (service, action) = resource.split_once(':').unwrap();
    Integration::find(service, action).unwrap_or_else(|| panic!("there is no {resource}"))
}

#[test]
fn jobs_are_asked_for_read_and_stopped() {
    for row in ROWS {
        let [parameters, submitted] = [row.parameters, row.submitted].map(|text| Value::parse(text).unwrap());
        let integration = find(row.resource);
        let job = integration.job(Pattern::Sync, &parameters, &submitted);
        let job = job.unwrap_or_else(|| panic!("{} has no job", row.resource));
        let question = job.question().unwrap();
        assert_eq!(written(&question), row.question, "{}", row.resource);
        assert_eq!(job.stop().as_ref().map(written).unwrap_or_default(), row.stop, "{}", row.resource);
        for (description, expected) in row.descriptions {
            let read = match job.read(&question, Value::parse(description).unwrap()) {
                JobState::Running => "…".to_owned(),
                JobState::Succeeded(result) => result.to_text(),
                JobState::Unknown(failure) => panic!("{failure:?}"),
                JobState::Failed(failure) => format!("{} {}", failure.error, failure.cause),
            };
            assert_eq!(read, *expected, "{}", row.resource);
        }
    }
}

#[test]
fn what_was_to_be_deleted_is_not_found_at_last() {
    for (resource, parameters, submitted, result) in [
        (
            "eks:deleteCluster",
            r#"{"Name":"c"}"#,
            r#"{"Cluster":{},"SdkHttpMetadata":{}}"#,
            r#"{"Cluster":{}}"#,
        ),
        ("eks:deleteNodegroup", "{}", r#"{"Nodegroup":{}}"#, r#"{"Nodegroup":{}}"#),
        ("eks:deleteFargateProfile", "{}", r#"{"FargateProfile":{}}"#, r#"{"FargateProfile":{}}"#),
        ("emr-containers:deleteVirtualCluster", r#"{"Id":"v"}"#, "{}", r#"{"Id":"v"}"#),
        ("emr-serverless:deleteApplication", r#"{"ApplicationId":"a"}"#, "{}", r#"{"ApplicationId":"a"}"#),
        ("eks:createCluster", "{}", r#"{"Cluster":{}}"#, ""),
        ("emr-serverless:startApplication", "{}", "{}", ""),
    ] {
        let [parameters, submitted] = [parameters, submitted].map(|text| Value::parse(text).unwrap());
        let integration = find(resource);
        let job = integration.job(Pattern::Sync, &parameters, &submitted).unwrap();
        let refusal = |code: &str| {
            let headers = [("x-amzn-errortype".to_owned(), code.to_owned())];
            let response = Response { status: 404, headers: &headers, body: b"{}" };
            let refused = aws_protocols::response(job.question().unwrap().operation, response);
            let Err(aws_protocols::ResponseError::Service(error)) = refused else { panic!("{refused:?}") };
            job.read_refusal(&error)
        };
        let expected = Value::parse(result).ok().map(JobState::Succeeded);
        assert_eq!(refusal("ResourceNotFoundException"), expected, "{resource}");
        assert_eq!(refusal("AccessDeniedException"), None, "{resource}");
    }
}
