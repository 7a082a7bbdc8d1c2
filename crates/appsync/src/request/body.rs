//! What a request asks for: JSON in its body, or parameters of its query.

use json::{Object, Text, Value};

use super::{Malformed, persisted};
use crate::exchange::{Request, percent_decoded};

/// AppSync's bound on a body.
const BODY_BYTES_MAX: usize = 1 << 20;

/// A document, which operation of it, and its variables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    /// `query`
    pub query: Text,
    /// `operationName`
    pub operation_name: Option<Text>,
    /// `variables`
    pub variables: Object,
    /// `extensions.persistedQuery.sha256Hash`; with an empty query it stands for one.
    pub hash: Option<Text>,
}

impl Asked {
    /// Of a request over HTTP.
    pub fn read(request: &Request) -> Result<Asked, Malformed> {
        if request.method == "GET" {
            return Asked::of_parameters(&request.query);
        }
        if request.body.is_empty() {
            return Err(Malformed::bad("Request body is empty."));
        }
        if request.body.len() > BODY_BYTES_MAX {
            return Err(Malformed::bad("Request body is too large."));
        }
        let body = Value::parse_bytes(&request.body).map_err(|_| Malformed::unparsable())?;
        Asked::of(&body)
    }

    /// Of a JSON body.
    pub fn of(body: &Value) -> Result<Asked, Malformed> {
        let hash = persisted::hash(body);
        let query = match body.get("query").and_then(Value::as_str) {
            None if hash.is_some() => "",
            query => query.ok_or_else(Malformed::unparsable)?,
        };
        Ok(Asked {
            query: query.into(),
            hash,
            operation_name: body.get("operationName").and_then(Value::as_str).map(Text::from),
            variables: body.get("variables").and_then(Value::as_object).cloned().unwrap_or_default(),
        })
    }

    fn of_parameters(query: &str) -> Result<Asked, Malformed> {
        let mut body = Object::new();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_decoded(value);
            match name {
                "query" | "operationName" => body.insert(name, value),
                "variables" | "extensions" => {
                    body.insert(name, Value::parse(&value).map_err(|_| Malformed::unparsable())?)
                }
                _ => None,
            };
        }
        if body.is_empty() {
            return Err(Malformed::bad("Request body is empty."));
        }
        Asked::of(&body.into())
    }

    /// What it takes to keep it: the bytes of its texts.
    pub fn bytes(&self) -> usize {
        self.query.len() + Value::from(self.variables.clone()).to_text().len()
    }

    /// As a function that authorises is told.
    pub fn as_object(&self) -> Object {
        let mut object = Object::new();
        object.insert("queryString", &self.query);
        object.insert("operationName", self.operation_name.clone());
        object.insert("variables", self.variables.clone());
        object
    }
}
