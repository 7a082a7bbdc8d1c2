//! Scripts of calls, and what is answered: on a real ledger, with a clock that is set by hand.

mod fifo;
mod messages;
mod model;
mod move_tasks;
mod queues;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use expect_test::Expect;
use json::{Text, Value};
use ledger::{Error, Ledger};
use tokio::task::JoinHandle;

use super::{Settings, Sqs};
use crate::delivery::testing::ManualClock;
use crate::{Asker, Call, Fault, Service};

/// 2026-11-28, so that sequence numbers have the digits that they have these days.
const START: i64 = 1_795_824_000_000;

/// A service that can be started again.
pub(super) struct World {
    folder: PathBuf,
    clock: Arc<ManualClock>,
    sqs: Option<Sqs>,
    /// What stands for it in scripts, and the handle.
    names: Vec<(String, String)>,
    waiting: Vec<JoinHandle<Result<Value, Fault>>>,
}

impl World {
    pub async fn new() -> World {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("stepwell-sqs-{}-{number}", std::process::id()));
        // Of a test that was killed.
        let _ = std::fs::remove_dir_all(&folder);
        let clock = ManualClock::at(START);
        let mut world = World { folder, clock, sqs: None, names: Vec::new(), waiting: Vec::new() };
        world.restart().await;
        world
    }

    /// Ends the service as a crash would, but for what is being written, and starts it again.
    pub async fn restart(&mut self) {
        self.sqs = None;
        let settings =
            ledger::Settings { data_dir: Some(self.folder.clone()), ..ledger::Settings::default() };
        // Whatever still is at work lets go of the folder in its time.
        for _ in 0..1_000_000 {
            match Ledger::open(&settings) {
                Err(Error::Locked(_)) => tokio::task::yield_now().await,
                opened => {
                    let sqs = Sqs::new(opened.unwrap(), self.clock.clone(), Settings::default());
                    self.sqs = Some(sqs.unwrap());
                    return;
                }
            }
        }
        panic!("somebody holds the ledger for ever");
    }

    pub fn sqs(&self) -> Sqs {
        self.sqs.clone().unwrap()
    }

    pub fn pass(&self, milliseconds: i64) {
        self.clock.pass(milliseconds);
    }

    /// Lets everything come to rest that is under way: what is committed is followed by something, a few times over.
    async fn settle(&self) {
        for _ in 0..5 {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            // An empty batch comes behind all others.
            self.sqs.as_ref().unwrap().0.0.ledger.commit(ledger::Batch::new()).await.unwrap();
        }
    }

    /// Makes one call; `queue` is a queue's name, or empty.
    pub async fn call(&self, queue: &str, operation: &str, input: Value) -> Result<Value, Fault> {
        call(self.sqs(), queue, operation, input).await
    }

    async fn step(&mut self, step: &str) -> String {
        // Operations begin with a capital, queues do not.
        let parts = if step.starts_with(char::is_uppercase) { 2 } else { 3 };
        let words: Vec<_> = step.splitn(parts, ' ').collect();
        match words[..] {
            ["restart"] => {
                self.restart().await;
                "(restarted)".to_owned()
            }
            ["pass", seconds] => {
                self.pass((seconds.parse::<f64>().unwrap() * 1_000.0) as i64);
                self.settle().await;
                format!("({seconds} s pass)")
            }
            ["wait", queue, input] => {
                let input = self.input(input);
                let sqs = self.sqs();
                let queue = queue.to_owned();
                self.waiting
                    .push(tokio::spawn(async move { call(sqs, &queue, "ReceiveMessage", input).await }));
                self.settle().await;
                "(waits)".to_owned()
            }
            ["hang-up", number] => {
                self.waiting[number.parse::<usize>().unwrap() - 1].abort();
                "(hangs up)".to_owned()
            }
            ["join", number] => {
                let number = number.parse::<usize>().unwrap() - 1;
                let outcome = (&mut self.waiting[number]).await;
                outcome.map_or_else(|_| "(gone)".to_owned(), |outcome| self.show(outcome))
            }
            ["stop"] => {
                self.sqs().stop();
                "(stopped)".to_owned()
            }
            [operation, input] => {
                let outcome = self.call("", operation, self.input(input)).await;
                self.show(outcome)
            }
            [queue, operation, input] => {
                let outcome = self.call(queue, operation, self.input(input)).await;
                self.show(outcome)
            }
            _ => panic!("{step}"),
        }
    }

    /// `{'ReceiptHandle': '<r1>'}`
    fn input(&self, text: &str) -> Value {
        let mut text = text.replace('\'', "\"");
        for (name, handle) in &self.names {
            text = text.replace(&format!("<{name}>"), handle);
        }
        Value::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn show(&mut self, outcome: Result<Value, Fault>) -> String {
        let mut text = match outcome {
            Ok(value) => {
                self.name(&value);
                value.to_text()
            }
            Err(fault) => format!("{} {}: {}", fault.status, fault.code, fault.message),
        };
        for (name, handle) in &self.names {
            text = text.replace(handle, &format!("<{name}>"));
        }
        text
    }

    /// Finds names for what nobody wants to read.
    fn name(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.name(item)),
            Value::Object(members) => {
                for (member, value) in members {
                    let prefix = match member.as_str() {
                        "MessageId" => "m",
                        "ReceiptHandle" => "r",
                        "TaskHandle" => "t",
                        _ => {
                            self.name(value);
                            continue;
                        }
                    };
                    let handle = value.as_str().unwrap().to_owned();
                    if !self.names.iter().any(|(_, known)| *known == handle) {
                        let count = self.names.iter().filter(|(name, _)| name.starts_with(prefix)).count();
                        self.names.push((format!("{prefix}{}", count + 1), handle));
                    }
                }
            }
            _ => {}
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.sqs = None;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn call(sqs: Sqs, queue: &str, operation: &str, mut input: Value) -> Result<Value, Fault> {
    let asker = Asker {
        account: "123456789012".into(),
        region: "us-east-1".into(),
        base_url: "http://localhost:8083".into(),
        ..Asker::default()
    };
    if !queue.is_empty() {
        let url: Text = format!("http://localhost:8083/123456789012/{queue}").into();
        input.as_object_mut().unwrap().insert("QueueUrl", url);
    }
    sqs.call(Call { operation, input: &input, asker: &asker }).await
}

/// Takes the steps, and compares each with what it is answered.
///
/// `OPERATION INPUT`, `QUEUE OPERATION INPUT`, `pass SECONDS`, `restart`; `wait QUEUE INPUT` receives beside what follows,
/// `join N` is what came of the Nth of those.
async fn check(steps: &[&str], expected: Expect) {
    let mut world = World::new().await;
    let mut told = String::new();
    for step in steps {
        let answer = world.step(step).await;
        told.push_str(&format!("{step}\n    {answer}\n"));
    }
    expected.assert_eq(&told);
}
