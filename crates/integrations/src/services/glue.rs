//! Glue: runs of jobs. (spec/integrations.md §4)

use crate::action::{Action, JOB, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "glue",
    model: "glue",
    naming: Naming { prefix: "Glue", unnamed: "AWSGlueException", service: "AWSGlue" },
    actions: &[Action::new("startJobRun", JOB)],
};
