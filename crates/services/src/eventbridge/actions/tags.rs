//! Tags of rules and buses.

use json::{Object, Value};
use ledger::Batch;

use super::super::members::{shown_tags, tags, validation};
use super::super::rule::Rule;
use super::super::state::{self, Kind, State};
use super::super::{Asked, names};
use super::nothing;
use crate::Fault;

/// AWS's bound. (EventBridge user guide, "Tagging")
const TAGS_MAX: usize = 50;

pub(super) fn list(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let tags = match resource(asked)? {
        Resource::Bus(bus) => state.bus(&bus)?.record.get("Tags").cloned(),
        Resource::Rule(bus, name) => state.rule(&bus, &name)?.record.get("Tags").cloned(),
    };
    let tags = tags.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
    Ok(json::value!({ "Tags": (shown_tags(&tags)) }))
}

pub(super) fn tag(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let added = tags(asked.members());
    change(asked, state, batch, |tags| {
        added.iter().for_each(|(key, value)| drop(tags.insert(key.clone(), value)));
    })
}

pub(super) fn untag(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    change(asked, state, batch, |tags| {
        asked.members().list("TagKeys").filter_map(Value::as_str).for_each(|key| drop(tags.remove(key)));
    })
}

enum Resource {
    Bus(String),
    Rule(String, String),
}

fn resource(asked: &Asked) -> Result<Resource, Fault> {
    let (arn, scope) = (asked.members().required("ResourceARN")?, &asked.inner.scope);
    if let Some(bus) = names::resource(scope, "event-bus", arn) {
        return Ok(Resource::Bus(bus.to_owned()));
    }
    match names::rule_of(scope, arn) {
        Some((bus, name)) => Ok(Resource::Rule(bus, name)),
        None => Err(validation(format!(
            "Parameter ResourceARN is not valid. Reason: {arn} is neither a rule nor an event bus of this server."
        ))),
    }
}

fn change(
    asked: &Asked,
    state: &mut State,
    batch: &mut Batch,
    change: impl FnOnce(&mut Object),
) -> Result<Value, Fault> {
    match resource(asked)? {
        Resource::Bus(name) => {
            let bus = state.bus_mut(&name)?;
            bus.record.insert("Tags", changed(&bus.record, change)?);
            state::put(batch, Kind::Bus, &name, &bus.record);
        }
        Resource::Rule(bus, name) => {
            let rule = state.rule(&bus, &name)?.clone();
            let mut record = rule.record.clone();
            record.insert("Tags", changed(&record, change)?);
            let rule = Rule::new(&asked.inner.scope, record, rule.targets.clone())?;
            state.put_rule(&bus, rule, batch)?;
        }
    }
    nothing()
}

fn changed(record: &Object, change: impl FnOnce(&mut Object)) -> Result<Object, Fault> {
    let mut tags = record.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
    change(&mut tags);
    if tags.len() > TAGS_MAX {
        return Err(validation(format!("A resource has at most {TAGS_MAX} tags.")));
    }
    Ok(tags)
}
