//! CreateActivity: a name that workers can ask for tasks by.

use engine::request::{CreateActivity, Created};

use super::Call;
use crate::answer;
use crate::configuration::{self, Encryption};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    let arn = call.engine.scope().activity(&request.name);
    configuration::check_tags(&request.tags, &arn)?;
    Ok(write(&call.engine.create_activity(request).await?))
}

fn read(body: &Body) -> Result<CreateActivity, ApiError> {
    let members = body.members();
    let name = members.required_text("name", &constraint::NAME)?;
    let tags = configuration::tags(&members)?.unwrap_or_default();
    let encryption = configuration::encryption(&members)?;
    members.check()?;
    if !aws_names::name_is_valid(&name) {
        return Err(ApiError::invalid_name(&name));
    }
    let encryption =
        encryption.map_or_else(|| Ok(configuration::encryption_default()), Encryption::settle)?;
    Ok(CreateActivity { name, encryption, tags })
}

fn write(created: &Created) -> String {
    answer::object(|answer| {
        answer.text("activityArn", &created.arn);
        answer.time("creationDate", created.created_at);
    })
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;

    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |request: CreateActivity| {
                format!("{} {} {:?}", request.name, request.encryption, request.tags)
            };
            assert_eq!(outcome(read, show, body), expected, "{body}");
        };
        check(r#"{"name":"a"}"#, r#"a {"type":"AWS_OWNED_KEY"} []"#);
        check(
            r#"{"name":"a","tags":[{"key":"k","value":"v"}]}"#,
            r#"a {"type":"AWS_OWNED_KEY"} [("k", "v")]"#,
        );
        check(r#"{"name":"activity/name"}"#, "InvalidName: Invalid Name: 'activity/name'");
        check(r#"{"name":"\u0000activity"}"#, "InvalidName: Invalid Name: '\0activity'");
        check(
            "{}",
            "ValidationException: 1 validation error detected: Value null at 'name' failed to satisfy constraint: \
             Member must not be null",
        );
    }

    #[test]
    fn answers() {
        let created = Created { arn: "arn:a".into(), created_at: Timestamp(1500) };
        assert_eq!(write(&created), r#"{"activityArn":"arn:a","creationDate":1.500}"#);
    }
}
