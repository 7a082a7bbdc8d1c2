//! EMR Serverless: applications and runs of jobs. (spec/integrations.md §4)

use crate::action::{Action, JOB, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "emr-serverless",
    model: "emr-serverless",
    naming: Naming { prefix: "EmrServerless", unnamed: "EmrServerlessException", service: "EmrServerless" },
    actions: &[
        Action::new("createApplication", JOB),
        Action::new("startApplication", JOB),
        Action::new("stopApplication", JOB),
        Action::new("deleteApplication", JOB),
        Action::new("startJobRun", JOB),
        Action::new("cancelJobRun", JOB),
    ],
};
