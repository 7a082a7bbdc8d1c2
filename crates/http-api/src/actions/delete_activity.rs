//! DeleteActivity: done again, it succeeds again.

use json::Text;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    call.engine.delete_activity(read(&call.body)?).await?;
    Ok(answer::nothing())
}

fn read(body: &Body) -> Result<Text, ApiError> {
    let members = body.members();
    let arn = members.required_text("activityArn", &constraint::ARN)?;
    members.check()?;
    resource::activity(&arn)?;
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
        check(r#"{"activityArn":"ARN:activity:x"}"#, "arn:aws:states:us-east-1:123456789012:activity:x");
        check(r#"{"activityArn":"x"}"#, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'");
        check(
            r#"{"activityArn":"ARN:execution:x:y"}"#,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'",
        );
    }
}
