//! RedriveExecution: says why an execution cannot be redriven. One that AWS would redrive is refused as
//! well, because this version cannot.

use engine::Refusal;
use json::Text;

use super::{Call, describe_execution};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let arn = read(&call.body)?;
    call.engine.check_owner(&arn)?;
    let Some(view) = call.engine.store().execution(&arn)? else {
        return Err(Refusal::ExecutionDoesNotExist { arn }.into());
    };
    Err(match describe_execution::obstacle(&view, call.engine) {
        Some(why) => ApiError::new("ExecutionNotRedrivable", why),
        None => ApiError::unsupported_operation("RedriveExecution"),
    })
}

fn read(body: &Body) -> Result<Text, ApiError> {
    let members = body.members();
    let arn = members.required_text("executionArn", &constraint::ARN)?;
    members.text("clientToken", &constraint::CLIENT_TOKEN)?;
    members.check()?;
    resource::execution(&arn)?;
    Ok(arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let body = format!(r#"{{"executionArn":"ARN:execution:m:e"{members}}}"#);
            assert_eq!(outcome(read, |arn| arn.to_string(), &body), expected, "{body}");
        };
        check("", "arn:aws:states:us-east-1:123456789012:execution:m:e");
        check(r#","clientToken":"~!""#, "arn:aws:states:us-east-1:123456789012:execution:m:e");
        check(
            r#","clientToken":"a b""#,
            "ValidationException: 1 validation error detected: Value 'a b' at 'clientToken' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [!-~]+",
        );
    }
}
