//! VTL handlers: a template's text becomes a value.

use appsync_js::Host;
use json::Object;

use super::failed;
use super::handlers::Outcome;

/// Compiles a mapping template.
pub(crate) fn parse(text: &str) -> Result<vtl::Template, vtl::Error> {
    vtl::Template::parse(text, vtl::Dialect::PLAIN)
}

/// Runs one.
pub(super) fn run(_template: &vtl::Template, context: &Object, _host: &Host) -> Outcome {
    Outcome {
        result: Err(failed("MappingTemplate", "Mapping templates are not supported")),
        stash: context.get("stash").cloned().unwrap_or_default(),
        errors: Vec::new(),
        logs: Vec::new(),
        response_headers: Vec::new(),
        extensions: Vec::new(),
    }
}
