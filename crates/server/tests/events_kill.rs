//! A server is killed again and again while events are put onto a bus. Each event that it acknowledged must start its
//! execution, and only one.
//!
//! `STEPWELL_KILLS` says how often (3).

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harness::killing::{Follower, Mortal, kills, wait_until};
use harness::text;
use json::Value;

const MACHINE: &str = r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;

#[test]
fn acknowledged_events_start_one_execution_each_when_the_process_is_killed() {
    let mut server = Mortal::start("events-kill");
    let mut client = server.client();
    let machine = json::value!({
        "name": "seen", "definition": MACHINE, "roleArn": "arn:aws:iam::123456789012:role/kill"
    });
    let machine = client.insist(|client| client.call("CreateStateMachine", &machine));
    let machine = text(&machine, "stateMachineArn").to_owned();
    let rule = json::value!({ "Name": "r", "EventPattern": r#"{"source":["kill"]}"# });
    client.insist(|client| client.of_events("PutRule", &rule));
    let target = json::value!({ "Id": "m", "Arn": (machine.as_str()) });
    let targets = json::value!({ "Rule": "r", "Targets": [target] });
    client.insist(|client| client.of_events("PutTargets", &targets));

    let world = Arc::new(World { putting: AtomicBool::new(true), acknowledged: Mutex::default() });
    let putters: Vec<_> = (0..4)
        .map(|_| {
            let (world, mut client) = (world.clone(), server.client());
            std::thread::spawn(move || world.put_events(&mut client))
        })
        .collect();
    for _ in 0..kills() {
        // Each process acknowledges something before it is killed.
        let before = world.acknowledged.lock().unwrap().len();
        wait_until("events are acknowledged", || world.acknowledged.lock().unwrap().len() > before + 60);
        server = server.kill();
    }
    world.putting.store(false, SeqCst);
    putters.into_iter().for_each(|putter| putter.join().expect("a putter found a mistake"));

    let acknowledged = world.acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > 180, "the load was too small to say anything");
    wait_until("each acknowledged event has started an execution", || {
        let started = started(&mut client, &machine);
        acknowledged.iter().all(|event| started.contains_key(event))
    });
    let twice: Vec<_> = started(&mut client, &machine).into_iter().filter(|(_, count)| *count > 1).collect();
    assert!(twice.is_empty(), "started twice: {twice:?}");
    server.end();
}

/// How many executions each event has started. Their names begin with the event's id.
fn started(client: &mut Follower, machine: &str) -> BTreeMap<String, u32> {
    let mut started = BTreeMap::new();
    let mut body = json::value!({ "stateMachineArn": machine, "maxResults": 1000 });
    loop {
        let page = client.insist(|client| client.call("ListExecutions", &body));
        for execution in page.get("executions").and_then(Value::as_array).expect("a page") {
            let (event, _) = text(execution, "name").split_once('_').expect("an event's id and a delivery's");
            *started.entry(event.to_owned()).or_default() += 1;
        }
        let Some(next) = page.get("nextToken") else { return started };
        body.as_object_mut().expect("it is one").insert("nextToken", next.clone());
    }
}

struct World {
    putting: AtomicBool,
    /// Ids of all events that were taken.
    acknowledged: Mutex<BTreeSet<String>>,
}

impl World {
    /// Puts events, two at a time. Those whose answer got lost may or may not be there.
    fn put_events(&self, client: &mut Follower) {
        let entry = || json::value!({ "Source": "kill", "DetailType": "t", "Detail": "{}" });
        let body = json::value!({ "Entries": [(entry()), (entry())] });
        while self.putting.load(SeqCst) {
            let answer = client.call(|client| client.of_events("PutEvents", &body));
            let Some(answer) = answer else { continue };
            let entries = answer.get("Entries").and_then(Value::as_array).expect("entries");
            let ids = entries.iter().map(|entry| text(entry, "EventId").to_owned());
            self.acknowledged.lock().unwrap().extend(ids);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
