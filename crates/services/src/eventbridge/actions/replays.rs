//! Replays.

use json::{Object, Value};
use ledger::Batch;

use super::super::members::{Members, validation};
use super::super::page::page;
use super::super::state::{self, Kind, State};
use super::super::{Asked, names};
use super::{archives, shown};
use crate::Fault;

/// AWS's quota of those that are under way.
const UNDER_WAY_MAX: usize = 10;

/// Those that are over are forgotten when there are more. AWS forgets them after 90 days.
const REPLAYS_MAX: usize = 1_000;

pub(super) fn start(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let (members, scope) = (asked.members(), &asked.inner.scope);
    let (name, source) = (members.required("ReplayName")?, members.required("EventSourceArn")?);
    if state.replays.contains_key(name) {
        let message = format!("Replay {name} already exists.");
        return Err(Fault::new("ResourceAlreadyExistsException", message));
    }
    let destination = members.0.get("Destination").unwrap_or(&Value::Null);
    let bus = names::resource(scope, "event-bus", Members(destination).required("Arn")?);
    let Some(bus) = bus else {
        return Err(validation(
            "Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.",
        ));
    };
    let Some(archive) = names::resource(scope, "archive", source) else {
        return Err(validation(
            "Parameter EventSourceArn is not valid. Reason: Must contain an archive ARN.",
        ));
    };
    if !state.archives.contains_key(archive) {
        return Err(Fault::new("ResourceNotFoundException", format!("Archive {archive} does not exist.")));
    }
    if archives::find(state, archive)?.text("Bus") != bus {
        return Err(validation(
            "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.",
        ));
    }
    let (from, until) = (members.time("EventStartTime"), members.time("EventEndTime"));
    let (Some(from), Some(until)) = (from, until) else {
        return Err(validation("Parameter(s) EventStartTime and EventEndTime must be specified."));
    };
    if from >= until {
        return Err(validation(
            "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
        ));
    }
    make_room(state, batch)?;
    let mut record = members.pick(&["ReplayName", "Description", "EventSourceArn", "Destination"]);
    record.insert("State", "STARTING");
    record.insert("EventStartTime", from);
    record.insert("EventEndTime", until);
    record.insert("ReplayStartTime", asked.now);
    state::put(batch, Kind::Replay, name, &record);
    let answer = started(asked, name, &record);
    state.replays.insert(name.into(), record);
    Ok(answer)
}

fn make_room(state: &mut State, batch: &mut Batch) -> Result<(), Fault> {
    let is_over = |record: &Object| matches!(text(record, "State"), "COMPLETED" | "CANCELLED" | "FAILED");
    if state.replays.values().filter(|record| !is_over(record)).count() >= UNDER_WAY_MAX {
        return Err(super::limit_exceeded());
    }
    while state.replays.len() >= REPLAYS_MAX {
        let over = state.replays.iter().filter(|(_, record)| is_over(record));
        let oldest = over.min_by_key(|(_, record)| record.get("ReplayStartTime").and_then(Value::as_i64));
        let Some(name) = oldest.map(|(name, _)| name.clone()) else { break };
        state::remove(batch, Kind::Replay, &name);
        state.replays.remove(&name);
    }
    Ok(())
}

fn started(asked: &Asked, name: &str, record: &Object) -> Value {
    let mut answer = Object::new();
    answer.insert("ReplayArn", names::replay(&asked.inner.scope, name));
    for (member, value) in shown(record, &["State", "StateReason", "ReplayStartTime"]).iter() {
        answer.insert(member.clone(), value);
    }
    Value::Object(answer)
}

pub(super) fn cancel(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let name = asked.members().required("ReplayName")?;
    let record = find_mut(state, name)?;
    if !matches!(text(record, "State"), "STARTING" | "RUNNING") {
        let message = format!("Replay {name} is not in a valid state for this operation.");
        return Err(Fault::new("IllegalStatusException", message));
    }
    record.insert("State", "CANCELLING");
    state::put(batch, Kind::Replay, name, record);
    let arn = names::replay(&asked.inner.scope, name);
    Ok(json::value!({ "ReplayArn": arn, "State": "CANCELLING" }))
}

pub(super) fn describe(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let name = asked.members().required("ReplayName")?;
    let record = state.replays.get(name).ok_or_else(|| missing(name))?;
    let mut answer = Object::new();
    answer.insert("ReplayName", name);
    answer.insert("ReplayArn", names::replay(&asked.inner.scope, name));
    let more = [
        "Description",
        "State",
        "StateReason",
        "EventSourceArn",
        "Destination",
        "EventStartTime",
        "EventEndTime",
        "EventLastReplayedTime",
        "ReplayStartTime",
        "ReplayEndTime",
    ];
    for (member, value) in shown(record, &more).iter() {
        answer.insert(member.clone(), value);
    }
    Ok(Value::Object(answer))
}

pub(super) fn list(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let members = asked.members();
    let prefix = members.text("NamePrefix").unwrap_or_default();
    let is_wanted = |record: &Object| {
        ["EventSourceArn", "State"]
            .iter()
            .all(|name| members.text(name).is_none_or(|wanted| text(record, name) == wanted))
    };
    let names = [
        "ReplayName",
        "EventSourceArn",
        "State",
        "StateReason",
        "EventStartTime",
        "EventEndTime",
        "EventLastReplayedTime",
        "ReplayStartTime",
        "ReplayEndTime",
    ];
    let replays = state.replays.iter().filter(|(name, record)| name.starts_with(prefix) && is_wanted(record));
    let replays = replays.map(|(name, record)| (name.as_str(), Value::Object(shown(record, &names))));
    page(members, "Limit", "Replays", replays)
}

fn find_mut<'s>(state: &'s mut State, name: &str) -> Result<&'s mut Object, Fault> {
    state.replays.get_mut(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Fault {
    Fault::new("ResourceNotFoundException", format!("Replay {name} does not exist."))
}

fn text<'r>(record: &'r Object, name: &str) -> &'r str {
    record.get(name).and_then(Value::as_str).unwrap_or_default()
}
