//! UpdateStateMachine: new executions run the new revision; running ones keep theirs.

use engine::request::{UpdateStateMachine, Updated};

use super::Call;
use super::create_state_machine::Publishing;
use crate::answer;
use crate::configuration::{self, Encryption, Logging};
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    Ok(write(&call.engine.update_state_machine(request).await?))
}

fn read(body: &Body) -> Result<UpdateStateMachine, ApiError> {
    let members = body.members();
    let state_machine_arn = members.required_text("stateMachineArn", &constraint::ARN)?;
    let definition = members.text("definition", &constraint::DEFINITION)?.map(String::from);
    let role_arn = members.text("roleArn", &constraint::ARN)?;
    let publishing = Publishing::read(&members)?;
    let tracing = configuration::tracing(&members)?;
    let encryption = configuration::encryption(&members)?;
    let logging = configuration::logging(&members)?;
    members.check()?;
    resource::unlabelled_state_machine(&state_machine_arn)?;
    if let Some(role_arn) = &role_arn {
        resource::role(role_arn)?;
    }
    let publish = publishing.check()?;
    let encryption = encryption.map(Encryption::settle).transpose()?;
    let logging = logging.map(Logging::settle).transpose()?;
    let configured = logging.is_some() || tracing.is_some() || encryption.is_some();
    if definition.is_none() && role_arn.is_none() && !configured {
        let message = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration \
                       must be specified";
        return Err(ApiError::new("MissingRequiredParameter", message));
    }
    Ok(UpdateStateMachine { state_machine_arn, definition, role_arn, logging, tracing, encryption, publish })
}

fn write(updated: &Updated) -> String {
    answer::object(|answer| {
        answer.time("updateDate", updated.updated_at);
        answer.optional_text("revisionId", updated.revision_id.as_deref());
        answer.optional_text("stateMachineVersionArn", updated.version_arn.as_deref());
    })
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;

    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let body = format!(r#"{{"stateMachineArn":"ARN:stateMachine:m"{members}}}"#);
            let show = |request: UpdateStateMachine| {
                let UpdateStateMachine { definition, role_arn, logging, tracing, encryption, .. } = request;
                let texts = [logging, tracing, encryption].map(|value| value.map(|value| value.to_text()));
                format!("{definition:?} {role_arn:?} {texts:?}")
            };
            assert_eq!(outcome(read, show, &body), expected, "{members}");
        };
        check(r#","definition":"{}""#, r#"Some("{}") None [None, None, None]"#);
        check(r#","tracingConfiguration":{}"#, r#"None None [None, Some("{\"enabled\":false}"), None]"#);
        check(
            "",
            "MissingRequiredParameter: Either the definition, the role ARN, the LoggingConfiguration, or the \
             TracingConfiguration must be specified",
        );
        check(
            r#","definition":"{}","versionDescription":"v""#,
            "ValidationException: Version description can only be set when publish is true",
        );
        check(
            r#","publish":true"#,
            "MissingRequiredParameter: Either the definition, the role ARN, the LoggingConfiguration, or the \
             TracingConfiguration must be specified",
        );
        check(
            r#","loggingConfiguration":{"level":"ALL"}"#,
            "InvalidLoggingConfiguration: Invalid Logging Configuration: Must specify exactly one Log Destination.",
        );
        check(r#","roleArn":"r""#, "InvalidArn: Invalid Role Arn: 'r'");
    }

    #[test]
    fn answers() {
        let updated =
            |revision_id, version_arn| Updated { updated_at: Timestamp(1000), revision_id, version_arn };
        assert_eq!(write(&updated(None, None)), r#"{"updateDate":1.000}"#);
        assert_eq!(
            write(&updated(Some("u".into()), Some("arn:m:2".into()))),
            r#"{"updateDate":1.000,"revisionId":"u","stateMachineVersionArn":"arn:m:2"}"#
        );
    }
}
