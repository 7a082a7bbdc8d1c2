//! A document, whichever of the two languages it is in: what both say, under one name.

use json::{Object, Value};

use crate::fault::Fault;
use services::Members;

/// A document.
#[derive(Clone, Copy)]
pub(super) struct Document<'v> {
    pub(super) root: &'v Value,
    pub(super) is_swagger: bool,
}

impl<'v> Document<'v> {
    pub(super) fn of(root: &'v Value) -> Result<Document<'v>, Fault> {
        let version = |name: &str| match root.get(name) {
            Some(Value::String(text)) => text.to_string(),
            Some(number) => number.to_text(),
            None => String::new(),
        };
        let is_swagger = version("swagger").starts_with('2');
        if !is_swagger && !version("openapi").starts_with("3.") {
            return Err(Fault::bad(
                "Invalid OpenAPI input. Unable to parse: the document has neither swagger: \"2.0\" nor openapi: 3.…",
            ));
        }
        Ok(Document { root, is_swagger })
    }

    /// Schemas by their names.
    pub(super) fn schemas(self) -> &'v Object {
        if self.is_swagger { self.root.part("definitions") } else { self.components("schemas") }
    }

    pub(super) fn security_schemes(self) -> &'v Object {
        if self.is_swagger {
            self.root.part("securityDefinitions")
        } else {
            self.components("securitySchemes")
        }
    }

    fn components(self, name: &str) -> &'v Object {
        match self.root.get("components") {
            Some(components) => components.part(name),
            None => self.root.part("components"),
        }
    }

    /// What all paths begin with, without a slash at the end.
    pub(super) fn base_path(self) -> String {
        let base = if self.is_swagger {
            self.root.text_or_empty("basePath").to_owned()
        } else {
            let server = self.root.get("servers").and_then(|servers| servers.at(0));
            let url = server.map_or("", |server| server.text_or_empty("url"));
            // The default of a variable is what it stands for.
            let mut url = url.to_owned();
            for (name, variable) in
                server.map(|server| server.part("variables")).into_iter().flat_map(Object::iter)
            {
                url = url.replace(&format!("{{{name}}}"), variable.text_or_empty("default"));
            }
            let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
            match rest.split_once('/') {
                Some((_, path)) => format!("/{path}"),
                None => String::new(),
            }
        };
        base.trim_end_matches('/').to_owned()
    }

    /// What a local reference leads to; the value itself if it is none.
    pub(super) fn resolve(self, value: &'v Value) -> Result<&'v Value, Fault> {
        // A reference to a reference is rare, and a ring of them is a mistake.
        const STEPS_MAX: usize = 10;
        let mut value = value;
        for _ in 0..STEPS_MAX {
            let Some(reference) = value.text("$ref") else { return Ok(value) };
            let found = reference.strip_prefix("#/").and_then(|path| {
                path.split('/')
                    .try_fold(self.root, |place, part| place.get(&part.replace("~1", "/").replace("~0", "~")))
            });
            value =
                found.ok_or_else(|| Fault::bad(format!("Invalid reference in the document: {reference}")))?;
        }
        Err(Fault::bad("References of the document go round"))
    }
}

/// The name of the schema that a reference leads to.
pub(super) fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/definitions/").or_else(|| reference.strip_prefix("#/components/schemas/"))
}

/// A schema whose references lead to models of an API.
pub(super) fn as_model(schema: &Value, api: &str) -> Value {
    match schema {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| {
                    let reference = member.as_str().filter(|_| name == "$ref").and_then(schema_name);
                    let member = match reference {
                        Some(model) => {
                            format!("https://apigateway.amazonaws.com/restapis/{api}/models/{model}").into()
                        }
                        None => as_model(member, api),
                    };
                    (name.clone(), member)
                })
                .collect(),
        ),
        Value::Array(items) => items.iter().map(|item| as_model(item, api)).collect(),
        other => other.clone(),
    }
}
