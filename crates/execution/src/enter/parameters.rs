//! What an integration asks of its evaluated Parameters, and adds to them. A Task whose Parameters it
//! cannot take fails as it is entered, before anything is scheduled. (spec/history-events.md §3, row 17)

use asl::{Failure, Resource};
use integrations::{Integration, could_not_start};
use json::Document;

/// Names everything that is wrong. (spec/integrations.md §2)
pub(super) fn check(resource: &Resource, parameters: &Document) -> Result<(), Failure> {
    let Resource::Integration { service, action, .. } = resource else { return Ok(()) };
    let Some(integration) = Integration::find(service, action) else { return Ok(()) };
    let problems = integration.problems(parameters.value());
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::runtime(could_not_start(parameters.text(), &problems)))
    }
}

/// Adds what Step Functions adds; the history shows it. (spec/history-events.md §4)
pub(super) fn completed(resource: &Resource, parameters: Document) -> Document {
    let Resource::Integration { service, action, pattern } = resource else { return parameters };
    let completed = Integration::find(service, action)
        .and_then(|integration| integration.completed(parameters.value(), *pattern));
    completed.map_or(parameters, Document::from)
}
