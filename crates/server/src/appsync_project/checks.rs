//! What is wrong with a schema, a code or a template, with lines and columns, before anybody is asked to take it.
//!
//! AppSync's operations check the same and say less about the place. Never here: files.

/// What is wrong, at `line:column`, a text each.
pub type Problems = Vec<String>;

/// A schema.
pub fn schema(text: &str) -> Problems {
    let Err(errors) = graphql::Schema::parse(text) else { return Vec::new() };
    errors.0.iter().map(|error| at(error.location.line, error.location.column, &error.message)).collect()
}

/// Handlers in APPSYNC_JS.
pub fn code(text: &str) -> Problems {
    let Err(errors) = appsync_js::Code::compile(text) else { return Vec::new() };
    errors.0.iter().map(|error| at(error.location.line, error.location.column, &error.value)).collect()
}

/// A mapping template.
pub fn template(text: &str) -> Problems {
    let Err(error) = vtl::Template::parse(text, vtl::Dialect::APPSYNC) else { return Vec::new() };
    vec![at(error.position.line, error.position.column, &error.message)]
}

fn at(line: u32, column: u32, message: &str) -> String {
    format!("{line}:{column}: {message}")
}
