//! A server is killed again and again while EXPRESS executions are started and nobody waits for them.
//! Each start that it acknowledged must have its effect at least once; each effect has a start.
//!
//! `STEPWELL_KILLS` says how often (3).

mod harness;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use harness::{CallError, Client, Folder, Server, have, stepwell, text};

/// A call of a function in a machine under load, and what is run again after the last start.
const ALL_EFFECTS_WITHIN: Duration = Duration::from_secs(120);

/// The effect comes after a wait, so that a kill finds many executions between start and effect.
const MACHINE: &str = r#"{"StartAt":"Nap","States":{
    "Nap":{"Type":"Wait","SecondsPath":"$.seconds","Next":"Note"},
    "Note":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:note","End":true,
        "Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"BackoffRate":1,"MaxAttempts":99}]}}}"#;

/// Leaves a file for each execution.
const NOTE: &str = r#"
import os, pathlib

def handler(event, context):
    (pathlib.Path(os.environ["EFFECTS"]) / event["id"]).touch()
"#;

#[test]
fn acknowledged_starts_have_their_effect_when_the_process_is_killed() {
    if !have("python3") {
        return;
    }
    let kills: u32 = std::env::var("STEPWELL_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let folder = Folder::new("express-kill");
    let effects = folder.0.join("effects");
    std::fs::create_dir_all(&effects).unwrap();
    folder.write("functions/note.py", NOTE);
    folder.write(
        "stepwell.toml",
        &format!(
            "[functions.note]\nfolder = \"functions\"\nhandler = \"note.handler\"\ntimeout = 10\n\
             concurrency = 4\nenvironment = {{ EFFECTS = '{}' }}\n",
            effects.display()
        ),
    );
    let mut server = start(&folder);
    let machine = server.client().ok(
        "CreateStateMachine",
        &json::value!({ "name": "express", "type": "EXPRESS", "definition": MACHINE, "roleArn": "arn:aws:iam::123456789012:role/kill" }),
    );
    let world = Arc::new(World {
        machine: text(&machine, "stateMachineArn").to_owned(),
        port: AtomicU16::new(server.port),
        starting: AtomicBool::new(true),
        tried: Mutex::default(),
        acknowledged: Mutex::default(),
    });
    let starters: Vec<_> = (0..4)
        .map(|starter| {
            let world = world.clone();
            std::thread::spawn(move || world.start_executions(starter))
        })
        .collect();
    for kill in 1..=kills {
        // Each process acknowledges something before it is killed.
        let before = world.acknowledged.lock().unwrap().len();
        wait_until("starts are acknowledged", || world.acknowledged.lock().unwrap().len() > before + 60);
        server.kill();
        server = start(&folder);
        world.port.store(server.port, SeqCst);
        println!("kill {kill}: {} acknowledged so far", world.acknowledged.lock().unwrap().len());
    }
    world.starting.store(false, SeqCst);
    starters.into_iter().for_each(|starter| starter.join().expect("a starter found a mistake"));

    let acknowledged = world.acknowledged.lock().unwrap().clone();
    let seen = || -> BTreeSet<String> {
        let names = std::fs::read_dir(&effects).unwrap();
        names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    };
    wait_until("each acknowledged start has its effect", || acknowledged.is_subset(&seen()));
    assert!(seen().is_subset(&world.tried.lock().unwrap()), "an effect comes from nowhere");
    assert!(acknowledged.len() > 180, "the load was too small to say anything");
    wait_until("all have ended", || under_way(&server) == 0);
    assert_eq!(server.terminate(), 0);

    // What has ended is not run again after an orderly stop.
    let server = start(&folder);
    assert_eq!(under_way(&server), 0);
}

fn start(folder: &Folder) -> Server {
    Server::start(&mut stepwell(["dev", folder.arg(), "--log", "error"]))
}

fn under_way(server: &Server) -> u64 {
    let page = server.client().get("/metrics").expect("it answers");
    let line = page.lines().find_map(|line| line.strip_prefix("stepwell_express_executions_under_way "));
    line.and_then(|number| number.parse().ok()).expect("it is counted")
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < ALL_EFFECTS_WITHIN, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

struct World {
    machine: String,
    port: AtomicU16,
    starting: AtomicBool,
    /// Ids of all starts that were sent, and of those that were answered.
    tried: Mutex<BTreeSet<String>>,
    acknowledged: Mutex<BTreeSet<String>>,
}

impl World {
    /// Starts executions, one after the other. One whose answer got lost may or may not run.
    fn start_executions(&self, starter: u32) {
        let mut client = Client::new(self.port.load(SeqCst));
        for number in 0.. {
            if !self.starting.load(SeqCst) {
                return;
            }
            let id = format!("{starter}-{number}");
            let input = json::value!({ "id": (id.as_str()), "seconds": (number % 3) }).to_text();
            let body = json::value!({ "stateMachineArn": (self.machine.as_str()), "name": (id.as_str()), "input": input });
            self.tried.lock().unwrap().insert(id.clone());
            match client.call("StartExecution", &body) {
                Ok(answer) => {
                    assert!(text(&answer, "executionArn").contains(":express:express:"));
                    self.acknowledged.lock().unwrap().insert(id);
                    // A function is slower than a start: the load is bounded here.
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(CallError::Broken(_)) => {
                    std::thread::sleep(Duration::from_millis(10));
                    client = Client::new(self.port.load(SeqCst));
                }
                Err(CallError::Refused { code, message }) => {
                    assert_eq!(code, "ServiceUnavailable", "{message}, of {body}");
                }
            }
        }
    }
}
