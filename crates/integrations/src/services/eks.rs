//! EKS: clusters and what is in them. Jobs and calls go to the Kubernetes API of a cluster. (spec/integrations.md §4)

use crate::action::{Action, JOB, REQUEST_ONLY, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "eks",
    model: "eks",
    naming: Naming { prefix: "EKS", unnamed: "AmazonEKSException", service: "AmazonEKS" },
    actions: &[
        Action::new("createCluster", JOB),
        Action::new("deleteCluster", JOB),
        Action::new("createFargateProfile", JOB),
        Action::new("deleteFargateProfile", JOB),
        Action::new("createNodegroup", JOB),
        Action::new("deleteNodegroup", JOB),
        Action::without_operation("runJob", JOB),
        Action::without_operation("call", REQUEST_ONLY),
    ],
};
