//! Rules.

use json::{Object, Value};
use ledger::Batch;

use super::super::Asked;
use super::super::members::{tags, validation};
use super::super::names::DEFAULT_BUS;
use super::super::page::page;
use super::super::rule::Rule;
use super::super::state::State;
use super::{limit_exceeded, nothing};
use crate::Fault;

/// AWS has 300, and more for who asks. Each event is compared with all of its bus.
const RULES_MAX: usize = 2_000;

/// What a rule is made of.
const GIVEN: [&str; 6] = ["Name", "EventPattern", "ScheduleExpression", "State", "Description", "RoleArn"];

/// Makes a rule or replaces one: what is not given is gone, but for targets and tags.
pub(super) fn put(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let members = asked.members();
    let (bus, name) = (asked.bus()?, members.required("Name")?);
    let given = |name| members.text(name).is_some_and(|text| !text.is_empty());
    if !given("EventPattern") && !given("ScheduleExpression") {
        return Err(validation("Parameter(s) EventPattern or ScheduleExpression must be specified."));
    }
    if given("ScheduleExpression") && bus != DEFAULT_BUS {
        return Err(validation("ScheduleExpression is supported only on the default event bus."));
    }
    let on_bus = state.bus(&bus)?;
    let known = on_bus.rules.get(name).cloned();
    if known.is_none() && on_bus.rules.len() >= RULES_MAX {
        return Err(limit_exceeded());
    }
    let mut record = members.pick(&GIVEN);
    record.insert("EventBusName", bus.as_str());
    if !members.has("State") {
        record.insert("State", "ENABLED");
    }
    let of_known = |name: &str| known.as_ref().and_then(|rule| rule.record.get(name).cloned());
    record.insert("Tags", of_known("Tags").unwrap_or_else(|| tags(members).into()));
    record.insert("Made", of_known("Made"));
    record.insert("CreationTime", of_known("CreationTime").unwrap_or(asked.now.into()));
    let is_same = of_known("ScheduleExpression").as_ref() == record.get("ScheduleExpression");
    let since = of_known("ScheduledSince").filter(|_| is_same);
    record.insert("ScheduledSince", since.unwrap_or(asked.now.into()));
    let targets = known.map(|rule| rule.targets.clone()).unwrap_or_default();
    let rule = Rule::new(&asked.inner.scope, record, targets)?;
    let arn = rule.arn.clone();
    state.put_rule(&bus, rule, batch)?;
    Ok(json::value!({ "RuleArn": arn }))
}

/// One that is not there is deleted already.
pub(super) fn delete(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let (bus, name) = (asked.bus()?, asked.members().required("Name")?);
    match state.bus(&bus)?.rules.get(name) {
        None => return nothing(),
        Some(rule) if !rule.targets.is_empty() => {
            return Err(validation("Rule can't be deleted since it has targets."));
        }
        Some(_) => {}
    }
    state.remove_rule(&bus, name, batch)?;
    nothing()
}

pub(super) fn enable(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    set_state(asked, state, batch, "ENABLED")
}

pub(super) fn disable(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    set_state(asked, state, batch, "DISABLED")
}

fn set_state(asked: &Asked, state: &mut State, batch: &mut Batch, to: &str) -> Result<Value, Fault> {
    let (bus, name) = (asked.bus()?, asked.members().required("Name")?);
    let rule = state.rule(&bus, name)?.clone();
    let mut record = rule.record.clone();
    record.insert("State", to);
    let rule = Rule::new(&asked.inner.scope, record, rule.targets.clone())?;
    state.put_rule(&bus, rule, batch)?;
    nothing()
}

pub(super) fn describe(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let (bus, name) = (asked.bus()?, asked.members().required("Name")?);
    let rule = state.rule(&bus, name)?;
    let mut answer = shown(rule);
    answer.insert("CreatedBy", asked.inner.scope.account.as_str());
    Ok(Value::Object(answer))
}

pub(super) fn list(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let members = asked.members();
    let prefix = members.text("NamePrefix").unwrap_or_default();
    let bus = asked.bus()?;
    let rules = state.bus(&bus)?.rules.iter().filter(|(name, _)| name.starts_with(prefix));
    page(members, "Limit", "Rules", rules.map(|(name, rule)| (name.as_str(), shown(rule).into())))
}

pub(super) fn list_names_by_target(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let members = asked.members();
    let (bus, arn) = (asked.bus()?, members.required("TargetArn")?);
    let calls_it = |rule: &Rule| rule.targets.iter().any(|target| target.arn == arn);
    let rules = state.bus(&bus)?.rules.iter().filter(|(_, rule)| calls_it(rule));
    page(members, "Limit", "RuleNames", rules.map(|(name, _)| (name.as_str(), Value::from(name))))
}

fn shown(rule: &Rule) -> Object {
    let mut answer = Object::new();
    answer.insert("Name", rule.name());
    answer.insert("Arn", rule.arn.clone());
    let more = ["EventPattern", "ScheduleExpression", "State", "Description", "RoleArn", "EventBusName"];
    for (name, value) in super::shown(&rule.record, &more).iter() {
        answer.insert(name.clone(), value);
    }
    answer
}
