//! A server is killed again and again while schedules are made that are due within seconds. Each that was acknowledged in time
//! invokes its target at least once, and none invokes it early; those that shall go when they are done are gone.

mod harness;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};

use harness::killing::{Follower, Mortal, kills, now, wait_until};
use harness::{CallError, text};
use json::{Value, value};
use services::timestamp::iso8601;

const QUEUE: &str = "http://127.0.0.1/123456789012/kill";
const QUEUE_ARN: &str = "arn:aws:sqs:us-east-1:123456789012:kill";

/// Of each kind, so many makers make one schedule after the other.
const MAKERS: usize = 2;
/// So many schedules are acknowledged by each process, at least, before it is killed.
const BETWEEN_KILLS: usize = 60;
/// So many seconds from its making a schedule is due: some while the server is down, some before, some behind.
const DUE_IN: [i64; 3] = [2, 3, 4];
/// In seconds, a minute: the shortest rate there is.
const RATE: i64 = 60;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A one-time schedule that stays.
    Stays,
    /// A one-time schedule that is gone when it is done.
    Goes,
    /// A rate that begins later.
    Rate,
}

#[test]
fn acknowledged_schedules_invoke_their_targets_when_the_process_is_killed() {
    let mut server = Mortal::start("schedules-kill");
    let mut client = server.client();
    client.insist(|client| client.of_sqs("CreateQueue", &value!({ "QueueName": "kill" })));
    let world = Arc::new(World {
        making: AtomicBool::new(true),
        receiving: AtomicBool::new(true),
        seen: Mutex::default(),
    });
    let run = |work: fn(&World, &mut Follower, usize), number: usize| {
        let (world, mut client) = (world.clone(), server.client());
        std::thread::spawn(move || work(&world, &mut client, number))
    };
    let makers: Vec<_> = (0..MAKERS).map(|number| run(World::make, number)).collect();
    let receiver = run(World::receive, 0);
    for kill in 1..=kills() {
        let before = world.seen().acknowledged.len();
        wait_until("schedules are acknowledged", || world.seen().acknowledged.len() > before + BETWEEN_KILLS);
        if kill > 1 {
            // Some are due by now, and are under way when the server is killed.
            let arrived = world.seen().arrived.len();
            wait_until("schedules invoke their target", || world.seen().arrived.len() > arrived);
        }
        server = server.kill();
        let seen = world.seen();
        println!("kill {kill}: {} acknowledged, {} arrived", seen.acknowledged.len(), seen.arrived.len());
    }
    world.making.store(false, SeqCst);
    makers.into_iter().for_each(|maker| maker.join().expect("a maker found a mistake"));
    let acknowledged = world.seen().acknowledged.clone();
    wait_until("each acknowledged schedule has invoked its target", || {
        let seen = world.seen();
        acknowledged.keys().all(|name| seen.arrived.contains_key(name))
    });
    world.receiving.store(false, SeqCst);
    receiver.join().expect("the receiver found a mistake");
    let twice = world.seen().arrived.values().filter(|count| **count > 1).count();
    println!("{} acknowledged, {twice} came more than once", acknowledged.len());
    assert!(acknowledged.len() > 150, "the load was too small to say anything");
    check_kept(&mut client, &acknowledged);
    server.end();
}

/// Those that shall be there are, those that shall not are not.
fn check_kept(client: &mut Follower, acknowledged: &BTreeMap<String, Kind>) {
    for (name, kind) in acknowledged {
        let path = format!("/schedules/{name}");
        let is_there =
            client.insist(|client| match client.of_path("scheduler", "GET", &path, &Value::Null) {
                Ok(schedule) => Ok(text(&schedule, "Name") == name),
                Err(CallError::Refused { code, .. }) if code == "status 404" => Ok(false),
                Err(error) => Err(error),
            });
        assert_eq!(is_there, *kind != Kind::Goes, "{name}");
    }
}

struct World {
    making: AtomicBool,
    receiving: AtomicBool,
    seen: Mutex<Seen>,
}

/// By name.
#[derive(Default)]
struct Seen {
    acknowledged: BTreeMap<String, Kind>,
    /// How often each has come.
    arrived: BTreeMap<String, u32>,
}

impl World {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Makes schedules, one after the other. One whose answer got lost may or may not be there.
    fn make(&self, client: &mut Follower, maker: usize) {
        for number in 0.. {
            if !self.making.load(SeqCst) {
                return;
            }
            let kind = [Kind::Stays, Kind::Goes, Kind::Rate][number % 3];
            let due = now() / 1_000 + DUE_IN[number / 3 % DUE_IN.len()];
            let name = format!("{kind:?}-{maker}-{number}");
            let path = format!("/schedules/{name}");
            let body = schedule(&name, kind, due);
            let made = client.call(|client| client.of_path("scheduler", "POST", &path, &body));
            // One that is made when it was due already is never due.
            if made.is_some() && now() < due * 1_000 {
                self.seen().acknowledged.insert(name, kind);
            }
            // So many at most are under way.
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Receives invocations and deletes them.
    fn receive(&self, client: &mut Follower, _: usize) {
        let ask = value!({
            "QueueUrl": QUEUE,
            "MaxNumberOfMessages": 10,
            "WaitTimeSeconds": 1,
            "AttributeNames": ["SentTimestamp"]
        });
        while self.receiving.load(SeqCst) {
            let Some(answer) = client.call(|client| client.of_sqs("ReceiveMessage", &ask)) else { continue };
            let messages = answer.get("Messages").and_then(Value::as_array).cloned().unwrap_or_default();
            if messages.is_empty() {
                continue;
            }
            let entry = |(id, message): (usize, &Value)| {
                self.note(message);
                value!({ "Id": (id.to_string()), "ReceiptHandle": (text(message, "ReceiptHandle")) })
            };
            let entries: Value = messages.iter().enumerate().map(entry).collect();
            let delete = value!({ "QueueUrl": QUEUE, "Entries": entries });
            client.call(|client| client.of_sqs("DeleteMessageBatch", &delete));
        }
    }

    fn note(&self, message: &Value) {
        let sent = text(message.get("Attributes").expect("attributes"), "SentTimestamp");
        let sent: i64 = sent.parse().expect("milliseconds");
        let input = Value::parse(text(message, "Body")).expect("the schedule's input");
        let (name, said) = (text(&input, "name"), text(&input, "time"));
        let due = input.get("due").and_then(Value::as_i64).expect("when it is due");
        let due = if name.starts_with("Rate") { due + (sent / 1_000 - due) / RATE * RATE } else { due };
        assert!(sent >= due * 1_000, "{name} came at {sent}, before {due}");
        // A rate's may come late by so much that the next one is due.
        let is_due = said == second(due) || name.starts_with("Rate") && said == second(due - RATE);
        assert!(is_due, "{name} says {said}, but was due at {}", second(due));
        *self.seen().arrived.entry(name.to_owned()).or_default() += 1;
    }
}

/// CreateSchedule's body. `due` is in seconds since 1970.
fn schedule(name: &str, kind: Kind, due: i64) -> Value {
    let input = format!(r#"{{"name":"{name}","due":{due},"time":"<aws.scheduler.scheduled-time>"}}"#);
    let mut body = value!({
        "FlexibleTimeWindow": { "Mode": "OFF" },
        "Target": { "Arn": QUEUE_ARN, "RoleArn": "arn:aws:iam::123456789012:role/kill", "Input": input }
    });
    let members = body.as_object_mut().expect("it is one");
    match kind {
        Kind::Stays | Kind::Goes => {
            members
                .insert("ScheduleExpression", format!("at({})", second(due).strip_suffix('Z').expect("UTC")));
            members.insert("ActionAfterCompletion", if kind == Kind::Goes { "DELETE" } else { "NONE" });
        }
        Kind::Rate => {
            members.insert("ScheduleExpression", "rate(1 minute)");
            members.insert("StartDate", due);
        }
    }
    body
}

/// `2022-03-22T18:59:43Z`, as a schedule tells its time.
fn second(seconds: i64) -> String {
    iso8601(seconds * 1_000).replace(".000Z", "Z")
}
