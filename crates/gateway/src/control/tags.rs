//! Tags, by the ARN of what has them.

use json::{Object, Value, value};

use crate::fault::Fault;
use services::members::{Members, part_mut};

use super::Work;

/// So many tags a thing may have; AWS's quota.
const TAGS_MAX: usize = 50;

pub(super) fn get(input: &Value, work: &Work<'_, '_>) -> Result<Value, Fault> {
    let (_, mut record, path) = find(input, work)?;
    Ok(value!({"tags": place(&mut record, &path).clone()}))
}

pub(super) fn add(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (key, mut record, path) = find(input, work)?;
    let tags = place(&mut record, &path);
    for (name, value) in input.part("tags").iter() {
        tags.insert(name.clone(), value);
    }
    if tags.len() > TAGS_MAX {
        return Err(Fault::limit(format!("The maximum number of tags is {TAGS_MAX}")));
    }
    work.draft.put(key, record);
    Ok(value!({}))
}

pub(super) fn remove(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (key, mut record, path) = find(input, work)?;
    let tags = place(&mut record, &path);
    for name in input.texts("tagKeys") {
        tags.remove(name);
    }
    work.draft.put(key, record);
    Ok(value!({}))
}

/// The record that an ARN names, and where in it the tags are:
/// `arn:aws:apigateway:REGION::/restapis/ID[/stages/NAME]`, `/apikeys/ID`, `/usageplans/ID`.
fn find(input: &Value, work: &Work<'_, '_>) -> Result<(String, Object, Vec<String>), Fault> {
    let arn = input.text_or_empty("resourceArn");
    let wrong = || Fault::not_found(format!("Invalid resource ARN specified: {arn}"));
    let path = arn.splitn(6, ':').nth(5).ok_or_else(wrong)?;
    let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
    let (key, path) = match parts[..] {
        ["restapis", id] => (format!("rest/{id}"), vec!["api".to_owned()]),
        ["restapis", id, "stages", name] => {
            (format!("rest/{id}"), vec!["stages".to_owned(), name.to_owned()])
        }
        ["apikeys", id] => (format!("key/{id}"), Vec::new()),
        ["usageplans", id] => (format!("plan/{id}"), Vec::new()),
        _ => return Err(wrong()),
    };
    let record = work.draft.get(&key).and_then(Value::as_object).cloned().ok_or_else(wrong)?;
    if let [stages, name] = &path[..]
        && !record.part(stages).contains_key(name)
    {
        return Err(wrong());
    }
    Ok((key, record, path))
}

fn place<'r>(record: &'r mut Object, path: &[String]) -> &'r mut Object {
    let mut place = record;
    for name in path {
        place = part_mut(place, name);
    }
    part_mut(place, "tags")
}
