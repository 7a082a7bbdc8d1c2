//! TestEventPattern: whether a pattern matches an event.

use events::Event;
use json::Value;

use super::super::members::validation;
use super::super::state::State;
use super::super::{Asked, rule};
use crate::Fault;

/// Without one of these an event is none. (The API reference of EventBridge, TestEventPattern)
const REQUIRED: [&str; 7] = ["id", "account", "source", "time", "region", "resources", "detail-type"];

pub(super) fn answer(asked: &Asked, _: &State) -> Result<Value, Fault> {
    let members = asked.members();
    let pattern = rule::pattern(members.required("EventPattern")?)?;
    let Ok(event @ Value::Object(_)) = Value::parse(members.required("Event")?) else {
        return Err(validation("Parameter Event is not valid."));
    };
    if let Some(missing) = REQUIRED.iter().find(|name| event.get(name).is_none()) {
        return Err(validation(format!("Parameter Event is not valid. Reason: Event must have {missing}.")));
    }
    Ok(json::value!({ "Result": (pattern.matches(&Event::new(&event))) }))
}
