//! Random calls beside a plain model of a queue, with restarts anywhere: nothing that was acknowledged is lost, nothing
//! that was deleted comes back, groups are in order, and the same is sent once.

use std::collections::BTreeSet;

use json::Value;
use proptest::prelude::*;

use super::World;

#[derive(Clone, Debug)]
enum Step {
    /// So many messages in one batch: their groups and deduplication ids.
    Send(Vec<(u8, u8)>, Option<u16>),
    /// How many, hidden for how long in seconds.
    Receive(usize, i64),
    /// The receipt of a receive, counted from the newest.
    Delete(usize),
    Hide(usize, i64),
    Pass(i64),
    Purge,
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let sent = proptest::collection::vec((0..3_u8, 0..30_u8), 1..5);
    let step = prop_oneof![
        6 => (sent, proptest::option::weighted(0.2, 1..30_u16)).prop_map(|(sent, delay)| Step::Send(sent, delay)),
        6 => (1..=10_usize, prop_oneof![Just(0), 1..40_i64]).prop_map(|(max, seconds)| Step::Receive(max, seconds)),
        5 => (0..6_usize).prop_map(Step::Delete),
        2 => (0..6_usize, 0..40_i64).prop_map(|(receipt, seconds)| Step::Hide(receipt, seconds)),
        4 => prop_oneof![9 => 0..20_i64, 1 => Just(100)].prop_map(Step::Pass),
        1 => Just(Step::Purge),
        3 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 1..40)
}

/// A message as the model has it.
#[derive(Clone, Debug)]
struct Modelled {
    body: String,
    group: u8,
    deduplication: u8,
    sent: i64,
    visible: i64,
    receives: u32,
    is_in_flight: bool,
    is_gone: bool,
}

/// A queue without anything clever.
struct Model {
    is_fifo: bool,
    now: i64,
    /// By age.
    messages: Vec<Modelled>,
    /// Message, its receive, and the handle.
    receipts: Vec<(usize, u32, String)>,
    purged: i64,
}

/// How long messages are kept, in seconds.
const RETENTION: i64 = 90;

impl Model {
    fn is_kept(&self, message: &Modelled) -> bool {
        !message.is_gone && message.sent + RETENTION > self.now
    }

    fn settle(&mut self) {
        for message in &mut self.messages {
            message.is_in_flight &= message.visible > self.now;
        }
    }

    /// The messages that can be received, the oldest first.
    fn receivable(&self) -> Vec<usize> {
        let kept = |group: u8| {
            self.messages.iter().enumerate().filter(move |(_, message)| {
                !message.is_gone && message.sent + RETENTION > self.now && message.group == group
            })
        };
        let mut found = BTreeSet::new();
        if !self.is_fifo {
            let all = self.messages.iter().enumerate();
            return all
                .filter(|(_, message)| self.is_kept(message) && message.visible <= self.now)
                .map(|(number, _)| number)
                .collect();
        }
        for group in 0..3 {
            if kept(group).any(|(_, message)| message.is_in_flight) {
                continue;
            }
            found.extend(
                kept(group).take_while(|(_, message)| message.visible <= self.now).map(|(number, _)| number),
            );
        }
        found.into_iter().collect()
    }
}

async fn run(is_fifo: bool, steps: Vec<Step>) {
    let mut world = World::new().await;
    let queue = if is_fifo { "q.fifo" } else { "q" };
    let mut attributes = json::value!({ "MessageRetentionPeriod": "90" });
    if is_fifo {
        attributes.as_object_mut().unwrap().insert("FifoQueue", "true");
    }
    let create = json::value!({ "QueueName": queue, "Attributes": attributes });
    world.call("", "CreateQueue", create).await.unwrap();
    let mut model = Model { is_fifo, now: 0, messages: Vec::new(), receipts: Vec::new(), purged: i64::MIN };
    for step in steps {
        take(&mut world, &mut model, queue, step).await;
    }
    // All that is left can be received in the end: nothing was lost.
    world.restart().await;
    world.pass(45_000);
    model.now += 45;
    take(&mut world, &mut model, queue, Step::Receive(10, 0)).await;
}

async fn take(world: &mut World, model: &mut Model, queue: &str, step: Step) {
    model.settle();
    match step {
        Step::Send(sent, delay) => send(world, model, queue, &sent, delay).await,
        Step::Receive(max, seconds) => receive(world, model, queue, max, seconds).await,
        Step::Delete(back) => {
            let Some((number, receives, handle)) = model.receipts.iter().rev().nth(back).cloned() else {
                return;
            };
            let input = json::value!({ "ReceiptHandle": handle });
            let outcome = world.call(queue, "DeleteMessage", input).await;
            let is_kept = model.is_kept(&model.messages[number]);
            let message = &mut model.messages[number];
            let is_latest = is_kept && message.receives == receives;
            if model.is_fifo && is_kept && !(is_latest && message.is_in_flight) {
                assert!(outcome.is_err(), "{number} is not this receipt's any more");
            } else {
                // What is too old is gone or will be, as chance has it.
                assert!(outcome.is_ok() || !is_kept, "{outcome:?}");
                message.is_gone |= is_latest;
            }
        }
        Step::Hide(back, seconds) => {
            let Some((number, receives, handle)) = model.receipts.iter().rev().nth(back).cloned() else {
                return;
            };
            let input = json::value!({ "ReceiptHandle": handle, "VisibilityTimeout": seconds });
            let outcome = world.call(queue, "ChangeMessageVisibility", input).await;
            let is_kept = model.is_kept(&model.messages[number]);
            let message = &mut model.messages[number];
            let is_in_flight = is_kept && message.is_in_flight && message.receives == receives;
            assert!(!is_kept || outcome.is_ok() == is_in_flight, "{outcome:?}");
            if is_in_flight {
                message.visible = model.now + seconds;
                message.is_in_flight = seconds > 0;
            }
        }
        Step::Pass(seconds) => {
            world.pass(seconds * 1_000);
            model.now += seconds;
        }
        Step::Purge => {
            let outcome = world.call(queue, "PurgeQueue", json::value!({})).await;
            // A restart forgets when it was purged last.
            assert!(outcome.is_ok() || model.purged + 60 > model.now);
            if outcome.is_ok() {
                model.purged = model.now;
                model.messages.iter_mut().for_each(|message| message.is_gone = true);
            }
        }
        Step::Restart => world.restart().await,
    }
}

async fn send(world: &World, model: &mut Model, queue: &str, sent: &[(u8, u8)], delay: Option<u16>) {
    let delay = delay.filter(|_| !model.is_fifo);
    let mut entries = Vec::new();
    for (place, &(group, deduplication)) in sent.iter().enumerate() {
        let body = format!("{}-{place}", model.messages.len());
        let mut entry = json::value!({ "Id": (place.to_string()), "MessageBody": &body });
        let members = entry.as_object_mut().unwrap();
        if model.is_fifo {
            members.insert("MessageGroupId", group.to_string());
            members.insert("MessageDeduplicationId", deduplication.to_string());
        }
        if let Some(seconds) = delay {
            members.insert("DelaySeconds", i64::from(seconds));
        }
        entries.push(entry);
        let was_sent =
            |earlier: &Modelled| earlier.deduplication == deduplication && earlier.sent + 300 > model.now;
        if !(model.is_fifo && model.messages.iter().any(was_sent)) {
            model.messages.push(Modelled {
                body,
                group,
                deduplication,
                sent: model.now,
                visible: model.now + delay.map_or(0, i64::from),
                receives: 0,
                is_in_flight: false,
                is_gone: false,
            });
        }
    }
    let count = entries.len();
    let answer = world.call(queue, "SendMessageBatch", json::value!({ "Entries": entries })).await.unwrap();
    assert_eq!(answer.get("Successful").unwrap().as_array().unwrap().len(), count);
}

async fn receive(world: &World, model: &mut Model, queue: &str, max: usize, seconds: i64) {
    let input = json::value!({
        "MaxNumberOfMessages": max,
        "VisibilityTimeout": seconds,
        "AttributeNames": ["ApproximateReceiveCount"]
    });
    let answer = world.call(queue, "ReceiveMessage", input).await.unwrap();
    let received = answer.get("Messages").and_then(Value::as_array).cloned().unwrap_or_default();
    let receivable = model.receivable();
    assert_eq!(received.len(), max.min(receivable.len()), "of {:?}", model.messages);
    let mut of_groups = [const { Vec::new() }; 3];
    for (place, shown) in received.iter().enumerate() {
        let text = |name: &str| shown.get(name).and_then(Value::as_str).unwrap();
        let found = model.messages.iter().position(|message| message.body == text("Body"));
        let number = found.expect("somebody sent it");
        // Which group comes first is not told; within it they are in order.
        let of_group = &mut of_groups[usize::from(model.messages[number].group)];
        let same_group = |other: &&usize| model.messages[**other].group == model.messages[number].group;
        let expected = match model.is_fifo {
            true => receivable.iter().filter(same_group).nth(of_group.len()),
            false => receivable.get(place),
        };
        assert_eq!(expected, Some(&number), "{received:?} of {:?}", model.messages);
        of_group.push(number);
        let message = &mut model.messages[number];
        message.receives += 1;
        message.visible = model.now + seconds;
        message.is_in_flight = seconds > 0;
        let count = shown.get("Attributes").and_then(|shown| shown.get("ApproximateReceiveCount"));
        assert_eq!(count.and_then(Value::as_str), Some(message.receives.to_string().as_str()));
        model.receipts.push((number, message.receives, text("ReceiptHandle").to_owned()));
    }
}

proptest! {
    // Each step waits for a disk.
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn it_does_what_a_plain_queue_does(is_fifo in any::<bool>(), steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(is_fifo, steps));
    }
}
