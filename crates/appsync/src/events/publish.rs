//! Publishing: the namespace's handler, then all who listen.

use json::{Object, Text, Value};
use services::Members;

use super::api::EventApi;
use super::caller::Caller;
use super::handlers::Handling;
use super::publication::{EVENTS_BYTES_MAX, Event, Publication};
use super::refusal::Refusal;
use crate::appsync::Shared;

/// What became of the events of a publication.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Published {
    /// Names and places of those that are on their way, or that a handler left out.
    successful: Vec<(Text, usize)>,
    failed: Vec<Failed>,
}

/// One that is not told.
#[derive(Debug, PartialEq)]
struct Failed {
    identifier: Text,
    index: usize,
    message: String,
}

impl Published {
    /// `{"failed": […], "successful": […]}`
    pub fn as_object(&self) -> Object {
        let place = |index: usize| i64::try_from(index).unwrap_or(i64::MAX);
        let failed = |failed: &Failed| {
            json::value!({
                "identifier": (failed.identifier.clone()),
                "index": (place(failed.index)),
                "code": 500,
                "message": (failed.message.as_str()),
            })
        };
        let successful = |(identifier, index): &(Text, usize)| json::value!({"identifier": identifier, "index": (place(*index))});
        let mut object = Object::new();
        object.insert("failed", self.failed.iter().map(failed).collect::<Value>());
        object.insert("successful", self.successful.iter().map(successful).collect::<Value>());
        object
    }
}

/// Publishes.
///
/// # Errors
/// Nothing was published.
pub(super) async fn publish(
    shared: &Shared,
    api: &EventApi,
    publication: &Publication,
    caller: &Caller,
) -> Result<Published, Refusal> {
    let Publication { channel, events } = publication;
    let namespace = api.namespace(channel.namespace())?;
    let handling =
        Handling { api, namespace, channel, caller, outside: &*shared.outside, memory: &shared.memory };
    let (published, texts) = match handling.publish(events).await? {
        None => unchanged(events),
        Some(returned) => sort_out(events, &returned)?,
    };
    shared.events.listeners.tell(&api.id, channel, &texts);
    Ok(published)
}

fn unchanged(events: &[Event]) -> (Published, Vec<Text>) {
    let successful = events.iter().enumerate().map(|(index, event)| (event.id.clone(), index));
    let published = Published { successful: successful.collect(), failed: Vec::new() };
    (published, events.iter().map(|event| event.text.clone()).collect())
}

/// What a handler gave: events by their names, some of them perhaps with an error. They are told in its order.
fn sort_out(events: &[Event], returned: &Value) -> Result<(Published, Vec<Text>), Refusal> {
    let Value::Array(list) = returned else {
        let message = format!("onPublish gave {} in the place of a list of events", returned.kind());
        return Err(Refusal::of_code(message));
    };
    let mut failed: Vec<Option<String>> = vec![None; events.len()];
    let mut seen = vec![false; events.len()];
    let mut texts = Vec::with_capacity(list.len());
    for item in list.iter() {
        let index = events.iter().position(|event| item.text("id") == Some(&*event.id));
        let Some(index) = index.filter(|index| !std::mem::replace(&mut seen[*index], true)) else {
            let message = "onPublish gave an event whose id is none of ctx.events, or gave one twice";
            return Err(Refusal::of_code(message));
        };
        match outcome(&events[index], item) {
            Ok(text) => texts.push(text),
            Err(message) => failed[index] = Some(message),
        }
    }
    let mut published = Published::default();
    for (index, (event, failed)) in events.iter().zip(failed).enumerate() {
        let identifier = event.id.clone();
        match failed {
            None => published.successful.push((identifier, index)),
            Some(message) => published.failed.push(Failed { identifier, index, message }),
        }
    }
    Ok((published, texts))
}

/// What is told of an event; `Err`: why nothing is.
fn outcome(event: &Event, item: &Value) -> Result<Text, String> {
    if let Some(error) = item.member("error") {
        let message = error.as_str().or_else(|| error.text("message"));
        return Err(message.map_or_else(|| error.to_text(), str::to_owned));
    }
    let payload = item.get("payload").unwrap_or(&Value::Null);
    if *payload == event.payload {
        return Ok(event.text.clone());
    }
    let text = payload.to_text();
    if text.len() > EVENTS_BYTES_MAX {
        return Err(format!("onPublish made an event of more than {EVENTS_BYTES_MAX} bytes"));
    }
    Ok(text.into())
}
