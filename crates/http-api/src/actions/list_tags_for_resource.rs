//! ListTagsForResource: the tags of a state machine or an activity.

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
    let store = call.engine.store();
    if let Some(machine) = store.machine(&arn) {
        return Ok(write(&machine.tags));
    }
    match store.activity(&arn) {
        Some(activity) => Ok(write(&activity.tags)),
        None => Err(Refusal::ResourceNotFound { arn }.into()),
    }
}

fn read(body: &Body) -> Result<Text, ApiError> {
    let members = body.members();
    let arn = members.required_text("resourceArn", &constraint::ARN)?;
    members.check()?;
    resource::taggable(&arn)?;
    Ok(arn)
}

fn write(tags: &[(Text, Text)]) -> String {
    answer::object(|answer| {
        answer.objects("tags", tags, |item, (key, value)| {
            item.text("key", key);
            item.text("value", value);
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check =
            |body: &str, expected: &str| assert_eq!(outcome(read, |arn| arn.to_string(), body), expected);
        check(r#"{"resourceArn":"ARN:activity:a"}"#, "arn:aws:states:us-east-1:123456789012:activity:a");
        check(
            r#"{"resourceArn":"ARN:stateMachine:m:1"}"#,
            "ResourceNotFound: Resource not found: 'arn:aws:states:us-east-1:123456789012:stateMachine:m:1'",
        );
    }

    #[test]
    fn answers() {
        assert_eq!(write(&[]), r#"{"tags":[]}"#);
        assert_eq!(write(&[("k".into(), "".into())]), r#"{"tags":[{"key":"k","value":""}]}"#);
    }
}
