//! Glue DataBrew: runs of jobs. (spec/integrations.md §4)

use json::Value;

use crate::action::{Action, Field, JOB, Service, required};
use crate::failure::Naming;
use crate::job::{Stop, Watch};
use crate::status::{self, Meaning, Statuses};

pub(crate) const SERVICE: Service = Service {
    name: "databrew",
    model: "databrew",
    naming: Naming { prefix: "DataBrew", unnamed: "AWSGlueDataBrewException", service: "AWSGlueDataBrew" },
    actions: &[Action {
        fields: Some(START),
        watch: Some(&Watch {
            // AWS asks ListJobRuns. A job has had any number of runs, and this one may stand on any page.
            operation: "describeJobRun",
            question: run,
            read: |_, run| status::state(STATES, run.get("State"), run.clone()),
            refused: |_, _, _| None,
            stop: Some(Stop { operation: "stopJobRun", input: run }),
        }),
        ..Action::new("startJobRun", JOB)
    }],
};

const START: &[Field] = &[required("Name")];

const STATES: &Statuses = &[
    ("STARTING", Meaning::Running),
    ("RUNNING", Meaning::Running),
    ("STOPPING", Meaning::Running),
    ("SUCCEEDED", Meaning::Succeeded),
    ("STOPPED", Meaning::Failed),
    ("FAILED", Meaning::Failed),
    ("TIMEOUT", Meaning::Failed),
];

fn run(parameters: &Value, submitted: &Value) -> Value {
    json::value!({ "Name": (parameters.get("Name")), "RunId": (submitted.get("RunId")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_known() {
        status::check_complete(STATES, "databrew", "describeJobRun", &["State"]);
    }
}
