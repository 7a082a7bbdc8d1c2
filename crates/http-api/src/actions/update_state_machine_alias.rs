//! UpdateStateMachineAlias: another description, or other versions, under the same name.

use engine::request::UpdateAlias;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource;
use crate::routing::{Routes, Routing};

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let updated_at = call.engine.update_alias(read(&call.body)?).await?;
    Ok(answer::object(|answer| answer.time("updateDate", updated_at)))
}

fn read(body: &Body) -> Result<UpdateAlias, ApiError> {
    let members = body.members();
    let arn = members.required_text("stateMachineAliasArn", &constraint::ARN)?;
    let description = members.text("description", &constraint::ALIAS_DESCRIPTION)?;
    let routing = Routing::read(&members)?;
    members.check()?;
    let (state_machine_arn, name) = resource::alias(&arn)?;
    if description.is_none() && routing.is_none() {
        let message = "Either the description or the routing configuration must be specified";
        return Err(ApiError::validation(message).with_detail("reason", "MISSING_REQUIRED_PARAMETER"));
    }
    let routes = match routing.map(Routing::check).transpose()? {
        Some(Routes { machine_arn, .. }) if machine_arn != state_machine_arn => {
            let message = format!(
                "Routing configuration must contain versions of the alias's own state machine: '{state_machine_arn}'"
            );
            return Err(ApiError::validation(message).with_detail("reason", "INVALID_ROUTING_CONFIGURATION"));
        }
        routes => routes.map(|routes| routes.routes),
    };
    Ok(UpdateAlias { state_machine_arn, name, description, routes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let show = |request: UpdateAlias| {
                let UpdateAlias { name, description, routes, .. } = request;
                format!("{name} {description:?} {:?}", routes.map(|routes| routes.len()))
            };
            let body = format!(r#"{{"stateMachineAliasArn":"ARN:stateMachine:m:live"{members}}}"#);
            assert_eq!(outcome(read, show, &body), expected, "{body}");
        };
        let routing = |machine: &str| {
            format!(
                r#","routingConfiguration":[{{"stateMachineVersionArn":"ARN:stateMachine:{machine}:1","weight":100}}]"#
            )
        };
        check(r#","description":"""#, r#"live Some("") None"#);
        check(&routing("m"), "live None Some(1)");
        check(
            &routing("other"),
            "ValidationException: Routing configuration must contain versions of the alias's own state machine: \
             'arn:aws:states:us-east-1:123456789012:stateMachine:m'",
        );
        check(
            "",
            "ValidationException: Either the description or the routing configuration must be specified",
        );
    }
}
