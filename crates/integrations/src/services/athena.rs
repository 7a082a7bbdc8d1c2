//! Athena: queries. (spec/integrations.md §4)

use crate::action::{Action, JOB, REQUEST_ONLY, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "athena",
    model: "athena",
    naming: Naming { prefix: "Athena", unnamed: "AmazonAthenaException", service: "AmazonAthena" },
    actions: &[
        Action::new("startQueryExecution", JOB),
        Action::new("stopQueryExecution", REQUEST_ONLY),
        Action::new("getQueryExecution", REQUEST_ONLY),
        Action::new("getQueryResults", REQUEST_ONLY),
    ],
};
