//! The actions of AWS's model that this version does not have: a request that is wrong anywhere is told
//! so, as with the actions that are here. Never here: doing any part of them.

use engine::{Engine, Refusal};

use super::TARGET_PREFIX;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

/// What an action is about.
#[derive(Clone, Copy)]
enum Subject {
    StateMachine,
    Execution,
    MapRun,
}

/// The actions whose first member names something that can be looked up.
const SUBJECTS: [(&str, &str, Subject); 7] = [
    ("DescribeMapRun", "mapRunArn", Subject::MapRun),
    ("ListMapRuns", "executionArn", Subject::Execution),
    ("ListStateMachineAliases", "stateMachineArn", Subject::StateMachine),
    ("ListStateMachineVersions", "stateMachineArn", Subject::StateMachine),
    ("PublishStateMachineVersion", "stateMachineArn", Subject::StateMachine),
    ("RedriveExecution", "executionArn", Subject::Execution),
    ("UpdateMapRun", "mapRunArn", Subject::MapRun),
];

/// What is wrong with a request, beside that this version does not have the action of `target`.
pub(crate) fn mistake(target: &str, engine: &Engine, body: &[u8]) -> Option<ApiError> {
    let name = target.strip_prefix(TARGET_PREFIX)?;
    let (_, member, subject) = SUBJECTS.into_iter().find(|(known, ..)| *known == name)?;
    check(engine, member, subject, body).err()
}

fn check(engine: &Engine, member: &str, subject: Subject, body: &[u8]) -> Result<(), ApiError> {
    let body = Body::parse(body)?;
    let members = body.members();
    let rule = match subject {
        Subject::MapRun => &constraint::LONG_ARN,
        Subject::StateMachine | Subject::Execution => &constraint::ARN,
    };
    let arn = members.required_text(member, rule)?;
    members.check()?;
    match subject {
        Subject::StateMachine => {
            resource::state_machine(&arn)?;
            match engine.store().machine(&arn) {
                Some(_) => Ok(()),
                None => Err(Refusal::StateMachineDoesNotExist { arn }.into()),
            }
        }
        Subject::Execution => {
            resource::execution(&arn)?;
            match engine.store().execution(&arn)? {
                Some(_) => Ok(()),
                None => Err(Refusal::ExecutionDoesNotExist { arn }.into()),
            }
        }
        Subject::MapRun => Err(resource::map_run(&arn)),
    }
}
