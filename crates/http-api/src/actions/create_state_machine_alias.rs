//! CreateStateMachineAlias: a name for one version, or for two by weight.

use engine::request::{CreateAlias, Created};

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::routing::{Routes, Routing};

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    Ok(write(&call.engine.create_alias(request).await?))
}

fn read(body: &Body) -> Result<CreateAlias, ApiError> {
    let members = body.members();
    let description = members.text("description", &constraint::ALIAS_DESCRIPTION)?;
    let name = members.required_text("name", &constraint::ALIAS_NAME)?;
    let routing = Routing::read(&members)?;
    if routing.is_none() && !members.has("routingConfiguration") {
        members.missing::<()>("routingConfiguration");
    }
    members.check()?;
    let Some(routing) = routing else { unreachable!("a missing member is a broken constraint") };
    let Routes { machine_arn, routes } = routing.check()?;
    Ok(CreateAlias { state_machine_arn: machine_arn, name, description, routes })
}

fn write(created: &Created) -> String {
    answer::object(|answer| {
        answer.text("stateMachineAliasArn", &created.arn);
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
        let check = |members: &str, expected: &str| {
            let show = |request: CreateAlias| {
                let CreateAlias { name, description, routes, .. } = request;
                format!("{name} {description:?} {}", routes.len())
            };
            let body = format!(
                r#"{{{members}"routingConfiguration":[{{"stateMachineVersionArn":"ARN:stateMachine:m:1","weight":100}}]}}"#
            );
            assert_eq!(outcome(read, show, &body), expected, "{body}");
        };
        check(r#""name":"live","#, "live None 1");
        check(r#""name":"1.2","description":"d","#, r#"1.2 Some("d") 1"#);
        for name in ["12", "a b", "a@", "état"] {
            check(
                &format!(r#""name":"{name}","#),
                &format!(
                    "ValidationException: 1 validation error detected: Value '{name}' at 'name' failed to satisfy \
                     constraint: Member must satisfy regular expression pattern: \
                     ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$"
                ),
            );
        }
        let missing = outcome(read, |_| String::new(), r#"{"routingConfiguration":null}"#);
        assert_eq!(
            missing,
            "ValidationException: 2 validation errors detected: \
             Value null at 'name' failed to satisfy constraint: Member must not be null; \
             Value null at 'routingConfiguration' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn answers() {
        let created = Created { arn: "arn:m:live".into(), created_at: Timestamp(1500) };
        assert_eq!(write(&created), r#"{"stateMachineAliasArn":"arn:m:live","creationDate":1.500}"#);
    }
}
