//! TagResource: adds or replaces tags of a state machine or an activity.

use json::Text;

use super::Call;
use crate::answer;
use crate::configuration;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { arn, tags } = read(&call.body)?;
    call.engine.tag(arn, tags).await?;
    Ok(answer::nothing())
}

/// What gets which tags.
struct Request {
    arn: Text,
    tags: Vec<(Text, Text)>,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("resourceArn", &constraint::ARN)?;
    let tags = configuration::tags(&members)?.unwrap_or_else(|| members.missing("tags"));
    members.check()?;
    resource::taggable(&arn)?;
    configuration::check_tags(&tags, &arn)?;
    Ok(Request { arn, tags })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            assert_eq!(outcome(read, |request| format!("{:?}", request.tags), body), expected);
        };
        check(
            r#"{"resourceArn":"ARN:stateMachine:m","tags":[{"key":"k","value":""},{"key":"k","value":"v"}]}"#,
            r#"[("k", "v")]"#,
        );
        check(r#"{"resourceArn":"ARN:activity:a","tags":[]}"#, "[]");
        check(
            r#"{"resourceArn":"ARN:stateMachine:m"}"#,
            "ValidationException: 1 validation error detected: Value null at 'tags' failed to satisfy constraint: \
             Member must not be null",
        );
        check(
            r#"{"resourceArn":"ARN:stateMachine:m:1","tags":[]}"#,
            "ResourceNotFound: Resource not found: 'arn:aws:states:us-east-1:123456789012:stateMachine:m:1'",
        );
    }
}
