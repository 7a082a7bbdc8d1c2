//! EMR Serverless: applications and runs of jobs. (spec/integrations.md §4)
//!
//! Stopping an execution cancels a run; no application is ever stopped or deleted for it.

use json::{Object, Value};

use crate::action::{Action, JOB, Service};
use crate::failure::{Naming, ServiceFailure};
use crate::job::{JobState, Stop, Watch};
use crate::resource::Pattern;
use crate::status::{self, Meaning, Statuses, with_ids};

pub(crate) const SERVICE: Service = Service {
    name: "emr-serverless",
    model: "emr-serverless",
    naming: Naming { prefix: "EmrServerless", unnamed: "EmrServerlessException", service: "EmrServerless" },
    actions: &[
        Action { watch: Some(&CREATION), has_own_result: true, ..Action::new("createApplication", JOB) },
        on_application("startApplication", &START),
        on_application("stopApplication", &STOP),
        on_application("deleteApplication", &DELETION),
        Action { watch: Some(&RUN), ..Action::new("startJobRun", JOB) },
        Action { watch: Some(&CANCELLATION), ..Action::new("cancelJobRun", JOB) },
    ],
};

/// Step Functions answers no more than the application's id, at once and in the end.
const fn on_application(name: &'static str, watch: &'static Watch) -> Action {
    Action { output: of_application, watch: Some(watch), has_own_result: true, ..Action::new(name, JOB) }
}

const CREATION: Watch = Watch {
    operation: "getApplication",
    question: |_, submitted| json::value!({ "ApplicationId": member(submitted, "ApplicationId") }),
    read: |_, answer| {
        application(CREATED, answer).with_result(|answer| only(&answer, &["ApplicationId", "Arn", "Name"]))
    },
    refused: |_, _, _| None,
    stop: None,
};

/// A job may start an application as soon as it is there.
const CREATED: &Statuses = &[
    ("CREATING", Meaning::Running),
    ("CREATED", Meaning::Succeeded),
    ("STARTING", Meaning::Succeeded),
    ("STARTED", Meaning::Succeeded),
    ("STOPPING", Meaning::Succeeded),
    ("STOPPED", Meaning::Succeeded),
    ("TERMINATED", Meaning::Failed),
];

const START: Watch =
    Watch { read: |_, answer| application(STARTED, answer).with_result(its_id), ..APPLICATION };

/// Whoever is told to start is STARTING at once; one that could not start is not any more.
const STARTED: &Statuses = &[
    ("CREATING", Meaning::Running),
    ("STARTING", Meaning::Running),
    ("STARTED", Meaning::Succeeded),
    ("CREATED", Meaning::Failed),
    ("STOPPING", Meaning::Failed),
    ("STOPPED", Meaning::Failed),
    ("TERMINATED", Meaning::Failed),
];

const STOP: Watch =
    Watch { read: |_, answer| application(STOPPED, answer).with_result(its_id), ..APPLICATION };

const STOPPED: &Statuses = &[
    ("STOPPING", Meaning::Running),
    // One that never started has nothing to stop.
    ("CREATED", Meaning::Succeeded),
    ("STOPPED", Meaning::Succeeded),
    // Started again by a job, or gone.
    ("CREATING", Meaning::Failed),
    ("STARTING", Meaning::Failed),
    ("STARTED", Meaning::Failed),
    ("TERMINATED", Meaning::Failed),
];

const DELETION: Watch = Watch {
    read: |_, answer| application(DELETED, answer).with_result(its_id),
    refused: |parameters, _, error| {
        let is_gone = error.shape.as_deref() == Some("ResourceNotFoundException");
        let id = member(parameters, "ApplicationId");
        is_gone.then(|| JobState::Succeeded(json::value!({ "ApplicationId": id })))
    },
    ..APPLICATION
};

const DELETED: &Statuses = &[
    ("CREATING", Meaning::Running),
    ("CREATED", Meaning::Running),
    ("STOPPING", Meaning::Running),
    ("STOPPED", Meaning::Running),
    ("TERMINATED", Meaning::Succeeded),
    // Only a stopped one can be deleted: somebody has started it.
    ("STARTING", Meaning::Failed),
    ("STARTED", Meaning::Failed),
];

/// What is done with an application that the parameters name.
const APPLICATION: Watch = Watch {
    operation: "getApplication",
    question: |parameters, _| json::value!({ "ApplicationId": member(parameters, "ApplicationId") }),
    read: |_, _| JobState::Running,
    refused: |_, _, _| None,
    stop: None,
};

const RUN: Watch = Watch {
    operation: "getJobRun",
    question: submitted_run,
    read: |_, answer| run(RUN_ENDED, answer),
    refused: |_, _, _| None,
    stop: Some(Stop { operation: "cancelJobRun", input: submitted_run }),
};

const RUN_ENDED: &Statuses = &[
    ("SUBMITTED", Meaning::Running),
    ("PENDING", Meaning::Running),
    ("SCHEDULED", Meaning::Running),
    ("RUNNING", Meaning::Running),
    ("CANCELLING", Meaning::Running),
    ("QUEUED", Meaning::Running),
    ("SUCCESS", Meaning::Succeeded),
    ("FAILED", Meaning::Failed),
    ("CANCELLED", Meaning::Failed),
];

const CANCELLATION: Watch = Watch {
    operation: "getJobRun",
    question: submitted_run,
    read: |_, answer| run(RUN_CANCELLED, answer),
    refused: |_, _, _| None,
    stop: None,
};

/// A run that ended before it could be cancelled was not cancelled.
const RUN_CANCELLED: &Statuses = &[
    ("SUBMITTED", Meaning::Running),
    ("PENDING", Meaning::Running),
    ("SCHEDULED", Meaning::Running),
    ("RUNNING", Meaning::Running),
    ("CANCELLING", Meaning::Running),
    ("QUEUED", Meaning::Running),
    ("CANCELLED", Meaning::Succeeded),
    ("SUCCESS", Meaning::Failed),
    ("FAILED", Meaning::Failed),
];

/// What StartJobRun answers; CancelJobRun answers the first two.
const RUN_IDS: &[(&str, &str)] =
    &[("ApplicationId", "ApplicationId"), ("JobRunId", "JobRunId"), ("Arn", "Arn")];

/// EMR Serverless answers nothing to these, and Step Functions the application's id.
fn of_application(parameters: &Value, _: Pattern, output: Object) -> Result<Object, ServiceFailure> {
    let mut output = output;
    output.insert("ApplicationId", member(parameters, "ApplicationId"));
    Ok(output)
}

fn application(states: &Statuses, answer: Value) -> JobState {
    status::state_at(states, &["Application", "State"], answer)
}

fn run(states: &Statuses, answer: Value) -> JobState {
    status::state_at(states, &["JobRun", "State"], with_ids(answer, "JobRun", RUN_IDS))
}

fn its_id(answer: Value) -> Value {
    only(&answer, &["ApplicationId"])
}

/// Some members of the application, which are all that the result has.
fn only(answer: &Value, names: &[&'static str]) -> Value {
    let application = answer.get("Application");
    let members = names.iter().filter_map(|name| {
        let value = application.and_then(|application| application.get(name))?;
        Some((*name, value.clone()))
    });
    members.collect::<Object>().into()
}

fn submitted_run(_: &Value, submitted: &Value) -> Value {
    json::value!({
        "ApplicationId": member(submitted, "ApplicationId"),
        "JobRunId": member(submitted, "JobRunId"),
    })
}

fn member(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_known() {
        for states in [CREATED, STARTED, STOPPED, DELETED] {
            status::check_complete(states, "emr-serverless", "getApplication", &["application", "state"]);
        }
        for states in [RUN_ENDED, RUN_CANCELLED] {
            status::check_complete(states, "emr-serverless", "getJobRun", &["jobRun", "state"]);
        }
    }
}
