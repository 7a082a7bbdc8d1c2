//! DescribeActivity.

use engine::Refusal;
use json::Text;
use store::Activity;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let arn = read(&call.body)?;
    match call.engine.store().activity(&arn) {
        Some(activity) => Ok(write(&activity)),
        None => Err(Refusal::ActivityDoesNotExist { arn }.into()),
    }
}

fn read(body: &Body) -> Result<Text, ApiError> {
    let members = body.members();
    let arn = members.required_text("activityArn", &constraint::ARN)?;
    members.check()?;
    resource::activity(&arn)?;
    Ok(arn)
}

fn write(activity: &Activity) -> String {
    answer::object(|answer| {
        answer.text("activityArn", &activity.arn);
        answer.text("name", &activity.name);
        answer.time("creationDate", activity.created_at);
        answer.value("encryptionConfiguration", &activity.encryption);
    })
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;

    use super::*;
    use crate::actions::testing::outcome;
    use crate::configuration;

    #[test]
    fn requests() {
        let check =
            |body: &str, expected: &str| assert_eq!(outcome(read, |arn| arn.to_string(), body), expected);
        check(r#"{"activityArn":"no"}"#, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: no'");
        check(r#"{"activityArn":"ARN:activity:a"}"#, "arn:aws:states:us-east-1:123456789012:activity:a");
    }

    #[test]
    fn answers() {
        let activity = Activity {
            arn: "arn:a".into(),
            name: "a".into(),
            created_at: Timestamp(1000),
            encryption: configuration::encryption_default(),
            tags: Vec::new(),
        };
        assert_eq!(
            write(&activity),
            concat!(
                r#"{"activityArn":"arn:a","name":"a","creationDate":1.000,"#,
                r#""encryptionConfiguration":{"type":"AWS_OWNED_KEY"}}"#
            )
        );
    }
}
