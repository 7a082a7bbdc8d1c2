//! What an integration asks of its evaluated Parameters. A Task whose Parameters it cannot take fails
//! as it is entered, before anything is scheduled. (spec/history-events.md §3, row 17)

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
        Err(Failure::runtime(could_not_start(&parameters.text(), &problems)))
    }
}
