//! ListMapRuns: this version has no Distributed Maps, so no execution has any Map Run.

use engine::Refusal;
use json::Text;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let arn = read(&call.body)?;
    call.engine.check_owner(&arn)?;
    match call.engine.store().execution(&arn)? {
        Some(_) => Ok(answer::object(|answer| answer.objects("mapRuns", [(); 0], |_, ()| ()))),
        None => Err(Refusal::ExecutionDoesNotExist { arn }.into()),
    }
}

fn read(body: &Body) -> Result<Text, ApiError> {
    let members = body.members();
    let arn = members.required_text("executionArn", &constraint::ARN)?;
    members.integer("maxResults", constraint::PAGE_SIZE)?;
    let token = members.text("nextToken", &constraint::PAGE_TOKEN)?;
    members.check()?;
    resource::execution(&arn)?;
    match token {
        // There is no second page that a token could lead to.
        Some(_) => Err(ApiError::invalid_token()),
        None => Ok(arn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            assert_eq!(outcome(read, |arn| arn.to_string(), body), expected, "{body}");
        };
        check(
            r#"{"executionArn":"ARN:execution:m:e","maxResults":0}"#,
            "arn:aws:states:us-east-1:123456789012:execution:m:e",
        );
        check(
            r#"{"executionArn":"ARN:express:m:e:u"}"#,
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'",
        );
        check(
            r#"{"executionArn":"ARN:execution:m:e","nextToken":"x"}"#,
            "InvalidToken: Invalid Token: 'Invalid token'",
        );
    }
}
