//! DeleteStateMachineVersion: its executions go on; done again, it succeeds again.

use json::Text;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let (machine_arn, number) = read(&call.body)?;
    call.engine.delete_version(machine_arn, number).await?;
    Ok(answer::nothing())
}

fn read(body: &Body) -> Result<(Text, u64), ApiError> {
    let members = body.members();
    let arn = members.required_text("stateMachineVersionArn", &constraint::LONG_ARN)?;
    members.check()?;
    resource::version(&arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |arn: &str, expected: &str| {
            let show = |(machine_arn, number): (Text, u64)| format!("{machine_arn} {number}");
            let body = format!(r#"{{"stateMachineVersionArn":"{arn}"}}"#);
            let expected = expected.replace("<m>", "arn:aws:states:us-east-1:123456789012:stateMachine:m");
            assert_eq!(outcome(read, show, &body), expected, "{body}");
        };
        check("ARN:stateMachine:m:7", "<m> 7");
        check(
            "ARN:stateMachine:m",
            "ValidationException: A state machine version ARN is needed. Received: '<m>'",
        );
        check("x", "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'");
    }
}
