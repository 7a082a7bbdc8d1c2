//! AWS's optimised integrations, a file for each service. (spec/integrations.md §3 and §4)
//!
//! Never here: what this version cannot call (`asl` refuses it).

use crate::action::{Action, Service};
use crate::resource::Pattern;

mod api_gateway;
mod athena;
mod batch;
mod bedrock;
mod code_build;
mod data_brew;
mod dynamodb;
mod ecs;
mod eks;
mod emr;
mod emr_containers;
mod emr_serverless;
mod event_bridge;
mod glue;
mod http;
mod lambda;
mod media_convert;
mod sage_maker;
mod sns;
mod sqs;
mod step_functions;

const SERVICES: [&Service; 21] = [
    &api_gateway::SERVICE,
    &athena::SERVICE,
    &batch::SERVICE,
    &bedrock::SERVICE,
    &code_build::SERVICE,
    &data_brew::SERVICE,
    &dynamodb::SERVICE,
    &ecs::SERVICE,
    &eks::SERVICE,
    &emr::SERVICE,
    &emr_containers::SERVICE,
    &emr_serverless::SERVICE,
    &event_bridge::SERVICE,
    &glue::SERVICE,
    &http::SERVICE,
    &lambda::SERVICE,
    &media_convert::SERVICE,
    &sage_maker::SERVICE,
    &sns::SERVICE,
    &sqs::SERVICE,
    &step_functions::SERVICE,
];

/// The service with this segment in Resources.
pub(crate) fn find(name: &str) -> Option<&'static Service> {
    SERVICES.into_iter().find(|service| service.name == name)
}

/// Whether AWS has this integration.
pub(crate) fn offers(service: &str, action: &str, pattern: Pattern) -> bool {
    let action = find(service).and_then(|service| service.actions.iter().find(|known| known.name == action));
    action.is_some_and(|action| pattern == Pattern::RequestResponse || action.patterns.contains(&pattern))
}

/// The actions that offer this pattern beside Request Response.
pub(crate) fn of_pattern(pattern: Pattern) -> impl Iterator<Item = (&'static str, &'static str)> {
    all()
        .filter(move |(_, action)| action.patterns.contains(&pattern))
        .map(|(service, action)| (service.name, action.name))
}

fn all() -> impl Iterator<Item = (&'static Service, &'static Action)> {
    SERVICES.into_iter().flat_map(|service| service.actions.iter().map(move |action| (service, action)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that is misspelt would be found when a Task runs, by its user.
    #[test]
    fn every_operation_that_is_named_is_in_the_models() {
        for (service, action) in all() {
            let operations = action.operation.into_iter();
            let operations = operations.chain(action.lookup.map(|lookup| lookup.operation));
            let operations = operations.chain(action.watch.map(|watch| watch.operation));
            let operations =
                operations.chain(action.watch.and_then(|watch| watch.stop).map(|stop| stop.operation));
            for operation in operations {
                let model =
                    aws_models::service(service.model).unwrap_or_else(|| panic!("no {}", service.model));
                assert!(model.operation(operation).is_some(), "{} has no {operation}", service.model);
            }
        }
    }

    #[test]
    fn every_field_is_a_member_of_its_operation() {
        for (service, action) in all() {
            let (Some(operation), Some(fields), None) = (action.operation, action.fields, action.lookup)
            else {
                continue;
            };
            let operation = aws_models::service(service.model).and_then(|model| model.operation(operation));
            let members: Vec<String> = operation
                .and_then(|operation| operation.input())
                .into_iter()
                .flat_map(|shape| shape.members().map(|member| member.field_name()))
                .collect();
            for field in fields {
                assert!(members.iter().any(|name| name == field.name), "{}: {}", action.name, field.name);
            }
        }
    }
}
