//! ARNs of EventBridge, and what a bus may be called by.

use aws_names::Scope;

use crate::Fault;

/// The bus that everybody has.
pub(super) const DEFAULT_BUS: &str = "default";

fn arn(scope: &Scope, resource: std::fmt::Arguments<'_>) -> String {
    format!("arn:{}:events:{}:{}:{resource}", scope.partition, scope.region, scope.account)
}

pub(super) fn bus(scope: &Scope, name: &str) -> String {
    arn(scope, format_args!("event-bus/{name}"))
}

/// A rule of the default bus has no bus in its ARN.
pub(super) fn rule(scope: &Scope, bus: &str, name: &str) -> String {
    if bus == DEFAULT_BUS {
        return arn(scope, format_args!("rule/{name}"));
    }
    arn(scope, format_args!("rule/{bus}/{name}"))
}

pub(super) fn archive(scope: &Scope, name: &str) -> String {
    arn(scope, format_args!("archive/{name}"))
}

pub(super) fn replay(scope: &Scope, name: &str) -> String {
    arn(scope, format_args!("replay/{name}"))
}

pub(super) fn api_destination(scope: &Scope, name: &str, uuid: &str) -> String {
    arn(scope, format_args!("api-destination/{name}/{uuid}"))
}

/// What stands behind `kind/` in an ARN of ours; nothing in anybody else's.
pub(super) fn resource<'a>(scope: &Scope, kind: &str, text: &'a str) -> Option<&'a str> {
    let arn = aws_names::Arn::parse(text).ok()?;
    let is_ours = arn.service == "events" && arn.region == scope.region && arn.account == scope.account;
    arn.resource.strip_prefix(kind)?.strip_prefix('/').filter(|_| is_ours)
}

/// The bus that a request names, by name or by ARN; the default one where it names none.
pub(super) fn bus_named(scope: &Scope, given: Option<&str>) -> Result<String, Fault> {
    match given {
        None => Ok(DEFAULT_BUS.to_owned()),
        Some(arn) if arn.starts_with("arn:") => match resource(scope, "event-bus", arn) {
            Some(name) => Ok(name.to_owned()),
            None => Err(Fault::new("ResourceNotFoundException", format!("Event bus {arn} does not exist."))),
        },
        Some(name) => Ok(name.to_owned()),
    }
}

/// The bus and the name of a rule with this ARN.
pub(super) fn rule_of(scope: &Scope, text: &str) -> Option<(String, String)> {
    let resource = resource(scope, "rule", text)?;
    let (bus, name) = resource.rsplit_once('/').unwrap_or((DEFAULT_BUS, resource));
    Some((bus.to_owned(), name.to_owned()))
}
