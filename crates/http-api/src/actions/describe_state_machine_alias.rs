//! DescribeStateMachineAlias: where an alias leads.

use engine::Refusal;
use json::Text;
use store::{Alias, Machine};

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::{resource, routing};

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { arn, machine_arn, name } = read(&call.body)?;
    let machine = call.engine.store().machine(&machine_arn);
    let found = machine.as_ref().and_then(|machine| Some((machine, machine.published.alias(&name)?)));
    match found {
        Some((machine, alias)) => Ok(write(machine, alias)),
        None => Err(Refusal::ReferenceNotFound { arn }.into()),
    }
}

/// Which alias.
struct Request {
    arn: Text,
    machine_arn: Text,
    name: Text,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("stateMachineAliasArn", &constraint::ARN)?;
    members.check()?;
    let (machine_arn, name) = resource::alias(&arn)?;
    Ok(Request { arn, machine_arn, name })
}

fn write(machine: &Machine, alias: &Alias) -> String {
    answer::object(|answer| {
        answer.text("stateMachineAliasArn", &machine.alias_arn(&alias.name));
        answer.text("name", &alias.name);
        answer.optional_text("description", alias.description.as_deref());
        routing::write(answer, machine, &alias.routes);
        answer.time("creationDate", alias.created_at);
        answer.time("updateDate", alias.updated_at);
    })
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;
    use store::Route;

    use super::super::describe_state_machine::tests::machine;
    use super::*;
    use crate::actions::testing::outcome;

    #[test]
    fn requests() {
        let check = |arn: &str, expected: &str| {
            let body = format!(r#"{{"stateMachineAliasArn":"{arn}"}}"#);
            let show = |request: Request| format!("{} {}", request.machine_arn, request.name);
            assert_eq!(outcome(read, show, &body), expected, "{body}");
        };
        check("ARN:stateMachine:m:live", "arn:aws:states:us-east-1:123456789012:stateMachine:m live");
        check(
            "ARN:stateMachine:m:1",
            "ValidationException: A state machine alias ARN is needed. \
             Received: 'arn:aws:states:us-east-1:123456789012:stateMachine:m:1'",
        );
    }

    #[test]
    fn answers() {
        let mut alias = Alias {
            name: "live".into(),
            description: None,
            routes: vec![Route { version: 2, weight: 90 }, Route { version: 1, weight: 10 }],
            created_at: Timestamp(1000),
            updated_at: Timestamp(2000),
        };
        let routes = concat!(
            r#""routingConfiguration":[{"stateMachineVersionArn":"arn:m:2","weight":90},"#,
            r#"{"stateMachineVersionArn":"arn:m:1","weight":10}],"creationDate":1.000,"updateDate":2.000}"#
        );
        let head = r#"{"stateMachineAliasArn":"arn:m:live","name":"live","#;
        assert_eq!(write(&machine(), &alias), format!("{head}{routes}"));
        alias.description = Some("d".into());
        assert_eq!(write(&machine(), &alias), format!(r#"{head}"description":"d",{routes}"#));
    }
}
