//! EMR on EKS: virtual clusters and runs of jobs. (spec/integrations.md §4)

use json::Value;

use crate::action::{Action, JOB, REQUEST_ONLY, Service};
use crate::failure::Naming;
use crate::job::{JobState, Stop, Watch};
use crate::statuses::{Statuses, with_ids};

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
    read: |_, answer| DELETED.read(with_ids(answer, "VirtualCluster", &[("Id", "Id")])),
    refused: |parameters, _, error| {
        let is_gone = error.shape.as_deref() == Some("ResourceNotFoundException");
        is_gone.then(|| JobState::Succeeded(json::value!({ "Id": member(parameters, "Id") })))
    },
    stop: None,
};

const DELETED: Statuses = Statuses {
    path: &["VirtualCluster", "State"],
    running: &["RUNNING", "TERMINATING"],
    succeeded: &["TERMINATED"],
    // The EKS cluster cannot be reached any more, so nothing in it ends.
    failed: &["ARRESTED"],
};

const RUN: Watch = Watch {
    operation: "describeJobRun",
    question: this_run,
    read: |_, answer| RUN_ENDED.read(with_ids(answer, "JobRun", RUN_IDS)),
    refused: |_, _, _| None,
    stop: Some(Stop { operation: "cancelJobRun", input: this_run }),
};

const RUN_ENDED: Statuses = Statuses {
    path: &["JobRun", "State"],
    running: &["PENDING", "SUBMITTED", "RUNNING", "CANCEL_PENDING"],
    succeeded: &["COMPLETED"],
    failed: &["FAILED", "CANCELLED"],
};

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
        DELETED.assert_complete("emr-containers", "describeVirtualCluster");
        RUN_ENDED.assert_complete("emr-containers", "describeJobRun");
    }
}
