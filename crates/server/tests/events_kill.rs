//! A server is killed again and again while events are put onto a bus. Each event that it acknowledged must start its
//! execution, and only one.
//!
//! `STEPWELL_KILLS` says how often (3).

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use harness::{CallError, Client, Folder, Server, stepwell, text};
use json::Value;

/// Far more than any server that works needs.
const ALL_STARTED_WITHIN: Duration = Duration::from_secs(120);

const MACHINE: &str = r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;

#[test]
fn acknowledged_events_start_one_execution_each_when_the_process_is_killed() {
    let kills: u32 = std::env::var("STEPWELL_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let folder = Folder::new("events-kill");
    let mut server = start(&folder);
    let machine = json::value!({
        "name": "seen", "definition": MACHINE, "roleArn": "arn:aws:iam::123456789012:role/kill"
    });
    let machine = text(&server.client().ok("CreateStateMachine", &machine), "stateMachineArn").to_owned();
    of_events(&server, "PutRule", &json::value!({ "Name": "r", "EventPattern": r#"{"source":["kill"]}"# }));
    let target = json::value!({ "Id": "m", "Arn": (machine.as_str()) });
    of_events(&server, "PutTargets", &json::value!({ "Rule": "r", "Targets": [target] }));

    let world = Arc::new(World {
        port: AtomicU16::new(server.port),
        putting: AtomicBool::new(true),
        acknowledged: Mutex::default(),
    });
    let putters: Vec<_> = (0..4)
        .map(|_| {
            let world = world.clone();
            std::thread::spawn(move || world.put_events())
        })
        .collect();
    for _ in 0..kills {
        // Each process acknowledges something before it is killed.
        let before = world.acknowledged.lock().unwrap().len();
        wait_until("events are acknowledged", || world.acknowledged.lock().unwrap().len() > before + 60);
        server.kill();
        server = start(&folder);
        world.port.store(server.port, SeqCst);
    }
    world.putting.store(false, SeqCst);
    putters.into_iter().for_each(|putter| putter.join().expect("a putter found a mistake"));

    let acknowledged = world.acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > 180, "the load was too small to say anything");
    wait_until("each acknowledged event has started an execution", || {
        let started = started(&server, &machine);
        acknowledged.iter().all(|event| started.contains_key(event))
    });
    let twice: Vec<_> = started(&server, &machine).into_iter().filter(|(_, count)| *count > 1).collect();
    assert!(twice.is_empty(), "started twice: {twice:?}");
    assert_eq!(server.terminate(), 0);
}

fn start(folder: &Folder) -> Server {
    Server::start(&mut stepwell(["dev", folder.arg(), "--log", "error"]))
}

fn of_events(server: &Server, action: &str, body: &Value) {
    server.client().of_events(action, body).unwrap_or_else(|error| panic!("{action}: {error:?}"));
}

/// How many executions each event has started. Their names begin with the event's id.
fn started(server: &Server, machine: &str) -> BTreeMap<String, u32> {
    let mut started = BTreeMap::new();
    let mut client = server.client();
    let mut body = json::value!({ "stateMachineArn": machine, "maxResults": 1000 });
    loop {
        let page = client.ok("ListExecutions", &body);
        for execution in page.get("executions").and_then(Value::as_array).expect("a page") {
            let (event, _) = text(execution, "name").split_once('_').expect("an event's id and a delivery's");
            *started.entry(event.to_owned()).or_default() += 1;
        }
        let Some(next) = page.get("nextToken") else { return started };
        body.as_object_mut().expect("it is one").insert("nextToken", next.clone());
    }
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < ALL_STARTED_WITHIN, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

struct World {
    port: AtomicU16,
    putting: AtomicBool,
    /// Ids of all events that were taken.
    acknowledged: Mutex<BTreeSet<String>>,
}

impl World {
    /// Puts events, two at a time. Those whose answer got lost may or may not be there.
    fn put_events(&self) {
        let entry = || json::value!({ "Source": "kill", "DetailType": "t", "Detail": "{}" });
        let body = json::value!({ "Entries": [(entry()), (entry())] });
        let mut client = Client::new(self.port.load(SeqCst));
        while self.putting.load(SeqCst) {
            match client.of_events("PutEvents", &body) {
                Ok(answer) => {
                    let entries = answer.get("Entries").and_then(Value::as_array).expect("entries");
                    let ids = entries.iter().map(|entry| text(entry, "EventId").to_owned());
                    self.acknowledged.lock().unwrap().extend(ids);
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(CallError::Refused { code, message }) => panic!("{code}: {message}"),
                Err(CallError::Broken(_)) => {
                    std::thread::sleep(Duration::from_millis(20));
                    client = Client::new(self.port.load(SeqCst));
                }
            }
        }
    }
}
