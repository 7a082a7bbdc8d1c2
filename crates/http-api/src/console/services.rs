//! `GET /v1/services`: what a Task can call.

use integrations::{Offer, Pattern};

use super::query::Query;
use crate::answer::{self, ObjectWriter};
use crate::error::ApiError;

/// More of them nobody reads through; a longer text finds fewer.
const FOUND_MAX: usize = 100;

/// All services, with the actions of those that have optimised integrations; or the actions of the `service` that is
/// named; or those of SDK integrations that have `text` in their names.
pub(super) fn answer(query: Option<&str>) -> Result<String, ApiError> {
    let query = Query::read(query, &["service", "text"])?;
    match (query.text("service"), query.text("text")) {
        (Some(_), Some(_)) => Err(ApiError::validation("Give a service or a text, not both")),
        (Some(service), None) => of_service(service),
        (None, Some(text)) => Ok(with_text(text)),
        (None, None) => Ok(all()),
    }
}

fn all() -> String {
    answer::object_of(64 << 10, |answer| {
        answer.objects("actions", integrations::optimised(), |item, offer| write(item, &offer));
        answer.objects("services", integrations::sdk_services(), |item, service| {
            item.text("service", &service);
        });
    })
}

fn of_service(service: &str) -> Result<String, ApiError> {
    let offers = integrations::actions_of(service);
    if offers.is_empty() {
        let message =
            format!("There is no service '{service}'. They are called as in a Resource: sqs, aws-sdk:s3");
        return Err(ApiError::validation(message));
    }
    Ok(answer::object(|answer| answer.objects("actions", &offers, write)))
}

fn with_text(text: &str) -> String {
    let found = integrations::actions_with(text, FOUND_MAX);
    answer::object(|answer| {
        answer.truth("isWhole", found.len() < FOUND_MAX);
        answer.objects("actions", &found, |item, (service, action)| {
            item.text("service", service);
            item.text("action", action);
        });
    })
}

fn write(item: &mut ObjectWriter<'_>, offer: &Offer) {
    item.text("service", &offer.service);
    item.text("action", &offer.action);
    item.foreign_texts("patterns", offer.patterns.iter().map(|pattern: &Pattern| pattern.suffix()));
    item.foreign_texts("required", offer.required.iter().map(String::as_str));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &str) {
        let said = answer(Some(query)).unwrap_or_else(|error| error.message);
        assert!(said.contains(expected), "{query}: {said}");
    }

    #[test]
    fn services_and_their_actions() {
        check(
            "",
            r#"{"service":"sns","action":"publish","patterns":[".waitForTaskToken"],"required":["Message"]}"#,
        );
        check("", r#"{"service":"aws-sdk:s3"}"#);
        check("service=lambda", r#"{"actions":[{"service":"lambda","action":"invoke","patterns":[".wait"#);
        check("service=aws-sdk:sfn", r#""action":"startSyncExecution""#);
        check("text=describeinstances", r#"{"service":"aws-sdk:ec2","action":"describeInstances"}"#);
        check("text=describe", r#"{"isWhole":false,"#);
        check("text=nosuchaction", r#"{"isWhole":true,"actions":[]}"#);
        check("service=nothing", "There is no service 'nothing'");
        check("service=a&text=b", "not both");
    }
}
