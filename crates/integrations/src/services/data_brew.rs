//! Glue DataBrew: runs of jobs. (spec/integrations.md §4)

use crate::action::{Action, JOB, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "databrew",
    model: "databrew",
    naming: Naming { prefix: "DataBrew", unnamed: "AWSGlueDataBrewException", service: "AWSGlueDataBrew" },
    actions: &[Action::new("startJobRun", JOB)],
};
