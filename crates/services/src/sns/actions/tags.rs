//! Tags of topics.

use json::{Array, Text, Value};

use super::{Ask, Plan, nothing};
use crate::Fault;
use crate::sns::fault::{invalid, no_resource};
use crate::sns::topic::Settings;
use crate::sns::topics::{Change, Topics};

const TAGS_MAX: usize = 50;
const KEY_LENGTH_MAX: usize = 128;
const VALUE_LENGTH_MAX: usize = 256;

/// TagResource
pub(super) fn tag(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    let mut settings = find(ask, topics)?.clone();
    add(&mut settings, &ask.tags())?;
    plan.changes.push(Change::Topic(settings));
    Ok(nothing())
}

/// UntagResource
pub(super) fn untag(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    let mut settings = find(ask, topics)?.clone();
    ask.list("TagKeys").into_iter().for_each(|key| drop(settings.tags.remove(key)));
    plan.changes.push(Change::Topic(settings));
    Ok(nothing())
}

/// ListTagsForResource
pub(super) fn list(ask: &Ask, topics: &Topics) -> Result<Value, Fault> {
    let tag = |(key, value): (&Text, &Text)| json::value!({ "Key": (key.clone()), "Value": (value.clone()) });
    let tags: Vec<Value> = find(ask, topics)?.tags.iter().map(tag).collect();
    Ok(json::value!({ "Tags": (Array::from(tags)) }))
}

/// Adds tags, or gives those that are there other values.
pub(super) fn add(settings: &mut Settings, tags: &[(&str, &str)]) -> Result<(), Fault> {
    for (place, (key, value)) in tags.iter().enumerate() {
        if tags[..place].iter().any(|(other, _)| other == key) {
            return Err(invalid("Duplicated keys are not allowed."));
        }
        let lengths = (key.chars().count(), value.chars().count());
        if !(1..=KEY_LENGTH_MAX).contains(&lengths.0) || lengths.1 > VALUE_LENGTH_MAX {
            return Err(invalid("Tags Reason: a key has from 1 to 128 characters, a value at most 256"));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("Tags Reason: Tag keys that start with 'aws:' are reserved"));
        }
        settings.tags.insert((*key).into(), (*value).into());
    }
    if settings.tags.len() > TAGS_MAX {
        return Err(Fault::new(
            "TagLimitExceededException",
            "Could not complete request: tag quota of per resource exceeded",
        ));
    }
    Ok(())
}

fn find<'t>(ask: &Ask, topics: &'t Topics) -> Result<&'t Settings, Fault> {
    Ok(&topics.find(ask.text("ResourceArn")).map_err(|_| no_resource())?.settings)
}
