//! What a server does while it is killed: one entry of [`LOADS`] for each kind of work.

use json::Value;

use crate::check::{self, Ended, Verdict};
use crate::harness::{CallError, Client, Folder, text};
use crate::map_loads;
use crate::world::{Started, World};

/// One kind of load. A new one is a new entry: its machine, how it is started, and what must be true of
/// one whose start was acknowledged. (EXPRESS executions leave nothing to look at: `express_kill.rs`.)
pub struct Load {
    /// Its machine's name, and the beginning of its executions' names.
    pub name: &'static str,
    /// STANDARD or EXPRESS.
    pub machine_type: &'static str,
    /// `WORK` and `STAND` in it stand for the ARNs of the activities.
    pub definition: &'static str,
    /// Whether it needs Python for its functions.
    pub needs_functions: bool,
    /// Whether its executions fail at first, and are redriven until they succeed.
    pub is_redriven: bool,
    /// Its part of all starts; with 0 a few are started before the first kill, and answered after the last one.
    pub share: u64,
    /// How many are started in one request.
    pub at_once: usize,
    /// Starts executions by name and input; their ARNs, in the same order, once they are acknowledged.
    pub start: Start,
    /// Looks at one that was acknowledged. At the end, `must_have_ended`.
    pub look: fn(&World, &mut Client, &Started, must_have_ended: bool) -> Verdict,
}

type Start = fn(&mut Client, machine: &str, wanted: &[(String, Value)]) -> Result<Vec<String>, CallError>;

/// All of them.
pub const LOADS: [Load; 8] = [
    // Ends in its first turn, so the acknowledgement of its start is one of its end.
    Load {
        name: "short",
        machine_type: "STANDARD",
        definition: FIVE_PASSES,
        needs_functions: false,
        is_redriven: false,
        share: 40,
        at_once: 1,
        start: start_one,
        look: five_passes,
    },
    // A batch is acknowledged as a whole.
    Load {
        name: "batch",
        machine_type: "STANDARD",
        definition: FIVE_PASSES,
        needs_functions: false,
        is_redriven: false,
        share: 4,
        at_once: 20,
        start: start_batch,
        look: five_passes,
    },
    Load {
        name: "wait",
        machine_type: "STANDARD",
        definition: r#"{"StartAt":"Nap","States":{
            "Nap":{"Type":"Wait","SecondsPath":"$.seconds","Next":"Up"},"Up":{"Type":"Pass","End":true}}}"#,
        needs_functions: false,
        is_redriven: false,
        share: 20,
        at_once: 1,
        start: start_one,
        look: |world, client, started, must_have_ended| {
            check::standard(world, client, started, must_have_ended, |_, ended| {
                ended.has(1, "WaitStateEntered", ended.count("WaitStateEntered"))?;
                ended.has(1, "WaitStateExited", ended.count("WaitStateExited"))?;
                ended.slept()
            })
        },
    },
    Load {
        name: "activity",
        machine_type: "STANDARD",
        definition: r#"{"StartAt":"Work","States":{"Work":{"Type":"Task","Resource":"WORK","TimeoutSeconds":4,
            "Retry":[{"ErrorEquals":["States.Timeout"],"IntervalSeconds":1,"BackoffRate":1,"MaxAttempts":999}],
            "End":true}}}"#,
        needs_functions: false,
        is_redriven: false,
        share: 20,
        at_once: 1,
        start: start_one,
        look: |world, client, started, must_have_ended| {
            check::standard(world, client, started, must_have_ended, |_, ended| {
                one_task(ended)?;
                ended.has(1, "ActivitySucceeded", ended.count("ActivitySucceeded"))
            })
        },
    },
    Load {
        name: "callback",
        machine_type: "STANDARD",
        definition: r#"{"StartAt":"Ask","States":{"Ask":{"Type":"Task",
            "Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","TimeoutSeconds":30,
            "Parameters":{"FunctionName":"ask","Payload":{"token.$":"$$.Task.Token","id.$":"$.id"}},
            "Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"BackoffRate":1,"MaxAttempts":999}],
            "End":true}}}"#,
        needs_functions: true,
        is_redriven: false,
        share: 10,
        at_once: 1,
        start: start_one,
        look: |world, client, started, must_have_ended| {
            check::standard(world, client, started, must_have_ended, |_, ended| {
                one_task(ended)?;
                ended.has(1, "TaskSucceeded", ended.count("TaskSucceeded"))
            })
        },
    },
    // A call whose outcome a kill made unknown fails, and the machine says that it is made again: so
    // there are at most as many calls as the history has of them.
    Load {
        name: "function",
        machine_type: "STANDARD",
        definition: r#"{"StartAt":"Call","States":{"Call":{"Type":"Task",
            "Resource":"arn:aws:lambda:us-east-1:123456789012:function:call",
            "Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"BackoffRate":1,"MaxAttempts":999}],
            "End":true}}}"#,
        needs_functions: true,
        is_redriven: false,
        share: 10,
        at_once: 1,
        start: start_one,
        look: |world, client, started, must_have_ended| {
            check::standard(world, client, started, must_have_ended, |_, ended| {
                one_task(ended)?;
                ended.has(1, "LambdaFunctionSucceeded", ended.count("LambdaFunctionSucceeded"))?;
                ended.calls_are_in_the_history(world.calls(text(&started.input, "id")))
            })
        },
    },
    // Its function fails the first time, and so does a call whose outcome a kill made unknown.
    Load {
        name: "redriven",
        machine_type: "STANDARD",
        definition: r#"{"StartAt":"Call","States":{"Call":{"Type":"Task",
            "Resource":"arn:aws:lambda:us-east-1:123456789012:function:flaky","End":true}}}"#,
        needs_functions: true,
        is_redriven: true,
        share: 3,
        at_once: 1,
        start: start_one,
        look: |world, client, started, must_have_ended| {
            check::standard(world, client, started, must_have_ended, |_, ended| {
                let redrives = ended.count("ExecutionRedriven");
                ended.has(redrives + 1, "LambdaFunctionScheduled", ended.count("LambdaFunctionScheduled"))?;
                ended.has(1, "TaskStateExited", ended.count("TaskStateExited"))?;
                ended.calls_are_in_the_history(world.calls(text(&started.input, "id")))
            })
        },
    },
    // They stand while everything around them comes and goes, so the compactor moves them again and again.
    Load {
        name: "standing",
        machine_type: "STANDARD",
        definition: r#"{"StartAt":"Stand","States":{"Stand":{"Type":"Task","Resource":"STAND","End":true}}}"#,
        needs_functions: false,
        is_redriven: false,
        share: 0,
        at_once: 1,
        start: start_one,
        look: |world, client, started, must_have_ended| {
            check::standard(world, client, started, must_have_ended, |_, ended| {
                one_task(ended)?;
                ended.has(6 + 1, "", ended.events.len())
            })
        },
    },
];

fn one_task(ended: &Ended<'_>) -> Verdict {
    ended.has(1, "TaskStateEntered", ended.count("TaskStateEntered"))?;
    ended.has(1, "TaskStateExited", ended.count("TaskStateExited"))
}

const FIVE_PASSES: &str = r#"{"StartAt":"A","States":{
            "A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"C"},"C":{"Type":"Pass","Next":"D"},
            "D":{"Type":"Pass","Next":"E"},"E":{"Type":"Pass","End":true}}}"#;

fn five_passes(world: &World, client: &mut Client, started: &Started, _: bool) -> Verdict {
    check::standard(world, client, started, true, |_, ended| {
        ended.has(12, "", ended.events.len())?;
        ended.has(5, "PassStateEntered", ended.count("PassStateEntered"))?;
        ended.has(5, "PassStateExited", ended.count("PassStateExited"))
    })
}

pub fn start_one(
    client: &mut Client,
    machine: &str,
    wanted: &[(String, Value)],
) -> Result<Vec<String>, CallError> {
    let [(name, input)] = wanted else { unreachable!("it is started alone") };
    let body = json::value!({
        "stateMachineArn": machine, "name": (name.as_str()), "input": (input.to_text()),
    });
    Ok(vec![text(&client.call("StartExecution", &body)?, "executionArn").to_owned()])
}

fn start_batch(
    client: &mut Client,
    machine: &str,
    wanted: &[(String, Value)],
) -> Result<Vec<String>, CallError> {
    let executions = wanted
        .iter()
        .map(|(name, input)| json::value!({ "name": (name.as_str()), "input": (input.to_text()) }))
        .collect::<json::Array>();
    let body = json::value!({ "stateMachineArn": machine, "executions": (executions) });
    let answer = client.post("/v1/start-execution-batch", &body)?;
    let results = answer.get("results").and_then(Value::as_array).expect("a batch has results");
    Ok(results.iter().map(|result| text(result, "executionArn").to_owned()).collect())
}

/// Hands the token over through a file, written as a whole or not at all.
const ASK: &str = r#"
import json, os, pathlib, uuid

def handler(event, context):
    folder = pathlib.Path(os.environ["TOKENS"])
    draft = folder / f"{uuid.uuid4()}.draft"
    draft.write_text(json.dumps(event))
    draft.rename(draft.with_suffix(".json"))
"#;

/// Adds a byte to a file each time that it is called.
const CALL: &str = r#"
import os

def handler(event, context):
    path = os.path.join(os.environ["CALLS"], event["id"])
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(file, b"x")
    os.close(file)
    return {"id": event["id"]}
"#;

/// Adds a byte to a file each time that it is called, and fails the first time.
const FLAKY: &str = r#"
import os

def handler(event, context):
    path = os.path.join(os.environ["CALLS"], event["id"])
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(file, b"x")
    size = os.fstat(file).st_size
    os.close(file)
    if size == 1:
        raise ValueError("the first time")
    return {"id": event["id"]}
"#;

/// The settings, functions and buckets of a server.
pub fn write_project(folder: &Folder, with_functions: bool) {
    map_loads::write_rows(folder);
    let mut settings = "[data]\ndir = \"data\"\n[s3]\nroot = \"buckets\"\n".to_owned();
    let functions = [
        ("ask", "TOKENS", "tokens", ASK),
        ("call", "CALLS", "calls", CALL),
        ("flaky", "CALLS", "calls", FLAKY),
    ];
    for (name, variable, place, code) in functions {
        let place = folder.0.join(place);
        std::fs::create_dir_all(&place).unwrap();
        if with_functions {
            folder.write(&format!("functions/{name}.py"), code);
            settings += &format!(
                "[functions.{name}]\nfolder = \"functions\"\nhandler = \"{name}.handler\"\ntimeout = 5\n\
                 environment = {{ {variable} = '{}' }}\n",
                place.display()
            );
        }
    }
    folder.write("stepwell.toml", &settings);
}
