//! Tags of groups; schedules have none.

use json::{Object, Value};
use ledger::Batch;

use super::super::{Asked, LOCKS};
use super::nothing;
use crate::Fault;
use crate::eventbridge::members::{shown_tags, tags, validation};

/// AWS's bound. (The API reference of EventBridge Scheduler, TagResource)
const TAGS_MAX: usize = 200;

pub(super) fn list(asked: &Asked) -> Result<Value, Fault> {
    let record = asked.inner.group(group(asked)?)?;
    Ok(json::value!({ "Tags": (shown_tags(&of(&record))) }))
}

pub(super) async fn tag(asked: &Asked) -> Result<Value, Fault> {
    let added = tags(asked.members());
    change(asked, |tags| added.iter().for_each(|(key, value)| drop(tags.insert(key.clone(), value)))).await
}

pub(super) async fn untag(asked: &Asked) -> Result<Value, Fault> {
    change(asked, |tags| {
        asked.members().list("TagKeys").filter_map(Value::as_str).for_each(|key| drop(tags.remove(key)));
    })
    .await
}

async fn change(asked: &Asked, change: impl FnOnce(&mut Object)) -> Result<Value, Fault> {
    let inner = &asked.inner;
    let name = group(asked)?;
    let _all = inner.lock_all(0..LOCKS).await;
    let mut record = inner.group(name)?;
    let mut tags = of(&record);
    change(&mut tags);
    if tags.len() > TAGS_MAX {
        return Err(validation(format!("A schedule group has at most {TAGS_MAX} tags.")));
    }
    record.insert("Tags", tags);
    record.insert("LastModificationDate", asked.now);
    let mut batch = Batch::new();
    inner.put_group(&mut batch, name, &record);
    inner.ledger.commit(batch).await?;
    nothing()
}

fn of(record: &Object) -> Object {
    record.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default()
}

fn group(asked: &Asked) -> Result<&str, Fault> {
    let arn = asked.members().required("ResourceArn")?;
    let group = arn.split_once(":schedule-group/").map(|(_, name)| name);
    group.ok_or_else(|| validation(format!("{arn} is no schedule group: only those have tags.")))
}
