//! Random events, failing targets, changing rules and restarts, beside what must come of it: no event that was acknowledged
//! is lost, and none reaches a target that was removed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aws_names::Scope;
use connections::Connections;
use connectors::Answering;
use json::Value;
use ledger::{Batch, Ledger};

use super::super::{EventBridge, Setup};
use super::BEGIN;
use crate::delivery::testing::{ManualClock, ledger, settle};
use crate::delivery::{Calls, DeliveryId, OutCall, Trouble};
use crate::{Asker, Call, Service};

const SEEDS: u64 = 16;
const STEPS: u64 = 60;
const RULES: u64 = 3;

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 += 1;
        DeliveryId { parcel: u128::from(self.0), leg: 0 }.spread(7) % bound
    }
}

/// Queues that fail as often as they are told, and remember what they took.
struct Queues {
    dice: Mutex<Dice>,
    /// Of ten.
    failures: Mutex<u64>,
    /// Queue and event, of what was taken.
    taken: Mutex<Vec<(String, String)>>,
}

impl Calls for Queues {
    fn call<'a>(&'a self, call: &'a OutCall) -> Answering<'a, Result<Value, Trouble>> {
        Box::pin(async move {
            if self.dice.lock().unwrap().below(10) < *self.failures.lock().unwrap() {
                return Err(Trouble::passing("Busy", "later"));
            }
            let text = |name: &str| call.input.get(name).and_then(Value::as_str).unwrap_or_default();
            let queue = text("QueueUrl").rsplit('/').next().unwrap_or_default().to_owned();
            let event = Value::parse(text("MessageBody")).unwrap();
            let id = event.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            self.taken.lock().unwrap().push((queue, id));
            Ok(json::value!({}))
        })
    }
}

struct World {
    clock: Arc<ManualClock>,
    ledger: Ledger,
    queues: Arc<Queues>,
    service: EventBridge,
    /// The queue of each rule that has a target.
    targets: BTreeMap<u64, String>,
    disabled: BTreeSet<u64>,
    /// Queues of targets that were removed.
    removed: BTreeSet<String>,
    /// What must be taken, unless its target is removed first.
    owed: Vec<(String, String)>,
    made: u64,
}

fn start(ledger: &Ledger, clock: &Arc<ManualClock>, queues: &Arc<Queues>) -> EventBridge {
    let setup = Setup {
        ledger: ledger.clone(),
        scope: Scope::default(),
        clock: clock.clone(),
        calls: queues.clone(),
        connections: Connections::in_memory(),
    };
    EventBridge::start(setup).unwrap()
}

impl World {
    async fn done(&self, operation: &str, input: Value) -> Value {
        let asker = Asker::default();
        let answer = self.service.call(Call { operation, input: &input, asker: &asker }).await;
        answer.unwrap_or_else(|fault| panic!("{operation}: {fault:?}"))
    }

    /// Rule n wants events whose number is at most n.
    async fn step(&mut self, dice: &mut Dice) {
        let rule = dice.below(RULES);
        let name = format!("r{rule}");
        match dice.below(12) {
            0 if self.targets.contains_key(&rule) => {
                self.done("RemoveTargets", json::value!({ "Rule": name, "Ids": ["t"] })).await;
                self.removed.extend(self.targets.remove(&rule));
                // From here on nothing more may come to it. An attempt that is under way may.
                self.quiet().await;
                let removed = &self.removed;
                let taken = self.queues.taken.lock().unwrap().clone();
                self.owed.retain(|owed| !removed.contains(&owed.0) || taken.contains(owed));
                self.queues.taken.lock().unwrap().retain(|(queue, _)| !removed.contains(queue));
                self.owed.retain(|owed| !removed.contains(&owed.0));
            }
            0 | 1 if !self.targets.contains_key(&rule) => {
                self.made += 1;
                let queue = format!("q{}", self.made);
                let arn = format!("arn:aws:sqs:us-east-1:123456789012:{queue}");
                let target = json::value!({ "Id": "t", "Arn": arn });
                self.done("PutTargets", json::value!({ "Rule": name, "Targets": [target] })).await;
                self.targets.insert(rule, queue);
            }
            2 => {
                let operation = if self.disabled.remove(&rule) {
                    "EnableRule"
                } else {
                    self.disabled.insert(rule);
                    "DisableRule"
                };
                self.done(operation, json::value!({ "Name": name })).await;
            }
            3 => *self.queues.failures.lock().unwrap() = dice.below(11),
            4 => {
                self.service.stop().await;
                self.service = start(&self.ledger, &self.clock, &self.queues);
            }
            5 => self.clock.pass(dice.below(600_000) as i64),
            6 => self.quiet().await,
            _ => self.put(dice).await,
        }
    }

    async fn put(&mut self, dice: &mut Dice) {
        let numbers: Vec<u64> = (0..=dice.below(3)).map(|_| dice.below(RULES)).collect();
        let entry = |number: &u64| json::value!({ "Source": "shop", "DetailType": "order", "Detail": (format!("{{\"n\":{number}}}")) });
        let entries: Value = numbers.iter().map(entry).collect();
        let answer = self.done("PutEvents", json::value!({ "Entries": entries })).await;
        for (index, number) in numbers.iter().enumerate() {
            let id = answer.get("Entries").and_then(|entries| entries.at(index)?.get("EventId"));
            let id = id.and_then(Value::as_str).unwrap();
            for (rule, queue) in &self.targets {
                if number <= rule && !self.disabled.contains(rule) {
                    self.owed.push((queue.clone(), id.to_owned()));
                }
            }
        }
    }

    async fn quiet(&self) {
        for _ in 0..3 {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            self.ledger.commit(Batch::new()).await.unwrap();
            let deliveries = self.service.0.deliveries.get().expect("it was started");
            settle(|| deliveries.under_way() > 0).await;
            deliveries.forgotten().await;
        }
    }

    /// Everything is well again, and time passes.
    async fn end(&self) {
        *self.queues.failures.lock().unwrap() = 0;
        // No pause between attempts is longer than nine minutes.
        for _ in 0..2 {
            self.clock.pass(540_000);
            self.quiet().await;
        }
    }
}

#[tokio::test]
async fn no_acknowledged_event_is_lost_and_none_reaches_a_removed_target() {
    for seed in 0..SEEDS {
        let mut dice = Dice(seed * 1_000_003);
        let (clock, ledger) = (ManualClock::at(BEGIN), ledger());
        let queues = Arc::new(Queues {
            dice: Mutex::new(Dice(seed * 7_000_003)),
            failures: Mutex::new(3),
            taken: Mutex::default(),
        });
        let service = start(&ledger, &clock, &queues);
        let mut world = World {
            clock,
            ledger,
            queues,
            service,
            targets: BTreeMap::new(),
            disabled: BTreeSet::new(),
            removed: BTreeSet::new(),
            owed: Vec::new(),
            made: 0,
        };
        for rule in 0..RULES {
            let numbers: Value = (0..=rule).map(Value::from).collect();
            let pattern = json::value!({ "source": ["shop"], "detail": { "n": numbers } }).to_text();
            world
                .done("PutRule", json::value!({ "Name": (format!("r{rule}")), "EventPattern": pattern }))
                .await;
        }
        for _ in 0..STEPS {
            world.step(&mut dice).await;
        }
        world.end().await;
        let taken = world.queues.taken.lock().unwrap().clone();
        for owed in &world.owed {
            assert!(taken.contains(owed), "seed {seed}: {owed:?} is lost");
        }
        for got in &taken {
            assert!(world.owed.contains(got), "seed {seed}: {got:?} came, and nobody wanted it");
        }
        assert_eq!(world.service.open_deliveries(), 0, "seed {seed}");
        // Rules, and nothing else, are left.
        assert_eq!(world.ledger.len(), RULES as usize, "seed {seed}");
    }
}
