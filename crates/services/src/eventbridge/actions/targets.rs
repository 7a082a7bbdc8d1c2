//! Targets of rules.

use std::sync::Arc;

use json::{Object, Text, Value};
use ledger::Batch;

use super::super::Asked;
use super::super::page::page;
use super::super::rule::{Rule, TARGETS_MAX};
use super::super::rule_target::RuleTarget;
use super::super::state::State;
use super::limit_exceeded;
use crate::Fault;

/// Adds targets; one with an Id that is there is replaced.
pub(super) fn put(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let members = asked.members();
    let (bus, name) = (asked.bus()?, members.required("Rule")?);
    let rule = state.rule(&bus, name)?.clone();
    let mut targets = rule.targets.clone();
    for given in members.list("Targets") {
        let target = RuleTarget::read(given)?;
        targets.retain(|known| known.id != target.id);
        targets.push(Arc::new(target));
    }
    if targets.len() > TARGETS_MAX {
        return Err(limit_exceeded());
    }
    targets.sort_by(|one, other| one.id.cmp(&other.id));
    store(asked, state, batch, &bus, &rule, targets)
}

/// Removes targets, and with them the deliveries that wait for them.
pub(super) fn remove(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let members = asked.members();
    let (bus, name) = (asked.bus()?, members.required("Rule")?);
    let rule = state.rule(&bus, name)?.clone();
    let mut targets = rule.targets.clone();
    targets.retain(|known| !members.list("Ids").any(|id| id.as_str() == Some(&known.id)));
    store(asked, state, batch, &bus, &rule, targets)
}

fn store(
    asked: &Asked,
    state: &mut State,
    batch: &mut Batch,
    bus: &str,
    rule: &Rule,
    targets: Vec<Arc<RuleTarget>>,
) -> Result<Value, Fault> {
    let mut record = rule.record.clone();
    let made = |target: &Arc<RuleTarget>| {
        let known = Text::from(rule.made(&target.id));
        let made =
            if known.is_empty() { format!("{:032x}", asked.inner.clock.random()).into() } else { known };
        (target.id.clone(), made)
    };
    record.insert("Made", targets.iter().map(made).collect::<Object>());
    let rule = Rule::new(&asked.inner.scope, record, targets)?;
    state.put_rule(bus, rule, batch)?;
    Ok(json::value!({ "FailedEntryCount": 0, "FailedEntries": [] }))
}

pub(super) fn list(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let members = asked.members();
    let (bus, name) = (asked.bus()?, members.required("Rule")?);
    let targets = state.rule(&bus, name)?.targets.iter();
    page(
        members,
        "Limit",
        "Targets",
        targets.map(|target| (target.id.as_str(), target.record.clone().into())),
    )
}
