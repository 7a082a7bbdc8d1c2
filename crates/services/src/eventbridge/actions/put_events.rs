//! PutEvents: up to ten events, each onto its bus. What is answered with an EventId is durable, with all its deliveries.

use json::{Object, Value};

use super::super::members::{Members, validation};
use super::super::received::{Parts, Received, event};
use super::super::{Asked, names};
use crate::Fault;

/// All entries together, by AWS's reckoning. (EventBridge user guide, "Calculating PutEvents event entry size")
const BYTES_MAX: usize = 1 << 20;

pub(super) async fn answer(asked: &Asked) -> Result<Value, Fault> {
    let members = asked.members();
    if members.has("EndpointId") {
        return Err(validation(
            "This server has no global endpoints: leave EndpointId out, and send events to a bus.",
        ));
    }
    let bytes: usize = members.list("Entries").map(|entry| size(Members(entry))).sum();
    if bytes >= BYTES_MAX {
        return Err(validation("Total size of the entries in the request is over the limit."));
    }
    let read: Vec<_> = members.list("Entries").map(|entry| read(asked, Members(entry))).collect();
    let taken = read.iter().flatten().cloned().collect();
    asked.inner.take_in(taken).await?;
    let failed = read.iter().filter(|entry| entry.is_err()).count();
    let entries: Value = read.into_iter().map(shown).collect();
    Ok(json::value!({ "FailedEntryCount": failed, "Entries": entries }))
}

fn size(entry: Members<'_>) -> usize {
    let texts = ["Source", "DetailType", "Detail"].into_iter().filter_map(|name| entry.text(name));
    let resources = entry.list("Resources").filter_map(Value::as_str);
    let time = if entry.has("Time") { 14 } else { 0 };
    time + texts.chain(resources).map(str::len).sum::<usize>()
}

/// Why an entry is not taken.
struct Refused {
    code: &'static str,
    message: String,
}

fn read(asked: &Asked, entry: Members<'_>) -> Result<(String, Received), Refused> {
    let scope = &asked.inner.scope;
    let source = required(entry, "Source")?;
    let detail_type = required(entry, "DetailType")?;
    let detail = required(entry, "Detail")?;
    let Ok(detail @ Value::Object(_)) = Value::parse(detail) else {
        return Err(Refused { code: "MalformedDetail", message: "Detail is malformed.".to_owned() });
    };
    if source.starts_with("aws.") {
        let message = "Not authorized for the source.".to_owned();
        return Err(Refused { code: "NotAuthorizedForSource", message });
    }
    let bus = names::bus_named(scope, entry.text("EventBusName"));
    let bus = bus.map_err(|fault| Refused { code: "InvalidArgument", message: fault.message })?;
    let resources: Value = entry.list("Resources").cloned().collect();
    let id = aws_names::uuid_v4(asked.inner.clock.random());
    let time = entry.time("Time").unwrap_or(asked.now);
    let event = event(scope, Parts { id: &id, detail_type, source, time, resources, detail });
    if !asked.inner.state().buses.contains_key(bus.as_str()) {
        // AWS takes such events, too, and nobody gets them.
        tracing::warn!(%bus, "an event was put onto an event bus that does not exist");
    }
    Ok((bus, Received { ingested: asked.now, hops: 0, event }))
}

fn required<'a>(entry: Members<'a>, name: &str) -> Result<&'a str, Refused> {
    entry.text(name).filter(|text| !text.is_empty()).ok_or_else(|| Refused {
        code: "InvalidArgument",
        message: format!("Parameter {name} is not valid. Reason: {name} is a required argument."),
    })
}

fn shown(entry: Result<(String, Received), Refused>) -> Value {
    let mut shown = Object::new();
    match entry {
        Ok((_, received)) => shown.insert("EventId", received.id()),
        Err(Refused { code, message }) => {
            shown.insert("ErrorCode", code);
            shown.insert("ErrorMessage", message)
        }
    };
    Value::Object(shown)
}
