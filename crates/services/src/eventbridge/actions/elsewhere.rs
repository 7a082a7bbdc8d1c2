//! What EventBridge has on AWS and this server has not: refused in words that say what to do instead.

use json::Value;

use crate::Fault;

pub(super) fn answer(operation: &str) -> Result<Value, Fault> {
    match operation {
        // There are none, and that can be said.
        "ListEndpoints" => Ok(json::value!({ "Endpoints": [] })),
        "ListEventSources" => Ok(json::value!({ "EventSources": [] })),
        "ListPartnerEventSources" => Ok(json::value!({ "PartnerEventSources": [] })),
        "ListPartnerEventSourceAccounts" => Ok(json::value!({ "PartnerEventSourceAccounts": [] })),
        "DescribeEndpoint" | "DeleteEndpoint" | "UpdateEndpoint" => Err(none("global endpoints")),
        "CreateEndpoint" => {
            Err(refused("This server is in one region and has no global endpoints: send events to a bus."))
        }
        "ActivateEventSource"
        | "DeactivateEventSource"
        | "DescribeEventSource"
        | "CreatePartnerEventSource"
        | "DeletePartnerEventSource"
        | "DescribePartnerEventSource"
        | "PutPartnerEvents" => Err(refused(
            "This server has no partner event sources: put their events onto a bus with PutEvents.",
        )),
        operation => {
            let message = format!("This server has no operation {operation} of Amazon EventBridge.");
            Err(Fault::new("UnknownOperationException", message))
        }
    }
}

fn none(what: &str) -> Fault {
    Fault::new("ResourceNotFoundException", format!("This server has no {what}."))
}

fn refused(message: &str) -> Fault {
    Fault::new("OperationDisabledException", message)
}
