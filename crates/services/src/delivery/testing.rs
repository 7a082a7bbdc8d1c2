//! A world for tests: a clock that is set by hand, and targets that answer as they are told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use connectors::Answering;
use json::{Text, Value};
use ledger::{Ledger, Settings};
use tokio::sync::watch;

use super::{Calls, Clock, DeliveryId, OutCall, Trouble};

/// A clock that stands still until somebody sets it.
pub(crate) struct ManualClock {
    now: watch::Sender<i64>,
    drawn: Mutex<u64>,
}

impl ManualClock {
    pub(crate) fn at(now: i64) -> Arc<ManualClock> {
        Arc::new(ManualClock { now: watch::channel(now).0, drawn: Mutex::new(0) })
    }

    pub(crate) fn pass(&self, milliseconds: i64) {
        self.now.send_modify(|now| *now += milliseconds);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        *self.now.borrow()
    }

    fn until<'a>(&'a self, time: i64) -> Answering<'a, ()> {
        Box::pin(async move {
            let _ = self.now.subscribe().wait_for(|now| *now >= time).await;
        })
    }

    fn random(&self) -> u128 {
        let mut drawn = self.drawn.lock().unwrap();
        *drawn += 1;
        let half = |more| DeliveryId { parcel: u128::from(*drawn), leg: 0 }.spread(more);
        u128::from(half(1)) << 64 | u128::from(half(2))
    }
}

/// A ledger that is gone with its last handle.
pub(crate) fn ledger() -> Ledger {
    Ledger::open(&Settings::default()).unwrap()
}

/// Lets every task that can run do so until nothing is under way. Tests run on one thread.
pub(crate) async fn settle(mut is_busy: impl FnMut() -> bool) {
    // The ledger has a thread of its own, so yielding alone does not tell whether something still comes.
    for _ in 0..1_000_000 {
        tokio::task::yield_now().await;
        if !is_busy() {
            return;
        }
    }
    panic!("something never ends");
}

/// Targets that write down what they are called with. What is not told otherwise succeeds.
#[derive(Default)]
pub(crate) struct Script {
    /// What was called, in order: `SERVICE:OPERATION INPUT`.
    pub(crate) calls: Mutex<Vec<OutCall>>,
    /// Answers by service, in order; the last one stays.
    answers: Mutex<BTreeMap<Text, Vec<Result<Value, Trouble>>>>,
}

impl Script {
    pub(crate) fn answer(&self, service: &str, answers: Vec<Result<Value, Trouble>>) {
        self.answers.lock().unwrap().insert(service.into(), answers);
    }

    /// What was called since somebody last asked, a line each.
    pub(crate) fn told(&self) -> String {
        let calls = std::mem::take(&mut *self.calls.lock().unwrap());
        let line = |call: &OutCall| format!("{}:{} {}\n", call.service, call.operation, call.input.to_text());
        calls.iter().map(line).collect()
    }
}

impl Calls for Script {
    fn call<'a>(&'a self, call: &'a OutCall) -> Answering<'a, Result<Value, Trouble>> {
        Box::pin(async move {
            self.calls.lock().unwrap().push(call.clone());
            match self.answers.lock().unwrap().get_mut(&call.service) {
                Some(answers) if answers.len() > 1 => answers.remove(0),
                Some(answers) => answers[0].clone(),
                None => Ok(json::value!({})),
            }
        })
    }
}
