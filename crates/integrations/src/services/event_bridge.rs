//! EventBridge: events. (spec/integrations.md §4)

use json::{Array, Object, Value};

use crate::action::{Action, Field, Service, TOKEN, required};
use crate::failure::{Naming, ServiceFailure};
use crate::integration::Around;
use crate::resource::Pattern;

pub(crate) const SERVICE: Service = Service {
    name: "events",
    model: "events",
    naming: Naming {
        prefix: "EventBridge",
        unnamed: "AmazonEventBridgeException",
        service: "AmazonEventBridge",
    },
    actions: &[Action {
        fields: Some(PUT),
        input: with_sender,
        output: all_accepted,
        // As recorded.
        has_metadata: false,
        ..Action::new("putEvents", TOKEN)
    }],
};

const PUT: &[Field] = &[required("Entries")];

/// Each event names the state machine and its execution among its resources. (recorded)
fn with_sender(parameters: &Object, around: &Around<'_>) -> Object {
    let mut input = parameters.clone();
    let Some(Value::Array(entries)) = parameters.get("Entries") else { return input };
    let entries = entries.iter().map(|entry| {
        let Value::Object(entry) = entry else { return entry.clone() };
        let mut entry = entry.clone();
        let mut resources = match entry.get("Resources") {
            None | Some(Value::Null) => Array::new(),
            Some(Value::Array(resources)) => resources.clone(),
            // It is refused as it is.
            Some(_) => return entry.into(),
        };
        resources.push(around.state_machine_arn);
        resources.push(around.execution_arn);
        entry.insert("Resources", resources);
        entry.into()
    });
    input.insert("Entries", entries.collect::<Value>());
    input
}

/// One event that was refused fails the Task, though the others are on their way. (recorded)
fn all_accepted(_: &Value, _: Pattern, output: Object) -> Result<Object, ServiceFailure> {
    match output.get("FailedEntryCount") {
        None | Some(Value::Int(0)) => Ok(output),
        Some(_) => Err(ServiceFailure::new("EventBridge.FailedEntry", Value::Object(output).to_text())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_stands_behind_the_resources() {
        let parameters = json::value!({ "Entries": [{ "Resources": ["r"] }, { "Source": "s" }] });
        let pattern = Pattern::RequestResponse;
        let around = Around { execution_arn: "e", state_machine_arn: "m", pattern, token: "" };
        let input = with_sender(parameters.as_object().unwrap(), &around);
        assert_eq!(
            Value::Object(input).to_text(),
            r#"{"Entries":[{"Resources":["r","m","e"]},{"Source":"s","Resources":["m","e"]}]}"#
        );
    }

    #[test]
    fn a_refused_event_fails_the_task() {
        let output = json::value!({ "Entries": [{ "ErrorCode": "InvalidArgument" }], "FailedEntryCount": 1 });
        let failure =
            all_accepted(&Value::Null, Pattern::RequestResponse, output.as_object().unwrap().clone())
                .unwrap_err();
        assert_eq!((failure.error.as_str(), failure.cause), ("EventBridge.FailedEntry", output.to_text()));
    }
}
