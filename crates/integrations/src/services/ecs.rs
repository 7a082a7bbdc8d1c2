//! ECS and Fargate: tasks. (spec/integrations.md §4)
//!
//! A task of ECS has no status that says whether it did its work: how it was stopped and what its
//! containers exited with says so.

use json::{Object, Value};

use crate::action::{Action, Field, JOB_AND_TOKEN, Service, optional, required};
use crate::failure::{Naming, ServiceFailure};
use crate::job::{JobState, Stop, Watch};
use crate::resource::Pattern;
use crate::status::{self, Meaning, Statuses};

pub(crate) const SERVICE: Service = Service {
    name: "ecs",
    model: "ecs",
    naming: Naming { prefix: "ECS", unnamed: "AmazonECSException", service: "AmazonECS" },
    actions: &[Action {
        fields: Some(RUN),
        added: started_by,
        output: all_started,
        watch: Some(&Watch {
            operation: "describeTasks",
            question: |_, submitted| {
                let (cluster, task) = (of_task(submitted, "ClusterArn"), of_task(submitted, "TaskArn"));
                json::value!({ "Cluster": (cluster), "Tasks": [(task)] })
            },
            read,
            refused: |_, _, _| None,
            stop: Some(Stop {
                operation: "stopTask",
                input: |_, submitted| {
                    let (cluster, task) = (of_task(submitted, "ClusterArn"), of_task(submitted, "TaskArn"));
                    json::value!({
                        "Cluster": (cluster),
                        "Task": (task),
                        "Reason": "Stopped by AWS Step Functions: the task that started it waits no longer",
                    })
                },
            }),
        }),
        ..Action::new("runTask", JOB_AND_TOKEN)
    }],
};

/// Neither `Count`, as one task is waited for, nor `StartedBy`.
const RUN: &[Field] = &[
    required("TaskDefinition"),
    optional("CapacityProviderStrategy"),
    optional("Cluster"),
    optional("EnableExecuteCommand"),
    optional("Group"),
    optional("LaunchType"),
    optional("NetworkConfiguration"),
    optional("Overrides"),
    optional("PlacementConstraints"),
    optional("PlacementStrategy"),
    optional("PlatformVersion"),
    optional("PropagateTags"),
];

/// The `stopCode`s.
const STOPS: &Statuses = &[
    ("EssentialContainerExited", Meaning::Succeeded),
    ("TaskFailedToStart", Meaning::Failed),
    ("UserInitiated", Meaning::Failed),
    ("ServiceSchedulerInitiated", Meaning::Failed),
    ("SpotInterruption", Meaning::Failed),
    ("TerminationNotice", Meaning::Failed),
];

/// Recorded: the history shows it among the parameters.
fn started_by(parameters: &mut Object, pattern: Pattern) {
    if pattern.starts_job() {
        parameters.insert("StartedBy", "AWS Step Functions");
    }
}

/// ECS answers well though it has started nothing. Whoever waits for the task cannot do with that; a mere
/// request can.
fn all_started(_: &Value, pattern: Pattern, output: Object) -> Result<Object, ServiceFailure> {
    let is_waited_for = match pattern {
        Pattern::RequestResponse => false,
        Pattern::Sync | Pattern::Sync2 | Pattern::WaitForTaskToken => true,
    };
    let failures = output.get("Failures").and_then(Value::as_array);
    if is_waited_for && failures.is_some_and(|failures| !failures.is_empty()) {
        return Err(ServiceFailure::new("AmazonECS.Unknown", Value::Object(output).to_text()));
    }
    Ok(output)
}

fn of_task(submitted: &Value, name: &str) -> Option<Value> {
    submitted.get("Tasks")?.at(0)?.get(name).cloned()
}

/// The result is the task alone.
fn read(_: &Value, answer: Value) -> JobState {
    let Some(task) = answer.get("Tasks").and_then(|tasks| tasks.at(0)) else {
        return JobState::unknown(&answer);
    };
    // All that come before it are on the way to it.
    if task.get("LastStatus").and_then(Value::as_str) != Some("STOPPED") {
        return JobState::Running;
    }
    // The description does not tell which containers are essential: all count.
    let containers = task.get("Containers").and_then(Value::as_array);
    let mut exit_codes = containers.into_iter().flatten().filter_map(|container| container.get("ExitCode"));
    if exit_codes.any(|code| *code != Value::Int(0)) {
        return JobState::failed(task);
    }
    match status::state(STOPS, task.get("StopCode"), task.clone()) {
        // No code, or a newer one: it has stopped in any case, and all that ran ended well.
        JobState::Running | JobState::Unknown(_) => JobState::Succeeded(task.clone()),
        ended @ (JobState::Succeeded(_) | JobState::Failed(_)) => ended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_stop_is_known() {
        status::check_complete(STOPS, "ecs", "describeTasks", &["tasks", "stopCode"]);
    }

    fn read_task(task: Value) -> JobState {
        read(&Value::Null, json::value!({ "Tasks": [(task)], "Failures": [] }))
    }

    #[test]
    fn the_result_is_a_task_that_has_done_its_work() {
        for status in ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING"] {
            assert_eq!(read_task(json::value!({ "LastStatus": (status) })), JobState::Running);
        }
        let stopped = |code: Option<&str>, exit: Value| {
            json::value!({
                "Containers": [{ "ExitCode": 0 }, (exit)], "LastStatus": "STOPPED", "StopCode": (code),
            })
        };
        for (code, meaning) in STOPS {
            let task = stopped(Some(code), json::value!({ "ExitCode": 0 }));
            let expected = match meaning {
                Meaning::Succeeded => JobState::Succeeded(task.clone()),
                Meaning::Failed => JobState::failed(&task),
                Meaning::Running => panic!("{code} is an end"),
            };
            assert_eq!(read_task(task), expected);
            let task = stopped(Some(code), json::value!({ "ExitCode": 137 }));
            assert_eq!(read_task(task.clone()), JobState::failed(&task));
        }
        let missing = json::value!({ "Failures": [{ "Reason": "MISSING" }], "Tasks": [] });
        assert_eq!(read(&Value::Null, missing.clone()), JobState::unknown(&missing));
        // A container that never ran has no code.
        let task = stopped(None, json::value!({ "Name": "n" }));
        assert_eq!(read_task(task.clone()), JobState::Succeeded(task));
    }

    #[test]
    fn a_task_that_is_not_started_fails_who_waits_for_it() {
        let output = json::value!({ "Failures": [{ "Reason": "RESOURCE:MEMORY" }], "Tasks": [] });
        let result = |pattern| all_started(&Value::Null, pattern, output.as_object().unwrap().clone());
        assert_eq!(result(Pattern::RequestResponse).map(Value::Object), Ok(output.clone()));
        for pattern in [Pattern::Sync, Pattern::WaitForTaskToken] {
            let failure = result(pattern).unwrap_err();
            assert_eq!((failure.error.as_str(), failure.cause), ("AmazonECS.Unknown", output.to_text()));
        }
        let output = json::value!({ "Failures": [], "Tasks": [{}] });
        let output = output.as_object().unwrap().clone();
        assert_eq!(all_started(&Value::Null, Pattern::Sync, output.clone()), Ok(output));
    }
}
