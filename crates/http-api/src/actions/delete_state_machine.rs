//! DeleteStateMachine: stops its executions; done again, it succeeds again.

use json::Text;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    call.engine.delete_state_machine(read(&call.body)?).await?;
    Ok(answer::nothing())
}

fn read(body: &Body) -> Result<Text, ApiError> {
    let members = body.members();
    let arn = members.required_text("stateMachineArn", &constraint::ARN)?;
    members.check()?;
    resource::whole_state_machine(&arn)?;
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
            r#"{"stateMachineArn":"ARN:stateMachine:x"}"#,
            "arn:aws:states:us-east-1:123456789012:stateMachine:x",
        );
        check(r#"{"stateMachineArn":"x"}"#, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'");
        check(
            r#"{"stateMachineArn":"ARN:execution:x:y"}"#,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'",
        );
        for qualified in ["m:1", "m:live", "m/label"] {
            let body = format!(r#"{{"stateMachineArn":"ARN:stateMachine:{qualified}"}}"#);
            let refused = outcome(read, |_| String::new(), &body);
            assert!(refused.starts_with("ValidationException: State machine ARNs with a "), "{refused}");
        }
    }
}
