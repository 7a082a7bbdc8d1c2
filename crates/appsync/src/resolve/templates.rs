//! VTL handlers: a template's text becomes a value.

use graphql::FieldError;
use json::{Object, Text, Value};
use vtl::Budget;
use vtl::appsync::{Ended, Surroundings, Transformed};

use super::failed;
use super::handlers::{Moved, Outcome, field_error};
use appsync_js::{EarlyReturn, Host};

/// Compiles a mapping template.
pub(crate) fn parse(text: &str) -> Result<vtl::Template, vtl::Error> {
    vtl::appsync::parse(text)
}

/// Runs one.
pub(super) fn run(template: &vtl::Template, context: &Object, host: &Host) -> Outcome {
    let surroundings = Surroundings {
        now_milliseconds: host.now_milliseconds,
        seed: host.seed,
        auth_type: host.auth_type.clone(),
        zones: host.zones.clone(),
    };
    let context = Value::Object(context.clone());
    let outcome = vtl::appsync::render(template, &context, &surroundings, Budget::default());
    let result = match outcome.result {
        Ok(Transformed::Text(text)) => value(&text).map(Moved::On),
        Ok(Transformed::Returned(value)) => {
            Ok(Moved::Returned(value.unwrap_or_default(), EarlyReturn::Default))
        }
        Err(Ended::Raised(error)) => Err(field_error(error)),
        Err(Ended::Failed { message } | Ended::Exceeded { message }) => {
            Err(failed("MappingTemplate", message))
        }
    };
    Outcome {
        result,
        stash: outcome.stash,
        errors: outcome.out_errors.into_iter().map(field_error).collect(),
        logs: outcome.logs.into_iter().map(|log| Text::from(format!("{} {}", log.level, log.text))).collect(),
        response_headers: outcome.response_headers,
        extensions: outcome.extensions,
    }
}

/// What a template wrote, which must be JSON.
fn value(text: &str) -> Result<Value, FieldError> {
    if text.trim().is_empty() {
        return Err(failed("MappingTemplate", "Template transformation yielded an empty response."));
    }
    Value::parse(text).map_err(|error| {
        failed(
            "MappingTemplate",
            format!("Unable to transform into JSON: {}", error.message_with_location(text)),
        )
    })
}
