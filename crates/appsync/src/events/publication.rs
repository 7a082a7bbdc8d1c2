//! What is published: a channel and events, read and bounded. (spec/appsync-realtime.md §2.3)

use json::{Text, Value};
use services::{Members, Moment};

use super::channel::Channel;
use super::refusal::Refusal;

/// AppSync's bounds on one publication.
const EVENTS_MAX: usize = 5;
pub(super) const EVENTS_BYTES_MAX: usize = 240 << 10;

/// A channel, and what is to be said there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Publication {
    pub channel: Channel,
    pub events: Vec<Event>,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    /// Its name: a UUID.
    pub id: Text,
    /// JSON, as the publisher wrote it.
    pub text: Text,
    /// The same, read.
    pub payload: Value,
}

impl Publication {
    /// Of `{"channel": …, "events": […]}`.
    pub fn of(body: &Value) -> Result<Publication, Refusal> {
        let channel = body.text("channel").ok_or_else(|| Refusal::bad("channel is missing, or no text"))?;
        let channel = Channel::parse(channel).map_err(Refusal::bad)?;
        let events = body.get("events").and_then(Value::as_array).map(json::Array::as_slice);
        let events = events.ok_or_else(|| Refusal::bad("events is missing, or no list"))?;
        if !(1..=EVENTS_MAX).contains(&events.len()) {
            let message = format!("events has {} items: there may be 1 to {EVENTS_MAX}", events.len());
            return Err(Refusal::bad(message));
        }
        let bytes: usize = events.iter().filter_map(Value::as_str).map(str::len).sum();
        if bytes > EVENTS_BYTES_MAX {
            let message = format!("The events have {bytes} bytes: {EVENTS_BYTES_MAX} are the most at once");
            return Err(Refusal::bad(message));
        }
        let mut moment = Moment::drawn();
        let events = events.iter().enumerate().map(|(index, event)| Event::of(index, event, &mut moment));
        Ok(Publication { channel, events: events.collect::<Result<_, _>>()? })
    }
}

impl Event {
    fn of(index: usize, event: &Value, moment: &mut Moment) -> Result<Event, Refusal> {
        let Value::String(text) = event else {
            return Err(Refusal::bad(format!("events[{index}] is no text: each event is JSON in a text")));
        };
        let payload = Value::parse(text);
        let payload =
            payload.map_err(|error| Refusal::bad(format!("events[{index}] is no JSON: {error}")))?;
        Ok(Event { id: moment.uuid().into(), text: text.clone(), payload })
    }
}
