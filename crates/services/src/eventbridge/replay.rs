//! Replays under way: events of an archive go onto their bus again, some at a time.
//!
//! Where a replay is, and what it has sent, is committed together, so that a restart repeats nothing and leaves nothing out.

use std::sync::{Arc, Weak};

use json::{Object, Text, Value};
use ledger::Batch;
use tokio::sync::watch;

use super::Inner;
use super::archive::{self, Archive, Place};
use super::members::Members;
use super::names;
use super::received::Received;
use super::route::{Reach, route};
use super::state::{self, Kind, State};
use crate::delivery::{Deliveries, Sending};
use crate::{Fault, spaces};

/// How many events go out with one commit.
const AT_ONCE: usize = 100;

/// A replay waits while so many deliveries are open: what comes in anew goes first.
const OPEN_MAX: usize = 10_000;

/// For so many milliseconds, before it looks again.
const PAUSE: i64 = 1_000;

pub(super) async fn run(inner: Weak<Inner>, mut changes: watch::Receiver<u64>) {
    // Ends with the service.
    loop {
        let Some(strong) = inner.upgrade() else { return };
        changes.mark_unchanged();
        let deliveries = strong.deliveries.wait().await;
        let under_way = strong
            .state()
            .replays
            .iter()
            .find(|(_, record)| is_under_way(record))
            .map(|(name, _)| name.clone());
        let is_busy = deliveries.open() >= OPEN_MAX;
        let clock = strong.clock.clone();
        match under_way {
            Some(name) if !is_busy => {
                let step = strong.change(|state, batch| step(&strong, deliveries, state, &name, batch)).await;
                match step {
                    Ok(sendings) => sendings.into_iter().for_each(Sending::send),
                    Err(fault) => {
                        tracing::warn!(replay = %name, "a replay waits: {}", fault.message);
                        clock.until(clock.now() + PAUSE).await;
                    }
                }
            }
            Some(_) => {
                drop(strong);
                clock.until(clock.now() + PAUSE).await;
            }
            None => {
                drop(strong);
                if changes.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}

fn is_under_way(record: &Object) -> bool {
    let state = record.get("State").and_then(Value::as_str).unwrap_or_default();
    matches!(state, "STARTING" | "RUNNING" | "CANCELLING")
}

/// Takes a replay further.
fn step(
    inner: &Arc<Inner>,
    deliveries: &Deliveries,
    state: &mut State,
    name: &str,
    batch: &mut Batch,
) -> Result<Vec<Sending>, Fault> {
    let Some(record) = state.replays.get(name).cloned() else { return Ok(Vec::new()) };
    let (mut record, of_record) = (record.clone(), Value::Object(record));
    let members = Members(&of_record);
    let mut sendings = Vec::new();
    let outcome = if members.text("State") == Some("CANCELLING") {
        Some(("CANCELLED", None))
    } else {
        match archive_of(inner, state, members) {
            None => Some(("FAILED", Some("The archive does not exist any more."))),
            Some(archive) => {
                let events = next_events(inner, archive, members)?;
                for (key, mut received) in events.iter().cloned() {
                    if let Some(event) = received.event.as_object_mut() {
                        event.insert("replay-name", name);
                    }
                    let rules = filter(members);
                    let routed = route(state, archive.text("Bus"), &received, Reach::Replay(&rules), batch);
                    let sending = deliveries.prepare(routed.parcel, batch);
                    sendings
                        .push(sending.map_err(|error| Fault::new("ThrottlingException", error.to_string()))?);
                    record.insert("After", aws_protocols::base64::encode(&key));
                    record.insert("EventLastReplayedTime", received.ingested);
                }
                events.is_empty().then_some(("COMPLETED", None))
            }
        }
    };
    match outcome {
        None => drop(record.insert("State", "RUNNING")),
        Some((state, reason)) => {
            record.insert("State", state);
            record.insert("ReplayEndTime", inner.clock.now());
            reason.map(|reason| record.insert("StateReason", reason));
        }
    }
    state::put(batch, Kind::Replay, name, &record);
    state.replays.insert(name.into(), record);
    Ok(sendings)
}

fn archive_of<'s>(inner: &Inner, state: &'s State, replay: Members<'_>) -> Option<&'s Archive> {
    let name = names::resource(&inner.scope, "archive", replay.text("EventSourceArn")?)?;
    state.archives.get(name)
}

/// The rules that are to get it; all, if there are none.
fn filter(replay: Members<'_>) -> Vec<Text> {
    let rules = replay.0.get("Destination").and_then(|destination| destination.get("FilterArns"));
    let rules = rules.and_then(Value::as_array).into_iter().flatten();
    rules.filter_map(Value::as_str).map(Text::from).collect()
}

/// Events behind those that were replayed, with their keys.
fn next_events(
    inner: &Inner,
    archive: &Archive,
    replay: Members<'_>,
) -> Result<Vec<(Vec<u8>, Received)>, Fault> {
    let of_replay = |name| replay.0.get(name).and_then(Value::as_i64).unwrap_or_default();
    let (begin, end) = (of_replay("EventStartTime"), of_replay("EventEndTime"));
    let after = replay.text("After").and_then(aws_protocols::base64::decode);
    let after = after.unwrap_or_else(|| archive::from(archive.id, begin));
    let prefix = archive.id.to_be_bytes();
    let entries = inner.ledger.entries(spaces::ARCHIVES, &prefix, Some(&after), AT_ONCE)?;
    let mut events = Vec::new();
    for (key, value) in entries {
        let Some(place) = Place::read(&key).filter(|place| place.time < end) else { break };
        match Value::parse_bytes(&value) {
            Ok(event) => events.push((key, Received { ingested: place.time, hops: 0, event })),
            Err(_) => tracing::error!(archive = archive.text("ArchiveName"), "an event cannot be read"),
        }
    }
    Ok(events)
}
