//! A server is killed again and again while messages are sent, received and deleted. No message whose sending was
//! acknowledged is lost, none comes back whose deletion was acknowledged, and groups stay in order.
//!
//! `STEPWELL_KILLS` says how often (3).

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use harness::killing::{Follower, Mortal, kills, wait_until};
use harness::{CallError, text};
use json::Value;

/// What is in flight when the server is killed comes again after so many seconds.
const VISIBILITY: &str = "5";

const QUEUES: [&str; 2] = ["kill", "kill.fifo"];

#[test]
fn acknowledged_messages_are_received_and_deleted_ones_are_not() {
    let mut server = Mortal::start("queues-kill");
    let mut client = server.client();
    for queue in QUEUES {
        let mut attributes = json::value!({ "VisibilityTimeout": VISIBILITY });
        if queue.ends_with(".fifo") {
            attributes.as_object_mut().unwrap().insert("FifoQueue", "true");
        }
        let body = json::value!({ "QueueName": queue, "Attributes": attributes });
        client.insist(|client| client.of_sqs("CreateQueue", &body));
    }
    let world = Arc::new(World {
        sending: AtomicBool::new(true),
        receiving: AtomicBool::new(true),
        seen: Mutex::default(),
    });
    let run = |work: fn(&World, &mut Follower, usize), number: usize| {
        let (world, mut client) = (world.clone(), server.client());
        std::thread::spawn(move || work(&world, &mut client, number))
    };
    let senders: Vec<_> = (0..4).map(|number| run(World::send, number)).collect();
    let receivers: Vec<_> = (0..4).map(|number| run(World::receive, number)).collect();
    for kill in 1..=kills() {
        // Each process acknowledges something before it is killed.
        let before = world.seen().sent.len();
        wait_until("messages are acknowledged", || world.seen().sent.len() > before + 200);
        server = server.kill();
        println!("kill {kill}: {} acknowledged so far", world.seen().sent.len());
    }
    world.sending.store(false, SeqCst);
    senders.into_iter().for_each(|sender| sender.join().expect("a sender found a mistake"));
    wait_until("each acknowledged message is received", || {
        let seen = world.seen();
        seen.sent.is_subset(&seen.received)
    });
    world.receiving.store(false, SeqCst);
    receivers.into_iter().for_each(|receiver| receiver.join().expect("a receiver found a mistake"));
    let seen = world.seen();
    assert!(seen.sent.len() > 600 && seen.deleted.len() > 100, "the load was too small to say anything");
    drop(seen);
    server.end();
}

struct World {
    sending: AtomicBool,
    receiving: AtomicBool,
    seen: Mutex<Seen>,
}

/// Bodies: `QUEUE SENDER NUMBER`.
#[derive(Default)]
struct Seen {
    sent: BTreeSet<String>,
    received: BTreeSet<String>,
    deleted: BTreeSet<String>,
    /// Of each sender to the FIFO queue, which is a group: the newest that was received.
    newest: BTreeMap<String, u64>,
}

impl World {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Sends batches, one after the other. One whose answer got lost may or may not be there.
    fn send(&self, client: &mut Follower, sender: usize) {
        let queue = QUEUES[sender % 2];
        let mut number = 0;
        while self.sending.load(SeqCst) {
            let bodies: Vec<_> =
                (number..number + 5).map(|number| format!("{queue} {sender} {number:08}")).collect();
            number += 5;
            let entry = |(id, body): (usize, &String)| {
                let mut entry = json::value!({ "Id": (id.to_string()), "MessageBody": body });
                if queue.ends_with(".fifo") {
                    let members = entry.as_object_mut().unwrap();
                    members.insert("MessageGroupId", sender.to_string());
                    members.insert("MessageDeduplicationId", body.replace(' ', "-"));
                }
                entry
            };
            let entries: Value = bodies.iter().enumerate().map(entry).collect();
            let body = json::value!({ "QueueUrl": (url(queue)), "Entries": entries });
            if call(client, "SendMessageBatch", &body).is_some() {
                self.seen().sent.extend(bodies);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Receives messages, and deletes most of them.
    fn receive(&self, client: &mut Follower, receiver: usize) {
        let queue = QUEUES[receiver % 2];
        while self.receiving.load(SeqCst) {
            let deleted = self.seen().deleted.clone();
            let body = json::value!({
                "QueueUrl": (url(queue)),
                "MaxNumberOfMessages": 10,
                "WaitTimeSeconds": 1
            });
            let asked = Instant::now();
            let Some(answer) = call(client, "ReceiveMessage", &body) else { continue };
            let messages = answer.get("Messages").and_then(Value::as_array).cloned().unwrap_or_default();
            for message in messages.iter() {
                let body = text(message, "Body");
                assert!(!deleted.contains(body), "{body} was deleted, and comes again");
                self.note(queue, body);
                // A receipt that is older may be another's by now, and deletes nothing.
                let is_fresh = asked.elapsed() < Duration::from_secs(2);
                let delete = json::value!({ "QueueUrl": (url(queue)), "ReceiptHandle": (text(message, "ReceiptHandle")) });
                if is_fresh && call(client, "DeleteMessage", &delete).is_some() {
                    let is_known = asked.elapsed() < Duration::from_secs(4);
                    self.seen().deleted.extend(is_known.then(|| body.to_owned()));
                }
            }
        }
    }

    fn note(&self, queue: &str, body: &str) {
        let mut seen = self.seen();
        let is_first = seen.received.insert(body.to_owned());
        if !queue.ends_with(".fifo") || !is_first {
            return;
        }
        let (group, number) = body.rsplit_once(' ').unwrap();
        let number: u64 = number.parse().unwrap();
        let newest = seen.newest.insert(group.to_owned(), number);
        assert!(newest.is_none_or(|newest| newest < number), "{body} comes behind {newest:?}");
    }
}

/// `None` if nobody knows whether it was done, or it was too late for it, or the server has no room at this moment.
fn call(client: &mut Follower, action: &str, body: &Value) -> Option<Value> {
    let answer = client.call(|client| match client.of_sqs(action, body) {
        // A receipt of a FIFO queue that is late.
        Err(CallError::Refused { code, .. }) if code == "InvalidParameterValueException" => Ok(None),
        Err(CallError::Refused { code, .. }) if code.starts_with("ServiceUnavailable") => Ok(None),
        answer => answer.map(Some),
    });
    answer.flatten()
}

fn url(queue: &str) -> String {
    format!("http://127.0.0.1/123456789012/{queue}")
}
