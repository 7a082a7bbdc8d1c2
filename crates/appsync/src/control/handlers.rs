//! What resolvers and functions have in common: code or templates, compiled once to see that they can be, and what goes
//! with the data source.

use appsync_js::{Code, Handler};
use json::Value;
use services::{Fault, Members};

use super::fault::{bad, code, unsupported};
use super::patterns;

/// Whose handlers they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// One data source: its name is known.
    Source,
    /// The functions of a pipeline.
    Functions,
}

/// Checks what handlers an input brings.
pub(super) fn check(input: &Value, around: Around, source: Option<&Value>) -> Result<(), Fault> {
    let request = template(input, "requestMappingTemplate")?;
    let response = template(input, "responseMappingTemplate")?;
    if let Some(text) = input.text("code") {
        if request || response {
            return Err(bad("There can be code or mapping templates, not both"));
        }
        runtime(input)?;
        return code_is_good(text, around);
    }
    if input.member("runtime").is_some() {
        return Err(bad("A runtime needs code"));
    }
    let asks_lambda = source.is_some_and(|source| source.text("type") == Some("AWS_LAMBDA"));
    if around == Around::Source && !request && !asks_lambda {
        return Err(bad(
            "There must be code, or a requestMappingTemplate: only data sources of type AWS_LAMBDA are asked without",
        ));
    }
    Ok(())
}

/// Whether there is a template; `Err` if it is no VTL.
fn template(input: &Value, member: &str) -> Result<bool, Fault> {
    let Some(text) = input.text(member) else { return Ok(false) };
    match crate::resolve::parse_template(text) {
        Ok(_) => Ok(true),
        Err(error) => Err(bad(format!("{member} is no mapping template: {error}"))),
    }
}

/// There is one runtime, in one version.
pub(super) fn runtime(input: &Value) -> Result<(), Fault> {
    let runtime =
        input.member("runtime").ok_or_else(|| bad("Code needs a runtime: APPSYNC_JS, version 1.0.0"))?;
    match runtime.text("runtimeVersion") {
        Some("1.0.0") => Ok(()),
        version => Err(bad(format!(
            "The runtime APPSYNC_JS has no version {}: use 1.0.0",
            version.unwrap_or_default()
        ))),
    }
}

fn code_is_good(text: &str, around: Around) -> Result<(), Fault> {
    let compiled = Code::compile(text).map_err(|errors| code(&errors))?;
    match around {
        Around::Source if !compiled.has(Handler::Request) => {
            Err(bad("The code must export a function request(ctx)"))
        }
        Around::Functions if !compiled.has(Handler::Request) && !compiled.has(Handler::Response) => {
            Err(bad("The code must export a function request(ctx) or response(ctx)"))
        }
        _ => Ok(()),
    }
}

/// Checks `maxBatchSize` and `syncConfig` against the data source.
pub(super) fn check_source(input: &Value, source: Option<&Value>) -> Result<(), Fault> {
    let kind = source.map(|source| source.text_or_empty("type")).unwrap_or_default();
    if input.whole("maxBatchSize").unwrap_or(0) > 0 && kind != "AWS_LAMBDA" {
        return Err(bad("maxBatchSize is for data sources of type AWS_LAMBDA"));
    }
    let sync = input.part("syncConfig");
    let handler = sync.text("conflictHandler").unwrap_or("NONE");
    if sync.text("conflictDetection") != Some("VERSION") {
        return match handler {
            "NONE" => Ok(()),
            _ => Err(bad("syncConfig.conflictHandler needs conflictDetection to be VERSION")),
        };
    }
    if !source.is_some_and(|source| source.part("dynamodbConfig").flag("versioned")) {
        return Err(bad(
            "syncConfig.conflictDetection VERSION needs a data source of DynamoDB that is versioned",
        ));
    }
    if handler == "LAMBDA" {
        let arn = sync.part("lambdaConflictHandlerConfig").text_or_empty("lambdaConflictHandlerArn");
        return patterns::arn("lambdaConflictHandlerConfig.lambdaConflictHandlerArn", arn, "lambda");
    }
    Ok(())
}

/// Refuses metrics of one resolver.
pub(super) fn refuse_metrics(input: &Value) -> Result<(), Fault> {
    match input.text("metricsConfig") {
        Some("ENABLED") => Err(unsupported("metricsConfig", "the server's own metrics are at /metrics")),
        _ => Ok(()),
    }
}
