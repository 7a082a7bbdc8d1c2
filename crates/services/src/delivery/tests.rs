//! Deliveries with a ledger and a courier that does as it is told.

use std::sync::{Arc, Mutex};

use connectors::Answering;
use expect_test::{Expect, expect};
use ledger::{Batch, Ledger, Space};

use super::testing::{ManualClock, ledger, settle};
use super::*;

const SHELF: Shelf = Shelf { space: Space::new(250), prefix: b"d" };

/// Writes down each attempt, and answers with what stands next in its script.
#[derive(Default)]
struct Scripted {
    told: Mutex<String>,
    outcomes: Mutex<Vec<Outcome>>,
}

impl Courier for Scripted {
    fn attempt<'a>(&'a self, attempt: Attempt<'a>) -> Answering<'a, Outcome> {
        Box::pin(async move {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            let dead = if attempt.death.is_some() { " dead" } else { "" };
            let trouble =
                attempt.trouble.map(|trouble| format!(" after {}", trouble.code)).unwrap_or_default();
            *self.told.lock().unwrap() += &format!(
                "{} → {} #{}{trouble}{dead}\n",
                text(attempt.body),
                text(attempt.to),
                attempt.earlier
            );
            let mut outcomes = self.outcomes.lock().unwrap();
            if outcomes.is_empty() { Outcome::Done } else { outcomes.remove(0) }
        })
    }
}

struct World {
    clock: Arc<ManualClock>,
    ledger: Ledger,
    courier: Arc<Scripted>,
    deliveries: Deliveries,
}

impl World {
    fn new() -> World {
        let (clock, ledger, courier) = (ManualClock::at(1_000), ledger(), Arc::new(Scripted::default()));
        let deliveries =
            Deliveries::start(ledger.clone(), SHELF, courier.clone(), clock.clone()).expect("a ledger");
        World { clock, ledger, courier, deliveries }
    }

    async fn restart(&mut self) {
        self.deliveries.stop().await;
        self.deliveries =
            Deliveries::start(self.ledger.clone(), SHELF, self.courier.clone(), self.clock.clone())
                .expect("a ledger");
    }

    fn will(&self, outcomes: Vec<Outcome>) {
        *self.courier.outcomes.lock().unwrap() = outcomes;
    }

    async fn send(&self, body: &str, legs: &[&str]) {
        let leg = |to: &&str| Leg { lane: (*to).into(), to: to.as_bytes().to_vec(), ..Leg::default() };
        let parcel = Parcel { sent: 1_000, body: body.into(), legs: legs.iter().map(leg).collect() };
        let mut batch = Batch::new();
        let sending = self.deliveries.prepare(parcel, &mut batch).unwrap();
        self.ledger.commit(batch).await.unwrap();
        sending.send();
        self.settle().await;
    }

    async fn pass(&self, milliseconds: i64) {
        self.clock.pass(milliseconds);
        // The timer has to notice first.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        self.settle().await;
    }

    async fn settle(&self) {
        settle(|| self.deliveries.under_way() > 0).await;
        self.deliveries.forgotten().await;
    }

    fn told(&self, expect: Expect) {
        expect.assert_eq(&std::mem::take(&mut *self.courier.told.lock().unwrap()));
    }
}

fn again(due: i64) -> Outcome {
    Outcome::Again { trouble: Trouble::passing("Busy", "try later"), due }
}

#[tokio::test]
async fn what_is_done_leaves_nothing() {
    let world = World::new();
    world.send("hello", &["a", "b"]).await;
    world.told(expect![[r#"
        hello → a #0
        hello → b #0
    "#]]);
    assert_eq!((world.deliveries.open(), world.ledger.len()), (0, 0));
}

#[tokio::test]
async fn a_failure_is_tried_again_when_due_and_may_end_dead() {
    let world = World::new();
    let dead = Outcome::Dead { trouble: Trouble::lasting("Gone", ""), exhausted: None };
    world.will(vec![again(2_000), dead, again(9_000)]);
    world.send("hello", &["a"]).await;
    world.pass(999).await;
    world.told(expect![[r#"
        hello → a #0
    "#]]);
    world.pass(1).await;
    world.told(expect![[r#"
        hello → a #1 after Busy
        hello → a #0 after Gone dead
    "#]]);
    world.pass(7_000).await;
    world.told(expect![[r#"
        hello → a #1 after Busy dead
    "#]]);
    assert_eq!((world.deliveries.open(), world.ledger.len()), (0, 0));
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was() {
    let mut world = World::new();
    world.will(vec![Outcome::Done, again(5_000)]);
    world.send("hello", &["a", "b"]).await;
    world.restart().await;
    world.settle().await;
    world.told(expect![[r#"
        hello → a #0
        hello → b #0
    "#]]);
    world.pass(4_000).await;
    world.told(expect![[r#"
        hello → b #1 after Busy
    "#]]);
    assert_eq!((world.deliveries.open(), world.ledger.len()), (0, 0));
}

#[tokio::test]
async fn what_was_committed_but_not_sent_is_sent_after_the_next_start() {
    let mut world = World::new();
    let mut batch = Batch::new();
    let leg = Leg { lane: "a".into(), to: b"a".to_vec(), ..Leg::default() };
    let parcel = Parcel { sent: 1_000, body: b"hello".to_vec(), legs: vec![leg] };
    let sending = world.deliveries.prepare(parcel, &mut batch).unwrap();
    let ids: Vec<DeliveryId> = sending.ids().collect();
    assert_eq!(ids.len(), 1);
    world.ledger.commit(batch).await.unwrap();
    drop(sending);
    world.told(expect![""]);
    world.restart().await;
    world.settle().await;
    world.told(expect![[r#"
        hello → a #0
    "#]]);
}
