//! Athena: queries. (spec/integrations.md §4)

use json::Value;

use crate::action::{Action, Field, JOB, REQUEST_ONLY, Service, optional, required};
use crate::failure::Naming;
use crate::job::{JobState, Stop, Watch};
use crate::status::{self, Meaning, Statuses};

pub(crate) const SERVICE: Service = Service {
    name: "athena",
    model: "athena",
    naming: Naming { prefix: "Athena", unnamed: "AmazonAthenaException", service: "AmazonAthena" },
    actions: &[
        Action {
            fields: Some(START),
            watch: Some(&Watch {
                operation: "getQueryExecution",
                question: query,
                read,
                refused: |_, _, _| None,
                stop: Some(Stop { operation: "stopQueryExecution", input: query }),
            }),
            ..Action::new("startQueryExecution", JOB)
        },
        Action::new("stopQueryExecution", REQUEST_ONLY),
        Action::new("getQueryExecution", REQUEST_ONLY),
        Action::new("getQueryResults", REQUEST_ONLY),
    ],
};

const START: &[Field] = &[
    required("QueryString"),
    optional("ClientRequestToken"),
    // These two are what AWS's CDK writes, though the guide does not name them.
    optional("ExecutionParameters"),
    optional("ResultReuseConfiguration"),
    optional("QueryExecutionContext"),
    optional("ResultConfiguration"),
    optional("WorkGroup"),
];

const STATES: &Statuses = &[
    ("QUEUED", Meaning::Running),
    ("RUNNING", Meaning::Running),
    ("SUCCEEDED", Meaning::Succeeded),
    ("FAILED", Meaning::Failed),
    ("CANCELLED", Meaning::Failed),
];

fn query(_: &Value, submitted: &Value) -> Value {
    json::value!({ "QueryExecutionId": (submitted.get("QueryExecutionId")) })
}

fn read(_: &Value, answer: Value) -> JobState {
    let status = answer.get("QueryExecution").and_then(|query| query.get("Status"));
    let state = status.and_then(|status| status.get("State")).cloned();
    status::state(STATES, state.as_ref(), answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_known() {
        let path = ["QueryExecution", "Status", "State"];
        status::check_complete(STATES, "athena", "getQueryExecution", &path);
    }

    #[test]
    fn the_result_is_the_whole_answer() {
        let answer = |state: &str| json::value!({ "QueryExecution": { "Status": { "State": (state) } } });
        let succeeded = answer("SUCCEEDED");
        assert_eq!(read(&Value::Null, succeeded.clone()), JobState::Succeeded(succeeded));
        assert_eq!(read(&Value::Null, answer("CANCELLED")), JobState::failed(&answer("CANCELLED")));
    }
}
