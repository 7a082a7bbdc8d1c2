//! Rules with schedules: an event for each time at which one is due.
//!
//! A time that passed while the server was down is skipped. Rates count from when the rule was made, so a restart does not
//! move them.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use events::schedule::UTC;
use json::{Object, Text, Value};
use ledger::Batch;
use tokio::sync::watch;

use super::Inner;
use super::names::DEFAULT_BUS;
use super::received::{Parts, Received, event};
use super::route::{Routed, To};
use super::rule::Rule;
use super::state::State;
use crate::delivery::{Leg, Parcel};

/// When which rule is due.
#[derive(Debug, Default)]
pub(super) struct Ticks {
    /// By name, with the rule that it was reckoned for; in seconds since 1970.
    due: BTreeMap<Text, (Arc<Rule>, i64)>,
}

impl Ticks {
    /// Takes over what has changed. A rule that is the same keeps its time, so none is lost when others change.
    pub(super) fn refresh(&mut self, state: &State, now: i64) {
        let rules = state.buses.get(DEFAULT_BUS).into_iter().flat_map(|bus| bus.rules.iter());
        let rules = rules.filter(|(_, rule)| rule.is_enabled() && rule.schedule.is_some());
        let mut earlier = std::mem::take(&mut self.due);
        for (name, rule) in rules {
            let kept = earlier.remove(name).filter(|(known, _)| is_same(known, rule));
            let due = kept.map(|(_, due)| due).or_else(|| next(rule, now));
            self.due.extend(due.map(|due| (name.clone(), (rule.clone(), due))));
        }
    }

    /// The earliest time at which one is due.
    pub(super) fn wakes(&self) -> Option<i64> {
        self.due.values().map(|(_, due)| *due).min()
    }

    /// Those that are due, with their times. What a standstill of the clock passed over is one time.
    pub(super) fn ring(&mut self, now: i64) -> Vec<(Arc<Rule>, i64)> {
        let mut rung = Vec::new();
        self.due.retain(|_, (rule, due)| {
            if *due > now {
                return true;
            }
            rung.push((rule.clone(), *due));
            let next = next(rule, now);
            *due = next.unwrap_or(*due);
            next.is_some()
        });
        rung
    }
}

fn is_same(one: &Arc<Rule>, other: &Arc<Rule>) -> bool {
    let of = |rule: &Rule| (rule.scheduled_since(), rule.text("ScheduleExpression").to_owned());
    Arc::ptr_eq(one, other) || of(one) == of(other)
}

/// A rate is due for the first time a period after its rule was made.
fn next(rule: &Rule, now: i64) -> Option<i64> {
    let since = rule.scheduled_since();
    rule.schedule.as_ref()?.next_after(now.max(since), since, &UTC)
}

pub(super) async fn run(inner: Weak<Inner>, mut changes: watch::Receiver<u64>) {
    let mut ticks = Ticks::default();
    // Ends with the service.
    loop {
        let Some(strong) = inner.upgrade() else { return };
        changes.mark_unchanged();
        let now = strong.clock.now().div_euclid(1_000);
        ticks.refresh(&strong.state(), now);
        for (rule, due) in ticks.ring(now) {
            tick(&strong, &rule, due).await;
        }
        let (wakes, clock) = (ticks.wakes(), strong.clock.clone());
        drop(strong);
        let changed = match wakes {
            Some(wakes) => tokio::select! {
                () = clock.until(wakes * 1_000) => Ok(()),
                changed = changes.changed() => changed,
            },
            None => changes.changed().await,
        };
        if changed.is_err() {
            return;
        }
    }
}

/// Sends a "Scheduled Event" to the targets of a rule.
async fn tick(inner: &Arc<Inner>, rule: &Rule, due: i64) {
    let id = aws_names::uuid_v4(inner.clock.random());
    let parts = Parts {
        id: &id,
        detail_type: "Scheduled Event",
        source: "aws.events",
        time: due * 1_000,
        resources: json::value!([(rule.arn.clone())]),
        detail: Value::Object(Object::new()),
    };
    let received = Received { ingested: inner.clock.now(), hops: 0, event: event(&inner.scope, parts) };
    let leg = |target: &Arc<super::rule_target::RuleTarget>| Leg {
        lane: target.arn.clone(),
        to: To::of(DEFAULT_BUS, rule, target).bytes(),
        ..Leg::default()
    };
    let legs = rule.targets.iter().map(leg).collect();
    let parcel = Parcel { sent: received.ingested, body: received.body(), legs };
    if let Err(fault) = inner.commit(vec![Routed { parcel, kept: Vec::new() }], Batch::new()).await {
        tracing::warn!(rule = %rule.arn, "a scheduled event is lost: {}", fault.message);
    }
}
