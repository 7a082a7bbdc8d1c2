//! Batch: jobs. (spec/integrations.md §4)

use json::{Array, Object, Value};

use crate::action::{Action, Field, JOB, Service, optional, required};
use crate::failure::Naming;
use crate::job::{JobState, Stop, Watch};
use crate::resource::Pattern;
use crate::status::{self, Meaning, Statuses};

pub(crate) const SERVICE: Service = Service {
    name: "batch",
    model: "batch",
    naming: Naming { prefix: "Batch", unnamed: "AWSBatchException", service: "AWSBatch" },
    actions: &[Action {
        fields: Some(SUBMIT),
        added: managed,
        watch: Some(&Watch {
            operation: "describeJobs",
            question: |_, submitted| json::value!({ "Jobs": [(submitted.get("JobId"))] }),
            read,
            refused: |_, _, _| None,
            stop: Some(Stop {
                operation: "terminateJob",
                input: |_, submitted| {
                    json::value!({
                        "JobId": (submitted.get("JobId")),
                        "Reason": "Terminated by AWS Step Functions: the task that started it waits no longer",
                    })
                },
            }),
        }),
        ..Action::new("submitJob", JOB)
    }],
};

const SUBMIT: &[Field] = &[
    required("JobDefinition"),
    required("JobName"),
    required("JobQueue"),
    optional("ArrayProperties"),
    optional("ContainerOverrides"),
    optional("DependsOn"),
    optional("Parameters"),
    optional("PropagateTags"),
    optional("RetryStrategy"),
    optional("Tags"),
    optional("Timeout"),
];

const STATUSES: &Statuses = &[
    ("SUBMITTED", Meaning::Running),
    ("PENDING", Meaning::Running),
    ("RUNNABLE", Meaning::Running),
    ("STARTING", Meaning::Running),
    ("RUNNING", Meaning::Running),
    ("SUCCEEDED", Meaning::Succeeded),
    ("FAILED", Meaning::Failed),
];

/// A job that is waited for sees in its environment who started it. Overrides of another form are left to
/// the check, which refuses them.
fn managed(parameters: &mut Object, pattern: Pattern) {
    if !pattern.starts_job() {
        return;
    }
    let mut overrides = match parameters.get("ContainerOverrides") {
        None | Some(Value::Null) => Object::new(),
        Some(Value::Object(overrides)) => overrides.clone(),
        Some(_) => return,
    };
    let mut environment = match overrides.get("Environment") {
        None | Some(Value::Null) => Array::new(),
        Some(Value::Array(environment)) => environment.clone(),
        Some(_) => return,
    };
    environment.push(json::value!({ "Name": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS" }));
    overrides.insert("Environment", environment);
    parameters.insert("ContainerOverrides", overrides);
}

/// The result is the job alone, without the list around it.
fn read(_: &Value, answer: Value) -> JobState {
    let Some(job) = answer.get("Jobs").and_then(|jobs| jobs.at(0)) else { return JobState::unknown(&answer) };
    status::state(STATUSES, job.get("Status"), job.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_known() {
        status::check_complete(STATUSES, "batch", "describeJobs", &["jobs", "status"]);
    }

    #[test]
    fn the_result_is_the_job() {
        let job = json::value!({ "JobId": "j", "Status": "SUCCEEDED" });
        let answer = |jobs: Value| json::value!({ "Jobs": (jobs) });
        assert_eq!(read(&Value::Null, answer(vec![job.clone()].into())), JobState::Succeeded(job));
        let job = json::value!({ "JobId": "j", "Status": "FAILED", "StatusReason": "r" });
        assert_eq!(read(&Value::Null, answer(vec![job.clone()].into())), JobState::failed(&job));
        let nothing = answer(json::value!([]));
        assert_eq!(read(&Value::Null, nothing.clone()), JobState::unknown(&nothing));
    }

    #[test]
    fn a_job_that_is_waited_for_sees_who_started_it() {
        let completed = |parameters: Value, pattern| {
            let mut parameters = parameters.as_object().unwrap().clone();
            managed(&mut parameters, pattern);
            Value::Object(parameters).to_text()
        };
        let one = r#"{"Name":"MANAGED_BY_AWS","Value":"STARTED_BY_STEP_FUNCTIONS"}"#;
        assert_eq!(
            completed(json::value!({}), Pattern::Sync),
            format!(r#"{{"ContainerOverrides":{{"Environment":[{one}]}}}}"#)
        );
        let given = json::value!({
            "ContainerOverrides": { "Environment": [{ "Name": "N", "Value": "v" }], "Memory": 1 },
        });
        assert_eq!(
            completed(given, Pattern::Sync),
            format!(
                r#"{{"ContainerOverrides":{{"Environment":[{{"Name":"N","Value":"v"}},{one}],"Memory":1}}}}"#
            )
        );
        assert_eq!(completed(json::value!({}), Pattern::RequestResponse), "{}");
    }
}
