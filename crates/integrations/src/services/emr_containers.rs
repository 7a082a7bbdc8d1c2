//! EMR on EKS: virtual clusters and runs of jobs. (spec/integrations.md §4)

use json::Value;

use crate::action::{Action, JOB, REQUEST_ONLY, Service};
use crate::failure::Naming;
use crate::job::{JobState, Stop, Watch};
use crate::status::{self, Meaning, Statuses, with_ids};

pub(crate) const SERVICE: Service = Service {
    name: "emr-containers",
    model: "emr-containers",
    naming: Naming {
        prefix: "EMRContainers",
        unnamed: "AmazonEMRContainersException",
        service: "AmazonEMRContainers",
    },
    actions: &[
        Action::new("createVirtualCluster", REQUEST_ONLY),
        Action { watch: Some(&DELETION), ..Action::new("deleteVirtualCluster", JOB) },
        Action { watch: Some(&RUN), ..Action::new("startJobRun", JOB) },
    ],
};

const DELETION: Watch = Watch {
    operation: "describeVirtualCluster",
    question: |parameters, _| json::value!({ "Id": member(parameters, "Id") }),
    read: |_, answer| {
        let description = with_ids(answer, "VirtualCluster", &[("Id", "Id")]);
        status::state_at(DELETED, &["VirtualCluster", "State"], description)
    },
    refused: |parameters, _, error| {
        let is_gone = error.shape.as_deref() == Some("ResourceNotFoundException");
        is_gone.then(|| JobState::Succeeded(json::value!({ "Id": member(parameters, "Id") })))
    },
    stop: None,
};

const DELETED: &Statuses = &[
    ("RUNNING", Meaning::Running),
    ("TERMINATING", Meaning::Running),
    ("TERMINATED", Meaning::Succeeded),
    // The EKS cluster cannot be reached any more, so nothing in it ends.
    ("ARRESTED", Meaning::Failed),
];

const RUN: Watch = Watch {
    operation: "describeJobRun",
    question: this_run,
    read: |_, answer| status::state_at(RUN_ENDED, &["JobRun", "State"], with_ids(answer, "JobRun", RUN_IDS)),
    refused: |_, _, _| None,
    stop: Some(Stop { operation: "cancelJobRun", input: this_run }),
};

const RUN_ENDED: &Statuses = &[
    ("PENDING", Meaning::Running),
    ("SUBMITTED", Meaning::Running),
    ("RUNNING", Meaning::Running),
    ("CANCEL_PENDING", Meaning::Running),
    ("COMPLETED", Meaning::Succeeded),
    ("FAILED", Meaning::Failed),
    ("CANCELLED", Meaning::Failed),
];

/// What StartJobRun answers.
const RUN_IDS: &[(&str, &str)] =
    &[("Id", "Id"), ("Name", "Name"), ("Arn", "Arn"), ("VirtualClusterId", "VirtualClusterId")];

fn this_run(parameters: &Value, submitted: &Value) -> Value {
    json::value!({
        "Id": member(submitted, "Id"),
        "VirtualClusterId": member(parameters, "VirtualClusterId"),
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
        let path = ["virtualCluster", "state"];
        status::check_complete(DELETED, "emr-containers", "describeVirtualCluster", &path);
        status::check_complete(RUN_ENDED, "emr-containers", "describeJobRun", &["jobRun", "state"]);
    }
}
