//! `$input`: the body, what JSONPaths find in it, the parameters.

use json::{Object, Text};

use super::ApiGateway;
use crate::error::Result;
use crate::heap::{Form, Heap};
use crate::value::Value;

impl ApiGateway<'_> {
    /// `$input.body`: an empty one is an empty object.
    pub(super) fn body(&self) -> Text {
        if self.exchange.body.is_empty() { Text::new_static("{}") } else { self.exchange.body.clone() }
    }

    pub(super) fn input(
        &mut self,
        method: &str,
        arguments: &[Value],
        heap: &mut Heap,
    ) -> Result<Option<Value>> {
        Ok(match (method, arguments) {
            ("path", [Value::Text(path)]) => {
                let found = self.find(path, heap)?;
                Some(heap.from_json(&found.unwrap_or(json::Value::from("")), Form::Json)?)
            }
            ("json", [Value::Text(path)]) => {
                let found = self.find(path, heap)?;
                let found = heap.from_json(&found.unwrap_or(json::Value::from("")), Form::Json)?;
                Some(Value::from(heap.json_text(&found)?))
            }
            ("params", []) => {
                let parameters = &self.exchange.parameters;
                let mut all = Object::with_capacity(3);
                all.insert("path", parameters.path.clone());
                all.insert("querystring", parameters.querystring.clone());
                all.insert("header", parameters.header.clone());
                Some(heap.from_json(&json::Value::Object(all), Form::Java)?)
            }
            ("params", [Value::Text(name)]) => {
                let parameters = &self.exchange.parameters;
                let places = [&parameters.path, &parameters.querystring, &parameters.header];
                let found = places.iter().find_map(|place| place.get(name));
                // HTTP/2 and most libraries tell headers in lower case, and templates ask as people write them.
                let found = found.or_else(|| {
                    let mut headers = parameters.header.iter();
                    headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
                });
                Some(heap.from_json(found.unwrap_or(&json::Value::from("")), Form::Java)?)
            }
            _ => None,
        })
    }

    /// What a path finds in the body; nothing in a body that is no JSON.
    fn find(&mut self, path: &str, heap: &Heap) -> Result<Option<json::Value>> {
        let body = self.body();
        if self.document.is_none() {
            heap.meter.steps(body.len() as u64 / 16)?;
            self.document = Some(json::Value::parse(&body).ok());
        }
        let Some(Some(document)) = &self.document else { return Ok(None) };
        if path == "$" {
            return Ok(Some(document.clone()));
        }
        // As far as is known from here, a path visits the whole body.
        heap.meter.steps(16 + path.len() as u64 + body.len() as u64 / 64)?;
        Ok(self.paths.find(document, path))
    }
}
