//! `stepwell tail`: an execution of a real server, seen through its API.

mod harness;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use harness::{Client, Folder, Server, outcome, stepwell, text};
use json::{Value, value};

/// Whatever is waited for comes sooner, even on a machine that is busy.
const SOON: Duration = Duration::from_secs(30);

/// All that a tree shows: retries and catchers, branches, iterations, a Map Run, failures inside.
const ALL_SORTS: &str = r#"{
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sfn:describeExecution",
            "Parameters": {"ExecutionArn": "arn:aws:states:us-east-1:123456789012:execution:none:none"},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Both"}],
            "Next": "Both"
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Good", "States": {"Good": {"Type": "Pass", "End": true}}},
                {"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "Bad"}}}
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Each"}],
            "End": true
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}},
            "Next": "All"
        },
        "All": {
            "Type": "Map",
            "Label": "All",
            "ToleratedFailureCount": 1,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Two",
                "States": {
                    "Two": {
                        "Type": "Choice",
                        "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "No"}],
                        "Default": "Yes"
                    },
                    "No": {"Type": "Fail", "Error": "Two"},
                    "Yes": {"Type": "Succeed"}
                }
            },
            "Next": "Choose"
        },
        "Choose": {"Type": "Choice", "Choices": [{"Variable": "$.none", "NumericEquals": 1, "Next": "End"}]},
        "End": {"Type": "Succeed"}
    }
}"#;

/// Waits for whoever does the activity, between two states.
const WAITS: &str = r#"{
    "StartAt": "Before",
    "States": {
        "Before": {"Type": "Pass", "Next": "Wait"},
        "Wait": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a", "Next": "After"},
        "After": {"Type": "Pass", "End": true}
    }
}"#;

/// Starts an execution of a machine of the folder.
fn start(client: &mut Client, machine: &str, name: &str, input: &str) -> String {
    let machine = format!("arn:aws:states:us-east-1:123456789012:stateMachine:{machine}");
    let request = value!({ "stateMachineArn": (machine), "name": name, "input": input });
    text(&client.ok("StartExecution", &request), "executionArn").to_owned()
}

/// `stepwell tail` of what a server of this folder runs.
fn tail(folder: &Folder, followed: &str) -> Command {
    let mut command = stepwell(["tail", followed, "--folder", folder.arg()]);
    // Requests are signed, and by whom does not matter: no home is asked.
    command.env("HOME", folder.arg());
    command
}

/// The lines of standard error but the first, which has the ARN, without their times.
fn lines(err: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let without_time = |line: &str| {
        let mut words = words(line);
        while let Some(at) = words.iter().position(|word| *word == "ms" || word.starts_with("ms:")) {
            words.drain(at - 1..=at);
        }
        words.join(" ")
    };
    err.lines().skip(1).map(without_time).collect()
}

/// A `tail` that goes on, and the lines that it has printed.
struct Following {
    child: Child,
    lines: Receiver<String>,
}

impl Following {
    fn begin(command: &mut Command) -> Following {
        let mut child =
            command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("stepwell starts");
        let (sender, lines) = channel();
        let reader = BufReader::new(child.stderr.take().expect("it is piped"));
        std::thread::spawn(move || {
            reader.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Following { child, lines }
    }

    #[track_caller]
    fn wait_for(&self, part: &str) {
        loop {
            let line = self.lines.recv_timeout(SOON).unwrap_or_else(|_| panic!("no line with {part:?}"));
            if line.contains(part) {
                return;
            }
        }
    }

    fn ended(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does the activity that an execution waits for.
fn work(client: &mut Client) {
    let activity = "arn:aws:states:us-east-1:123456789012:activity:a";
    let task = client.ok("GetActivityTask", &value!({ "activityArn": activity }));
    client.ok("SendTaskSuccess", &value!({ "taskToken": (text(&task, "taskToken")), "output": "{}" }));
}

#[test]
fn it_shows_what_run_shows() {
    let folder = Folder::new("tail-all");
    let machine = folder.write("all.asl.json", ALL_SORTS);
    let input = r#"{"items": [1, 2]}"#;
    let mut run = stepwell(["run", "--input", input]);
    let (run_code, run_out, run_err) = outcome(run.arg(&machine));
    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--ephemeral"]));
    let arn = start(&mut server.client(), "all", "one", input);
    let (code, out, err) = outcome(&mut tail(&folder, "one"));
    assert_eq!(lines(&err), lines(&run_err));
    assert_eq!((code, &out), (run_code, &run_out));
    assert_eq!(err.lines().next(), Some(&*format!("all · {arn}")));
    for part in
        ["2 attempts caught Sfn.ExecutionDoesNotExistException", "✗ Bad", "✓ [1] One", "2 items, 1 failed"]
    {
        assert!(lines(&err).iter().any(|line| line.contains(part)), "{part}: {err}");
    }
    assert!(err.contains("FAILED in") && err.contains(" ms: States.Runtime: "), "{err}");

    // Once more, as a program reads it, and by its ARN.
    let (code, out, _) = outcome(tail(&folder, &arn).args(["--output", "json"]));
    let shown = Value::parse(&out).expect("it is JSON");
    assert_eq!((code, text(&shown, "status"), text(&shown, "executionArn")), (1, "FAILED", &*arn));
    let states = shown.get("states").and_then(Value::as_array).expect("it has states");
    let map_run = states.iter().find(|state| text(state, "name") == "All").expect("it ran");
    assert_eq!(map_run.get("itemsFailed").and_then(Value::as_i64), Some(1));

    // Its Map Run alone.
    let map_run = text(map_run, "mapRunArn");
    let (code, out, err) = outcome(&mut tail(&folder, map_run));
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(err.lines().next(), Some(&*format!("All · {map_run}")));
    assert_eq!(lines(&err), ["✓ All Map 2 items, 1 failed", "SUCCEEDED in"]);
}

#[test]
fn lines_come_while_it_runs_and_a_redrive_goes_on_below() {
    let folder = Folder::new("tail-live");
    folder.write("waits.asl.json", WAITS);
    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--ephemeral"]));
    let mut client = server.client();
    client.ok("CreateActivity", &value!({ "name": "a" }));
    let arn = start(&mut client, "waits", "one", "{}");
    let following = Following::begin(&mut tail(&folder, "waits:one"));
    following.wait_for("✓ Before");
    client.ok("StopExecution", &value!({ "executionArn": (&*arn), "error": "Enough" }));
    following.wait_for("✗ Wait");
    following.wait_for("ABORTED in");
    assert_eq!(following.ended(), Some(4));

    client.ok("RedriveExecution", &value!({ "executionArn": (&*arn) }));
    let following = Following::begin(&mut tail(&folder, "waits:one"));
    following.wait_for("✗ Wait");
    work(&mut client);
    following.wait_for("✓ Wait");
    following.wait_for("✓ After");
    following.wait_for("SUCCEEDED in");
    assert_eq!(following.ended(), Some(0));
}

#[test]
fn a_server_that_starts_again_is_waited_for() {
    let folder = Folder::new("tail-again");
    folder.write("waits.asl.json", WAITS);
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let mut client = server.client();
    client.ok("CreateActivity", &value!({ "name": "a" }));
    start(&mut client, "waits", "one", "{}");
    let following = Following::begin(&mut tail(&folder, "one"));
    following.wait_for("✓ Before");
    let port = server.port;
    server.kill();
    let mut again = stepwell(["dev", folder.arg(), "--port", &port.to_string()]);
    let mut again = again.stdout(Stdio::piped()).spawn().expect("stepwell starts");
    let mut printed = BufReader::new(again.stdout.take().expect("it is piped")).lines();
    assert!(printed.any(|line| line.is_ok_and(|line| line.contains("http://127.0.0.1"))), "it did not start");
    work(&mut Client::new(port));
    following.wait_for("✓ After");
    assert_eq!(following.ended(), Some(0));
    again.kill().expect("it runs");
    again.wait().expect("it ends");
}

#[test]
fn a_server_with_keys_is_asked_with_keys() {
    let folder = Folder::new("tail-keys");
    let config =
        folder.write("stepwell.toml", "[data]\ndir = \"d\"\n[auth.access_keys]\nAKID = \"secret\"\n");
    let server = Server::start(stepwell(["server", "--config"]).arg(&config));
    let endpoint = format!("http://127.0.0.1:{}", server.port);
    let with = |secret: &str| {
        let mut command = tail(&folder, "one");
        command.args(["--endpoint", &endpoint]).env("AWS_ACCESS_KEY_ID", "AKID");
        outcome(command.env("AWS_SECRET_ACCESS_KEY", secret))
    };
    let (code, _, err) = with("secret");
    assert_eq!(code, 2);
    assert!(err.contains(&format!("no execution is called one at {endpoint}")), "{err}");
    let (code, _, err) = with("another");
    assert_eq!(code, 2);
    assert!(err.contains("the server refuses: The request signature we calculated does not match"), "{err}");
}

#[test]
fn what_cannot_be_followed_is_explained() {
    let folder = Folder::new("tail-errors");
    folder.write("a.asl.json", r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#);
    folder.write("b.asl.json", r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#);
    let refused = |followed: &str, part: &str| {
        let (code, out, err) = outcome(&mut tail(&folder, followed));
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.starts_with("error: ") && err.contains(part), "{followed}: {err}");
    };
    // 9 is the port of a service that nobody runs.
    folder.write("stepwell.toml", "[server]\nport = 9\n");
    refused("one", "nobody answers at http://127.0.0.1:9 (Connect to 127.0.0.1:9");
    folder.write("stepwell.toml", "");
    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--ephemeral"]));
    let mut client = server.client();
    start(&mut client, "a", "one", "{}");
    start(&mut client, "b", "one", "{}");
    let before = "arn:aws:states:us-east-1:123456789012";
    refused("one", "several executions are called one; say which: a:one, b:one");
    refused("two", "no execution is called two at http://127.0.0.1:");
    refused("c:one", "there is no STANDARD state machine c at ");
    refused("a b", "a b is neither an ARN nor a name");
    refused(&format!("{before}:stateMachine:a"), "is the ARN of neither an execution nor a Map Run");
    refused(&format!("{before}:execution:a:two"), "there is no execution arn:");
    let map_run = format!("{before}:mapRun:a/L:00000000-0000-4000-8000-000000000000");
    refused(&map_run, "there is no Map Run arn:");
    let (code, _, _) = outcome(&mut tail(&folder, "a:one"));
    assert_eq!(code, 0);
}
