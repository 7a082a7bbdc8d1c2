//! What is due becomes deliveries, many schedules with one commit.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use json::{Object, Value};
use ledger::Batch;

use super::dues::Key;
use super::schedule::Schedule;
use super::timing::Due;
use super::{Inner, LAST, lock_of, next, record_key};
use crate::delivery::{Leg, Parcel, Sending};
use crate::{Fault, spaces};

/// How many fire with one commit: little enough that inputs of AWS's size fit into memory twice over.
const AT_ONCE: usize = 200;

/// When firing failed, it is tried again after so many milliseconds.
const PAUSE: i64 = 1_000;

pub(super) async fn run(inner: Weak<Inner>) {
    // Ends with the service.
    loop {
        let Some(inner) = inner.upgrade() else { return };
        let now = inner.clock.now();
        let ripe = inner.dues().ripe(now.div_euclid(1_000), AT_ONCE);
        if ripe.is_empty() {
            wait(&inner).await;
        } else if let Err(fault) = fire(&inner, &ripe, now).await {
            tracing::error!("schedules that are due wait: {}", fault.message);
            inner.clock.until(now + PAUSE).await;
        }
    }
}

async fn wait(inner: &Inner) {
    let wakes = inner.dues().wakes();
    match wakes {
        Some(wakes) => tokio::select! {
            () = inner.clock.until(wakes * 1_000) => {}
            () = inner.bell.notified() => {}
        },
        None => inner.bell.notified().await,
    }
}

/// What becomes of a schedule that fires.
struct Fired {
    key: Key,
    next: Option<Due>,
    is_gone: bool,
}

async fn fire(inner: &Arc<Inner>, keys: &[Key], now: i64) -> Result<(), Fault> {
    let _locked = inner.lock_all(keys.iter().map(lock_of)).await;
    let mut batch = Batch::new();
    let mut sendings = Vec::new();
    let mut fired = Vec::new();
    for key in keys {
        // It may have been changed while the lock was waited for.
        let due = inner.dues().get(key).filter(|due| due.fires * 1_000 <= now);
        let Some(due) = due else { continue };
        let schedule = inner.schedule(key)?;
        let Some(schedule) = schedule else {
            fired.push(Fired { key: key.clone(), next: None, is_gone: false });
            continue;
        };
        let (of_one, sending) = fire_one(inner, key, &schedule, due, now, &mut batch)?;
        fired.push(of_one);
        sendings.push(sending);
    }
    inner.ledger.commit(batch).await?;
    for Fired { key, next, is_gone } in fired {
        inner.dues().set(&key, next);
        inner.count.fetch_sub(usize::from(is_gone), Ordering::Relaxed);
    }
    sendings.into_iter().for_each(Sending::send);
    Ok(())
}

fn fire_one(
    inner: &Inner,
    key: &Key,
    schedule: &Schedule,
    due: Due,
    now: i64,
    batch: &mut Batch,
) -> Result<(Fired, Sending), Fault> {
    let target = schedule.target();
    let mut body = Object::new();
    body.insert("Arn", schedule.text("Arn"));
    body.insert("Time", due.time);
    body.insert("Target", target.clone());
    let lane = target.get("Arn").and_then(Value::as_str).unwrap_or_default().into();
    let parcel = Parcel {
        sent: now,
        body: Value::Object(body).to_text().into_bytes(),
        legs: vec![Leg { lane, ..Leg::default() }],
    };
    let sending = inner.deliveries.prepare(parcel, batch);
    let sending = sending.map_err(|error| Fault::new("ThrottlingException", error.to_string()))?;
    let next = next(schedule, Some(due.time), now);
    let is_gone = next.is_none() && schedule.text("ActionAfterCompletion") == "DELETE";
    if is_gone {
        inner.remove_schedule(batch, key);
    } else {
        batch.put(spaces::SCHEDULES, &record_key(LAST, key), &due.time.to_be_bytes());
    }
    Ok((Fired { key: key.clone(), next, is_gone }, sending))
}
