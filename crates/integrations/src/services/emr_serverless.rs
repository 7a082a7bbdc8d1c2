//! EMR Serverless: applications and runs of jobs. (spec/integrations.md §4)
//!
//! Stopping an execution cancels a run; no application is ever stopped or deleted for it.

use json::{Object, Value};

use crate::action::{Action, JOB, Service};
use crate::failure::{Naming, ServiceFailure};
use crate::job::{JobState, Stop, Watch};
use crate::resource::Pattern;
use crate::statuses::{Statuses, with_ids};

pub(crate) const SERVICE: Service = Service {
    name: "emr-serverless",
    model: "emr-serverless",
    naming: Naming { prefix: "EmrServerless", unnamed: "EmrServerlessException", service: "EmrServerless" },
    actions: &[
        Action { watch: Some(&CREATION), ..Action::new("createApplication", JOB) },
        Action { output: of_application, watch: Some(&START), ..Action::new("startApplication", JOB) },
        Action { output: of_application, watch: Some(&STOP), ..Action::new("stopApplication", JOB) },
        Action { output: of_application, watch: Some(&DELETION), ..Action::new("deleteApplication", JOB) },
        Action { watch: Some(&RUN), ..Action::new("startJobRun", JOB) },
        Action { watch: Some(&CANCELLATION), ..Action::new("cancelJobRun", JOB) },
    ],
};

const CREATION: Watch = Watch {
    operation: "getApplication",
    question: |_, submitted| json::value!({ "ApplicationId": member(submitted, "ApplicationId") }),
    read: |_, answer| {
        CREATED.read(answer).with_result(|answer| only(&answer, &["ApplicationId", "Name", "Arn"]))
    },
    refused: |_, _, _| None,
    stop: None,
};

/// A job may start an application as soon as it is there.
const CREATED: Statuses = Statuses {
    path: &["Application", "State"],
    running: &["CREATING"],
    succeeded: &["CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED"],
    failed: &["TERMINATED"],
};

const START: Watch = Watch { read: |_, answer| STARTED.read(answer).with_result(its_id), ..APPLICATION };

/// Whoever is told to start is STARTING at once; one that could not start is not any more.
const STARTED: Statuses = Statuses {
    path: &["Application", "State"],
    running: &["CREATING", "STARTING"],
    succeeded: &["STARTED"],
    failed: &["CREATED", "STOPPING", "STOPPED", "TERMINATED"],
};

const STOP: Watch = Watch { read: |_, answer| STOPPED.read(answer).with_result(its_id), ..APPLICATION };

const STOPPED: Statuses = Statuses {
    path: &["Application", "State"],
    running: &["STOPPING"],
    // One that never started has nothing to stop.
    succeeded: &["CREATED", "STOPPED"],
    // Started again by a job, or gone.
    failed: &["CREATING", "STARTING", "STARTED", "TERMINATED"],
};

const DELETION: Watch = Watch {
    read: |_, answer| DELETED.read(answer).with_result(its_id),
    refused: |parameters, _, error| {
        let is_gone = error.shape.as_deref() == Some("ResourceNotFoundException");
        let id = member(parameters, "ApplicationId");
        is_gone.then(|| JobState::Succeeded(json::value!({ "ApplicationId": id })))
    },
    ..APPLICATION
};

const DELETED: Statuses = Statuses {
    path: &["Application", "State"],
    running: &["CREATING", "CREATED", "STOPPING", "STOPPED"],
    succeeded: &["TERMINATED"],
    // Only a stopped one can be deleted: somebody has started it.
    failed: &["STARTING", "STARTED"],
};

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
    read: |_, answer| RUN_ENDED.read(with_ids(answer, "JobRun", RUN_IDS)),
    refused: |_, _, _| None,
    stop: Some(Stop { operation: "cancelJobRun", input: submitted_run }),
};

const RUN_ENDED: Statuses = Statuses {
    path: &["JobRun", "State"],
    running: &["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "QUEUED"],
    succeeded: &["SUCCESS"],
    failed: &["FAILED", "CANCELLED"],
};

const CANCELLATION: Watch = Watch {
    operation: "getJobRun",
    question: submitted_run,
    read: |_, answer| RUN_CANCELLED.read(with_ids(answer, "JobRun", RUN_IDS)),
    refused: |_, _, _| None,
    stop: None,
};

/// A run that ended before it could be cancelled was not cancelled.
const RUN_CANCELLED: Statuses = Statuses {
    path: &["JobRun", "State"],
    running: &["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "QUEUED"],
    succeeded: &["CANCELLED"],
    failed: &["SUCCESS", "FAILED"],
};

/// What StartJobRun answers; CancelJobRun answers the first two.
const RUN_IDS: &[(&str, &str)] =
    &[("ApplicationId", "ApplicationId"), ("JobRunId", "JobRunId"), ("Arn", "Arn")];

/// EMR Serverless answers nothing to these, and Step Functions the application's id.
fn of_application(parameters: &Value, _: Pattern, output: Object) -> Result<Object, ServiceFailure> {
    let mut output = output;
    output.insert("ApplicationId", member(parameters, "ApplicationId"));
    Ok(output)
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
        for statuses in [&CREATED, &STARTED, &STOPPED, &DELETED] {
            statuses.assert_complete("emr-serverless", "getApplication");
        }
        for statuses in [&RUN_ENDED, &RUN_CANCELLED] {
            statuses.assert_complete("emr-serverless", "getJobRun");
        }
    }
}
