//! EMR. A cluster goes on without its execution; a step does not.

use crate::job::{Job, Submission, told};
use crate::walk::walk;

#[test]
fn clusters_are_created() {
    walk(&CREATION);
}

#[test]
fn clusters_are_terminated() {
    walk(&TERMINATION);
}

#[test]
fn steps() {
    walk(&STEP);
}

const CREATION: Job = Job {
    resource: "elasticmapreduce:createCluster",
    parameters: r#"{"Name":"$ID","Instances":{"KeepJobFlowAliveWhenNoSteps":true}}"#,
    submit: Submission {
        operation: "RunJobFlow",
        sent: r#"{"Name":"$ID","Instances":{"KeepJobFlowAliveWhenNoSteps":true}}"#,
        answer: r#"{"JobFlowId":"j-$ID"}"#,
        error_code: "InternalServerError",
        error: "ElasticMapReduce.InternalServerErrorException",
    },
    describe: "DescribeCluster",
    answer: |_| {
        told(
            r#"{"Cluster":{"Id":"j-$ID",
                "Status":{"State":"$STATUS","Timeline":{"CreationDateTime":1795813200.5}}}}"#,
        )
    },
    running: &["STARTING", "BOOTSTRAPPING", "RUNNING", "TERMINATING"],
    succeeded: &["WAITING"],
    failed: &["TERMINATED", "TERMINATED_WITH_ERRORS"],
    result: r#"{"Cluster":{"Id":"j-$ID",
        "Status":{"State":"$STATUS","Timeline":{"CreationDateTime":1795813200500}}},"ClusterId":"j-$ID"}"#,
    cause: None,
    stop: None,
};

const TERMINATION: Job = Job {
    resource: "elasticmapreduce:terminateCluster",
    parameters: r#"{"ClusterId":"j-$ID"}"#,
    submit: Submission {
        operation: "TerminateJobFlows",
        sent: r#"{"JobFlowIds":["j-$ID"]}"#,
        answer: "",
        ..CREATION.submit
    },
    running: &["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"],
    succeeded: &["TERMINATED"],
    failed: &["TERMINATED_WITH_ERRORS"],
    ..CREATION
};

const STEP: Job = Job {
    resource: "elasticmapreduce:addStep",
    parameters: r#"{"ClusterId":"j-1","Step":{"Name":"$ID","HadoopJarStep":{"Jar":"a.jar"}}}"#,
    submit: Submission {
        operation: "AddJobFlowSteps",
        sent: r#"{"JobFlowId":"j-1","Steps":[{"Name":"$ID","HadoopJarStep":{"Jar":"a.jar"}}]}"#,
        answer: r#"{"StepIds":["s-$ID"]}"#,
        ..CREATION.submit
    },
    describe: "DescribeStep",
    answer: |_| told(r#"{"Step":{"Id":"s-$ID","Status":{"State":"$STATUS"}}}"#),
    running: &["PENDING", "RUNNING", "CANCEL_PENDING"],
    succeeded: &["COMPLETED"],
    failed: &["CANCELLED", "FAILED", "INTERRUPTED"],
    result: r#"{"Step":{"Id":"s-$ID","Status":{"State":"$STATUS"}},"StepId":"s-$ID"}"#,
    stop: Some(("CancelSteps", r#"{"ClusterId":"j-1","StepIds":["s-$ID"]}"#)),
    ..CREATION
};
