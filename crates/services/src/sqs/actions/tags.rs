//! TagQueue, UntagQueue and ListQueueTags.

use std::collections::BTreeMap;
use std::sync::Arc;

use json::{Object, Text, Value};

use super::set_queue_attributes::change;
use crate::sqs::fault::{invalid_parameter, missing_parameter};
use crate::sqs::input::Input;
use crate::sqs::queues::Queues;
use crate::{Call, Fault};

/// How many tags a queue may have. (documented)
const TAGS_MAX: usize = 50;

/// TagQueue.
pub(crate) async fn tag_queue(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let tags = read(Some(Input(call.input).required_object("Tags")?))?;
    change(queues, id, |_, record| {
        record.tags.extend(tags);
        check_count(record.tags.len())
    })
    .await?;
    Ok(json::value!({}))
}

/// UntagQueue.
pub(crate) async fn untag_queue(queues: &Arc<Queues>, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let input = Input(call.input);
    if input.array("TagKeys").is_none() {
        return Err(missing_parameter("TagKeys"));
    }
    change(queues, id, |_, record| {
        input.texts("TagKeys").for_each(|key| drop(record.tags.remove(key)));
        Ok(())
    })
    .await?;
    Ok(json::value!({}))
}

/// ListQueueTags.
pub(crate) fn list_queue_tags(queues: &Queues, call: &Call<'_>) -> Result<Value, Fault> {
    let id = queues.find(call)?;
    let tags = queues.state().kept(id)?.record.tags.clone();
    if tags.is_empty() {
        return Ok(json::value!({}));
    }
    Ok(json::value!({ "Tags": (Value::Object(tags.into_iter().collect())) }))
}

/// Tags that are given.
pub(super) fn read(given: Option<&Object>) -> Result<BTreeMap<Text, String>, Fault> {
    let mut tags = BTreeMap::new();
    for (key, value) in given.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 || key.starts_with("aws:")
        {
            let message = "Tag keys must be between 1 and 128 characters in length and must not begin with aws:, tag \
                           values at most 256 characters.";
            return Err(invalid_parameter(message));
        }
        tags.insert(key.clone(), value.to_owned());
    }
    check_count(tags.len())?;
    Ok(tags)
}

fn check_count(count: usize) -> Result<(), Fault> {
    match count {
        0..=TAGS_MAX => Ok(()),
        _ => Err(invalid_parameter(format!("A queue can have at most {TAGS_MAX} tags."))),
    }
}
