//! Integrations of methods, and their responses.

use json::{Object, Value, value};

use crate::fault::Fault;
use crate::invoke::{mapping, target};
use services::Moment;
use services::members::{Members, part_mut, take_over};

use super::methods;
use super::patch::{self, Field, Kind, field};

/// Milliseconds that an integration may take. (spec/vtl.md §6.2)
const TIMEOUT: std::ops::RangeInclusive<i64> = 50..=29_000;
/// The longest template, in bytes. (spec/vtl.md §6.2)
const TEMPLATE_BYTES_MAX: usize = 300 << 10;

const FIELDS: &[Field] = &[
    field("/httpMethod", Kind::Text),
    field("/uri", Kind::Text),
    field("/credentials", Kind::Text),
    field("/passthroughBehavior", Kind::Text),
    field("/contentHandling", Kind::Text),
    field("/timeoutInMillis", Kind::Whole),
    field("/requestParameters/*", Kind::Text),
    field("/requestTemplates/*", Kind::Text),
    field("/cacheNamespace", Kind::Text),
    field("/cacheKeyParameters/*", Kind::Item),
    field("/connectionType", Kind::Text),
];

const RESPONSE_FIELDS: &[Field] = &[
    field("/selectionPattern", Kind::Text),
    field("/contentHandling", Kind::Text),
    field("/responseParameters/*", Kind::Text),
    field("/responseTemplates/*", Kind::Text),
];

pub(crate) fn put(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let method = methods::find(input, api)?;
    let mut integration = Object::new();
    let given = [
        "type",
        "uri",
        "connectionType",
        "connectionId",
        "credentials",
        "requestParameters",
        "requestTemplates",
        "passthroughBehavior",
        "contentHandling",
        "timeoutInMillis",
        "cacheNamespace",
        "cacheKeyParameters",
        "tlsConfig",
        "responseTransferMode",
        "integrationTarget",
    ];
    take_over(input, &given, &mut integration);
    if let Some(verb) = input.member("integrationHttpMethod") {
        integration.insert("httpMethod", verb);
    }
    if !integration.contains_key("cacheNamespace") {
        integration.insert("cacheNamespace", input.text_or_empty("resourceId"));
    }
    settle(&mut integration, method)?;
    // Whoever sets an integration anew keeps its responses.
    if let Some(responses) = method.part("methodIntegration").member("integrationResponses") {
        integration.insert("integrationResponses", responses);
    }
    methods::find_mut(input, api)?.insert("methodIntegration", integration.clone());
    Ok(integration.into())
}

/// The integration that a request names.
fn find<'a>(input: &Value, api: &'a Object) -> Result<&'a Object, Fault> {
    let integration = methods::find(input, api)?.get("methodIntegration").and_then(Value::as_object);
    integration.ok_or_else(|| Fault::not_found("Invalid Integration identifier specified"))
}

pub(super) fn get(input: &Value, api: &Object) -> Result<Value, Fault> {
    find(input, api).map(|integration| integration.clone().into())
}

pub(super) fn update(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let mut integration = find(input, api)?.clone();
    patch::apply(input, FIELDS, &mut integration)?;
    settle(&mut integration, methods::find(input, api)?)?;
    methods::find_mut(input, api)?.insert("methodIntegration", integration.clone());
    Ok(integration.into())
}

pub(super) fn delete(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    find(input, api)?;
    methods::find_mut(input, api)?.remove("methodIntegration");
    Ok(value!({}))
}

/// Checks the members of an integration, and adds those that it has anyway.
fn settle(integration: &mut Object, method: &Object) -> Result<(), Fault> {
    let kind = integration.text_or_empty("type").to_owned();
    if !["AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"].contains(&kind.as_str()) {
        return Err(Fault::bad(format!(
            "Invalid integration type specified: '{kind}'. Valid options are HTTP, AWS, MOCK, HTTP_PROXY, AWS_PROXY"
        )));
    }
    if kind != "MOCK" {
        if integration.text_or_empty("httpMethod").is_empty() {
            return Err(Fault::bad("Enumeration value for HttpMethod must be non-empty"));
        }
        target::check(&kind, integration.text_or_empty("uri"))?;
        if kind == "AWS"
            && integration.text_or_empty("credentials").is_empty()
            && !target::is_function(integration.text_or_empty("uri"))
        {
            return Err(Fault::bad("Role ARN must be specified for AWS integrations"));
        }
    }
    check_connection(integration)?;
    let behaviour = integration.text("passthroughBehavior").unwrap_or("WHEN_NO_MATCH");
    if !["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"].contains(&behaviour) {
        return Err(Fault::bad(format!(
            "Invalid passthrough behavior specified: '{behaviour}'. Valid options are WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER"
        )));
    }
    let behaviour = behaviour.to_owned();
    integration.insert("passthroughBehavior", behaviour);
    check_content_handling(integration)?;
    let timeout = integration.whole("timeoutInMillis").unwrap_or(*TIMEOUT.end());
    if !TIMEOUT.contains(&timeout) {
        return Err(Fault::bad("Timeout should be between 50 ms and 29000 ms"));
    }
    integration.insert("timeoutInMillis", timeout);
    if !integration.contains_key("cacheKeyParameters") {
        integration.insert("cacheKeyParameters", value!([]));
    }
    check_templates(integration.part("requestTemplates"))?;
    for (name, expression) in integration.part("requestParameters").iter() {
        let declared = method.part("requestParameters");
        mapping::check_request(name, expression.as_str().unwrap_or_default(), declared)?;
    }
    Ok(())
}

fn check_connection(integration: &mut Object) -> Result<(), Fault> {
    if let Some("VPC_LINK") = integration.text("connectionType") {
        let instead = "an integration over the INTERNET reaches hosts of a private network too";
        return Err(Fault::not_honoured("The connection type VPC_LINK", instead));
    }
    integration.remove("connectionType");
    if integration.part("tlsConfig").flag("insecureSkipVerification") {
        let instead = "name the backend's authority in the server's settings";
        return Err(Fault::not_honoured("tlsConfig.insecureSkipVerification", instead));
    }
    if integration.text("responseTransferMode") == Some("STREAM") {
        return Err(Fault::not_honoured("The response transfer mode STREAM", "leave it at BUFFERED"));
    }
    for name in ["connectionId", "integrationTarget"] {
        if integration.member(name).is_some() {
            return Err(Fault::not_honoured(name, "leave it out: there are no VPC links"));
        }
    }
    Ok(())
}

fn check_content_handling(object: &Object) -> Result<(), Fault> {
    match object.text("contentHandling") {
        None | Some("" | "CONVERT_TO_BINARY" | "CONVERT_TO_TEXT") => Ok(()),
        Some(other) => Err(Fault::bad(format!(
            "Invalid content handling specified: '{other}'. Valid options are CONVERT_TO_BINARY, CONVERT_TO_TEXT"
        ))),
    }
}

/// A template that does not compile could only fail later.
fn check_templates(templates: &Object) -> Result<(), Fault> {
    for (kind, template) in templates.iter() {
        let text = template.as_str().unwrap_or_default();
        if text.len() > TEMPLATE_BYTES_MAX {
            return Err(Fault::bad(format!(
                "The mapping template for {kind} is longer than {TEMPLATE_BYTES_MAX} bytes"
            )));
        }
        if let Err(error) = vtl::api_gateway::parse(text, true) {
            return Err(Fault::bad(format!("Invalid mapping template specified for {kind}: {error}")));
        }
    }
    Ok(())
}

pub(crate) fn put_response(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    find(input, api)?;
    let code = input.text_or_empty("statusCode");
    let mut response = Object::new();
    response.insert("statusCode", code);
    let given = ["selectionPattern", "responseParameters", "responseTemplates", "contentHandling"];
    take_over(input, &given, &mut response);
    settle_response(&response, code, methods::find(input, api)?)?;
    let integration = part_mut(methods::find_mut(input, api)?, "methodIntegration");
    part_mut(integration, "integrationResponses").insert(code, response.clone());
    Ok(response.into())
}

pub(super) fn get_response(input: &Value, api: &Object) -> Result<Value, Fault> {
    let response = find(input, api)?.part("integrationResponses").get(input.text_or_empty("statusCode"));
    response.cloned().ok_or_else(|| Fault::not_found("Invalid Response status code specified"))
}

pub(super) fn update_response(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    let code = input.text_or_empty("statusCode");
    let Value::Object(mut response) = get_response(input, api)? else { return Ok(Value::Null) };
    patch::apply(input, RESPONSE_FIELDS, &mut response)?;
    settle_response(&response, code, methods::find(input, api)?)?;
    let integration = part_mut(methods::find_mut(input, api)?, "methodIntegration");
    part_mut(integration, "integrationResponses").insert(code, response.clone());
    Ok(response.into())
}

pub(super) fn delete_response(input: &Value, api: &mut Object, _: &mut Moment) -> Result<Value, Fault> {
    get_response(input, api)?;
    let integration = part_mut(methods::find_mut(input, api)?, "methodIntegration");
    part_mut(integration, "integrationResponses").remove(input.text_or_empty("statusCode"));
    Ok(value!({}))
}

fn settle_response(response: &Object, code: &str, method: &Object) -> Result<(), Fault> {
    methods::check_status(code)?;
    let Some(of_method) = method.part("methodResponses").get(code) else {
        return Err(Fault::not_found("Invalid Response status code specified"));
    };
    if let Some(pattern) = response.text("selectionPattern")
        && let Err(why) = mapping::pattern(pattern)
    {
        return Err(Fault::bad(format!("Invalid selection pattern specified: {pattern}: {why}")));
    }
    check_content_handling(response)?;
    check_templates(response.part("responseTemplates"))?;
    for (name, expression) in response.part("responseParameters").iter() {
        let declared = of_method.part("responseParameters");
        mapping::check_response(name, expression.as_str().unwrap_or_default(), declared)?;
    }
    Ok(())
}
