//! Archives.

use std::sync::Arc;

use json::{Object, Value};
use ledger::Batch;

use super::super::archive::{Archive, Kept};
use super::super::members::validation;
use super::super::page::page;
use super::super::state::{self, Kind, State};
use super::super::{Asked, names};
use super::{limit_exceeded, nothing, refuse_kms, shown};
use crate::Fault;

/// AWS's quota is 100 a region.
const ARCHIVES_MAX: usize = 100;

pub(super) fn create(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let members = asked.members();
    refuse_kms(members)?;
    let (name, source) = (members.required("ArchiveName")?, members.required("EventSourceArn")?);
    if state.archives.contains_key(name) {
        let message = format!("Archive {name} already exists.");
        return Err(Fault::new("ResourceAlreadyExistsException", message));
    }
    if state.archives.len() >= ARCHIVES_MAX {
        return Err(limit_exceeded());
    }
    let Some(bus) = names::resource(&asked.inner.scope, "event-bus", source) else {
        return Err(validation(
            "Parameter EventSourceArn is not valid. Reason: Must contain an event bus ARN.",
        ));
    };
    state.bus(bus)?;
    let mut record =
        members.pick(&["ArchiveName", "EventSourceArn", "Description", "EventPattern", "RetentionDays"]);
    if !members.has("RetentionDays") {
        record.insert("RetentionDays", 0);
    }
    record.insert("State", "ENABLED");
    record.insert("CreationTime", asked.now);
    record.insert("Bus", bus);
    record.insert("Id", format!("{:032x}", asked.inner.clock.random()));
    put(asked, state, batch, record, Arc::new(Kept::default()))
}

/// Stores an archive, and shows what Create and Update answer with.
fn put(
    asked: &Asked,
    state: &mut State,
    batch: &mut Batch,
    record: Object,
    kept: Arc<Kept>,
) -> Result<Value, Fault> {
    let archive = Archive::new(record, kept)?;
    let name = archive.text("ArchiveName").to_owned();
    state::put(batch, Kind::Archive, &name, &archive.record);
    let mut answer = Object::new();
    answer.insert("ArchiveArn", names::archive(&asked.inner.scope, &name));
    for (member, value) in shown(&archive.record, &["State", "CreationTime"]).iter() {
        answer.insert(member.clone(), value);
    }
    state.archives.insert(name.into(), archive);
    Ok(Value::Object(answer))
}

pub(super) fn update(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let members = asked.members();
    refuse_kms(members)?;
    let archive = find(state, members.required("ArchiveName")?)?;
    let (mut record, kept) = (archive.record.clone(), archive.kept.clone());
    for (name, value) in members.pick(&["Description", "EventPattern", "RetentionDays"]).iter() {
        record.insert(name.clone(), value);
    }
    put(asked, state, batch, record, kept)
}

/// Its events are removed afterwards, little by little.
pub(super) fn delete(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let name = asked.members().required("ArchiveName")?;
    find(state, name)?;
    state::remove(batch, Kind::Archive, name);
    state.archives.remove(name);
    nothing()
}

pub(super) fn describe(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let name = asked.members().required("ArchiveName")?;
    let archive = find(state, name)?;
    let mut answer = Object::new();
    answer.insert("ArchiveArn", names::archive(&asked.inner.scope, name));
    let more = ["ArchiveName", "EventSourceArn", "Description", "EventPattern", "State", "RetentionDays"];
    add(&mut answer, archive, &more);
    Ok(Value::Object(answer))
}

pub(super) fn list(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let members = asked.members();
    let prefix = members.text("NamePrefix").unwrap_or_default();
    let is_wanted = |archive: &Archive| {
        ["EventSourceArn", "State"]
            .iter()
            .all(|name| members.text(name).is_none_or(|wanted| archive.text(name) == wanted))
    };
    let archives =
        state.archives.iter().filter(|(name, archive)| name.starts_with(prefix) && is_wanted(archive));
    let archives = archives.map(|(name, archive)| {
        let mut item = Object::new();
        add(&mut item, archive, &["ArchiveName", "EventSourceArn", "State", "RetentionDays"]);
        (name.as_str(), Value::Object(item))
    });
    page(members, "Limit", "Archives", archives)
}

fn add(answer: &mut Object, archive: &Archive, names: &[&str]) {
    for (name, value) in shown(&archive.record, names).iter() {
        answer.insert(name.clone(), value);
    }
    answer.insert("SizeBytes", archive.kept.bytes());
    answer.insert("EventCount", archive.kept.events());
    for (name, value) in shown(&archive.record, &["CreationTime"]).iter() {
        answer.insert(name.clone(), value);
    }
}

pub(super) fn find<'s>(state: &'s State, name: &str) -> Result<&'s Archive, Fault> {
    let missing = || Fault::new("ResourceNotFoundException", format!("Archive {name} does not exist."));
    state.archives.get(name).ok_or_else(missing)
}
