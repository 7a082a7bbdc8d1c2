//! Batch: jobs. (spec/integrations.md §4)

use crate::action::{Action, JOB, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "batch",
    model: "batch",
    naming: Naming { prefix: "Batch", unnamed: "AWSBatchException", service: "AWSBatch" },
    actions: &[Action::new("submitJob", JOB)],
};
