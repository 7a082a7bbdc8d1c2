//! PublishStateMachineVersion: the current revision under a number of its own.

use engine::request::{Created, Publish, PublishVersion};

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    Ok(write(&call.engine.publish_version(request).await?))
}

fn read(body: &Body) -> Result<PublishVersion, ApiError> {
    let members = body.members();
    let state_machine_arn = members.required_text("stateMachineArn", &constraint::ARN)?;
    let revision_id = members.text("revisionId", &constraint::REVISION_ID)?;
    let description = members.text("description", &constraint::VERSION_DESCRIPTION)?;
    members.check()?;
    resource::unlabelled_state_machine(&state_machine_arn)?;
    Ok(PublishVersion { state_machine_arn, revision_id, publish: Publish { description } })
}

fn write(created: &Created) -> String {
    answer::object(|answer| {
        answer.time("creationDate", created.created_at);
        answer.text("stateMachineVersionArn", &created.arn);
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
            let show = |request: PublishVersion| {
                format!(
                    "{} {:?} {:?}",
                    request.state_machine_arn, request.revision_id, request.publish.description
                )
            };
            let expected = expected.replace("<m>", "arn:aws:states:us-east-1:123456789012:stateMachine:m");
            assert_eq!(outcome(read, show, body), expected, "{body}");
        };
        check(r#"{"stateMachineArn":"ARN:stateMachine:m"}"#, "<m> None None");
        check(
            r#"{"stateMachineArn":"ARN:stateMachine:m","revisionId":"INITIAL","description":"d"}"#,
            r#"<m> Some("INITIAL") Some("d")"#,
        );
        check(
            r#"{"stateMachineArn":"ARN:stateMachine:m:1"}"#,
            "StateMachineDoesNotExist: State Machine Does Not Exist: '<m>:1'",
        );
        check(r#"{"stateMachineArn":"x"}"#, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'");
        let long = "d".repeat(257);
        check(
            &format!(r#"{{"stateMachineArn":"ARN:stateMachine:m","description":"{long}"}}"#),
            "ValidationException: 1 validation error detected: Value at 'description' failed to satisfy constraint: \
             Member must have length less than or equal to 256",
        );
    }

    #[test]
    fn answers() {
        let created = Created { arn: "arn:m:1".into(), created_at: Timestamp(1500) };
        assert_eq!(write(&created), r#"{"creationDate":1.500,"stateMachineVersionArn":"arn:m:1"}"#);
    }
}
