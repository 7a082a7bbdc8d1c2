//! Event buses.

use json::{Object, Value};
use ledger::Batch;

use super::super::Asked;
use super::super::bus::Bus;
use super::super::members::{Members, tags, validation};
use super::super::names::{self, DEFAULT_BUS};
use super::super::page::page;
use super::super::state::{self, Kind, State};
use super::{limit_exceeded, nothing, refuse_kms, shown};
use crate::Fault;

/// AWS's quota. (EventBridge quotas, "Event buses")
const BUSES_MAX: usize = 100;

const SETTINGS: [&str; 3] = ["Description", "DeadLetterConfig", "LogConfig"];

pub(super) fn create(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let members = asked.members();
    let name = members.required("Name")?;
    if members.has("EventSourceName") {
        return Err(validation(
            "This server has no partner event sources: leave EventSourceName out, and put events onto the bus with PutEvents.",
        ));
    }
    if name.contains('/') {
        return Err(validation("Event bus name must not contain '/'."));
    }
    check(members)?;
    if state.buses.contains_key(name) {
        let message = format!("Event bus {name} already exists.");
        return Err(Fault::new("ResourceAlreadyExistsException", message));
    }
    if state.buses.len() >= BUSES_MAX {
        return Err(limit_exceeded());
    }
    let mut record = members.pick(&["Name", "Description", "DeadLetterConfig", "LogConfig"]);
    record.insert("Tags", tags(members));
    record.insert("CreationTime", asked.now);
    record.insert("LastModifiedTime", asked.now);
    state::put(batch, Kind::Bus, name, &record);
    let mut answer = json::value!({ "EventBusArn": (names::bus(&asked.inner.scope, name)) });
    if let Some(answer) = answer.as_object_mut() {
        shown(&record, &SETTINGS).iter().for_each(|(name, value)| drop(answer.insert(name.clone(), value)));
    }
    state.buses.insert(name.into(), Bus { record, ..Bus::default() });
    Ok(answer)
}

/// What cannot be honoured.
fn check(members: Members<'_>) -> Result<(), Fault> {
    refuse_kms(members)?;
    let level = members.0.get("LogConfig").and_then(|config| config.get("Level")).and_then(Value::as_str);
    if level.is_some_and(|level| level != "OFF") {
        return Err(validation(
            "This server writes what fails on a bus into its own log, and nothing into others: set LogConfig.Level to OFF, or leave \
             LogConfig out.",
        ));
    }
    Ok(())
}

pub(super) fn update(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let members = asked.members();
    check(members)?;
    let name = members.text("Name").unwrap_or(DEFAULT_BUS);
    let bus = state.bus_mut(name)?;
    for (member, value) in members.pick(&SETTINGS).iter() {
        bus.record.insert(member.clone(), value);
    }
    bus.record.insert("LastModifiedTime", asked.now);
    state::put(batch, Kind::Bus, name, &bus.record);
    let mut answer = json::value!({ "Arn": (names::bus(&asked.inner.scope, name)), "Name": name });
    if let Some(answer) = answer.as_object_mut() {
        shown(&bus.record, &SETTINGS)
            .iter()
            .for_each(|(name, value)| drop(answer.insert(name.clone(), value)));
    }
    Ok(answer)
}

/// One that is not there is deleted already.
pub(super) fn delete(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let name = asked.members().required("Name")?;
    if name == DEFAULT_BUS {
        return Err(validation("Cannot delete event bus default."));
    }
    let Some(bus) = state.buses.get(name) else { return nothing() };
    if !bus.rules.is_empty() {
        return Err(validation(format!("Event bus {name} can't be deleted since it has rules.")));
    }
    if state.archives_of(name).next().is_some() {
        return Err(validation(format!("Event bus {name} can't be deleted since it has archives.")));
    }
    state::remove(batch, Kind::Bus, name);
    state.buses.remove(name);
    nothing()
}

pub(super) fn describe(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let name = names::bus_named(&asked.inner.scope, asked.members().text("Name"))?;
    let bus = state.bus(&name)?;
    let more = ["Description", "DeadLetterConfig", "Policy", "LogConfig", "CreationTime", "LastModifiedTime"];
    Ok(Value::Object(described(asked, &name, &bus.record, &more)))
}

pub(super) fn list(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let members = asked.members();
    let prefix = members.text("NamePrefix").unwrap_or_default();
    let more = ["Description", "Policy", "CreationTime", "LastModifiedTime"];
    let buses = state.buses.iter().filter(|(name, _)| name.starts_with(prefix));
    let buses = buses.map(|(name, bus)| (name.as_str(), described(asked, name, &bus.record, &more).into()));
    page(members, "Limit", "EventBuses", buses)
}

fn described(asked: &Asked, name: &str, record: &Object, more: &[&str]) -> Object {
    let mut answer = Object::new();
    answer.insert("Name", name);
    answer.insert("Arn", names::bus(&asked.inner.scope, name));
    shown(record, more).iter().for_each(|(name, value)| drop(answer.insert(name.clone(), value)));
    answer
}
