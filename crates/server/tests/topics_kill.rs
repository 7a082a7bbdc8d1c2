//! A server is killed again and again while messages are published to topics that queues are subscribed to. Each publication
//! that was acknowledged arrives; in a FIFO queue once and in order, however often it was tried. Topics and subscriptions stay
//! as they were made.

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};

use harness::killing::{Follower, Mortal, kills, wait_until};
use harness::{CallError, Client, text};
use json::{Value, value};

const NAMES: [&str; 2] = ["kill", "kill.fifo"];
/// So many publishers has each of the topics.
const PUBLISHERS: usize = 2;
/// So many messages are in a batch; FIFO topics get one at a time.
const BATCH: u64 = 4;
/// What is in flight when the server is killed comes again after so many seconds.
const VISIBILITY: &str = "2";
/// So many publications are acknowledged by each process, at least, before it is killed.
const BETWEEN_KILLS: usize = 100;

#[test]
fn acknowledged_publications_arrive_when_the_process_is_killed() {
    let mut server = Mortal::start("topics-kill");
    let mut client = server.client();
    let subscriptions = NAMES.map(|name| subscribe(&mut client, name));
    let described = described(&mut client, &subscriptions);
    let world = Arc::new(World {
        publishing: AtomicBool::new(true),
        receiving: AtomicBool::new(true),
        seen: Mutex::default(),
    });
    let run = |name: &'static str, work: fn(&World, &mut Follower, &str, usize), number: usize| {
        let (world, mut client) = (world.clone(), server.client());
        std::thread::spawn(move || work(&world, &mut client, name, number))
    };
    let publishers: Vec<_> = (0..PUBLISHERS)
        .flat_map(|number| {
            [run("kill", World::publish_batches, number), run("kill.fifo", World::publish_in_order, number)]
        })
        .collect();
    let receivers = NAMES.map(|name| run(name, World::receive, 0));
    for kill in 1..=kills() {
        let before = world.seen().acknowledged.len();
        wait_until("publications are acknowledged", || {
            world.seen().acknowledged.len() > before + BETWEEN_KILLS
        });
        server = server.kill();
        println!("kill {kill}: {} acknowledged so far", world.seen().acknowledged.len());
        assert_eq!(self::described(&mut client, &subscriptions), described);
    }
    world.publishing.store(false, SeqCst);
    publishers.into_iter().for_each(|publisher| publisher.join().expect("a publisher found a mistake"));
    wait_until("each acknowledged publication has arrived", || {
        let seen = world.seen();
        seen.acknowledged.iter().all(|body| seen.arrived.contains_key(body))
    });
    world.receiving.store(false, SeqCst);
    receivers.into_iter().for_each(|receiver| receiver.join().expect("a receiver found a mistake"));
    let seen = world.seen();
    let of = |name: &str| seen.acknowledged.iter().filter(|body| body.starts_with(name)).count();
    let (all, in_order) = (seen.acknowledged.len(), of("kill.fifo "));
    println!("{all} acknowledged, {in_order} of them in order");
    assert!(in_order > 20 && all - in_order > 100, "the load was too small to say anything");
    drop(seen);
    server.end();
}

/// Makes a topic, a queue, and the subscription, whose ARN it returns.
fn subscribe(client: &mut Follower, name: &str) -> String {
    let is_fifo = name.ends_with(".fifo");
    let mut attributes = value!({ "VisibilityTimeout": VISIBILITY });
    let mut topic = vec![("Name", name), ("Attributes.entry.1.key", "DisplayName")];
    topic.push(("Attributes.entry.1.value", "of kills"));
    if is_fifo {
        attributes.as_object_mut().unwrap().insert("FifoQueue", "true");
        topic.extend([("Attributes.entry.2.key", "FifoTopic"), ("Attributes.entry.2.value", "true")]);
    }
    let queue = value!({ "QueueName": name, "Attributes": attributes });
    client.insist(|client| client.of_sqs("CreateQueue", &queue));
    client.insist(|client| of_sns(client, "CreateTopic", &topic));
    let (topic, queue) = (arn(name), format!("arn:aws:sqs:us-east-1:123456789012:{name}"));
    let subscription = [
        ("TopicArn", topic.as_str()),
        ("Protocol", "sqs"),
        ("Endpoint", queue.as_str()),
        ("Attributes.entry.1.key", "RawMessageDelivery"),
        ("Attributes.entry.1.value", if is_fifo { "true" } else { "false" }),
    ];
    let answer = client.insist(|client| of_sns(client, "Subscribe", &subscription));
    let (_, rest) = answer.split_once("<SubscriptionArn>").expect("an ARN");
    rest.split_once('<').expect("its end").0.to_owned()
}

/// What is said of the topics and their subscriptions.
fn described(client: &mut Follower, subscriptions: &[String]) -> Vec<String> {
    let topics: Vec<_> = NAMES.iter().map(|name| arn(name)).collect();
    let of_topics = topics.iter().flat_map(|arn| {
        ["GetTopicAttributes", "ListSubscriptionsByTopic"].map(|action| (action, "TopicArn", arn))
    });
    let of_subscriptions =
        subscriptions.iter().map(|arn| ("GetSubscriptionAttributes", "SubscriptionArn", arn));
    let mut describe = |(action, member, arn): (&str, &str, &String)| {
        let answer = client.insist(|client| of_sns(client, action, &[(member, arn.as_str())]));
        // Behind it is the request's id.
        answer.split_once("<ResponseMetadata>").expect("an answer").0.to_owned()
    };
    of_topics.chain(of_subscriptions).map(&mut describe).collect()
}

struct World {
    publishing: AtomicBool,
    receiving: AtomicBool,
    seen: Mutex<Seen>,
}

/// Bodies: `TOPIC PUBLISHER NUMBER`.
#[derive(Default)]
struct Seen {
    acknowledged: BTreeSet<String>,
    /// With the queue's id of the message.
    arrived: BTreeMap<String, String>,
    /// Of each publisher to the FIFO topic, which is a group: how many have arrived.
    counts: BTreeMap<String, u64>,
}

impl World {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Publishes batches. One whose answer got lost may or may not arrive.
    fn publish_batches(&self, client: &mut Follower, name: &str, publisher: usize) {
        let topic = arn(name);
        let mut number = 0;
        while self.publishing.load(SeqCst) {
            let bodies: Vec<_> =
                (number..number + BATCH).map(|number| format!("{name} {publisher} {number}")).collect();
            number += BATCH;
            let mut members = vec![("TopicArn".to_owned(), topic.clone())];
            for (at, body) in (1..).zip(&bodies) {
                let member = format!("PublishBatchRequestEntries.member.{at}");
                members.push((format!("{member}.Id"), at.to_string()));
                members.push((format!("{member}.Message"), body.clone()));
            }
            let members: Vec<_> =
                members.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            if let Some(answer) = client.call(|client| of_sns(client, "PublishBatch", &members)) {
                assert_eq!(answer.matches("<MessageId>").count(), bodies.len(), "{answer}");
                self.seen().acknowledged.extend(bodies);
            }
        }
    }

    /// Publishes one message after the other, each until it is acknowledged.
    fn publish_in_order(&self, client: &mut Follower, name: &str, publisher: usize) {
        let (topic, group) = (arn(name), publisher.to_string());
        for number in 0.. {
            let body = format!("{name} {publisher} {number}");
            let id = format!("{publisher}-{number}");
            let members = [
                ("TopicArn", topic.as_str()),
                ("Message", &body),
                ("MessageGroupId", &group),
                ("MessageDeduplicationId", &id),
            ];
            client.insist(|client| of_sns(client, "Publish", &members));
            self.seen().acknowledged.insert(body);
            if !self.publishing.load(SeqCst) {
                return;
            }
        }
    }

    /// Receives messages and deletes them.
    fn receive(&self, client: &mut Follower, name: &str, _: usize) {
        let queue = format!("http://127.0.0.1/123456789012/{name}");
        let ask = value!({ "QueueUrl": (queue.as_str()), "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1 });
        while self.receiving.load(SeqCst) {
            let Some(answer) = client.call(|client| client.of_sqs("ReceiveMessage", &ask)) else { continue };
            let messages = answer.get("Messages").and_then(Value::as_array).cloned().unwrap_or_default();
            if messages.is_empty() {
                continue;
            }
            let entry = |(id, message): (usize, &Value)| {
                self.note(name, message);
                value!({ "Id": (id.to_string()), "ReceiptHandle": (text(message, "ReceiptHandle")) })
            };
            let entries: Value = messages.iter().enumerate().map(entry).collect();
            let delete = value!({ "QueueUrl": (queue.as_str()), "Entries": entries });
            client.call(|client| client.of_sqs("DeleteMessageBatch", &delete));
        }
    }

    fn note(&self, name: &str, message: &Value) {
        let (body, id) = (text(message, "Body"), text(message, "MessageId"));
        let mut seen = self.seen();
        if !name.ends_with(".fifo") {
            let envelope = Value::parse(body).expect("an envelope");
            seen.arrived.insert(text(&envelope, "Message").to_owned(), id.to_owned());
            return;
        }
        if let Some(before) = seen.arrived.insert(body.to_owned(), id.to_owned()) {
            assert_eq!(before, id, "{body} is twice in the queue");
            return;
        }
        let (group, number) = body.rsplit_once(' ').expect("a group and a number");
        let count = seen.counts.entry(group.to_owned()).or_default();
        assert_eq!(number, count.to_string(), "{body} is not the next one");
        *count += 1;
    }
}

fn arn(topic: &str) -> String {
    format!("arn:aws:sns:us-east-1:123456789012:{topic}")
}

/// Calls an action of SNS, whose requests are forms: the answer's XML.
fn of_sns(client: &mut Client, action: &str, members: &[(&str, &str)]) -> Result<String, CallError> {
    let mut form = format!("Action={action}&Version=2010-03-31");
    for (name, value) in members {
        // Nothing else in what is said here stands for something else in a form.
        form += &format!("&{name}={}", value.replace(' ', "+").replace(':', "%3A"));
    }
    let head = "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
    match client.request(head, &form)? {
        (200, answer) => Ok(answer),
        (status, message) => Err(CallError::Refused { code: status.to_string(), message }),
    }
}
