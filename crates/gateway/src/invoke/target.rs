//! Whom an integration calls: its URI, read.

use json::Object;

use crate::fault::Fault;
use services::Members;

/// What an integration's URI leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A function, by the ARN in the path of its Invoke API.
    Function { arn: String },
    /// `…:states:action/StartExecution`
    Action { region: String, service: String, operation: String },
    /// `…:s3:path/BUCKET/KEY`
    Path { region: String, service: String, path: String },
    /// `https://…`
    Http { url: String },
}

impl Target {
    /// Reads a URI that has no variables left in it.
    pub(crate) fn parse(uri: &str) -> Option<Target> {
        if uri.starts_with("http://") || uri.starts_with("https://") {
            return Some(Target::Http { url: uri.to_owned() });
        }
        let mut parts = uri.splitn(6, ':');
        let (arn, partition, gateway) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, service, rest) = (parts.next()?, parts.next()?, parts.next()?);
        if arn != "arn" || !partition.starts_with("aws") || gateway != "apigateway" || service.is_empty() {
            return None;
        }
        let (region, service) = (region.to_owned(), service.to_owned());
        if let Some(operation) = rest.strip_prefix("action/") {
            let operation = operation.split('&').next().unwrap_or_default().to_owned();
            return (!operation.is_empty()).then_some(Target::Action { region, service, operation });
        }
        let path = rest.strip_prefix("path/")?;
        if service == "lambda"
            && let Some(arn) = function(path)
        {
            return Some(Target::Function { arn: arn.to_owned() });
        }
        Some(Target::Path { region, service, path: format!("/{path}") })
    }
}

/// `2015-03-31/functions/ARN/invocations`
fn function(path: &str) -> Option<&str> {
    let arn =
        path.trim_start_matches('/').strip_prefix("2015-03-31/functions/")?.strip_suffix("/invocations")?;
    (!arn.is_empty()).then_some(arn)
}

/// Whether a URI leads to a function.
pub(crate) fn is_function(uri: &str) -> bool {
    matches!(Target::parse(uri), Some(Target::Function { .. }))
}

/// Whether a URI fits the type of its integration. What stage variables make of it, nobody knows yet.
pub(crate) fn check(kind: &str, uri: &str) -> Result<(), Fault> {
    if matches!(kind, "HTTP" | "HTTP_PROXY") {
        let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://")).unwrap_or_default();
        let is_good = !rest.is_empty() && !rest.starts_with('/') || uri.contains("${stageVariables.");
        return if is_good { Ok(()) } else { Err(Fault::bad("Invalid HTTP endpoint specified for URI")) };
    }
    if !uri.starts_with("arn:") {
        return Err(Fault::bad("Invalid ARN specified in the request"));
    }
    match Target::parse(uri) {
        Some(Target::Function { .. }) => Ok(()),
        Some(Target::Action { service, operation, .. }) if kind == "AWS" => {
            check_action(&service, &operation)
        }
        Some(Target::Path { service, .. }) if kind == "AWS" => check_service(&service),
        Some(_) => Err(Fault::bad(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
        )),
        None => Err(Fault::bad("AWS ARN for integration must contain path or action")),
    }
}

fn check_service(service: &str) -> Result<(), Fault> {
    if service.contains("${") || model(service).is_some() {
        return Ok(());
    }
    Err(Fault::bad(format!("AWS service of the integration is not known: {service}")))
}

fn check_action(service: &str, operation: &str) -> Result<(), Fault> {
    check_service(service)?;
    let Some(model) = model(service) else { return Ok(()) };
    if operation.contains("${") || find(model, operation).is_some() {
        return Ok(());
    }
    Err(Fault::bad(format!("AWS service {service} has no action {operation}")))
}

/// The operation of a model by its name.
pub(crate) fn find<'s>(model: &'s aws_models::Service, operation: &str) -> Option<aws_models::Operation<'s>> {
    model.operations().find(|known| known.name() == operation)
}

/// The model of a service by what its hosts' names begin with, which is what such URIs have. A subdomain may stand
/// before it: `bucket.s3`.
pub(crate) fn model(service: &str) -> Option<&'static aws_models::Service> {
    let service = service.rsplit('.').next().unwrap_or_default();
    // The table is by botocore's names, and these differ.
    let name = match service {
        "states" => "stepfunctions",
        "monitoring" => "cloudwatch",
        "email" => "ses",
        "elasticloadbalancing" => "elbv2",
        "application-autoscaling" => "application-autoscaling",
        other => other,
    };
    aws_models::service(name)
}

/// A text with the values of `${stageVariables.NAME}` in it; those that are not set are empty.
pub(crate) fn with_stage_variables(text: &str, variables: &Object) -> String {
    const START: &str = "${stageVariables.";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(START) {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, after)) => {
                out.push_str(variables.text_or_empty(name));
                rest = after;
            }
            None => {
                out.push_str(START);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use json::value;

    use super::*;

    #[test]
    fn uris() {
        let states = "arn:aws:apigateway:eu-west-1:states:action/StartExecution";
        let (region, service) = ("eu-west-1".to_owned(), "states".to_owned());
        assert_eq!(
            Target::parse(states),
            Some(Target::Action { region, service, operation: "StartExecution".into() })
        );
        let function = "arn:aws:lambda:us-east-1:123456789012:function:f:prod";
        let uri =
            format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations");
        assert_eq!(Target::parse(&uri), Some(Target::Function { arn: function.into() }));
        let queue = Target::parse("arn:aws:apigateway:us-east-1:sqs:path/123456789012/q");
        assert!(matches!(queue, Some(Target::Path { path, .. }) if path == "/123456789012/q"));
        assert_eq!(Target::parse("arn:aws:apigateway:us-east-1:states:x"), None);
        assert_eq!(Target::parse("ftp://x"), None);
    }

    #[test]
    fn refusals_are_awss() {
        for (kind, uri, message) in [
            ("HTTP", "example.com", "Invalid HTTP endpoint specified for URI"),
            ("AWS", "states", "Invalid ARN specified in the request"),
            ("AWS", "arn:aws:states:x", "AWS ARN for integration must contain path or action"),
            ("AWS", "arn:aws:apigateway:r:states:action/Fly", "AWS service states has no action Fly"),
            ("AWS", "arn:aws:apigateway:r:fly:path/x", "AWS service of the integration is not known: fly"),
        ] {
            assert_eq!(check(kind, uri).unwrap_err().message, message);
        }
        for service in ["states", "sqs", "sns", "events", "dynamodb", "lambda", "s3", "kinesis", "monitoring"]
        {
            assert!(model(service).is_some(), "{service}");
        }
    }

    #[test]
    fn stage_variables() {
        let variables = value!({"host": "example.com"});
        let variables = variables.as_object().unwrap();
        let text = with_stage_variables(
            "https://${stageVariables.host}/${stageVariables.no}x${stageVariables.",
            variables,
        );
        assert_eq!(text, "https://example.com/x${stageVariables.");
    }
}
