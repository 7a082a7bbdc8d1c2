//! StartSyncExecution: for EXPRESS machines, of which this version has none, so it always refuses.

use engine::Refusal;
use engine::request::StartExecution;

use super::{Call, start_execution};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    if call.engine.store().machine(&request.state_machine_arn).is_none() {
        return Err(Refusal::StateMachineDoesNotExist { arn: request.state_machine_arn }.into());
    }
    let message = "This operation is not supported by this type of state machine".to_owned();
    Err(Refusal::StateMachineTypeNotSupported { message }.into())
}

/// As StartExecution's, with one more member.
fn read(body: &Body) -> Result<StartExecution, ApiError> {
    let members = body.members();
    members.choice("includedData", constraint::INCLUDED_DATA)?;
    members.check()?;
    start_execution::read(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let body = format!(r#"{{"stateMachineArn":"ARN:stateMachine:m"{members}}}"#);
            assert_eq!(outcome(read, |request| request.input.text().to_owned(), &body), expected);
        };
        check("", "{}");
        check(r#","name":"a b""#, "InvalidName: Invalid Name: 'a b'");
        check(
            r#","input":"""#,
            "InvalidExecutionInput: Invalid State Machine Execution Input: 'Invalid execution input.'",
        );
        check(
            r#","includedData":"SOME""#,
            "ValidationException: 1 validation error detected: Value 'SOME' at 'includedData' failed to satisfy \
             constraint: Member must satisfy enum value set: [ALL_DATA, METADATA_ONLY]",
        );
        assert_eq!(
            outcome(read, |_| String::new(), r#"{"stateMachineArn":"x"}"#),
            "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'"
        );
    }
}
