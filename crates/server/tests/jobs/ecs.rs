//! ECS. How a task has ended is told by why it stopped and what its containers exited with.

use crate::job::{Job, Reply, Submission, told};
use crate::walk::walk;

#[test]
fn tasks() {
    walk(&STOP_CODES);
}

#[test]
fn exit_codes() {
    walk(&EXIT_CODES);
}

const RUN: Submission = Submission {
    operation: "RunTask",
    sent: r#"{"group":"$ID","startedBy":"AWS Step Functions","taskDefinition":"d"}"#,
    answer: r#"{"failures":[],"tasks":[{"clusterArn":"c-arn","lastStatus":"PROVISIONING","taskArn":"t-$ID"}]}"#,
    error_code: "ClusterNotFoundException",
    error: "ECS.ClusterNotFoundException",
};

const STOP: Option<(&str, &str)> = Some((
    "StopTask",
    r#"{"cluster":"c-arn","task":"t-$ID",
        "reason":"Stopped by AWS Step Functions: the task that started it waits no longer"}"#,
));

const RUNNING: &[&str] = &["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"];

/// The end is the stop code.
const STOP_CODES: Job = Job {
    resource: "ecs:runTask",
    parameters: r#"{"Cluster":"c","Group":"$ID","TaskDefinition":"d"}"#,
    submit: RUN,
    describe: "DescribeTasks",
    answer: |status| match status {
        status if RUNNING.contains(&status) => running(),
        _ => told(
            r#"{"failures":[],"tasks":[{"containers":[{"exitCode":0,"name":"n"}],"lastStatus":"STOPPED",
                "stopCode":"$STATUS","stoppedAt":1795813200.5,"taskArn":"t-$ID"}]}"#,
        ),
    },
    running: RUNNING,
    succeeded: &["EssentialContainerExited"],
    failed: &[
        "TaskFailedToStart",
        "UserInitiated",
        "ServiceSchedulerInitiated",
        "SpotInterruption",
        "TerminationNotice",
    ],
    result: r#"{"Containers":[{"ExitCode":0,"Name":"n"}],"LastStatus":"STOPPED","StopCode":"$STATUS",
        "StoppedAt":1795813200500,"TaskArn":"t-$ID"}"#,
    cause: None,
    stop: STOP,
};

/// The end is what the second container exits with.
const EXIT_CODES: Job = Job {
    answer: |status| match status {
        status if RUNNING.contains(&status) => running(),
        _ => told(
            r#"{"failures":[],"tasks":[{"containers":[{"exitCode":0},{"exitCode":$STATUS}],
                "lastStatus":"STOPPED","stopCode":"EssentialContainerExited","taskArn":"t-$ID"}]}"#,
        ),
    },
    running: RUNNING,
    succeeded: &["0"],
    failed: &["1", "137"],
    result: r#"{"Containers":[{"ExitCode":0},{"ExitCode":$STATUS}],"LastStatus":"STOPPED",
        "StopCode":"EssentialContainerExited","TaskArn":"t-$ID"}"#,
    ..STOP_CODES
};

fn running() -> Reply {
    told(r#"{"failures":[],"tasks":[{"lastStatus":"$STATUS","taskArn":"t-$ID"}]}"#)
}
