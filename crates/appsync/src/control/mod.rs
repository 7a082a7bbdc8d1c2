//! What the operations of AppSync's API do: functions from the records as they are to the records as they shall be.
//!
//! Never here: how records are kept, requests to the APIs themselves.

use std::sync::Arc;

use aws_names::Scope;
use json::Value;
use services::records::Draft;
use services::{Asker, Fault, Moment};

use crate::appsync::Shared;

/// What an operation works on.
pub(crate) struct Work<'w, 'r> {
    pub(crate) draft: &'w mut Draft<'r>,
    pub(crate) scope: &'w Scope,
    pub(crate) asker: &'w Asker,
    pub(crate) moment: &'w mut Moment,
}

/// Carries out an operation; input and output are named as the model names them.
pub(crate) fn perform(operation: &str, _input: &Value, _work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    Err(Fault::new("BadRequestException", format!("{operation} is not supported by this server")))
}

/// Operations that change nothing and need more than records: evaluations, the cache. `None`: it is not one of those.
pub(crate) async fn evaluate(
    _shared: &Arc<Shared>,
    _operation: &str,
    _input: &Value,
) -> Option<Result<Value, Fault>> {
    None
}
