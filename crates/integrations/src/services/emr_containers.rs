//! EMR on EKS: virtual clusters and runs of jobs. (spec/integrations.md §4)

use crate::action::{Action, JOB, REQUEST_ONLY, Service};
use crate::failure::Naming;

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
        Action::new("deleteVirtualCluster", JOB),
        Action::new("startJobRun", JOB),
    ],
};
