//! API destinations.

use json::{Object, Value};
use ledger::Batch;

use super::super::api_destination::PER_SECOND;
use super::super::members::{Members, validation};
use super::super::page::page;
use super::super::state::{self, Kind, State};
use super::super::{Asked, names};
use super::{limit_exceeded, nothing, shown};
use crate::Fault;

/// AWS's quota. (EventBridge quotas, "API destinations")
const DESTINATIONS_MAX: usize = 3_000;

const GIVEN: [&str; 5] =
    ["Description", "ConnectionArn", "InvocationEndpoint", "HttpMethod", "InvocationRateLimitPerSecond"];

pub(super) fn create(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let members = asked.members();
    let name = members.required("Name")?;
    if state.destinations.contains_key(name) {
        let message = format!("An api-destination '{name}' already exists.");
        return Err(Fault::new("ResourceAlreadyExistsException", message));
    }
    if state.destinations.len() >= DESTINATIONS_MAX {
        return Err(limit_exceeded());
    }
    check(asked, members)?;
    let mut record = Object::new();
    let uuid = aws_names::uuid_v4(asked.inner.clock.random());
    record.insert("ApiDestinationArn", names::api_destination(&asked.inner.scope, name, &uuid));
    record.insert("Name", name);
    record.insert("CreationTime", asked.now);
    record.insert("InvocationRateLimitPerSecond", PER_SECOND);
    put(asked, state, batch, record)
}

/// What cannot be called.
fn check(asked: &Asked, members: Members<'_>) -> Result<(), Fault> {
    if let Some(arn) = members.text("ConnectionArn")
        && asked.inner.connections.find(arn).is_none()
    {
        let message = format!("Connection '{arn}' does not exist.");
        return Err(Fault::new("ResourceNotFoundException", message));
    }
    let endpoint = members.text("InvocationEndpoint");
    // Where it may lead, the settings for HTTP tasks decide when it is called; they may allow http for tests.
    if endpoint.is_some_and(|endpoint| !endpoint.starts_with("https://") && !endpoint.starts_with("http://"))
    {
        return Err(validation("Parameter InvocationEndpoint is not valid. Reason: it is no HTTPS URL."));
    }
    if members.integer("InvocationRateLimitPerSecond").is_some_and(|rate| rate < 1) {
        return Err(validation(
            "Parameter InvocationRateLimitPerSecond is not valid. Reason: it is below 1.",
        ));
    }
    Ok(())
}

fn put(asked: &Asked, state: &mut State, batch: &mut Batch, mut record: Object) -> Result<Value, Fault> {
    for (name, value) in asked.members().pick(&GIVEN).iter() {
        record.insert(name.clone(), value);
    }
    record.insert("ApiDestinationState", "ACTIVE");
    record.insert("LastModifiedTime", asked.now);
    let name = record.get("Name").and_then(Value::as_str).unwrap_or_default().to_owned();
    state::put(batch, Kind::Destination, &name, &record);
    let answer = ["ApiDestinationArn", "ApiDestinationState", "CreationTime", "LastModifiedTime"];
    let answer = shown(&record, &answer);
    state.destinations.insert(name.into(), record);
    Ok(Value::Object(answer))
}

pub(super) fn update(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let record = find(state, asked.members().required("Name")?, "update")?.clone();
    check(asked, asked.members())?;
    put(asked, state, batch, record)
}

pub(super) fn delete(asked: &Asked, state: &mut State, batch: &mut Batch) -> Result<Value, Fault> {
    let name = asked.members().required("Name")?;
    find(state, name, "delete")?;
    state::remove(batch, Kind::Destination, name);
    state.destinations.remove(name);
    nothing()
}

pub(super) fn describe(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let record = find(state, asked.members().required("Name")?, "describe")?;
    let names = [
        "ApiDestinationArn",
        "Name",
        "Description",
        "ApiDestinationState",
        "ConnectionArn",
        "InvocationEndpoint",
        "HttpMethod",
        "InvocationRateLimitPerSecond",
        "CreationTime",
        "LastModifiedTime",
    ];
    Ok(Value::Object(shown(record, &names)))
}

pub(super) fn list(asked: &Asked, state: &State) -> Result<Value, Fault> {
    let members = asked.members();
    let prefix = members.text("NamePrefix").unwrap_or_default();
    let names = [
        "ApiDestinationArn",
        "Name",
        "ApiDestinationState",
        "ConnectionArn",
        "InvocationEndpoint",
        "HttpMethod",
        "InvocationRateLimitPerSecond",
        "CreationTime",
        "LastModifiedTime",
    ];
    let connection = members.text("ConnectionArn");
    let is_wanted = |record: &Object| {
        connection.is_none_or(|wanted| record.get("ConnectionArn").and_then(Value::as_str) == Some(wanted))
    };
    let found =
        state.destinations.iter().filter(|(name, record)| name.starts_with(prefix) && is_wanted(record));
    let found = found.map(|(name, record)| (name.as_str(), Value::Object(shown(record, &names))));
    page(members, "Limit", "ApiDestinations", found)
}

fn find<'s>(state: &'s State, name: &str, verb: &str) -> Result<&'s Object, Fault> {
    state.destinations.get(name).ok_or_else(|| {
        let message =
            format!("Failed to {verb} the api-destination(s). ApiDestination '{name}' does not exist.");
        Fault::new("ResourceNotFoundException", message)
    })
}
