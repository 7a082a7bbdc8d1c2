//! EventBridge in a world that does as it is told: requests in, answers and calls out.

mod actions;
mod delivered;
mod model;
mod scheduled;
mod stored;

use std::sync::Arc;

use aws_names::Scope;
use connections::{Access, Authorization, Connections, HttpParameters, Secret};
use json::Value;
use ledger::{Batch, Ledger};

use super::{EventBridge, Setup};
use crate::delivery::testing::{ManualClock, Script, ledger, settle};
use crate::{Asker, Call, Service};

/// 2022-09-08T16:52:00Z
pub(super) const BEGIN: i64 = 1_662_655_920_000;

pub(super) const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:orders";
pub(super) const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:orders";

pub(super) struct World {
    pub clock: Arc<ManualClock>,
    pub ledger: Ledger,
    pub calls: Arc<Script>,
    pub connections: Connections,
    pub service: EventBridge,
}

impl World {
    pub fn new() -> World {
        let (clock, ledger, calls) = (ManualClock::at(BEGIN), ledger(), Arc::new(Script::default()));
        let connections = Connections::in_memory();
        let service = start(&clock, &ledger, &calls, &connections);
        World { clock, ledger, calls, connections, service }
    }

    /// The service ends as by a kill, and another one goes on.
    pub async fn restart(&mut self) {
        self.service.stop().await;
        self.service = start(&self.clock, &self.ledger, &self.calls, &self.connections);
        self.quiet().await;
    }

    /// An answer as text, or the fault's code and message.
    pub async fn ask(&self, operation: &str, input: Value) -> String {
        match self.call(operation, input).await {
            Ok(answer) => answer.to_text(),
            Err(sentence) => sentence,
        }
    }

    pub async fn call(&self, operation: &str, input: Value) -> Result<Value, String> {
        let asker = Asker::default();
        let answer = self.service.call(Call { operation, input: &input, asker: &asker }).await;
        answer.map_err(|fault| format!("{}: {}", fault.code, fault.message))
    }

    /// As [`ask`](World::ask), and it must succeed.
    pub async fn done(&self, operation: &str, input: Value) -> Value {
        match self.call(operation, input).await {
            Ok(answer) => answer,
            Err(sentence) => panic!("{operation}: {sentence}"),
        }
    }

    /// A rule with one target.
    pub async fn rule(&self, name: &str, pattern: &str, target: Value) {
        self.done("PutRule", json::value!({ "Name": name, "EventPattern": pattern })).await;
        self.done("PutTargets", json::value!({ "Rule": name, "Targets": [target] })).await;
    }

    pub async fn put(&self, detail: &str) -> Value {
        let entry = json::value!({ "Source": "shop", "DetailType": "order", "Detail": detail });
        let answer = self.done("PutEvents", json::value!({ "Entries": [entry] })).await;
        self.quiet().await;
        answer
    }

    pub async fn pass(&self, milliseconds: i64) {
        self.clock.pass(milliseconds);
        self.quiet().await;
    }

    /// Until nothing happens any more by itself.
    pub async fn quiet(&self) {
        for _ in 0..5 {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            self.ledger.commit(Batch::new()).await.unwrap();
            let deliveries = self.service.0.deliveries.get().expect("it was started");
            settle(|| deliveries.under_way() > 0).await;
            deliveries.forgotten().await;
        }
    }

    /// What was called since.
    pub fn told(&self) -> String {
        self.calls.told()
    }

    /// A connection, by its ARN.
    pub fn connection(&self) -> String {
        let authorization =
            Authorization::Basic { username: "ada".to_owned(), password: Secret::new("hush") };
        let access = Access { authorization, parameters: HttpParameters::default() };
        self.connections.create(&Scope::default(), "shop", None, access, BEGIN).unwrap().arn
    }
}

fn start(
    clock: &Arc<ManualClock>,
    ledger: &Ledger,
    calls: &Arc<Script>,
    connections: &Connections,
) -> EventBridge {
    let setup = Setup {
        ledger: ledger.clone(),
        scope: Scope::default(),
        clock: clock.clone(),
        calls: calls.clone(),
        connections: connections.clone(),
    };
    EventBridge::start(setup).unwrap()
}
