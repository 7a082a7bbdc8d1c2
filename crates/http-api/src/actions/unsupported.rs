//! The actions of AWS's model that this version does not have: a request that is wrong anywhere is told
//! so, as with the actions that are here. Never here: doing any part of them.

use engine::{Engine, Refusal};

use super::TARGET_PREFIX;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

/// The actions that are about a state machine which can be looked up.
const OF_MACHINES: [&str; 3] =
    ["ListStateMachineAliases", "ListStateMachineVersions", "PublishStateMachineVersion"];

/// What is wrong with a request, beside that this version does not have the action of `target`.
pub(crate) fn mistake(target: &str, engine: &Engine, body: &[u8]) -> Option<ApiError> {
    let name = target.strip_prefix(TARGET_PREFIX)?;
    OF_MACHINES.contains(&name).then(|| check(engine, body).err())?
}

fn check(engine: &Engine, body: &[u8]) -> Result<(), ApiError> {
    let body = Body::parse(body)?;
    let members = body.members();
    let arn = members.required_text("stateMachineArn", &constraint::ARN)?;
    members.check()?;
    resource::state_machine(&arn)?;
    match engine.store().machine(&arn) {
        Some(_) => Ok(()),
        None => Err(Refusal::StateMachineDoesNotExist { arn }.into()),
    }
}
