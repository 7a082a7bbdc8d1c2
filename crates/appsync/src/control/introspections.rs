//! What a database holds, as models: not offered.

use json::Value;
use services::Fault;

use super::fault::{not_found, unsupported};

pub(super) fn refuse(operation: &str) -> Result<Value, Fault> {
    match operation {
        "GetDataSourceIntrospection" => Err(not_found("No introspection was started")),
        _ => Err(unsupported(operation, "ask the database's own information_schema")),
    }
}
