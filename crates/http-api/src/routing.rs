//! `routingConfiguration`: to which versions an alias leads, and how often to each.
//!
//! Never here: whether the versions are there.

use json::Text;
use store::{Machine, Route};

use crate::answer::ObjectWriter;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Members;
use crate::resource;

/// What a request says, before it is checked: version ARNs and weights.
pub(crate) struct Routing(Vec<(Text, i64)>);

/// Where an alias is to lead.
#[derive(Debug, PartialEq)]
pub(crate) struct Routes {
    /// Whose versions they are.
    pub machine_arn: Text,
    /// One or two.
    pub routes: Vec<Route>,
}

impl Routing {
    /// The member, if it is there.
    pub fn read(members: &Members<'_>) -> Result<Option<Routing>, ApiError> {
        let Some(items) = members.some_structures("routingConfiguration", constraint::ROUTES)? else {
            return Ok(None);
        };
        let route = |item: &Members<'_>| {
            let version_arn = item.required_text("stateMachineVersionArn", &constraint::ARN)?;
            let weight =
                item.integer("weight", constraint::WEIGHT)?.unwrap_or_else(|| item.missing("weight"));
            Ok((version_arn, weight))
        };
        items.iter().map(route).collect::<Result<_, _>>().map(|routes| Some(Routing(routes)))
    }

    /// To be called after the model's constraints were checked.
    pub fn check(self) -> Result<Routes, ApiError> {
        let Routing(asked) = self;
        let mut versions = Vec::new();
        for (arn, _) in &asked {
            match resource::version(arn) {
                Ok(version) => versions.push(version),
                Err(error) if error.code == "ValidationException" => {
                    let received = list(asked.iter().map(|(arn, _)| arn));
                    return Err(invalid(format!(
                        "Routing configuration must contain state machine version ARNs. Received: {received}"
                    )));
                }
                Err(error) => return Err(error),
            }
        }
        let received = || list(asked.iter().map(|(arn, _)| arn));
        if let [one, other] = &versions[..] {
            if one == other {
                return Err(invalid(format!(
                    "Routing configuration must contain distinct state machine version ARNs. Received: {}",
                    received()
                )));
            }
            if one.0 != other.0 {
                return Err(invalid(format!(
                    "Routing configuration must contain versions of the same state machine. Received: {}",
                    received()
                )));
            }
        }
        if asked.iter().map(|(_, weight)| weight).sum::<i64>() != 100 {
            let received = list(asked.iter().map(|(_, weight)| weight));
            return Err(invalid(format!(
                "Sum of routing configuration weights must equal 100. Received: {received}"
            )));
        }
        let Some((machine_arn, _)) = versions.first().cloned() else {
            unreachable!("a list without items breaks a constraint")
        };
        let weights = asked.iter().map(|&(_, weight)| weight as u8);
        let routes = versions.iter().zip(weights).map(|(&(_, version), weight)| Route { version, weight });
        Ok(Routes { machine_arn, routes: routes.collect() })
    }
}

/// As DescribeStateMachineAlias shows it.
pub(crate) fn write(answer: &mut ObjectWriter<'_>, machine: &Machine, routes: &[Route]) {
    answer.objects("routingConfiguration", routes, |item, route| {
        item.text("stateMachineVersionArn", &machine.version_arn(route.version));
        item.number("weight", route.weight.into());
    });
}

fn list(items: impl Iterator<Item = impl ToString>) -> String {
    format!("[{}]", items.map(|item| item.to_string()).collect::<Vec<_>>().join(", "))
}

fn invalid(message: String) -> ApiError {
    ApiError::validation(message).with_detail("reason", "INVALID_ROUTING_CONFIGURATION")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::Body;

    const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

    fn check(items: &[(&str, &str)], expected: &str) {
        let item = |(qualifier, weight): &(&str, &str)| {
            format!(r#"{{"stateMachineVersionArn":"{MACHINE}{qualifier}","weight":{weight}}}"#)
        };
        let list = items.iter().map(item).collect::<Vec<_>>().join(",");
        let body = format!(r#"{{"routingConfiguration":[{list}]}}"#);
        let read = || {
            let body = Body::parse(body.as_bytes())?;
            let members = body.members();
            let routing = Routing::read(&members)?;
            members.check()?;
            routing.map(Routing::check).transpose()
        };
        let said = match read() {
            Ok(Some(Routes { machine_arn, routes })) => {
                assert_eq!(machine_arn, MACHINE);
                format!("{:?}", routes.iter().map(|route| (route.version, route.weight)).collect::<Vec<_>>())
            }
            Ok(None) => "nothing".to_owned(),
            Err(error) => format!("{}: {} {:?}", error.code, error.message, error.details),
        };
        assert_eq!(said, expected.replace("<m>", MACHINE), "{body}");
    }

    #[test]
    fn one_version_or_two_with_weights_of_100_together() {
        check(&[(":3", "100")], "[(3, 100)]");
        check(&[(":3", "70"), (":1", "30")], "[(3, 70), (1, 30)]");
        check(&[(":3", "0"), (":1", "100")], "[(3, 0), (1, 100)]");
    }

    #[test]
    fn others_are_refused() {
        let invalid = |why: &str| {
            format!(r#"ValidationException: {why} [("reason", "INVALID_ROUTING_CONFIGURATION")]"#)
        };
        check(
            &[("", "100")],
            &invalid("Routing configuration must contain state machine version ARNs. Received: [<m>]"),
        );
        check(
            &[(":1", "50"), (":live", "50")],
            &invalid(
                "Routing configuration must contain state machine version ARNs. Received: [<m>:1, <m>:live]",
            ),
        );
        check(
            &[(":1", "50"), (":1", "50")],
            &invalid(
                "Routing configuration must contain distinct state machine version ARNs. Received: [<m>:1, <m>:1]",
            ),
        );
        check(
            &[(":1", "50"), ("x:1", "50")],
            &invalid(
                "Routing configuration must contain versions of the same state machine. Received: [<m>:1, <m>x:1]",
            ),
        );
        check(
            &[(":1", "70"), (":2", "29")],
            &invalid("Sum of routing configuration weights must equal 100. Received: [70, 29]"),
        );
        check(&[(":0", "100")], "InvalidArn: Invalid Arn: 'Malformed ARN: <m>:0' []");
        check(
            &[(":1", "101")],
            "ValidationException: 1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' \
             failed to satisfy constraint: Member must have value less than or equal to 100 []",
        );
        check(
            &[],
            "ValidationException: 1 validation error detected: Value '[]' at 'routingConfiguration' failed to satisfy \
             constraint: Member must have length greater than or equal to 1 []",
        );
    }
}
