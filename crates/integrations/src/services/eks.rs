//! EKS: clusters and what is in them. Jobs and calls go to the Kubernetes API of a cluster
//! ([`kubernetes`](crate::kubernetes)). (spec/integrations.md §4)
//!
//! Nothing that was created is ever deleted because an execution stops.

use aws_protocols::ServiceError;
use json::{Object, Value};

use crate::action::{Action, Field, JOB, REQUEST_ONLY, Service, optional, required};
use crate::failure::Naming;
use crate::job::{JobState, Watch};
use crate::kubernetes;
use crate::statuses::Statuses;

pub(crate) const SERVICE: Service = Service {
    name: "eks",
    model: "eks",
    naming: Naming { prefix: "EKS", unnamed: "AmazonEKSException", service: "AmazonEKS" },
    actions: &[
        Action {
            watch: Some(&Watch { read: |_, answer| CLUSTER_CREATED.read(answer), ..CLUSTER }),
            ..Action::new("createCluster", JOB)
        },
        Action {
            watch: Some(&Watch {
                read: |_, answer| CLUSTER_DELETED.read(answer),
                refused: deleted,
                ..CLUSTER
            }),
            ..Action::new("deleteCluster", JOB)
        },
        Action {
            watch: Some(&Watch { read: |_, answer| PROFILE_CREATED.read(answer), ..PROFILE }),
            ..Action::new("createFargateProfile", JOB)
        },
        Action {
            watch: Some(&Watch {
                read: |_, answer| PROFILE_DELETED.read(answer),
                refused: deleted,
                ..PROFILE
            }),
            ..Action::new("deleteFargateProfile", JOB)
        },
        Action {
            watch: Some(&Watch { read: |_, answer| NODES_CREATED.read(answer), ..NODES }),
            ..Action::new("createNodegroup", JOB)
        },
        Action {
            watch: Some(&Watch { read: |_, answer| NODES_DELETED.read(answer), refused: deleted, ..NODES }),
            ..Action::new("deleteNodegroup", JOB)
        },
        Action {
            fields: Some(RUN_JOB),
            check: kubernetes::job_problems,
            ..Action::without_operation("runJob", JOB)
        },
        Action {
            fields: Some(CALL),
            check: kubernetes::call_problems,
            ..Action::without_operation("call", REQUEST_ONLY)
        },
    ],
};

const RUN_JOB: &[Field] = &[
    required("ClusterName"),
    required("CertificateAuthority"),
    required("Endpoint"),
    optional("Namespace"),
    required("Job"),
    optional("LogOptions"),
];

const CALL: &[Field] = &[
    required("ClusterName"),
    required("CertificateAuthority"),
    required("Endpoint"),
    required("Method"),
    required("Path"),
    optional("QueryParameters"),
    optional("RequestBody"),
];

const CLUSTER: Watch = Watch {
    operation: "describeCluster",
    question: |parameters, _| json::value!({ "Name": member(parameters, "Name") }),
    read: |_, _| JobState::Running,
    refused: |_, _, _| None,
    stop: None,
};

const PROFILE: Watch = Watch {
    operation: "describeFargateProfile",
    question: |parameters, _| {
        json::value!({
            "ClusterName": member(parameters, "ClusterName"),
            "FargateProfileName": member(parameters, "FargateProfileName"),
        })
    },
    ..CLUSTER
};

const NODES: Watch = Watch {
    operation: "describeNodegroup",
    question: |parameters, _| {
        json::value!({
            "ClusterName": member(parameters, "ClusterName"),
            "NodegroupName": member(parameters, "NodegroupName"),
        })
    },
    ..CLUSTER
};

// What is terminal here is so for the waiters of AWS's SDKs, too.

const CLUSTER_CREATED: Statuses = Statuses {
    path: &["Cluster", "Status"],
    running: &["CREATING", "PENDING", "UPDATING"],
    succeeded: &["ACTIVE"],
    failed: &["DELETING", "FAILED"],
};

/// Its deletion was accepted, so that it is DELETING until it is not found.
const CLUSTER_DELETED: Statuses = Statuses {
    path: &["Cluster", "Status"],
    running: &["DELETING", "UPDATING"],
    succeeded: &[],
    failed: &["ACTIVE", "CREATING", "PENDING", "FAILED"],
};

const PROFILE_CREATED: Statuses = Statuses {
    path: &["FargateProfile", "Status"],
    running: &["CREATING", "DELETING"],
    succeeded: &["ACTIVE"],
    failed: &["CREATE_FAILED", "DELETE_FAILED"],
};

const PROFILE_DELETED: Statuses = Statuses {
    path: &["FargateProfile", "Status"],
    running: &["CREATING", "ACTIVE", "DELETING", "CREATE_FAILED"],
    succeeded: &[],
    failed: &["DELETE_FAILED"],
};

const NODES_CREATED: Statuses = Statuses {
    path: &["Nodegroup", "Status"],
    // A degraded group may recover.
    running: &["CREATING", "UPDATING", "DELETING", "DEGRADED"],
    succeeded: &["ACTIVE"],
    failed: &["CREATE_FAILED", "DELETE_FAILED"],
};

const NODES_DELETED: Statuses = Statuses {
    path: &["Nodegroup", "Status"],
    running: &["CREATING", "ACTIVE", "UPDATING", "DELETING", "CREATE_FAILED", "DEGRADED"],
    succeeded: &[],
    failed: &["DELETE_FAILED"],
};

/// What is not found is gone: the result is what the deleting call answered.
fn deleted(_: &Value, submitted: &Value, error: &ServiceError) -> Option<JobState> {
    let is_gone = error.shape.as_deref() == Some("ResourceNotFoundException");
    is_gone.then(|| {
        let things = ["Cluster", "FargateProfile", "Nodegroup"];
        let members = things.iter().filter_map(|name| Some((*name, submitted.get(name)?.clone())));
        JobState::Succeeded(members.collect::<Object>().into())
    })
}

fn member(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_known() {
        for statuses in [&CLUSTER_CREATED, &CLUSTER_DELETED] {
            statuses.assert_complete("eks", "describeCluster");
        }
        for statuses in [&PROFILE_CREATED, &PROFILE_DELETED] {
            statuses.assert_complete("eks", "describeFargateProfile");
        }
        for statuses in [&NODES_CREATED, &NODES_DELETED] {
            statuses.assert_complete("eks", "describeNodegroup");
        }
    }
}
