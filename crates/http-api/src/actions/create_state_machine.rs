//! CreateStateMachine: a definition, checked, under a name.

use engine::request::{CreateStateMachine, CreatedStateMachine, Publish};
use json::Text;
use store::MachineType;

use super::Call;
use crate::answer;
use crate::configuration::{self, Encryption, Logging};
use crate::constraint;
use crate::error::ApiError;
use crate::members::{Body, Members};
use crate::resource;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    let arn = call.engine.scope().state_machine(&request.name);
    configuration::check_tags(&request.tags, &arn)?;
    Ok(write(&call.engine.create_state_machine(request).await?))
}

fn read(body: &Body) -> Result<CreateStateMachine, ApiError> {
    let members = body.members();
    let name = members.required_text("name", &constraint::NAME)?;
    let definition = members.required_text("definition", &constraint::DEFINITION)?.to_string();
    let role_arn = members.required_text("roleArn", &constraint::ARN)?;
    let machine_type = match members.choice("type", constraint::MACHINE_TYPE)? {
        Some("EXPRESS") => MachineType::Express,
        _ => MachineType::Standard,
    };
    let tags = configuration::tags(&members)?.unwrap_or_default();
    let publishing = Publishing::read(&members)?;
    let tracing = configuration::tracing(&members)?.unwrap_or_else(configuration::tracing_default);
    let encryption = configuration::encryption(&members)?;
    let logging = configuration::logging(&members)?;
    members.check()?;
    if !aws_names::name_is_valid(&name) {
        return Err(ApiError::invalid_name(&name));
    }
    resource::role(&role_arn)?;
    let publish = publishing.check()?;
    let encryption =
        encryption.map_or_else(|| Ok(configuration::encryption_default()), Encryption::settle)?;
    let logging = logging.map_or_else(|| Ok(configuration::logging_default()), Logging::settle)?;
    Ok(CreateStateMachine {
        name,
        definition,
        role_arn,
        machine_type,
        logging,
        tracing,
        encryption,
        tags,
        publish,
    })
}

fn write(created: &CreatedStateMachine) -> String {
    answer::object(|answer| {
        answer.text("stateMachineArn", &created.arn);
        answer.time("creationDate", created.created_at);
        answer.optional_text("stateMachineVersionArn", created.version_arn.as_deref());
    })
}

/// `publish` and `versionDescription`, which creating and updating share.
pub(super) struct Publishing {
    publish: bool,
    description: Option<Text>,
}

impl Publishing {
    pub fn read(members: &Members<'_>) -> Result<Publishing, ApiError> {
        let publish = members.truth("publish")?.unwrap_or(false);
        let description = members.text("versionDescription", &constraint::VERSION_DESCRIPTION)?;
        Ok(Publishing { publish, description })
    }

    /// To be called after the model's constraints were checked.
    pub fn check(self) -> Result<Option<Publish>, ApiError> {
        let Publishing { publish, description } = self;
        if !publish && description.is_some() {
            return Err(ApiError::validation("Version description can only be set when publish is true"));
        }
        Ok(publish.then_some(Publish { description }))
    }
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;

    use super::*;
    use crate::actions::testing::outcome;

    fn check(members: &str, expected: &str) {
        let body =
            format!(r#"{{"name":"m","definition":"{{}}","roleArn":"arn:aws:iam::1:role/r"{members}}}"#);
        let show = |request: CreateStateMachine| {
            let CreateStateMachine { machine_type, logging, tracing, encryption, tags, publish, .. } =
                request;
            format!("{machine_type:?} {logging} {tracing} {encryption} {tags:?} {publish:?}")
        };
        assert_eq!(outcome(read, show, &body), expected, "{body}");
    }

    #[test]
    fn defaults_are_those_that_describe_shows() {
        check(
            "",
            r#"Standard {"level":"OFF","includeExecutionData":false} {"enabled":false} {"type":"AWS_OWNED_KEY"} [] None"#,
        );
        check(
            r#","type":"EXPRESS","tracingConfiguration":{"enabled":true},"publish":false"#,
            r#"Express {"level":"OFF","includeExecutionData":false} {"enabled":true} {"type":"AWS_OWNED_KEY"} [] None"#,
        );
    }

    #[test]
    fn a_version_may_be_published_with_it() {
        let head = r#"Standard {"level":"OFF","includeExecutionData":false} {"enabled":false} {"type":"AWS_OWNED_KEY"} []"#;
        check(r#","publish":true"#, &format!("{head} Some(Publish {{ description: None }})"));
        check(
            r#","publish":true,"versionDescription":"v""#,
            &format!(r#"{head} Some(Publish {{ description: Some("v") }})"#),
        );
        let refusal = "ValidationException: Version description can only be set when publish is true";
        check(r#","versionDescription":"v""#, refusal);
        check(r#","versionDescription":"","publish":false"#, refusal);
    }

    #[test]
    fn all_missing_members_are_named() {
        let body = outcome(read, |_| String::new(), "{}");
        let missing =
            |name| format!("Value null at '{name}' failed to satisfy constraint: Member must not be null");
        assert_eq!(
            body,
            format!(
                "ValidationException: 3 validation errors detected: {}; {}; {}",
                missing("name"),
                missing("definition"),
                missing("roleArn")
            )
        );
    }

    #[test]
    fn names_and_roles_have_their_form() {
        let body =
            |name: &str, role: &str| format!(r#"{{"name":"{name}","definition":"{{}}","roleArn":"{role}"}}"#);
        let outcome = |body: String| outcome(read, |_| "fine".into(), &body);
        assert_eq!(outcome(body("a b", "arn:aws:iam::1:role/r")), "InvalidName: Invalid Name: 'a b'");
        assert_eq!(outcome(body("a", "role")), "InvalidArn: Invalid Role Arn: 'role'");
    }

    #[test]
    fn answers() {
        let created = |version_arn| CreatedStateMachine {
            arn: "arn:m".into(),
            created_at: Timestamp(1500),
            version_arn,
        };
        let machine = r#"{"stateMachineArn":"arn:m","creationDate":1.500"#;
        assert_eq!(write(&created(None)), format!("{machine}}}"));
        assert_eq!(
            write(&created(Some("arn:m:1".into()))),
            format!(r#"{machine},"stateMachineVersionArn":"arn:m:1"}}"#)
        );
    }
}
