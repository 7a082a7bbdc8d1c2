//! AWS's optimised integrations, a file for each service. (spec/integrations.md §3 and §4)
//!
//! Never here: how anything is called.

use crate::action::Service;
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

pub(crate) const SERVICES: [&Service; 21] = [
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Action;
    use crate::integration::Integration;

    fn all() -> impl Iterator<Item = (&'static Service, &'static Action)> {
        SERVICES.into_iter().flat_map(|service| service.actions.iter().map(move |action| (service, action)))
    }

    /// A name that is misspelt would be found when a Task runs, by its user.
    #[test]
    fn every_operation_that_is_named_is_in_the_models() {
        for (service, action) in all() {
            let operations = action.operation.into_iter();
            let operations = operations.chain(action.lookup.map(|lookup| lookup.operation));
            let operations = operations.chain(action.watch.map(|watch| watch.operation));
            let operations =
                operations.chain(action.watch.and_then(|watch| watch.stop).map(|stop| stop.operation));
            for operation in operations.chain(action.answer) {
                let name = action.model_in(service);
                let model = aws_models::service(name).unwrap_or_else(|| panic!("no {name}"));
                assert!(model.operation(operation).is_some(), "{name} has no {operation}");
            }
        }
    }

    /// Jobs whose result is no answer of an operation.
    const RESULTS_OF_THEIR_OWN: [&str; 5] = [
        "emr-serverless:createApplication",
        "emr-serverless:startApplication",
        "emr-serverless:stopApplication",
        "emr-serverless:deleteApplication",
        "eks:runJob",
    ];

    #[test]
    fn every_job_is_described_or_has_a_result_of_its_own() {
        let jobs: Vec<_> = all().filter(|(_, action)| action.patterns.contains(&Pattern::Sync)).collect();
        assert!(jobs.len() > 20, "only {}", jobs.len());
        for (service, action) in jobs {
            let name = format!("{}:{}", service.name, action.name);
            let integration = Integration::find(service.name, action.name).expect("it is in the catalogue");
            let description = integration.description(Pattern::Sync);
            let is_described = description.is_some_and(|operation| operation.output().is_some());
            assert_eq!(is_described, !RESULTS_OF_THEIR_OWN.contains(&name.as_str()), "{name}");
            assert!(integration.description(Pattern::RequestResponse).is_none(), "{name}");
        }
    }

    /// Fields of Step Functions' own, which the operation's input is made from.
    const OWN: [(&str, &str); 10] = [
        ("invokeModel", "Input"),
        ("invokeModel", "Output"),
        ("terminateCluster", "ClusterId"),
        ("addStep", "ClusterId"),
        ("addStep", "Step"),
        ("setClusterTerminationProtection", "ClusterId"),
        ("cancelStep", "StepId"),
        ("modifyInstanceFleetByName", "InstanceFleetName"),
        ("modifyInstanceGroupByName", "InstanceGroupName"),
        ("modifyInstanceGroupByName", "InstanceGroup"),
    ];

    /// What is no operation, a connector of its own carries out; this is its word for it.
    #[test]
    fn every_job_can_be_watched() {
        for (service, action) in all() {
            for pattern in action.patterns.iter().filter(|pattern| **pattern != Pattern::WaitForTaskToken) {
                let is_watched = action.watch_of(*pattern).is_some();
                let is_kubernetes = (service.name, action.name) == ("eks", "runJob");
                assert!(is_watched != is_kubernetes, "{}:{}", service.name, action.name);
            }
        }
        let others: Vec<&str> =
            all().filter(|(_, action)| action.operation.is_none()).map(|(service, _)| service.name).collect();
        assert_eq!(others, ["apigateway", "eks", "eks", "http", "lambda"]);
    }

    #[test]
    fn every_other_field_is_a_member_of_its_operation() {
        for (service, action) in all() {
            let (Some(operation), Some(fields)) = (action.operation, action.fields) else { continue };
            let model = aws_models::service(action.model_in(service));
            let operation = model.and_then(|model| model.operation(operation));
            let members: Vec<String> = operation
                .and_then(|operation| operation.input())
                .into_iter()
                .flat_map(|shape| shape.members().map(|member| member.field_name()))
                .collect();
            for field in fields {
                let is_member = members.iter().any(|name| name == field.name);
                let is_own = OWN.contains(&(action.name, field.name));
                assert_ne!(is_member, is_own, "{}: {}", action.name, field.name);
            }
        }
    }
}
