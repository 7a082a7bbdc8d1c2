//! Parameter mappings: where a value comes from. (spec/vtl.md §6.6)
//!
//! Never here: mapping templates.

use json::{Object, Value};
use regex::Regex;

use crate::fault::Fault;
use services::Members;

/// A part of an HTTP message that has named values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    QueryString,
    Header,
}

/// What a mapping expression stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// `'text'`
    Static(String),
    /// `method.request.header.NAME`: the last of several values.
    Request(Place, String),
    /// `method.request.multivalueheader.NAME`: all values.
    RequestAll(Place, String),
    /// `method.request.body` and `method.request.body.PATH`: a JSONPath, or all of it.
    RequestBody(Option<String>),
    /// `context.NAME`
    Context(String),
    /// `stageVariables.NAME`
    StageVariable(String),
    /// `integration.response.header.NAME`
    ResponseHeader(String),
    /// `integration.response.multivalueheader.NAME`
    ResponseHeaders(String),
    /// `integration.response.body` and `integration.response.body.PATH`
    ResponseBody(Option<String>),
}

impl Source {
    /// What a mapping of a request may name.
    pub(crate) fn of_request(expression: &str) -> Option<Source> {
        if let Some(source) = common(expression) {
            return Some(source);
        }
        let rest = expression.strip_prefix("method.request.")?;
        if let Some(path) = body(rest) {
            return Some(Source::RequestBody(path));
        }
        let (place, name) = rest.split_once('.').filter(|(_, name)| !name.is_empty())?;
        let name = name.to_owned();
        Some(match place {
            "path" => Source::Request(Place::Path, name),
            "querystring" => Source::Request(Place::QueryString, name),
            "header" => Source::Request(Place::Header, name),
            "multivaluequerystring" => Source::RequestAll(Place::QueryString, name),
            "multivalueheader" => Source::RequestAll(Place::Header, name),
            _ => return None,
        })
    }

    /// What a mapping of a response may name.
    pub(crate) fn of_response(expression: &str) -> Option<Source> {
        if let Some(source) = common(expression) {
            return Some(source);
        }
        let rest = expression.strip_prefix("integration.response.")?;
        if let Some(path) = body(rest) {
            return Some(Source::ResponseBody(path));
        }
        let (place, name) = rest.split_once('.').filter(|(_, name)| !name.is_empty())?;
        match place {
            "header" => Some(Source::ResponseHeader(name.to_owned())),
            "multivalueheader" => Some(Source::ResponseHeaders(name.to_owned())),
            _ => None,
        }
    }

    /// The parameter of the request that it needs, as a method declares it.
    fn declared(&self) -> Option<String> {
        let (place, name) = match self {
            Source::Request(place, name) | Source::RequestAll(place, name) => (place, name),
            _ => return None,
        };
        let place = match place {
            Place::Path => "path",
            Place::QueryString => "querystring",
            Place::Header => "header",
        };
        Some(format!("method.request.{place}.{name}"))
    }
}

fn common(expression: &str) -> Option<Source> {
    if let Some(text) = expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Some(Source::Static(text.to_owned()));
    }
    if let Some(name) = expression.strip_prefix("context.") {
        return (!name.is_empty()).then(|| Source::Context(name.to_owned()));
    }
    let name = expression.strip_prefix("stageVariables.")?;
    (!name.is_empty()).then(|| Source::StageVariable(name.to_owned()))
}

/// `body`, `body.a.b`, `body.$.a`, `body[0]`: the JSONPath behind it.
fn body(rest: &str) -> Option<Option<String>> {
    let path = rest.strip_prefix("body")?;
    if path.is_empty() {
        return Some(None);
    }
    let path = path.strip_prefix(".$").unwrap_or(path);
    let is_path = path.is_empty() || path.starts_with('.') || path.starts_with('[');
    is_path.then(|| Some(format!("${path}")))
}

/// `integration.request.header.NAME`: where a mapping of a request goes.
pub(crate) fn request_target(name: &str) -> Option<(Place, &str)> {
    place_and_name(name.strip_prefix("integration.request.")?)
}

/// `method.request.querystring.NAME`: a parameter that a method declares.
pub(crate) fn declared_request(name: &str) -> Option<(Place, &str)> {
    place_and_name(name.strip_prefix("method.request.")?)
}

fn place_and_name(rest: &str) -> Option<(Place, &str)> {
    let (place, name) = rest.split_once('.').filter(|(_, name)| !name.is_empty())?;
    let place = match place {
        "path" => Place::Path,
        "querystring" => Place::QueryString,
        "header" => Place::Header,
        _ => return None,
    };
    Some((place, name))
}

/// What an authorizer may take for the caller's identity.
pub(crate) fn identity_source(expression: &str) -> Option<Source> {
    match Source::of_request(expression)? {
        source @ (Source::Request(Place::Header | Place::QueryString, _)
        | Source::Context(_)
        | Source::StageVariable(_)) => Some(source),
        _ => None,
    }
}

/// AWS's sentence around a mistake in a mapping.
pub(crate) fn refusal(error: &str) -> Fault {
    Fault::bad(format!(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : [{error}]"
    ))
}

fn wrong(expression: &str) -> Fault {
    refusal(&format!("Invalid mapping expression specified: {expression}"))
}

/// Whether a mapping of a request is one; the parameters that it takes must be declared by the method.
pub(crate) fn check_request(name: &str, expression: &str, declared: &Object) -> Result<(), Fault> {
    request_target(name).ok_or_else(|| wrong(name))?;
    let source = Source::of_request(expression).ok_or_else(|| wrong(expression))?;
    match source.declared().filter(|needed| !declared.contains_key(needed)) {
        Some(_) => Err(refusal(&format!("Invalid mapping expression parameter specified: {expression}"))),
        None => Ok(()),
    }
}

/// Whether a mapping of a response is one; the header that it sets must be declared by the method's response.
pub(crate) fn check_response(name: &str, expression: &str, declared: &Object) -> Result<(), Fault> {
    if !declared.contains_key(name) {
        return Err(refusal(&format!("Invalid mapping expression parameter specified: {name}")));
    }
    Source::of_response(expression).map(drop).ok_or_else(|| wrong(expression))
}

/// Whether a mapping of a gateway response is one.
pub(crate) fn check_gateway_response(name: &str, expression: &str) -> Result<(), Fault> {
    if name.strip_prefix("gatewayresponse.header.").is_none_or(str::is_empty) {
        return Err(wrong(name));
    }
    Source::of_request(expression).map(drop).ok_or_else(|| wrong(expression))
}

/// A pattern that the whole text must match.
pub(crate) fn pattern(text: &str) -> Result<Regex, String> {
    // A pattern of 10 KiB that compiles to more than this is none of a selection's.
    const BYTES_MAX: usize = 1 << 20;
    let whole = regex::RegexBuilder::new(&format!("^(?:{text})$"))
        .size_limit(BYTES_MAX)
        .dot_matches_new_line(true)
        .build();
    whole.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            format!("{last} (look-around and back-references are not supported)")
        }
    })
}

/// A value of JSON as a mapping writes it: texts as they are, the rest as JSON.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Null => String::new(),
        value => value.to_text(),
    }
}

/// A member of the context by its dotted name.
pub(crate) fn of_context(context: &Object, name: &str) -> Option<Value> {
    let mut parts = name.split('.');
    let mut value = context.member(parts.next()?)?;
    for part in parts {
        value = value.member(part)?;
    }
    Some(value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_requests() {
        for (expression, source) in [
            ("'a b'", Some(Source::Static("a b".into()))),
            ("method.request.path.id", Some(Source::Request(Place::Path, "id".into()))),
            ("method.request.header.X-A", Some(Source::Request(Place::Header, "X-A".into()))),
            (
                "method.request.multivaluequerystring.q",
                Some(Source::RequestAll(Place::QueryString, "q".into())),
            ),
            ("method.request.body", Some(Source::RequestBody(None))),
            ("method.request.body.a.b", Some(Source::RequestBody(Some("$.a.b".into())))),
            ("method.request.body.$.a[0]", Some(Source::RequestBody(Some("$.a[0]".into())))),
            ("context.identity.sourceIp", Some(Source::Context("identity.sourceIp".into()))),
            ("stageVariables.v", Some(Source::StageVariable("v".into()))),
            ("method.request.cookie.x", None),
            ("method.request.bodyx", None),
            ("integration.response.header.x", None),
            ("static", None),
            ("context.", None),
        ] {
            assert_eq!(Source::of_request(expression), source, "{expression}");
        }
    }

    #[test]
    fn expressions_of_responses() {
        for (expression, source) in [
            ("integration.response.header.Etag", Some(Source::ResponseHeader("Etag".into()))),
            ("integration.response.multivalueheader.A", Some(Source::ResponseHeaders("A".into()))),
            ("integration.response.body.error.code", Some(Source::ResponseBody(Some("$.error.code".into())))),
            ("'*'", Some(Source::Static("*".into()))),
            ("method.request.header.x", None),
        ] {
            assert_eq!(Source::of_response(expression), source, "{expression}");
        }
    }

    #[test]
    fn patterns_match_whole_texts() {
        assert!(pattern("4\\d{2}").unwrap().is_match("404"));
        assert!(!pattern("4\\d").unwrap().is_match("404"));
        assert!(pattern(".*Not Found.*").unwrap().is_match("a\nNot Found\nb"));
        assert!(pattern("(").is_err());
        assert!(pattern("(?!x)").unwrap_err().contains("look-around"));
    }
}
