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
use crate::status::{self, Meaning, Statuses};

pub(crate) const SERVICE: Service = Service {
    name: "eks",
    model: "eks",
    naming: Naming { prefix: "EKS", unnamed: "AmazonEKSException", service: "AmazonEKS" },
    actions: &[
        Action {
            watch: Some(&Watch { read: |_, answer| cluster(CLUSTER_CREATED, answer), ..CLUSTER }),
            ..Action::new("createCluster", JOB)
        },
        Action {
            watch: Some(&Watch {
                read: |_, answer| cluster(CLUSTER_DELETED, answer),
                refused: deleted,
                ..CLUSTER
            }),
            ..Action::new("deleteCluster", JOB)
        },
        Action {
            watch: Some(&Watch { read: |_, answer| profile(PROFILE_CREATED, answer), ..PROFILE }),
            ..Action::new("createFargateProfile", JOB)
        },
        Action {
            watch: Some(&Watch {
                read: |_, answer| profile(PROFILE_DELETED, answer),
                refused: deleted,
                ..PROFILE
            }),
            ..Action::new("deleteFargateProfile", JOB)
        },
        Action {
            watch: Some(&Watch { read: |_, answer| nodes(NODES_CREATED, answer), ..NODES }),
            ..Action::new("createNodegroup", JOB)
        },
        Action {
            watch: Some(&Watch { read: |_, answer| nodes(NODES_DELETED, answer), refused: deleted, ..NODES }),
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

const CLUSTER_CREATED: &Statuses = &[
    ("CREATING", Meaning::Running),
    ("PENDING", Meaning::Running),
    ("UPDATING", Meaning::Running),
    ("ACTIVE", Meaning::Succeeded),
    ("DELETING", Meaning::Failed),
    ("FAILED", Meaning::Failed),
];

/// Its deletion was accepted, so that it is DELETING until it is not found.
const CLUSTER_DELETED: &Statuses = &[
    ("DELETING", Meaning::Running),
    ("UPDATING", Meaning::Running),
    ("ACTIVE", Meaning::Failed),
    ("CREATING", Meaning::Failed),
    ("PENDING", Meaning::Failed),
    ("FAILED", Meaning::Failed),
];

const PROFILE_CREATED: &Statuses = &[
    ("CREATING", Meaning::Running),
    ("DELETING", Meaning::Running),
    ("ACTIVE", Meaning::Succeeded),
    ("CREATE_FAILED", Meaning::Failed),
    ("DELETE_FAILED", Meaning::Failed),
];

const PROFILE_DELETED: &Statuses = &[
    ("CREATING", Meaning::Running),
    ("ACTIVE", Meaning::Running),
    ("DELETING", Meaning::Running),
    ("CREATE_FAILED", Meaning::Running),
    ("DELETE_FAILED", Meaning::Failed),
];

const NODES_CREATED: &Statuses = &[
    // A degraded group may recover.
    ("CREATING", Meaning::Running),
    ("UPDATING", Meaning::Running),
    ("DELETING", Meaning::Running),
    ("DEGRADED", Meaning::Running),
    ("ACTIVE", Meaning::Succeeded),
    ("CREATE_FAILED", Meaning::Failed),
    ("DELETE_FAILED", Meaning::Failed),
];

const NODES_DELETED: &Statuses = &[
    ("CREATING", Meaning::Running),
    ("ACTIVE", Meaning::Running),
    ("UPDATING", Meaning::Running),
    ("DELETING", Meaning::Running),
    ("CREATE_FAILED", Meaning::Running),
    ("DEGRADED", Meaning::Running),
    ("DELETE_FAILED", Meaning::Failed),
];

fn cluster(statuses: &Statuses, answer: Value) -> JobState {
    status::state_at(statuses, &["Cluster", "Status"], answer)
}

fn profile(statuses: &Statuses, answer: Value) -> JobState {
    status::state_at(statuses, &["FargateProfile", "Status"], answer)
}

fn nodes(statuses: &Statuses, answer: Value) -> JobState {
    status::state_at(statuses, &["Nodegroup", "Status"], answer)
}

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
        for statuses in [CLUSTER_CREATED, CLUSTER_DELETED] {
            status::check_complete(statuses, "eks", "describeCluster", &["cluster", "status"]);
        }
        for statuses in [PROFILE_CREATED, PROFILE_DELETED] {
            status::check_complete(statuses, "eks", "describeFargateProfile", &["fargateProfile", "status"]);
        }
        for statuses in [NODES_CREATED, NODES_DELETED] {
            status::check_complete(statuses, "eks", "describeNodegroup", &["nodegroup", "status"]);
        }
    }
}
