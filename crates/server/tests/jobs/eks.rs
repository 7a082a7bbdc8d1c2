//! EKS: clusters and what is in them, which go on without their execution; and jobs of Kubernetes, which do not.

use crate::job::{Job, Submission, gone, told};
use crate::walk::walk;

#[test]
fn clusters_are_created() {
    walk(&CLUSTER_CREATION);
}

#[test]
fn clusters_are_deleted() {
    walk(&CLUSTER_DELETION);
}

#[test]
fn fargate_profiles_are_created() {
    walk(&PROFILE_CREATION);
}

#[test]
fn fargate_profiles_are_deleted() {
    walk(&PROFILE_DELETION);
}

#[test]
fn node_groups_are_created() {
    walk(&NODES_CREATION);
}

#[test]
fn node_groups_are_deleted() {
    walk(&NODES_DELETION);
}

#[test]
fn kubernetes_jobs() {
    walk(&KUBERNETES_JOB);
}

/// Its status is the last of its conditions.
const KUBERNETES_JOB: Job = Job {
    resource: "eks:runJob",
    parameters: r#"{
        "ClusterName": "c",
        "CertificateAuthority": "",
        "Endpoint": "http://127.0.0.1:$PORT",
        "Job": { "metadata": { "name": "$ID" } }
    }"#,
    submit: Submission {
        operation: "POST /apis/batch/v1/namespaces/default/jobs",
        sent: r#"{"metadata":{"name":"$ID"}}"#,
        answer: r#"{"metadata":{"name":"$ID"}}"#,
        error_code: "",
        error: "",
    },
    describe: "GET /apis/batch/v1/namespaces/default/jobs/$ID",
    answer: |_| {
        told(
            r#"{"metadata":{"name":"$ID"},"status":{"conditions":[{"type":"Suspended","status":"False"},
                {"type":"$STATUS","status":"True"}]}}"#,
        )
    },
    running: &["Suspended", "FailureTarget", "SuccessCriteriaMet"],
    succeeded: &["Complete"],
    failed: &["Failed"],
    result: r#"{"metadata":{"name":"$ID"},"status":{"conditions":[{"type":"Suspended","status":"False"},
        {"type":"$STATUS","status":"True"}]}}"#,
    cause: None,
    stop: Some(("DELETE /apis/batch/v1/namespaces/default/jobs/$ID", "{}")),
};

const CLUSTER_CREATION: Job = Job {
    resource: "eks:createCluster",
    parameters: r#"{"Name":"$ID","ResourcesVpcConfig":{"SubnetIds":["s"]},"RoleArn":"r"}"#,
    submit: Submission {
        operation: "POST /clusters",
        sent: r#"{"name":"$ID","resourcesVpcConfig":{"subnetIds":["s"]},"roleArn":"r"}"#,
        answer: r#"{"cluster":{"name":"$ID","status":"CREATING"}}"#,
        error_code: "ClientException",
        error: "EKS.ClientException",
    },
    describe: "GET /clusters/$ID",
    answer: |_| {
        told(
            r#"{"cluster":{"certificateAuthority":{"data":"QQ=="},"createdAt":1795813200.5,
                "endpoint":"https://h","name":"$ID","status":"$STATUS"}}"#,
        )
    },
    running: &["CREATING", "PENDING", "UPDATING"],
    succeeded: &["ACTIVE"],
    failed: &["DELETING", "FAILED"],
    result: r#"{"Cluster":{"CertificateAuthority":{"Data":"QQ=="},"CreatedAt":1795813200500,
        "Endpoint":"https://h","Name":"$ID","Status":"$STATUS"}}"#,
    cause: None,
    stop: None,
};

/// The end is that nobody knows it any more; the result is what was answered to the deletion.
const CLUSTER_DELETION: Job = Job {
    resource: "eks:deleteCluster",
    parameters: r#"{"Name":"$ID"}"#,
    submit: Submission {
        operation: "DELETE /clusters/$ID",
        sent: "{}",
        answer: r#"{"cluster":{"name":"$ID","status":"DELETING"}}"#,
        ..CLUSTER_CREATION.submit
    },
    answer: |status| match status {
        "GONE" => gone(),
        _ => (CLUSTER_CREATION.answer)(status),
    },
    running: &["DELETING", "UPDATING"],
    succeeded: &["GONE"],
    failed: &["ACTIVE", "CREATING", "PENDING", "FAILED"],
    result: r#"{"Cluster":{"Name":"$ID","Status":"DELETING"}}"#,
    cause: Some(CLUSTER_CREATION.result),
    ..CLUSTER_CREATION
};

const PROFILE_CREATION: Job = Job {
    resource: "eks:createFargateProfile",
    parameters: r#"{"ClusterName":"c","FargateProfileName":"$ID","PodExecutionRoleArn":"r"}"#,
    submit: Submission {
        operation: "POST /clusters/c/fargate-profiles",
        sent: r#"{"fargateProfileName":"$ID","podExecutionRoleArn":"r"}"#,
        answer: r#"{"fargateProfile":{"fargateProfileName":"$ID","status":"CREATING"}}"#,
        ..CLUSTER_CREATION.submit
    },
    describe: "GET /clusters/c/fargate-profiles/$ID",
    answer: |_| told(r#"{"fargateProfile":{"fargateProfileName":"$ID","status":"$STATUS"}}"#),
    running: &["CREATING", "DELETING"],
    succeeded: &["ACTIVE"],
    failed: &["CREATE_FAILED", "DELETE_FAILED"],
    result: r#"{"FargateProfile":{"FargateProfileName":"$ID","Status":"$STATUS"}}"#,
    ..CLUSTER_CREATION
};

const PROFILE_DELETION: Job = Job {
    resource: "eks:deleteFargateProfile",
    parameters: r#"{"ClusterName":"c","FargateProfileName":"$ID"}"#,
    submit: Submission {
        operation: "DELETE /clusters/c/fargate-profiles/$ID",
        sent: "{}",
        answer: r#"{"fargateProfile":{"fargateProfileName":"$ID","status":"DELETING"}}"#,
        ..CLUSTER_CREATION.submit
    },
    answer: |status| match status {
        "GONE" => gone(),
        _ => (PROFILE_CREATION.answer)(status),
    },
    running: &["CREATING", "ACTIVE", "DELETING", "CREATE_FAILED"],
    succeeded: &["GONE"],
    failed: &["DELETE_FAILED"],
    result: r#"{"FargateProfile":{"FargateProfileName":"$ID","Status":"DELETING"}}"#,
    cause: Some(PROFILE_CREATION.result),
    ..PROFILE_CREATION
};

const NODES_CREATION: Job = Job {
    resource: "eks:createNodegroup",
    parameters: r#"{"ClusterName":"c","NodegroupName":"$ID","NodeRole":"r","Subnets":["s"]}"#,
    submit: Submission {
        operation: "POST /clusters/c/node-groups",
        sent: r#"{"nodegroupName":"$ID","nodeRole":"r","subnets":["s"]}"#,
        answer: r#"{"nodegroup":{"nodegroupName":"$ID","status":"CREATING"}}"#,
        ..CLUSTER_CREATION.submit
    },
    describe: "GET /clusters/c/node-groups/$ID",
    answer: |_| told(r#"{"nodegroup":{"nodegroupName":"$ID","status":"$STATUS"}}"#),
    running: &["CREATING", "UPDATING", "DELETING", "DEGRADED"],
    succeeded: &["ACTIVE"],
    failed: &["CREATE_FAILED", "DELETE_FAILED"],
    result: r#"{"Nodegroup":{"NodegroupName":"$ID","Status":"$STATUS"}}"#,
    ..CLUSTER_CREATION
};

const NODES_DELETION: Job = Job {
    resource: "eks:deleteNodegroup",
    parameters: r#"{"ClusterName":"c","NodegroupName":"$ID"}"#,
    submit: Submission {
        operation: "DELETE /clusters/c/node-groups/$ID",
        sent: "{}",
        answer: r#"{"nodegroup":{"nodegroupName":"$ID","status":"DELETING"}}"#,
        ..CLUSTER_CREATION.submit
    },
    answer: |status| match status {
        "GONE" => gone(),
        _ => (NODES_CREATION.answer)(status),
    },
    running: &["CREATING", "ACTIVE", "UPDATING", "DELETING", "CREATE_FAILED", "DEGRADED"],
    succeeded: &["GONE"],
    failed: &["DELETE_FAILED"],
    result: r#"{"Nodegroup":{"NodegroupName":"$ID","Status":"DELETING"}}"#,
    cause: Some(NODES_CREATION.result),
    ..NODES_CREATION
};
