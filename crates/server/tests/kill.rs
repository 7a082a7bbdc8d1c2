//! A server under load is killed again and again. Nothing that it acknowledged may be lost, nothing
//! may happen twice, everything must end.
//!
//! `STEPWELL_KILLS` says how often (5), `STEPWELL_SEED` repeats a run's choices.

mod harness;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use harness::{CallError, Client, Folder, Server, have, history, stepwell, text};
use json::Value;

/// Activity tasks whose worker never heard of them and calls whose outcome is unknown run into their
/// timeouts of a few seconds and are retried; after that everything has long ended.
const ALL_ENDED_WITHIN: Duration = Duration::from_secs(120);

const PASSES: &str = r#"{"StartAt":"A","States":{
    "A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"C"},"C":{"Type":"Pass","Next":"D"},
    "D":{"Type":"Pass","Next":"E"},"E":{"Type":"Pass","End":true}}}"#;

const WAIT: &str = r#"{"StartAt":"Nap","States":{
    "Nap":{"Type":"Wait","SecondsPath":"$.seconds","Next":"Up"},"Up":{"Type":"Pass","End":true}}}"#;

const ACTIVITY: &str = r#"{"StartAt":"Work","States":{"Work":{"Type":"Task","Resource":"ACTIVITY_ARN",
    "TimeoutSeconds":4,"Retry":[{"ErrorEquals":["States.Timeout"],"IntervalSeconds":1,"BackoffRate":1,"MaxAttempts":999}],
    "End":true}}}"#;

const CALLBACK: &str = r#"{"StartAt":"Ask","States":{"Ask":{"Type":"Task",
    "Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","TimeoutSeconds":6,
    "Parameters":{"FunctionName":"ask","Payload":{"token.$":"$$.Task.Token","id.$":"$.id"}},
    "Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"BackoffRate":1,"MaxAttempts":999}],
    "End":true}}}"#;

/// Hands the token over through a file, written as a whole or not at all.
const ASK: &str = r#"
import json, os, pathlib, uuid

def handler(event, context):
    folder = pathlib.Path(os.environ["TOKENS"])
    draft = folder / f"{uuid.uuid4()}.draft"
    draft.write_text(json.dumps(event))
    draft.rename(draft.with_suffix(".json"))
"#;

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let kills: u32 = variable("STEPWELL_KILLS").unwrap_or(5);
    let seed = variable("STEPWELL_SEED").unwrap_or_else(|| std::process::id().into());
    println!("{kills} kills, STEPWELL_SEED={seed}");
    let mut dice = Dice(seed);

    let folder = Folder::new("kill");
    let with_functions = have("python3");
    write_project(&folder, with_functions);
    let server = start(&folder);
    let world = Arc::new(World::new(&folder, &server, with_functions));
    let workers = world.start_workers(&mut dice);

    let mut server = server;
    for _ in 0..kills {
        std::thread::sleep(Duration::from_millis(100 + dice.below(700)));
        server.kill();
        server = start(&folder);
        world.port.store(server.port, SeqCst);
    }
    world.starting.store(false, SeqCst);
    world.wait_until_all_ended();
    world.working.store(false, SeqCst);
    world.check();
    // Workers that poll are waiting for up to a minute; the end of the server ends that.
    server.kill();
    workers.into_iter().for_each(|worker| worker.join().expect("a worker found a mistake"));
}

fn write_project(folder: &Folder, with_functions: bool) {
    std::fs::create_dir_all(folder.0.join("tokens")).unwrap();
    if with_functions {
        folder.write("functions/ask.py", ASK);
        let tokens = folder.0.join("tokens");
        folder.write(
            "stepwell.toml",
            &format!(
                "[functions.ask]\nfolder = \"functions\"\nhandler = \"ask.handler\"\n\
                 timeout = 5\nenvironment = {{ TOKENS = '{}' }}\n",
                tokens.display()
            ),
        );
    }
}

fn start(folder: &Folder) -> Server {
    Server::start(&mut stepwell(["dev", folder.arg(), "--log", "error"]))
}

/// What the workers know, for the check at the end.
struct World {
    port: AtomicU16,
    starting: AtomicBool,
    working: AtomicBool,
    activity_arn: String,
    /// Kind and ARN of each machine.
    machines: Vec<(&'static str, String)>,
    tokens: std::path::PathBuf,
    /// Acknowledged starts: execution ARN → kind and input.
    started: Mutex<BTreeMap<String, (&'static str, Value)>>,
    /// Acknowledged answers of activity tasks and callbacks: id of the execution → output.
    answered: Mutex<BTreeMap<String, Vec<String>>>,
}

impl World {
    fn new(folder: &Folder, server: &Server, with_functions: bool) -> World {
        let mut client = server.client();
        let activity = client.ok("CreateActivity", &json::value!({ "name": "work" }));
        let activity_arn = text(&activity, "activityArn").to_owned();
        let mut kinds = vec![
            ("passes", PASSES.to_owned()),
            ("wait", WAIT.to_owned()),
            ("activity", ACTIVITY.replace("ACTIVITY_ARN", &activity_arn)),
        ];
        if with_functions {
            kinds.push(("callback", CALLBACK.to_owned()));
        }
        let machines = kinds.into_iter().map(|(kind, definition)| {
            let body = json::value!({ "name": kind, "definition": (definition.as_str()), "roleArn": "arn:aws:iam::123456789012:role/kill" });
            let created = client.ok("CreateStateMachine", &body);
            (kind, text(&created, "stateMachineArn").to_owned())
        });
        let machines = machines.collect();
        World {
            port: AtomicU16::new(server.port),
            starting: AtomicBool::new(true),
            working: AtomicBool::new(true),
            activity_arn,
            machines,
            tokens: folder.0.join("tokens"),
            started: Mutex::default(),
            answered: Mutex::default(),
        }
    }

    fn start_workers(self: &Arc<World>, dice: &mut Dice) -> Vec<std::thread::JoinHandle<()>> {
        let mut workers = Vec::new();
        for starter in 0..6 {
            let (world, dice) = (self.clone(), Dice(dice.next()));
            workers.push(std::thread::spawn(move || world.start_executions(starter, dice)));
        }
        for _ in 0..3 {
            let world = self.clone();
            workers.push(std::thread::spawn(move || world.work()));
        }
        let world = self.clone();
        workers.push(std::thread::spawn(move || world.call_back()));
        workers
    }

    /// Starts executions with names of their own. A start whose answer got lost may or may not exist.
    fn start_executions(&self, starter: u32, mut dice: Dice) {
        let mut client = self.client();
        for number in 0.. {
            if !self.starting.load(SeqCst) {
                return;
            }
            let (kind, machine) = &self.machines[dice.below(self.machines.len() as u64) as usize];
            let id = format!("{kind}-{starter}-{number}");
            let input = json::value!({ "id": (id.as_str()), "seconds": (1 + dice.below(3)) });
            let body = json::value!({ "stateMachineArn": (machine.as_str()), "name": (id.as_str()), "input": (input.to_text()) });
            match client.call("StartExecution", &body) {
                Ok(answer) => {
                    let arn = text(&answer, "executionArn").to_owned();
                    self.started.lock().unwrap().insert(arn, (kind, input));
                    std::thread::sleep(Duration::from_millis(dice.below(4)));
                }
                Err(error) => self.pause(&mut client, error, &["ServiceUnavailable"]),
            }
        }
    }

    /// An activity worker.
    fn work(&self) {
        let mut client = self.client();
        while self.working.load(SeqCst) {
            let task = match client
                .call("GetActivityTask", &json::value!({ "activityArn": (self.activity_arn.as_str()) }))
            {
                Ok(task) => task,
                Err(error) => {
                    self.pause(&mut client, error, &["ServiceUnavailable"]);
                    continue;
                }
            };
            if let Some(token) = task.get("taskToken").and_then(Value::as_str) {
                let input = Value::parse(text(&task, "input")).unwrap();
                self.answer(&mut client, text(&input, "id"), token);
            }
        }
    }

    /// Answers the tokens that the function wrote down.
    fn call_back(&self) {
        let mut client = self.client();
        while self.working.load(SeqCst) {
            for entry in std::fs::read_dir(&self.tokens).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_none_or(|ending| ending != "json") {
                    continue;
                }
                let event = Value::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
                if self.answer(&mut client, text(&event, "id"), text(&event, "token")) {
                    std::fs::remove_file(path).unwrap();
                }
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a result; `true` when the server said yes or no.
    fn answer(&self, client: &mut Client, id: &str, token: &str) -> bool {
        let output = json::value!({ "id": id, "token": token }).to_text();
        let body = json::value!({ "taskToken": token, "output": (output.as_str()) });
        match client.call("SendTaskSuccess", &body) {
            Ok(_) => {
                self.answered.lock().unwrap().entry(id.to_owned()).or_default().push(output);
                true
            }
            Err(error) => {
                let answered = matches!(error, CallError::Refused { .. });
                // An attempt that ran into its timeout, or an answer that had arrived before the kill.
                self.pause(client, error, &["TaskTimedOut", "TaskDoesNotExist", "ServiceUnavailable"]);
                answered
            }
        }
    }

    fn pause(&self, client: &mut Client, error: CallError, expected: &[&str]) {
        if let CallError::Refused { code, message } = &error {
            assert!(expected.contains(&code.as_str()), "{code}: {message}");
        }
        std::thread::sleep(Duration::from_millis(5));
        *client = self.client();
    }

    fn client(&self) -> Client {
        Client::new(self.port.load(SeqCst))
    }

    /// Also those whose start was never acknowledged but happened.
    fn wait_until_all_ended(&self) {
        let began = Instant::now();
        let mut client = self.client();
        for (kind, machine) in &self.machines {
            let body = json::value!({ "stateMachineArn": (machine.as_str()), "statusFilter": "RUNNING" });
            loop {
                let running = client.ok("ListExecutions", &body);
                let running = running.get("executions").and_then(Value::as_array).unwrap();
                let Some(first) = running.get(0) else { break };
                assert!(
                    began.elapsed() < ALL_ENDED_WITHIN,
                    "{} executions of {kind} do not end, such as {}: {:#?}",
                    running.len(),
                    first.to_text(),
                    history(&mut client, text(first, "executionArn"))
                );
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }

    fn check(&self) {
        let mut client = self.client();
        let started = self.started.lock().unwrap();
        let mut answered = self.answered.lock().unwrap();
        let answers: usize = answered.values().map(Vec::len).sum();
        println!("{} acknowledged starts, {answers} acknowledged answers", started.len());
        assert!(started.len() > 20 && answers > 0, "the load was too small to say anything");
        for (arn, (kind, input)) in started.iter() {
            let execution = client.ok("DescribeExecution", &json::value!({ "executionArn": (arn.as_str()) }));
            assert_eq!(text(&execution, "status"), "SUCCEEDED", "{arn}");
            assert_eq!(text(&execution, "input"), input.to_text(), "{arn}");
            let events = history(&mut client, arn);
            check_history(arn, kind, input, &events);
            if let Some(outputs) = answered.remove(text(input, "id")) {
                assert_eq!(outputs.len(), 1, "{arn}: more than one answer was accepted: {outputs:?}");
                assert_eq!(text(&execution, "output"), outputs[0], "{arn}: an acknowledged answer is lost");
            }
        }
        // Starts that nobody heard of may have been answered; nothing is known of them but that.
    }
}

/// Nothing missing, nothing twice.
fn check_history(arn: &str, kind: &str, input: &Value, events: &[Value]) {
    let show = || events.iter().map(Value::to_text).collect::<Vec<_>>().join("\n");
    let number = |event: &Value, name: &str| event.get(name).and_then(Value::as_i64).unwrap();
    for (index, event) in events.iter().enumerate() {
        assert_eq!(number(event, "id"), index as i64 + 1, "{arn}: ids have a gap\n{}", show());
        assert!(number(event, "previousEventId") <= index as i64, "{arn}\n{}", show());
    }
    let count = |name: &str| events.iter().filter(|event| text(event, "type") == name).count();
    assert_eq!(text(&events[0], "type"), "ExecutionStarted", "{arn}");
    assert_eq!(text(events.last().unwrap(), "type"), "ExecutionSucceeded", "{arn}");
    assert_eq!((count("ExecutionStarted"), count("ExecutionSucceeded")), (1, 1), "{arn}\n{}", show());
    let (entered, exited, states) = match kind {
        "passes" => ("PassStateEntered", "PassStateExited", 5),
        "wait" => ("WaitStateEntered", "WaitStateExited", 1),
        _ => ("TaskStateEntered", "TaskStateExited", 1),
    };
    assert_eq!((count(entered), count(exited)), (states, states), "{arn}\n{}", show());
    match kind {
        "passes" => assert_eq!(events.len(), 12, "{arn}\n{}", show()),
        "wait" => {
            let time = |name: &str| {
                let event = events.iter().find(|event| text(event, "type") == name).unwrap();
                event.get("timestamp").and_then(Value::as_f64).unwrap()
            };
            let slept = time("WaitStateExited") - time("WaitStateEntered");
            let asked = number(input, "seconds") as f64;
            assert!(slept > asked - 0.0005, "{arn}: slept {slept} s of {asked}");
        }
        "activity" => assert_eq!(count("ActivitySucceeded"), 1, "{arn}\n{}", show()),
        _ => assert_eq!(count("TaskSucceeded"), 1, "{arn}\n{}", show()),
    }
}

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Numbers that look random and repeat with their seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
