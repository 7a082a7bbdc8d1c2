//! Schedules.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use json::{Object, Value};
use ledger::Batch;

use super::super::dues::Key;
use super::super::schedule::{DEFAULT_GROUP, SHOWN, Schedule};
use super::super::{Asked, SCHEDULE, key_of, next, record_key};
use super::{nothing, shown};
use crate::eventbridge::page::{after, page};
use crate::{Fault, spaces};

/// AWS's quota. (EventBridge Scheduler quotas, "Number of schedules")
const SCHEDULES_MAX: usize = 1_000_000;

pub(super) async fn create(asked: &Asked) -> Result<Value, Fault> {
    let inner = &asked.inner;
    let schedule = Schedule::given(&inner.scope, asked.members(), asked.now)?;
    let key = key_of(schedule.text("GroupName"), schedule.text("Name"));
    let _mine = inner.lock(&key).await;
    inner.group(schedule.text("GroupName"))?;
    if let Some(known) = inner.schedule(&key)? {
        let token = asked.members().text("ClientToken");
        if token.is_some() && known.0.get("ClientToken").and_then(Value::as_str) == token {
            return Ok(answer(&known));
        }
        let message = format!("Schedule {} already exists.", schedule.text("Name"));
        return Err(Fault::new("ConflictException", message).with_status(409));
    }
    if inner.count.load(Ordering::Relaxed) >= SCHEDULES_MAX {
        let message = "The maximum number of schedules has been reached.";
        return Err(Fault::new("ServiceQuotaExceededException", message).with_status(402));
    }
    let mut batch = Batch::new();
    inner.put_schedule(&mut batch, &key, &schedule);
    inner.ledger.commit(batch).await?;
    inner.count.fetch_add(1, Ordering::Relaxed);
    inner.set_due(&key, next(&schedule, None, asked.now));
    Ok(answer(&schedule))
}

/// Everything that is not given is as if the schedule was new. A rate goes on from where it began, unless it is another.
pub(super) async fn update(asked: &Asked) -> Result<Value, Fault> {
    let inner = &asked.inner;
    let (group, name) = named(asked)?;
    let key = key_of(group, name);
    let _mine = inner.lock(&key).await;
    let known = find(asked, &key)?;
    let mut schedule = Schedule::given(&inner.scope, asked.members(), asked.now)?;
    let carry = |schedule: &mut Schedule, name: &str| {
        if let Some(value) = known.0.get(name) {
            schedule.0.insert(name, value);
        }
    };
    carry(&mut schedule, "CreationDate");
    let mut batch = Batch::new();
    // A one-off that was disabled when it was due is not made up for.
    let goes_on = known.is_enabled() || !schedule.text("ScheduleExpression").starts_with("at(");
    let last = if schedule.is_timed_as(&known) && goes_on {
        carry(&mut schedule, "Since");
        inner.last(&key)?
    } else {
        batch.remove(spaces::SCHEDULES, &record_key(super::super::LAST, &key));
        None
    };
    inner.put_schedule(&mut batch, &key, &schedule);
    inner.ledger.commit(batch).await?;
    inner.set_due(&key, next(&schedule, last, asked.now));
    Ok(answer(&schedule))
}

pub(super) async fn delete(asked: &Asked) -> Result<Value, Fault> {
    let inner = &asked.inner;
    let (group, name) = named(asked)?;
    let key = key_of(group, name);
    let _mine = inner.lock(&key).await;
    find(asked, &key)?;
    let mut batch = Batch::new();
    inner.remove_schedule(&mut batch, &key);
    inner.ledger.commit(batch).await?;
    inner.count.fetch_sub(1, Ordering::Relaxed);
    inner.set_due(&key, None);
    nothing()
}

pub(super) fn get(asked: &Asked) -> Result<Value, Fault> {
    let (group, name) = named(asked)?;
    let schedule = find(asked, &key_of(group, name))?;
    Ok(Value::Object(shown(&schedule.0, &SHOWN)))
}

pub(super) fn list(asked: &Asked) -> Result<Value, Fault> {
    let (inner, members) = (&asked.inner, asked.members());
    let group = members.text("GroupName");
    if let Some(group) = group {
        inner.group(group)?;
    }
    let prefix = members.text("NamePrefix").unwrap_or_default();
    let state = members.text("State");
    // With a group, its schedules of this name are next to each other; else all are looked at.
    let within = group.map(|group| format!("{group}/{prefix}")).unwrap_or_default();
    let names =
        Names { asked, prefix: record_key(SCHEDULE, &within), after: after(members)?, read: VecDeque::new() };
    let mut failed = None;
    let is_named = |key: &Key| key.split_once('/').is_some_and(|(_, name)| name.starts_with(prefix));
    let schedules = names.filter(is_named).filter_map(|key| match inner.schedule(&key) {
        Ok(schedule) => {
            let schedule =
                schedule.filter(|schedule| state.is_none_or(|state| schedule.text("State") == state))?;
            Some((key, summary(&schedule)))
        }
        Err(error) => {
            failed = Some(error);
            None
        }
    });
    let answer = page(members, "MaxResults", "Schedules", schedules);
    failed.map_or(answer, |error| Err(error.into()))
}

/// Names of schedules in order, read little by little: a page needs few of them.
struct Names<'a> {
    asked: &'a Asked,
    prefix: Vec<u8>,
    after: Option<String>,
    read: VecDeque<Key>,
}

impl Iterator for Names<'_> {
    type Item = Key;

    fn next(&mut self) -> Option<Key> {
        const AT_ONCE: usize = 200;
        if self.read.is_empty() {
            let after = self.after.as_ref().map(|after| record_key(SCHEDULE, after));
            let ledger = &self.asked.inner.ledger;
            let keys = ledger.keys(spaces::SCHEDULES, &self.prefix, after.as_deref(), AT_ONCE);
            self.read = keys.iter().map(|key| Key::from(String::from_utf8_lossy(&key[1..]))).collect();
        }
        let name = self.read.pop_front()?;
        self.after = Some(name.to_string());
        Some(name)
    }
}

fn summary(schedule: &Schedule) -> Value {
    let names = ["Arn", "CreationDate", "GroupName", "LastModificationDate", "Name", "State"];
    let mut summary: Object = shown(&schedule.0, &names);
    let arn = schedule.target().get("Arn").cloned();
    summary.insert("Target", json::value!({ "Arn": arn }));
    Value::Object(summary)
}

fn named(asked: &Asked) -> Result<(&str, &str), Fault> {
    let members = asked.members();
    Ok((members.text("GroupName").unwrap_or(DEFAULT_GROUP), members.required("Name")?))
}

fn find(asked: &Asked, key: &Key) -> Result<Schedule, Fault> {
    let name = key.rsplit('/').next().unwrap_or_default();
    asked.inner.schedule(key)?.ok_or_else(|| {
        Fault::new("ResourceNotFoundException", format!("Schedule {name} does not exist.")).with_status(404)
    })
}

fn answer(schedule: &Schedule) -> Value {
    json::value!({ "ScheduleArn": (schedule.text("Arn")) })
}
