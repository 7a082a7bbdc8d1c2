//! What is done with each kind of job.

use std::thread::sleep;
use std::time::{Duration, Instant};

use json::Value;

use crate::endpoint::{Endpoint, Seen};
use crate::harness::{Client, Folder, Server, history, stepwell, text};
use crate::job::{Job, filled_value};

/// Pauses between questions grow; the longest walk has half a dozen of them.
const ENDED_WITHIN: Duration = Duration::from_secs(60);

/// Starts many jobs of a kind side by side, ends them in all ways, and kills the server meanwhile.
#[track_caller]
pub fn walk(job: &'static Job) {
    let folder = Folder::new("jobs");
    let endpoint = Endpoint::start(job);
    let server = start(&folder, &endpoint);
    let mut client = server.client();
    let first = *job.running.first().expect("a job runs for a while");

    let ends = job.succeeded.iter().chain(job.failed).copied();
    let with_ends: Vec<(String, &str, String)> = ends
        .enumerate()
        .map(|(number, end)| {
            let id = format!("job-{number:02}");
            // One of them goes through all that comes before an end.
            let before = if number == 0 { job.running } else { &job.running[..1] };
            endpoint.plan(&id, before.iter().copied().chain([end]));
            let arn = run(&mut client, &endpoint, job, &id, None);
            (id, end, arn)
        })
        .collect();
    let held = |client: &mut Client, id: &str, timeout_seconds| {
        endpoint.plan(id, [first]);
        run(client, &endpoint, job, id, timeout_seconds)
    };
    let stopped = held(&mut client, "job-stopped", None);
    let timed_out = held(&mut client, "job-timed-out", Some(1));
    let restarted = held(&mut client, "job-restarted", None);
    let stopped_later = held(&mut client, "job-later", None);
    endpoint.plan("job-beside", [first]);
    let beside = run_beside_a_failure(&mut client, &endpoint, job, "job-beside");
    let refused = (!job.submit.error.is_empty()).then(|| {
        endpoint.plan("job-refused", []);
        run(&mut client, &endpoint, job, "job-refused", None)
    });

    for (id, end, arn) in &with_ends {
        check_end(&mut client, job, id, end, arn);
        let seen = endpoint.wait_until(id, "was told of", |seen| seen.questions > 0);
        assert_eq!((seen.submissions, seen.stops), (1, 0), "{id} ends as {end}");
    }
    if let Some(refused) = refused {
        check_refusal(&mut client, job, &refused);
    }
    check_timeout(&mut client, &timed_out);
    check_stop(&endpoint, job, "job-timed-out");
    stop(&mut client, &endpoint, job, "job-stopped", &stopped);
    stop_while_it_starts(&mut client, &endpoint, job, "job-hasty");
    assert_eq!(text(&ended(&mut client, &beside), "error"), "Beside");
    check_stop(&endpoint, job, "job-beside");

    for id in ["job-restarted", "job-later"] {
        endpoint.wait_until(id, "was told of", |seen| seen.questions > 0);
    }
    server.kill();
    let before = endpoint.wait_until("job-restarted", "is there", |_| true);
    let server = start(&folder, &endpoint);
    let mut client = server.client();
    // One question may have been on its way.
    let is_asked_again = |seen: &Seen| seen.questions > before.questions + 1;
    endpoint.wait_until("job-restarted", "was asked for again", is_asked_again);
    let end = *job.succeeded.first().expect("a job can end well");
    endpoint.plan("job-restarted", [end]);
    check_end(&mut client, job, "job-restarted", end, &restarted);
    stop(&mut client, &endpoint, job, "job-later", &stopped_later);
    for id in ["job-restarted", "job-later"] {
        let seen = endpoint.wait_until(id, "is there", |_| true);
        assert_eq!(seen.submissions, 1, "a restart starts nothing again");
    }
    endpoint.assert_no_surprise();
}

fn start(folder: &Folder, endpoint: &Endpoint) -> Server {
    let data = folder.0.join("data");
    let mut command = stepwell(["dev", folder.arg(), "--data-dir", data.to_str().expect("it is UTF-8")]);
    command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", endpoint.port));
    command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret");
    Server::start(&mut command)
}

/// Starts an execution of a machine that waits for one job.
fn run(
    client: &mut Client,
    endpoint: &Endpoint,
    job: &Job,
    id: &str,
    timeout_seconds: Option<u32>,
) -> String {
    let mut task = task(endpoint, job, id);
    if let (Some(seconds), Some(task)) = (timeout_seconds, task.as_object_mut()) {
        task.insert("TimeoutSeconds", seconds);
    }
    run_states(client, id, &json::value!({ "StartAt": "Job", "States": { "Job": (task) } }))
}

/// The same, beside a branch that fails while the job runs.
fn run_beside_a_failure(client: &mut Client, endpoint: &Endpoint, job: &Job, id: &str) -> String {
    let branches = json::value!([
        { "StartAt": "Job", "States": { "Job": (task(endpoint, job, id)) } },
        {
            "StartAt": "Wait",
            "States": {
                "Wait": { "Type": "Wait", "Seconds": 1, "Next": "Fail" },
                "Fail": { "Type": "Fail", "Error": "Beside" },
            },
        },
    ]);
    let both = json::value!({ "Type": "Parallel", "Branches": (branches), "End": true });
    run_states(client, id, &json::value!({ "StartAt": "Both", "States": { "Both": (both) } }))
}

fn task(endpoint: &Endpoint, job: &Job, id: &str) -> Value {
    let resource = format!("arn:aws:states:::{}.sync", job.resource);
    let parameters = job.parameters.replace("$PORT", &endpoint.port.to_string());
    let parameters = filled_value(&parameters, id, "");
    json::value!({ "Type": "Task", "Resource": (resource), "Parameters": (parameters), "End": true })
}

fn run_states(client: &mut Client, name: &str, definition: &Value) -> String {
    let definition = definition.to_text();
    let machine = client.ok(
        "CreateStateMachine",
        &json::value!({
            "name": (name), "definition": (definition), "roleArn": "arn:aws:iam::123456789012:role/jobs",
        }),
    );
    let machine = text(&machine, "stateMachineArn");
    let started =
        client.ok("StartExecution", &json::value!({ "stateMachineArn": (machine), "name": (name) }));
    text(&started, "executionArn").to_owned()
}

/// The job has ended so: the state's result or its failure follows, and the history of a `.sync` task.
#[track_caller]
fn check_end(client: &mut Client, job: &Job, id: &str, end: &str, arn: &str) {
    let succeeds = job.succeeded.contains(&end);
    let expected = if succeeds { job.result } else { job.cause.unwrap_or(job.result) };
    let expected = filled_value(expected, id, end);
    let execution = ended(client, arn);
    let parsed = |name| Value::parse(text(&execution, name)).expect("it is JSON");
    let last = if succeeds {
        assert_eq!(text(&execution, "status"), "SUCCEEDED", "{}", execution.to_text());
        assert_eq!(parsed("output").to_text(), expected.to_text(), "{id} ends as {end}");
        ["TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"].as_slice()
    } else {
        assert_eq!(text(&execution, "status"), "FAILED", "{}", execution.to_text());
        assert_eq!(text(&execution, "error"), "States.TaskFailed");
        assert_eq!(parsed("cause").to_text(), expected.to_text(), "{id} ends as {end}");
        ["TaskFailed", "ExecutionFailed"].as_slice()
    };
    let first = ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted"];
    let history = history(client, arn);
    let types: Vec<&str> = history.iter().map(|event| text(event, "type")).collect();
    assert_eq!(types, [&first, last].concat(), "{id} ends as {end}");
}

/// The service did not start it.
#[track_caller]
fn check_refusal(client: &mut Client, job: &Job, arn: &str) {
    let execution = ended(client, arn);
    assert_eq!(text(&execution, "status"), "FAILED");
    assert_eq!(text(&execution, "error"), job.submit.error);
    let cause = text(&execution, "cause");
    assert!(cause.starts_with("no job-refused (Service: "), "{cause}");
    let end =
        format!("; Status Code: 400; Error Code: {}; Request ID: r-1; Proxy: null)", job.submit.error_code);
    assert!(cause.ends_with(&end), "{cause}");
    let history = history(client, arn);
    let types: Vec<&str> = history.iter().map(|event| text(event, "type")).collect();
    let expected = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskFailed",
        "ExecutionFailed",
    ];
    assert_eq!(types, expected);
}

/// The state waited too long.
#[track_caller]
fn check_timeout(client: &mut Client, arn: &str) {
    let execution = ended(client, arn);
    assert_eq!((text(&execution, "status"), text(&execution, "error")), ("FAILED", "States.Timeout"));
}

/// Stops an execution while its job runs.
#[track_caller]
fn stop(client: &mut Client, endpoint: &Endpoint, job: &Job, id: &str, arn: &str) {
    endpoint.wait_until(id, "was told of", |seen| seen.questions > 0);
    client.ok("StopExecution", &json::value!({ "executionArn": (arn) }));
    assert_eq!(text(&ended(client, arn), "status"), "ABORTED");
    check_stop(endpoint, job, id);
}

/// Stops an execution while the call that starts its job is under way: the job is known only afterwards.
#[track_caller]
fn stop_while_it_starts(client: &mut Client, endpoint: &Endpoint, job: &Job, id: &str) {
    endpoint.plan(id, job.running.first().copied());
    endpoint.hold(id, true);
    let arn = run(client, endpoint, job, id, None);
    endpoint.wait_until(id, "was started", |seen| seen.submissions > 0);
    client.ok("StopExecution", &json::value!({ "executionArn": (arn.as_str()) }));
    assert_eq!(text(&ended(client, &arn), "status"), "ABORTED");
    endpoint.hold(id, false);
    check_stop(endpoint, job, id);
}

/// The job was stopped, if it is one that does not go on. (A stop that comes though it should not is a surprise.)
#[track_caller]
fn check_stop(endpoint: &Endpoint, job: &Job, id: &str) {
    if job.stop.is_some() {
        endpoint.wait_until(id, "was stopped", |seen| seen.stops > 0);
    }
}

/// Waits for the end of an execution; returns its description.
#[track_caller]
fn ended(client: &mut Client, arn: &str) -> Value {
    let began = Instant::now();
    loop {
        let execution = client.ok("DescribeExecution", &json::value!({ "executionArn": (arn) }));
        if text(&execution, "status") != "RUNNING" {
            return execution;
        }
        assert!(began.elapsed() < ENDED_WITHIN, "{arn} has not ended");
        sleep(Duration::from_millis(20));
    }
}
