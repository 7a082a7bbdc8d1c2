//! StartSyncExecution: for EXPRESS machines, of which this version has none, so it always refuses.

use engine::Refusal;
use json::Text;

use super::Call;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let arn = read(&call.body)?;
    if call.engine.store().machine(&arn).is_none() {
        return Err(Refusal::StateMachineDoesNotExist { arn }.into());
    }
    let message = "This operation is not supported by this type of state machine".to_owned();
    Err(Refusal::StateMachineTypeNotSupported { message }.into())
}

fn read(body: &Body) -> Result<Text, ApiError> {
    let members = body.members();
    let arn = members.required_text("stateMachineArn", &constraint::ARN)?;
    members.check()?;
    resource::unlabelled_state_machine(&arn)?;
    Ok(arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check =
            |body: &str, expected: &str| assert_eq!(outcome(read, |arn| arn.to_string(), body), expected);
        check(
            r#"{"stateMachineArn":"ARN:stateMachine:m"}"#,
            "arn:aws:states:us-east-1:123456789012:stateMachine:m",
        );
        check(r#"{"stateMachineArn":"x"}"#, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'");
    }
}
