//! Integrations of HTTP APIs: functions, servers, and the actions of services that need no template.

use json::{Object, Value, value};

use crate::fault::Fault;
use crate::invoke::target;
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::{expression, find, first_class, page, refuse};

/// As many an API may have; AWS's quota.
const INTEGRATIONS_MAX: usize = 300;
/// Milliseconds. (the model)
const TIMEOUT: std::ops::RangeInclusive<i64> = 50..=30_000;
const OWN: [&str; 10] = [
    "IntegrationType",
    "IntegrationSubtype",
    "IntegrationMethod",
    "IntegrationUri",
    "CredentialsArn",
    "Description",
    "PayloadFormatVersion",
    "RequestParameters",
    "ResponseParameters",
    "TimeoutInMillis",
];

pub(super) fn create(input: &Value, api: &mut Object, moment: &mut Moment) -> Result<Value, Fault> {
    if api.part("integrations").len() >= INTEGRATIONS_MAX {
        return Err(Fault::limit(format!("The maximum number of integrations is {INTEGRATIONS_MAX}")));
    }
    let mut integration = Object::from_iter([("IntegrationId", moment.id(7))]);
    take(input, &mut integration)?;
    settle(&mut integration)?;
    let id = integration.text_or_empty("IntegrationId").to_owned();
    part_mut(api, "integrations").insert(id, integration.clone());
    Ok(integration.into())
}

fn take(input: &Value, integration: &mut Object) -> Result<(), Fault> {
    if input.text("ConnectionType") == Some("VPC_LINK") {
        let instead = "an integration over the INTERNET reaches hosts of a private network too";
        return Err(Fault::not_honoured("The connection type VPC_LINK", instead));
    }
    refuse(
        input,
        &[
            ("ConnectionId", "there are no VPC links"),
            ("TlsConfig", "name the backend's authority in the server's settings"),
            ("RequestTemplates", "HTTP APIs have none: make a REST API"),
            ("TemplateSelectionExpression", "HTTP APIs have no templates"),
            ("ContentHandlingStrategy", "HTTP APIs convert nothing"),
            ("PassthroughBehavior", "HTTP APIs have no templates"),
        ],
    )?;
    take_over(input, &OWN, integration);
    integration.insert("ConnectionType", "INTERNET");
    Ok(())
}

fn settle(integration: &mut Object) -> Result<(), Fault> {
    let timeout = integration.whole("TimeoutInMillis").unwrap_or(*TIMEOUT.end());
    if !TIMEOUT.contains(&timeout) {
        return Err(Fault::bad("Timeout should be between 50 ms and 30000 ms"));
    }
    integration.insert("TimeoutInMillis", timeout);
    let uri = integration.text_or_empty("IntegrationUri").to_owned();
    let subtype = integration.text("IntegrationSubtype").map(str::to_owned);
    match (integration.text_or_empty("IntegrationType"), subtype) {
        ("AWS_PROXY", Some(subtype)) => {
            if integration.text_or_empty("CredentialsArn").is_empty() {
                return Err(Fault::bad(
                    "CredentialsArn is required for an integration with an IntegrationSubtype",
                ));
            }
            first_class::check(&subtype, integration.part("RequestParameters"))?;
            check_version(integration, &["1.0"])?;
        }
        ("AWS_PROXY", None) => {
            if function(&uri).is_none() {
                return Err(Fault::bad("Invalid IntegrationUri: it must be the ARN of a Lambda function"));
            }
            check_version(integration, &["1.0", "2.0"])?;
        }
        ("HTTP_PROXY", None) => {
            target::check("HTTP_PROXY", &uri)?;
            if integration.text_or_empty("IntegrationMethod").is_empty() {
                return Err(Fault::bad(
                    "IntegrationMethod must be set for an integration of type HTTP_PROXY",
                ));
            }
            check_version(integration, &["1.0"])?;
            expression::check_changes(integration.part("RequestParameters"), expression::Side::Request)?;
        }
        (other, _) => {
            return Err(Fault::bad(format!(
                "Invalid integration type specified for an HTTP API: '{other}'. Valid options are AWS_PROXY, HTTP_PROXY"
            )));
        }
    }
    for (status, changes) in integration.part("ResponseParameters").iter() {
        if !status.parse::<u16>().is_ok_and(|status| (200..600).contains(&status)) {
            return Err(Fault::bad(format!(
                "Invalid response parameters: {status} is no status from 200 to 599"
            )));
        }
        expression::check_changes(changes.as_object().unwrap_or(&Object::new()), expression::Side::Response)?;
    }
    Ok(())
}

fn check_version(integration: &mut Object, known: &[&str]) -> Result<(), Fault> {
    match integration.text("PayloadFormatVersion") {
        Some(version) if known.contains(&version) => Ok(()),
        Some(other) => Err(Fault::bad(format!("Invalid PayloadFormatVersion specified: {other}"))),
        None if known.len() == 1 => {
            integration.insert("PayloadFormatVersion", known[0]);
            Ok(())
        }
        None => Err(Fault::bad("PayloadFormatVersion is a required parameter for the integration")),
    }
}

/// The function that a URI names: by its own ARN, or by that of its Invoke API.
pub(super) fn function(uri: &str) -> Option<String> {
    if uri.starts_with("arn:") && uri.split(':').nth(2) == Some("lambda") {
        return Some(uri.to_owned());
    }
    match target::Target::parse(uri) {
        Some(target::Target::Function { arn }) => Some(arn),
        _ => None,
    }
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    find(input, api, "integrations", "IntegrationId").map(Value::from)
}

pub(super) fn list(input: &Value, api: &Object) -> Result<Value, Fault> {
    page(input, api.part("integrations").values().cloned())
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let mut integration = find(input, api, "integrations", "IntegrationId")?;
    take(input, &mut integration)?;
    settle(&mut integration)?;
    part_mut(api, "integrations").insert(input.text_or_empty("IntegrationId"), integration.clone());
    Ok(integration.into())
}

pub(super) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    find(input, api, "integrations", "IntegrationId")?;
    let id = input.text_or_empty("IntegrationId");
    let target = format!("integrations/{id}");
    if let Some(route) = api.part("routes").values().find(|route| route.text("Target") == Some(&target)) {
        let key = route.text_or_empty("RouteKey");
        return Err(Fault::conflict(format!(
            "Cannot delete Integration '{id}', it is referenced by the route {key}"
        )));
    }
    part_mut(api, "integrations").remove(id);
    Ok(value!({}))
}
