//! What there is to be called, for whoever offers it to people.
//!
//! Never here: what a call looks like in detail.

use std::sync::LazyLock;

use aws_models::Operation;

use crate::action::{Action, Service};
use crate::resource::Pattern;
use crate::{sdk, services};

/// Something that a Task can call.
pub struct Offer {
    /// As a Resource has it: `sqs`, `aws-sdk:dynamodb`.
    pub service: String,
    /// `sendMessage`
    pub action: String,
    /// How its result may come beside Request Response.
    pub patterns: &'static [Pattern],
    /// The parameters without which it is refused.
    pub required: Vec<String>,
}

/// Every optimised integration, service by service.
pub fn optimised() -> impl Iterator<Item = Offer> {
    services::SERVICES.into_iter().flat_map(offers_of_service)
}

/// The services of SDK integrations as Resources have them, in order: `aws-sdk:s3`.
pub fn sdk_services() -> impl Iterator<Item = String> {
    aws_models::sdk_service_names().map(|name| format!("aws-sdk:{name}"))
}

/// All actions of a service; none if there is no such service.
pub fn actions_of(service: &str) -> Vec<Offer> {
    let Some(sdk_name) = service.strip_prefix("aws-sdk:") else {
        return services::find(service).into_iter().flat_map(offers_of_service).collect();
    };
    let operations = aws_models::sdk_service(sdk_name).into_iter().flat_map(|service| service.operations());
    let offered = operations.map(|operation| (operation, action_name(operation.name())));
    let offered = offered.filter(|(_, action)| sdk::offers(sdk_name, action));
    offered
        .map(|(operation, action)| Offer {
            service: service.to_owned(),
            action,
            patterns: &[Pattern::WaitForTaskToken],
            required: required_of(operation).collect(),
        })
        .collect()
}

/// The first `limit` actions of SDK integrations with this text in their names, whatever the case of letters, each with
/// its service. Those that begin with it come first, the shortest before the others.
pub fn actions_with(text: &str, limit: usize) -> Vec<(String, &'static str)> {
    let text = text.to_ascii_lowercase();
    let all = SDK_ACTIONS.iter().flat_map(|(service, actions)| {
        actions.iter().map(move |action| (service.as_str(), action.as_str(), action.to_ascii_lowercase()))
    });
    let (mut begin, contain): (Vec<_>, Vec<_>) =
        all.filter(|(_, _, lower)| lower.contains(&text)).partition(|(_, _, lower)| lower.starts_with(&text));
    begin.sort_by_key(|(_, action, _)| action.len());
    let found = begin.into_iter().chain(contain).take(limit);
    found.map(|(service, action, _)| (format!("aws-sdk:{service}"), action)).collect()
}

/// The names of all of them, by the SDK's names of services: a megabyte, unlike the models.
static SDK_ACTIONS: LazyLock<Vec<(String, Vec<String>)>> = LazyLock::new(|| {
    let mut all = Vec::new();
    aws_models::visit_sdk_services(|service| {
        let operations = service.operations().filter(|operation| !operation.has_event_stream());
        let actions = operations.map(|operation| action_name(operation.name()));
        let actions = actions.filter(|action| !sdk::leaves_out(service.sdk_name(), action));
        all.push((service.sdk_name().to_owned(), actions.collect()));
    });
    all
});

fn offers_of_service(service: &'static Service) -> impl Iterator<Item = Offer> {
    service.actions.iter().map(|action| Offer {
        service: service.name.to_owned(),
        action: action.name.to_owned(),
        patterns: action.patterns,
        required: required_by(service, action),
    })
}

fn required_by(service: &Service, action: &Action) -> Vec<String> {
    if let Some(fields) = action.fields {
        let required = fields.iter().filter(|field| field.is_required);
        return required.map(|field| field.name.to_owned()).collect();
    }
    let operation = action.operation.filter(|_| action.lookup.is_none());
    let operation = operation.and_then(|name| aws_models::service(action.model_in(service))?.operation(name));
    let members = operation.and_then(Operation::input).into_iter().flat_map(|input| input.members());
    members.filter(|member| member.is_required()).map(|member| member.field_name()).collect()
}

fn required_of(operation: Operation<'_>) -> impl Iterator<Item = String> {
    let members = operation.input().into_iter().flat_map(|input| input.members());
    members.filter(|member| member.is_required()).map(|member| member.sdk_field_name())
}

/// `PutItem` → `putItem`
fn action_name(operation: &str) -> String {
    let mut letters = operation.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resource;

    #[test]
    fn what_is_offered_can_be_called() {
        let sdk = ["aws-sdk:s3", "aws-sdk:dynamodb", "aws-sdk:sfn"].into_iter().flat_map(actions_of);
        let mut count = 0;
        for offer in optimised().chain(sdk) {
            for suffix in [""].into_iter().chain(offer.patterns.iter().map(|pattern| pattern.suffix())) {
                let resource = format!("arn:aws:states:::{}:{}{suffix}", offer.service, offer.action);
                assert!(Resource::parse(&resource).is_ok(), "{resource}");
            }
            count += 1;
        }
        assert!(count > 250, "only {count}");
    }

    #[test]
    fn required_parameters_are_named_as_the_service_wants_them() {
        let required = |service: &str, action: &str| {
            let offer = actions_of(service).into_iter().find(|offer| offer.action == action);
            offer.map(|offer| offer.required.join(" ")).unwrap_or_default()
        };
        assert_eq!(required("lambda", "invoke"), "FunctionName");
        assert_eq!(required("dynamodb", "getItem"), "Key TableName");
        assert_eq!(required("aws-sdk:s3", "copyObject"), "Bucket CopySource Key");
        assert_eq!(required("aws-sdk:lambda", "invokeAsync"), "", "it is left out");
        assert!(actions_of("aws-sdk:nothing").is_empty() && actions_of("nothing").is_empty());
    }

    #[test]
    fn actions_are_found_by_a_part_of_their_name() {
        let found = actions_with("DescribeInst", 5);
        assert_eq!(found.len(), 5);
        assert!(found.iter().all(|(_, action)| action.starts_with("describeInst")), "{found:?}");
        let found = actions_with("describeinstances", 100);
        assert!(
            found.iter().take(3).any(|found| *found == ("aws-sdk:ec2".to_owned(), "describeInstances")),
            "{found:?}"
        );
        assert!(actions_with("invokeAsync", 100).is_empty());
    }
}
