//! Mapping templates on their way in and out: which one, with what, and what it overrides.

use json::{Object, Text, Value};
use vtl::Budget;
use vtl::api_gateway::{self, Exchange, Parameters};

use crate::paths::JsonPaths;

use super::Refusal;
use super::course::{Course, object};

impl Course<'_> {
    /// Renders a template over a body. What it sets in `$context` stays there.
    pub(crate) fn render(&mut self, template: &vtl::Template, body: &str) -> Result<String, Refusal> {
        let exchange = Exchange {
            body: Text::new(body),
            parameters: Parameters {
                path: object(&self.path_parameters),
                querystring: object(&self.query),
                header: object(&self.headers),
            },
            context: self.context.clone(),
            stage_variables: self.facts.stage_variables.clone(),
        };
        let mapped = api_gateway::render(template, &exchange, &JsonPaths, Budget::default(), true).map_err(
            |error| {
                Refusal::configuration().logged(format!(
                    "Execution failed due to configuration error: Unable to transform: {error}"
                ))
            },
        )?;
        self.context = mapped.context;
        Ok(mapped.text)
    }

    /// What a template has put into `$context.requestOverride` or `responseOverride`.
    pub(crate) fn overrides(&self, of: &str, place: &str) -> Vec<(String, Vec<String>)> {
        let overrides = self.context.get(of).and_then(|overrides| overrides.get(place));
        let overrides = overrides.and_then(Value::as_object).into_iter().flat_map(Object::iter);
        let texts = |value: &Value| match value {
            Value::Array(values) => values.iter().map(super::mapping::as_text).collect(),
            value => vec![super::mapping::as_text(value)],
        };
        overrides.map(|(name, value)| (name.to_string(), texts(value))).collect()
    }
}
