//! A server is killed again and again while messages are sent, received and deleted. No message whose sending was
//! acknowledged is lost, none comes back whose deletion was acknowledged, and groups stay in order.
//!
//! `STEPWELL_KILLS` says how often (3).

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use harness::{CallError, Client, Folder, Server, stepwell, text};
use json::Value;

/// What is in flight when the server is killed comes again after so many seconds.
const VISIBILITY: &str = "5";

/// All is received by then after the last start.
const ALL_RECEIVED_WITHIN: Duration = Duration::from_secs(120);

const QUEUES: [&str; 2] = ["kill", "kill.fifo"];

#[test]
fn acknowledged_messages_are_received_and_deleted_ones_are_not() {
    let kills: u32 = std::env::var("STEPWELL_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let folder = Folder::new("queues-kill");
    let mut server = start(&folder);
    for queue in QUEUES {
        let mut attributes = json::value!({ "VisibilityTimeout": VISIBILITY });
        if queue.ends_with(".fifo") {
            attributes.as_object_mut().unwrap().insert("FifoQueue", "true");
        }
        let body = json::value!({ "QueueName": queue, "Attributes": attributes });
        server.client().of_sqs("CreateQueue", &body).unwrap();
    }
    let world = Arc::new(World {
        port: AtomicU16::new(server.port),
        sending: AtomicBool::new(true),
        receiving: AtomicBool::new(true),
        seen: Mutex::default(),
    });
    let run = |work: fn(&World, usize), number: usize| {
        let world = world.clone();
        std::thread::spawn(move || work(&world, number))
    };
    let senders: Vec<_> = (0..4).map(|number| run(World::send, number)).collect();
    let receivers: Vec<_> = (0..4).map(|number| run(World::receive, number)).collect();
    for kill in 1..=kills {
        // Each process acknowledges something before it is killed.
        let before = world.seen().sent.len();
        wait_until("messages are acknowledged", || world.seen().sent.len() > before + 200);
        server.kill();
        server = start(&folder);
        world.port.store(server.port, SeqCst);
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
    assert_eq!(server.terminate(), 0);
}

fn start(folder: &Folder) -> Server {
    Server::start(&mut stepwell(["dev", folder.arg(), "--log", "error"]))
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < ALL_RECEIVED_WITHIN, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

struct World {
    port: AtomicU16,
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
    fn send(&self, sender: usize) {
        let queue = QUEUES[sender % 2];
        let mut client = Client::new(self.port.load(SeqCst));
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
            if self.call(&mut client, "SendMessageBatch", &body).is_some() {
                self.seen().sent.extend(bodies);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Receives messages, and deletes most of them.
    fn receive(&self, receiver: usize) {
        let queue = QUEUES[receiver % 2];
        let mut client = Client::new(self.port.load(SeqCst));
        while self.receiving.load(SeqCst) {
            let deleted = self.seen().deleted.clone();
            let body = json::value!({
                "QueueUrl": (url(queue)),
                "MaxNumberOfMessages": 10,
                "WaitTimeSeconds": 1
            });
            let asked = Instant::now();
            let Some(answer) = self.call(&mut client, "ReceiveMessage", &body) else { continue };
            let messages = answer.get("Messages").and_then(Value::as_array).cloned().unwrap_or_default();
            for message in messages.iter() {
                let body = text(message, "Body");
                assert!(!deleted.contains(body), "{body} was deleted, and comes again");
                self.note(queue, body);
                // A receipt that is older may be another's by now, and deletes nothing.
                let is_fresh = asked.elapsed() < Duration::from_secs(2);
                let delete = json::value!({ "QueueUrl": (url(queue)), "ReceiptHandle": (text(message, "ReceiptHandle")) });
                if is_fresh && self.call(&mut client, "DeleteMessage", &delete).is_some() {
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

    /// `None` if nobody knows whether it was done.
    fn call(&self, client: &mut Client, action: &str, body: &Value) -> Option<Value> {
        match client.of_sqs(action, body) {
            Ok(answer) => return Some(answer),
            Err(CallError::Broken(_)) => {
                std::thread::sleep(Duration::from_millis(10));
                *client = Client::new(self.port.load(SeqCst));
            }
            // A receipt of a FIFO queue that is late.
            Err(CallError::Refused { code, .. }) if code == "InvalidParameterValueException" => {}
            Err(CallError::Refused { code, message }) => {
                assert!(code.starts_with("ServiceUnavailable"), "{code}: {message}, of {body}");
            }
        }
        None
    }
}

fn url(queue: &str) -> String {
    format!("http://127.0.0.1/123456789012/{queue}")
}
