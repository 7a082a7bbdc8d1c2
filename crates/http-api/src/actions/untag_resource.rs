//! UntagResource: removes tags of a state machine or an activity.

use json::Text;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { arn, keys } = read(&call.body)?;
    call.engine.untag(arn, keys).await?;
    Ok(answer::nothing())
}

/// What loses which tags.
struct Request {
    arn: Text,
    keys: Vec<Text>,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("resourceArn", &constraint::ARN)?;
    let keys = members.texts("tagKeys", &constraint::TAG_KEY)?.unwrap_or_else(|| members.missing("tagKeys"));
    members.check()?;
    resource::taggable(&arn)?;
    Ok(Request { arn, keys })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            assert_eq!(outcome(read, |request| format!("{:?}", request.keys), body), expected);
        };
        check(r#"{"resourceArn":"ARN:stateMachine:m","tagKeys":["a","a"]}"#, r#"["a", "a"]"#);
        check(
            r#"{"resourceArn":"ARN:stateMachine:m","tagKeys":[""]}"#,
            "ValidationException: 1 validation error detected: Value '' at 'tagKeys.1.member' failed to satisfy \
             constraint: Member must have length greater than or equal to 1",
        );
    }
}
