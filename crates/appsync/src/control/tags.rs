//! Tags, by the ARN of what has them: APIs of both kinds, channel namespaces, domain names.

use json::{Object, Value, value};
use services::Fault;
use services::members::{Members, part_mut};
use services::records::Draft;

use super::Work;
use super::fault::{bad, not_found};
use crate::record;

/// So many tags a thing may have; AWS's quota.
const TAGS_MAX: usize = 50;

pub(super) fn list(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let found = find(input, work)?;
    Ok(value!({"tags": (found.tags(work.draft))}))
}

pub(super) fn add(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let found = find(input, work)?;
    let mut tags = found.tags(work.draft);
    for (name, value) in input.part("tags").iter() {
        tags.insert(name.clone(), value);
    }
    check(&tags)?;
    found.put(tags, work.draft);
    Ok(value!({}))
}

pub(super) fn remove(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let found = find(input, work)?;
    let mut tags = found.tags(work.draft);
    for name in input.texts("tagKeys") {
        tags.remove(name);
    }
    found.put(tags, work.draft);
    Ok(value!({}))
}

/// What tags may be: as many as AWS has it, named and worded within its bounds.
pub(super) fn check(tags: &Object) -> Result<(), Fault> {
    if tags.len() > TAGS_MAX {
        return Err(bad(format!("A resource has {TAGS_MAX} tags at most")));
    }
    for (name, value) in tags.iter() {
        let length = name.chars().count();
        if name.starts_with("aws:") || !(1..=128).contains(&length) {
            return Err(bad(format!(
                "Invalid tag key {name}: it must have 1 to 128 characters and not begin with aws:"
            )));
        }
        if value.as_str().is_none_or(|value| value.chars().count() > 256) {
            return Err(bad(format!(
                "Invalid value of tag {name}: it must be a text of at most 256 characters"
            )));
        }
    }
    Ok(())
}

/// The record that an ARN names. A domain name's tags are within its configuration.
struct Found {
    key: String,
    within: Option<&'static str>,
}

fn find(input: &Value, work: &Work<'_, '_>) -> Result<Found, Fault> {
    let arn = input.text_or_empty("resourceArn");
    let prefix = work.arn("");
    let wrong = || not_found(format!("Resource {arn} not found."));
    let resource = arn.strip_prefix(&prefix).ok_or_else(wrong)?;
    let parts: Vec<&str> = resource.split('/').collect();
    let found = match parts[..] {
        ["apis", id] if work.draft.get(&record::event_api(id)).is_some() => Found::at(record::event_api(id)),
        ["apis", id] => Found::at(record::api(id)),
        ["apis", id, "channelNamespace", name] => Found::at(record::namespace(id, name)),
        ["domainnames", name] => Found { key: record::domain(name), within: Some("config") },
        _ => return Err(wrong()),
    };
    if work.draft.get(&found.key).is_none() {
        return Err(wrong());
    }
    Ok(found)
}

impl Found {
    fn at(key: String) -> Found {
        Found { key, within: None }
    }

    fn tags(&self, draft: &Draft<'_>) -> Object {
        let record = draft.get(&self.key);
        let holder =
            record.and_then(|record| self.within.map_or(Some(record), |within| record.member(within)));
        holder.map(|holder| holder.part("tags").clone()).unwrap_or_default()
    }

    fn put(&self, tags: Object, draft: &mut Draft<'_>) {
        let mut record = draft.get(&self.key).and_then(Value::as_object).cloned().unwrap_or_default();
        let holder = match self.within {
            Some(within) => part_mut(&mut record, within),
            None => &mut record,
        };
        holder.insert("tags", tags);
        draft.put(self.key.as_str(), record);
    }
}
