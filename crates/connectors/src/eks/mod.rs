//! EKS's `runJob` and `call`: the Kubernetes API of a cluster, as whoever AWS says that we are.
//! (spec/integrations.md §4)
//!
//! What is asked, and what an answer means, says `integrations::kubernetes`. Never here: EKS's own operations,
//! which `aws` calls like those of every service.

mod cluster_client;
mod token;

use asl::{Failure, Resource};
use execution::{TaskCall, TaskOutcome};
use integrations::kubernetes::{self, ContainerLog, LogOptions, Response};
use integrations::{JobState, ServiceFailure};
use json::{Document, Value};

use self::cluster_client::{ClusterClient, Trouble};
use crate::aws::{Pauses, told};
use crate::connectors::{Caller, Routes};

/// Logs of a job that are read, in bytes. A result that is larger than this is no result (256 KiB), so that the
/// rest would be read for nothing.
const LOG_BYTES_MAX: usize = 512 * 1024;

/// What is done with a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Call,
    RunJob,
}

impl Action {
    /// None for everything else.
    pub(crate) fn of(resource: &Resource) -> Option<Action> {
        let Resource::Integration { service, action, .. } = resource else { return None };
        match (service.as_str(), action.as_str()) {
            ("eks", "call") => Some(Action::Call),
            ("eks", "runJob") => Some(Action::RunJob),
            _ => None,
        }
    }
}

/// Makes the call, or starts the job: the API's answer is the result, or what the job is known by.
pub(crate) async fn call(routes: &Routes, action: Action, task: &TaskCall, caller: &Caller) -> TaskOutcome {
    let parameters = task.arguments.value();
    let request = match action {
        Action::Call => kubernetes::call(parameters),
        Action::RunJob => kubernetes::submission(parameters),
    };
    let answered = async {
        let client = ClusterClient::new(routes, task, caller)?;
        let response = client.send(&request).await.map_err(Trouble::into_failure)?;
        response.result().map_err(told)
    };
    match answered.await {
        Ok(result) => TaskOutcome::Succeeded(Document::from_value(result.into())),
        Err(failure) => TaskOutcome::Failed(failure),
    }
}

/// Waits until the job has ended. Between questions it costs a timer, and holds no place of
/// its target.
pub(crate) async fn await_end(
    routes: &Routes,
    task: &TaskCall,
    submitted: &Value,
    caller: &Caller,
) -> TaskOutcome {
    let parameters = task.arguments.value();
    let Some(question) = kubernetes::question(parameters, submitted) else {
        return TaskOutcome::Failed(nameless());
    };
    let client = match ClusterClient::new(routes, task, caller) {
        Ok(client) => client,
        Err(failure) => return TaskOutcome::Failed(failure),
    };
    let mut pauses = Pauses::new(&task.idempotency_token);
    loop {
        let state = {
            let _place = routes.lines.place(task).await;
            state(&client, parameters, &question).await
        };
        match state {
            Ok(JobState::Running) => {}
            Ok(JobState::Succeeded(result)) => return TaskOutcome::Succeeded(Document::from_value(result)),
            Ok(JobState::Failed(failure) | JobState::Unknown(failure)) => {
                return TaskOutcome::Failed(told(failure));
            }
            // The job goes on whoever can be reached; the Task's own timeout ends the waiting.
            Err(Trouble::NoAnswer(cause)) => {
                tracing::warn!(
                    execution = caller.execution_arn.as_str(),
                    "a job cannot be asked for: {cause}"
                );
            }
            Err(trouble @ Trouble::BeforeTheCall(_)) => return TaskOutcome::Failed(trouble.into_failure()),
        }
        tokio::time::sleep(pauses.next()).await;
    }
}

/// Deletes the job with its pods, as well as that can be done.
pub(crate) async fn stop(
    routes: &Routes,
    task: &TaskCall,
    submitted: &Value,
    caller: &Caller,
) -> Result<(), Failure> {
    let request = kubernetes::stop(task.arguments.value(), submitted).ok_or_else(nameless)?;
    let client = ClusterClient::new(routes, task, caller)?;
    let _place = routes.lines.place(task).await;
    let response = client.send(&request).await.map_err(Trouble::into_failure)?;
    response.result().map(drop).map_err(told)
}

/// How the job is; one that has ended with its logs, if they are asked for.
async fn state(
    client: &ClusterClient<'_>,
    parameters: &Value,
    question: &kubernetes::Request,
) -> Result<JobState, Trouble> {
    let response = client.send(question).await?;
    let job = match response.result() {
        Ok(mut result) => result.remove("ResponseBody").unwrap_or_default(),
        // A server that is too busy to tell says nothing of the job.
        Err(_) if response.status >= 500 || response.status == 429 => return Ok(JobState::Running),
        Err(failure) => return Ok(JobState::Failed(failure)),
    };
    match (kubernetes::read(job.clone()), LogOptions::of(parameters)) {
        (JobState::Running, _) => Ok(JobState::Running),
        (_, Some(options)) if options.retrieve => {
            let logs = logs(client, parameters, &options, &job).await;
            Ok(kubernetes::read(kubernetes::with_logs(job, &options, logs)))
        }
        (ended, _) => Ok(ended),
    }
}

/// The logs of all containers, as well as they can be had.
async fn logs(
    client: &ClusterClient<'_>,
    parameters: &Value,
    options: &LogOptions,
    job: &Value,
) -> Vec<(ContainerLog, Result<String, ServiceFailure>)> {
    let Some(pods) = options.pods(parameters, job) else { return Vec::new() };
    let Ok(Response { body, .. }) = client.send(&pods).await else { return Vec::new() };
    let containers = options.containers(parameters, &Value::parse(&body).unwrap_or_default());
    let mut logs = Vec::with_capacity(containers.len());
    let mut bytes = 0;
    for container in containers {
        if bytes > LOG_BYTES_MAX {
            break;
        }
        let log = match client.send(&container.request).await {
            Ok(response) => response.result().map(|_| response.body),
            Err(trouble) => {
                let failure = trouble.into_failure();
                let cause = failure.cause.clone().unwrap_or_default();
                Err(ServiceFailure { error: failure.name().to_string(), cause })
            }
        };
        bytes += log.as_ref().map_or(0, String::len);
        logs.push((container, log));
    }
    logs
}

fn nameless() -> Failure {
    Failure::runtime(
        "The job cannot be waited for: the answer to its submission does not name it.".to_owned(),
    )
}
