//! DeleteStateMachineAlias: the versions that it leads to stay.

use json::Text;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let (machine_arn, name) = read(&call.body)?;
    call.engine.delete_alias(machine_arn, name).await?;
    Ok(answer::nothing())
}

fn read(body: &Body) -> Result<(Text, Text), ApiError> {
    let members = body.members();
    let arn = members.required_text("stateMachineAliasArn", &constraint::ARN)?;
    members.check()?;
    resource::alias(&arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |arn: &str, expected: &str| {
            let show = |(machine_arn, name): (Text, Text)| format!("{machine_arn} {name}");
            let body = format!(r#"{{"stateMachineAliasArn":"{arn}"}}"#);
            assert_eq!(outcome(read, show, &body), expected, "{body}");
        };
        check("ARN:stateMachine:m:live", "arn:aws:states:us-east-1:123456789012:stateMachine:m live");
        check(
            "ARN:activity:live",
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: activity'",
        );
    }
}
