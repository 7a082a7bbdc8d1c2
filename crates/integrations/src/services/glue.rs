//! Glue: runs of jobs. (spec/integrations.md §4)

use json::{Object, Value};

use crate::action::{Action, Field, JOB, Service, optional, required};
use crate::failure::{Naming, ServiceFailure};
use crate::job::{JobState, Stop, Watch};
use crate::resource::Pattern;
use crate::status::{self, Meaning, Statuses};

pub(crate) const SERVICE: Service = Service {
    name: "glue",
    model: "glue",
    naming: Naming { prefix: "Glue", unnamed: "AWSGlueException", service: "AWSGlue" },
    actions: &[Action {
        fields: Some(START),
        output: with_job_name,
        watch: Some(&Watch {
            operation: "getJobRun",
            question: |parameters, submitted| {
                let (job, run) = (parameters.get("JobName"), submitted.get("JobRunId"));
                json::value!({ "JobName": (job), "RunId": (run) })
            },
            read,
            refused: |_, _, _| None,
            stop: Some(Stop {
                operation: "batchStopJobRun",
                input: |parameters, submitted| {
                    let (job, run) = (parameters.get("JobName"), submitted.get("JobRunId"));
                    json::value!({ "JobName": (job), "JobRunIds": [(run)] })
                },
            }),
        }),
        ..Action::new("startJobRun", JOB)
    }],
};

const START: &[Field] = &[
    required("JobName"),
    optional("AllocatedCapacity"),
    optional("Arguments"),
    optional("ExecutionClass"),
    optional("JobRunId"),
    optional("JobRunQueuingEnabled"),
    optional("MaxCapacity"),
    optional("NotificationProperty"),
    optional("NumberOfWorkers"),
    optional("SecurityConfiguration"),
    optional("Timeout"),
    optional("WorkerType"),
];

const STATES: &Statuses = &[
    ("WAITING", Meaning::Running),
    ("STARTING", Meaning::Running),
    ("RUNNING", Meaning::Running),
    ("STOPPING", Meaning::Running),
    ("STOPPED", Meaning::Succeeded),
    ("SUCCEEDED", Meaning::Succeeded),
    ("FAILED", Meaning::Failed),
    ("TIMEOUT", Meaning::Failed),
    ("ERROR", Meaning::Failed),
    // It waited in the queue and never ran.
    ("EXPIRED", Meaning::Failed),
];

/// What Glue answers has no more than the run's id.
fn with_job_name(parameters: &Value, _: Pattern, mut output: Object) -> Result<Object, ServiceFailure> {
    if let Some(name) = parameters.get("JobName") {
        output.insert("JobName", name);
    }
    Ok(output)
}

/// The result is the run alone.
fn read(_: &Value, answer: Value) -> JobState {
    let Some(run) = answer.get("JobRun") else { return JobState::unknown(&answer) };
    status::state(STATES, run.get("JobRunState"), run.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_known() {
        status::check_complete(STATES, "glue", "getJobRun", &["JobRun", "JobRunState"]);
    }

    #[test]
    fn the_result_is_the_run() {
        let run = json::value!({ "Id": "r", "JobName": "j", "JobRunState": "SUCCEEDED" });
        assert_eq!(read(&Value::Null, json::value!({ "JobRun": (&run) })), JobState::Succeeded(run));
        let run = json::value!({ "ErrorMessage": "e", "Id": "r", "JobRunState": "TIMEOUT" });
        assert_eq!(read(&Value::Null, json::value!({ "JobRun": (&run) })), JobState::failed(&run));
    }

    #[test]
    fn the_answer_names_the_job() {
        let output = json::value!({ "JobRunId": "r" }).as_object().unwrap().clone();
        let output = with_job_name(&json::value!({ "JobName": "j" }), Pattern::RequestResponse, output);
        let expected = json::value!({ "JobName": "j", "JobRunId": "r" });
        assert_eq!(output.map(Value::Object), Ok(expected));
    }
}
