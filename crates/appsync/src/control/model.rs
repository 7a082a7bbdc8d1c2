//! What the model asks of an input: what must be there, lengths, ranges, values, patterns.
//!
//! AppSync tells it as a BadRequestException: its model has no ValidationException.

use aws_protocols::serve;
use json::Value;
use services::{Fault, Members};

use super::data_sources;
use super::fault::bad;

/// Operations on tags: the model's pattern for ARNs knows APIs only, although channel namespaces and domain names
/// have tags, too. `tags` looks them up.
const UNCHECKED: [&str; 3] = ["ListTagsForResource", "TagResource", "UntagResource"];

/// Refuses what breaks the model's constraints.
pub(super) fn check(operation: &str, input: &Value) -> Result<(), Fault> {
    if UNCHECKED.contains(&operation) {
        return Ok(());
    }
    let source = match operation {
        "CreateDataSource" => input.text("name"),
        "CreateFunction" | "UpdateFunction" | "CreateResolver" | "UpdateResolver" => {
            input.text("dataSourceName")
        }
        _ => None,
    };
    // One of the few texts of AppSync's own that are known.
    if source.is_some_and(|name| !data_sources::is_name(name)) {
        return Err(bad("Invalid data source name given, must match pattern [_A-Za-z][_0-9A-Za-z]*"));
    }
    let service = aws_models::service("appsync");
    let shape = service.and_then(|service| service.operation_named(operation)?.input());
    let Some(shape) = shape else { return Ok(()) };
    let violations = serve::violations(input, shape);
    if violations.is_empty() { Ok(()) } else { Err(bad(serve::detected(&violations))) }
}
