//! Groups of schedules.

use std::sync::atomic::Ordering;

use json::{Object, Value};
use ledger::Batch;

use super::super::dues::Key;
use super::super::schedule::{DEFAULT_GROUP, group_arn};
use super::super::{Asked, GROUP, LOCKS, SCHEDULE, group_record, record_key};
use super::{nothing, shown};
use crate::eventbridge::members::{tags, validation};
use crate::eventbridge::page::page;
use crate::{Fault, spaces};

/// AWS's quota. (EventBridge Scheduler quotas, "Number of schedule groups")
const GROUPS_MAX: usize = 500;

pub(super) async fn create(asked: &Asked) -> Result<Value, Fault> {
    let (inner, members) = (&asked.inner, asked.members());
    let name = members.required("Name")?;
    let _all = inner.lock_all(0..LOCKS).await;
    let arn = group_arn(&inner.scope, name);
    if let Ok(known) = inner.group(name) {
        let token = members.text("ClientToken");
        if token.is_some() && known.get("ClientToken").and_then(Value::as_str) == token {
            return Ok(json::value!({ "ScheduleGroupArn": arn }));
        }
        let message = format!("Schedule group {name} already exists.");
        return Err(Fault::new("ConflictException", message).with_status(409));
    }
    if inner.ledger.keys(spaces::SCHEDULES, &[GROUP], None, GROUPS_MAX).len() >= GROUPS_MAX {
        let message = "The maximum number of schedule groups has been reached.";
        return Err(Fault::new("ServiceQuotaExceededException", message).with_status(402));
    }
    let mut record = group_record(asked.now, tags(members));
    if let Some(token) = members.text("ClientToken") {
        record.insert("ClientToken", token);
    }
    let mut batch = Batch::new();
    inner.put_group(&mut batch, name, &record);
    inner.ledger.commit(batch).await?;
    Ok(json::value!({ "ScheduleGroupArn": arn }))
}

/// With all its schedules. AWS does that little by little; here it is done when it is answered.
pub(super) async fn delete(asked: &Asked) -> Result<Value, Fault> {
    /// Few enough for one frame of the ledger.
    const AT_ONCE: usize = 10_000;
    let inner = &asked.inner;
    let name = asked.members().required("Name")?;
    if name == DEFAULT_GROUP {
        return Err(validation("The default schedule group cannot be deleted."));
    }
    let _all = inner.lock_all(0..LOCKS).await;
    inner.group(name)?;
    let prefix = record_key(SCHEDULE, &format!("{name}/"));
    // Each turn removes some.
    loop {
        let keys = inner.ledger.keys(spaces::SCHEDULES, &prefix, None, AT_ONCE);
        let keys: Vec<Key> = keys.iter().map(|key| String::from_utf8_lossy(&key[1..]).into()).collect();
        let mut batch = Batch::new();
        keys.iter().for_each(|key| inner.remove_schedule(&mut batch, key));
        if keys.len() < AT_ONCE {
            batch.remove(spaces::SCHEDULES, &record_key(GROUP, name));
        }
        inner.ledger.commit(batch).await?;
        inner.count.fetch_sub(keys.len(), Ordering::Relaxed);
        keys.iter().for_each(|key| inner.dues().set(key, None));
        if keys.len() < AT_ONCE {
            return nothing();
        }
    }
}

pub(super) fn get(asked: &Asked) -> Result<Value, Fault> {
    let name = asked.members().required("Name")?;
    Ok(described(asked, name, &asked.inner.group(name)?))
}

pub(super) fn list(asked: &Asked) -> Result<Value, Fault> {
    let members = asked.members();
    let prefix = record_key(GROUP, members.text("NamePrefix").unwrap_or_default());
    let entries = asked.inner.ledger.entries(spaces::SCHEDULES, &prefix, None, GROUPS_MAX + 1)?;
    let groups: Vec<(String, Value)> = entries
        .iter()
        .filter_map(|(key, value)| {
            let name = String::from_utf8_lossy(&key[1..]).into_owned();
            let record = Value::parse_bytes(value).ok()?;
            let described = described(asked, &name, record.as_object()?);
            Some((name, described))
        })
        .collect();
    let groups = groups.iter().map(|(name, group)| (name.as_str(), group.clone()));
    page(members, "MaxResults", "ScheduleGroups", groups)
}

fn described(asked: &Asked, name: &str, record: &Object) -> Value {
    let mut answer = Object::new();
    answer.insert("Arn", group_arn(&asked.inner.scope, name));
    shown(record, &["CreationDate", "LastModificationDate"])
        .iter()
        .for_each(|(name, value)| drop(answer.insert(name.clone(), value)));
    answer.insert("Name", name);
    answer.insert("State", record.get("State"));
    Value::Object(answer)
}
