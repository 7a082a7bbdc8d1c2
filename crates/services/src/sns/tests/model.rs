//! Random calls beside a plain model of SNS, with restarts and queues that fail: what was acknowledged arrives, what nobody
//! subscribed to does not, and groups keep their order.

use std::collections::{BTreeMap, BTreeSet};

use json::Value;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::world::{World, text};
use crate::delivery::Trouble;

const QUEUES: usize = 3;
const COLOURS: [&str; 2] = ["blue", "red"];

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Subscribe {
        queue: usize,
        filter: Option<usize>,
    },
    Unsubscribe {
        queue: usize,
    },
    Publish {
        colour: usize,
        group: usize,
    },
    /// The message before is published again.
    Repeat,
    /// SQS fails so many times.
    Fail(usize),
    Pass(i64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..QUEUES, proptest::option::of(0..COLOURS.len()))
            .prop_map(|(queue, filter)| Step::Subscribe { queue, filter }),
        1 => (0..QUEUES).prop_map(|queue| Step::Unsubscribe { queue }),
        6 => (0..COLOURS.len(), 0..2_usize).prop_map(|(colour, group)| Step::Publish { colour, group }),
        1 => Just(Step::Repeat),
        1 => (1..12_usize).prop_map(Step::Fail),
        2 => (1..30_000_i64).prop_map(Step::Pass),
        1 => Just(Step::Restart),
    ]
}

/// What should come of it.
#[derive(Default)]
struct Model {
    /// By queue: its subscription's ARN, and the colour it wants.
    subscriptions: BTreeMap<usize, (String, Option<usize>)>,
    /// By queue: what must arrive there, in the order of publishing, and its group.
    expected: BTreeMap<usize, Vec<(String, usize)>>,
    /// What may arrive, because it was on its way when somebody unsubscribed.
    tolerated: BTreeSet<(usize, String)>,
    published: usize,
    last: Option<(Value, Value)>,
}

async fn run(is_fifo: bool, steps: &[Step]) {
    let mut world = World::new();
    let suffix = if is_fifo { ".fifo" } else { "" };
    let attributes = match is_fifo {
        true => json::value!({ "FifoTopic": "true", "ContentBasedDeduplication": "true" }),
        false => json::value!({}),
    };
    let topic = world.create(&format!("t{suffix}"), attributes).await;
    let mut model = Model::default();
    for step in steps {
        match *step {
            Step::Subscribe { queue, filter } => {
                if model.subscriptions.contains_key(&queue) {
                    continue;
                }
                let endpoint = format!("arn:aws:sqs:us-east-1:123456789012:q{queue}{suffix}");
                let mut attributes = json::value!({ "RawMessageDelivery": "true" });
                if let Some(colour) = filter {
                    let policy = format!(r#"{{"colour": ["{}"]}}"#, COLOURS[colour]);
                    attributes.as_object_mut().unwrap().insert("FilterPolicy", policy);
                }
                let arn = world.subscribe(&topic, "sqs", &endpoint, attributes).await;
                model.subscriptions.insert(queue, (arn, filter));
            }
            Step::Unsubscribe { queue } => {
                let Some((arn, _)) = model.subscriptions.remove(&queue) else { continue };
                world.ask("Unsubscribe", json::value!({ "SubscriptionArn": arn })).await.unwrap();
                let on_the_way = model.expected.remove(&queue).unwrap_or_default();
                model.tolerated.extend(on_the_way.into_iter().map(|(message, _)| (queue, message)));
            }
            Step::Publish { colour, group } => {
                model.published += 1;
                let message = format!("m{}", model.published);
                let mut input = json::value!({
                    "TopicArn": (topic.clone()),
                    "Message": (message.clone()),
                    "MessageAttributes": {
                        "colour": { "DataType": "String", "StringValue": (COLOURS[colour]) }
                    },
                });
                if is_fifo {
                    input.as_object_mut().unwrap().insert("MessageGroupId", group.to_string());
                }
                let answer = world.ask("Publish", input.clone()).await.unwrap();
                model.last = Some((input, answer));
                for (queue, (_, wanted)) in &model.subscriptions {
                    if wanted.is_none_or(|wanted| wanted == colour) {
                        model.expected.entry(*queue).or_default().push((message.clone(), group));
                    }
                }
            }
            Step::Repeat => {
                // Five minutes never pass between two steps, but may between many.
                if let (true, Some((input, answer))) = (is_fifo, &model.last) {
                    let again = world.ask("Publish", input.clone()).await.unwrap();
                    assert_eq!(again, *answer);
                }
            }
            Step::Fail(times) => {
                let failing = (0..times).map(|_| Err(Trouble::passing("ServiceUnavailable", "later")));
                world.calls.answer("sqs", failing.chain([Ok(Value::Null)]).collect());
            }
            Step::Pass(milliseconds) => {
                world.pass(milliseconds).await;
                model.last = None;
            }
            Step::Restart => world.restart().await,
        }
    }
    // All that is left arrives when nothing fails any more.
    world.calls.answer("sqs", vec![Ok(Value::Null)]);
    for _ in 0..200 {
        world.pass(20_000).await;
        if world.sns.open() == 0 {
            break;
        }
    }
    assert_eq!(world.sns.open(), 0, "everything ends");
    check(&model, &world.calls.told(), is_fifo);
}

/// Failed tries are among the calls, so a message may be there more than once; the last of them arrived.
fn check(model: &Model, told: &str, is_fifo: bool) {
    let mut arrived: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for line in told.lines() {
        let input = Value::parse(line.strip_prefix("sqs:SendMessage ").unwrap()).unwrap();
        let name = text(&input, "QueueUrl");
        let queue = name.rsplit('q').next().unwrap().trim_end_matches(".fifo").parse().unwrap();
        arrived.entry(queue).or_default().push(text(&input, "MessageBody"));
    }
    for (queue, messages) in &arrived {
        let expected = model.expected.get(queue).map(Vec::as_slice).unwrap_or_default();
        for message in messages {
            let is_expected = expected.iter().any(|(wanted, _)| wanted == message);
            assert!(
                is_expected || model.tolerated.contains(&(*queue, message.clone())),
                "{message} in {queue}, who did not want it"
            );
        }
    }
    for (queue, expected) in &model.expected {
        let messages = arrived.get(queue).map(Vec::as_slice).unwrap_or_default();
        let place = |message: &str| messages.iter().rposition(|arrived| arrived == message);
        let places: Vec<_> = expected.iter().map(|(message, group)| (place(message), *group)).collect();
        assert!(places.iter().all(|(place, _)| place.is_some()), "{queue}: {expected:?} and {messages:?}");
        for group in [0, 1].into_iter().filter(|_| is_fifo) {
            let of_group: Vec<_> =
                places.iter().filter(|(_, of)| *of == group).map(|(place, _)| *place).collect();
            assert!(of_group.is_sorted(), "{queue}: group {group} of {expected:?} in {messages:?}");
        }
    }
}

#[test]
fn what_is_acknowledged_arrives() {
    let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    let steps = proptest::collection::vec(step(), 1..60);
    let done = runner.run(&(any::<bool>(), steps), |(is_fifo, steps)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(is_fifo, &steps));
        Ok(())
    });
    done.unwrap();
}
