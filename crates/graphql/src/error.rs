//! Errors as responses show them, and why a request is refused as a whole.
//!
//! Never here: finding anything wrong.

use json::{Object, Text, Value};

use crate::syntax::{Location, SyntaxError};

/// One entry of a response's `errors`.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// What is wrong.
    pub message: String,
    /// Where in the response; `None` if the request as a whole is wrong.
    pub path: Option<Vec<Segment>>,
    /// Where in the request's text, if AppSync tells.
    pub location: Option<Location>,
    /// What a resolver says beyond its message; `None` if no resolver said anything.
    pub resolver: Option<Box<Details>>,
}

/// What `util.error` has beside its message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// `errorType`
    pub error_type: Option<Text>,
    /// `data`: shown as far as the request selects it.
    pub data: Value,
    /// `errorInfo`
    pub info: Value,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A field's name in the response.
    Key(Text),
    /// A place in a list.
    Index(usize),
}

/// A request that is not executed at all.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// It is not GraphQL. AppSync answers 400, MalformedHttpRequestException.
    Syntax(SyntaxError),
    /// It does not say which operation is meant, or there is none like that. AppSync answers 400.
    Operation(String),
    /// It does not fit the schema, or its variables do not fit it. AppSync answers 200.
    Invalid(Vec<Error>),
}

impl Error {
    /// An error of the request as a whole, at a place in its text.
    pub(crate) fn of_request(message: String, location: Option<Location>) -> Error {
        Error { message, path: None, location, resolver: None }
    }

    /// The entry as AppSync writes it: errors of resolvers have six members, all others three.
    pub fn to_json(&self) -> Value {
        let mut entry = Object::new();
        entry.insert("path", self.path.as_deref().map(path_json));
        if let Some(details) = &self.resolver {
            entry.insert("data", details.data.clone());
            entry.insert("errorType", details.error_type.clone());
            entry.insert("errorInfo", details.info.clone());
        }
        let location = |location: &Location| json::value!([{ "line": (location.line), "column": (location.column), "sourceName": null }]);
        entry.insert("locations", self.location.as_ref().map(location));
        entry.insert("message", &self.message);
        entry.into()
    }
}

fn path_json(path: &[Segment]) -> Value {
    let segment = |segment: &Segment| match segment {
        Segment::Key(name) => Value::from(name),
        Segment::Index(place) => Value::from(*place),
    };
    path.iter().map(segment).collect()
}

/// A path as messages show it: `/posts/items[0]/id`.
pub(crate) fn path_text(path: &[Segment]) -> String {
    let mut out = String::new();
    for segment in path {
        match segment {
            Segment::Key(name) => {
                out.push('/');
                out.push_str(name);
            }
            Segment::Index(place) => out.push_str(&format!("[{place}]")),
        }
    }
    out
}

impl Refusal {
    /// What the response's `errors` says.
    pub fn to_json(&self) -> Value {
        let single = |message: &String, location: Option<Location>| {
            Value::from(vec![Error::of_request(message.clone(), location).to_json()])
        };
        match self {
            Refusal::Syntax(error) => single(&error.message, Some(error.location)),
            Refusal::Operation(message) => single(message, None),
            Refusal::Invalid(errors) => errors.iter().map(Error::to_json).collect(),
        }
    }
}
