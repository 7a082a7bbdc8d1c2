//! What the two REST protocols share of a request: members in the path, the query string, headers, and which
//! of them are the body.
//!
//! Never here: the body's own bytes.

use aws_models::{Kind, Location, Member, Operation, Protocol, Shape, TimestampFormat};
use json::Value;
use sigv4::percent_encode;

use crate::argument::{Argument, Members, Problem, number_text};
use crate::request::Request;
use crate::{base64, json_body, xml_body};

/// A request whose operation is its method and path.
pub(crate) fn request(operation: Operation<'_>, members: &Members<'_>) -> Result<Request, Problem> {
    let mut request = Request::new(operation);
    let (path, query) = operation.uri().split_once('?').unwrap_or((operation.uri(), ""));
    request.path = fill(path, members)?;
    request.query = query_string(query, members);
    for (member, argument) in members {
        match (member.location(), argument) {
            (Location::Header, argument) => add_header(&mut request, *member, argument)?,
            (Location::Headers, Argument::Map(entries)) => {
                for (key, value) in entries {
                    let name = format!("{}{key}", member.wire_name());
                    set_header(&mut request, *member, &name, scalar(value, member.shape()))?;
                }
            }
            _ => {}
        }
    }
    if let Some(shape) = operation.input() {
        add_body(operation, shape, members, &mut request);
    }
    Ok(request)
}

/// The path with its labels filled in. An empty one would be another path, so there is none.
fn fill(template: &str, members: &Members<'_>) -> Result<String, Problem> {
    let mut path = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, (label, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        path.push_str(before);
        let (label, keeps_slashes) = label.strip_suffix('+').map_or((label, false), |label| (label, true));
        let is_named =
            |member: &Member<'_>| member.location() == Location::Uri && member.wire_name() == label;
        let (member, argument) = members
            .iter()
            .find(|(member, _)| is_named(member))
            .ok_or_else(|| Problem::Missing { field: label.to_owned() })?;
        let text = scalar(argument, member.shape());
        if text.is_empty() {
            return Err(Problem::Format { field: member.field_name() });
        }
        if keeps_slashes {
            let parts: Vec<_> = text.split('/').map(percent_encode).collect();
            path.push_str(&parts.join("/"));
        } else {
            path.push_str(&percent_encode(&text));
        }
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

fn query_string(fixed: &str, members: &Members<'_>) -> String {
    let mut pairs: Vec<(String, Vec<String>)> = Vec::new();
    // Of two of the same name the later one counts, in the place of the earlier.
    let mut set = |name: &str, values: Vec<String>| match pairs.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = values,
        None => pairs.push((name.to_owned(), values)),
    };
    for (member, argument) in members.iter().filter(|(member, _)| member.location() == Location::QueryString)
    {
        match argument {
            Argument::Map(entries) => {
                let shape = member.shape().value().map_or(member.shape(), Member::shape);
                for (key, value) in entries {
                    set(key, query_values(value, shape));
                }
            }
            argument => set(member.wire_name(), query_values(argument, member.shape())),
        }
    }
    let mut out = fixed.to_owned();
    for (name, values) in pairs {
        for value in values {
            if !out.is_empty() {
                out.push('&');
            }
            out.push_str(&percent_encode(&name));
            out.push('=');
            out.push_str(&percent_encode(&value));
        }
    }
    out
}

fn query_values(argument: &Argument<'_>, shape: Shape<'_>) -> Vec<String> {
    match (argument, shape.element()) {
        (Argument::List(elements), Some(element)) => {
            elements.iter().map(|argument| scalar(argument, element.shape())).collect()
        }
        _ => vec![scalar(argument, shape)],
    }
}

/// A value in a path or a query string.
fn scalar(argument: &Argument<'_>, shape: Shape<'_>) -> String {
    text(argument, shape, TimestampFormat::Iso8601)
}

fn text(argument: &Argument<'_>, shape: Shape<'_>, timestamp_format: TimestampFormat) -> String {
    match argument {
        Argument::Text(text) => text.clone(),
        Argument::Number(number) => number_text(number),
        Argument::Boolean(value) => value.to_string(),
        Argument::Bytes(bytes) => base64::encode(bytes),
        Argument::Time(time) => time.text(shape.timestamp_format().unwrap_or(timestamp_format)),
        // No model has these in such a place.
        Argument::Structure(_)
        | Argument::List(_)
        | Argument::Map(_)
        | Argument::Document(_)
        | Argument::Null => String::new(),
    }
}

fn add_header(request: &mut Request, member: Member<'_>, argument: &Argument<'_>) -> Result<(), Problem> {
    let shape = member.shape();
    let value = match (argument, shape.element()) {
        (Argument::List(elements), _) if elements.is_empty() => return Ok(()),
        (Argument::List(elements), Some(element)) => {
            let texts = elements.iter().map(|argument| header_element(argument, element.shape()));
            texts.collect::<Vec<_>>().join(",")
        }
        // The header has no quotes for what JSON may be, so it is in Base64.
        (Argument::Text(text), _) if member.is_json_text() => {
            let is_json = Value::parse(text).is_ok();
            let json = if is_json { text.clone() } else { Value::from(text.as_str()).to_text() };
            base64::encode(json.as_bytes())
        }
        _ => text(argument, shape, TimestampFormat::Rfc822),
    };
    set_header(request, member, member.wire_name(), value)
}

fn header_element(argument: &Argument<'_>, shape: Shape<'_>) -> String {
    let text = text(argument, shape, TimestampFormat::Rfc822);
    if shape.kind() == Kind::String && text.contains(['"', ',']) {
        return format!("\"{}\"", text.replace('"', "\\\""));
    }
    text
}

/// A name or a value that could begin another header is none.
fn set_header(request: &mut Request, member: Member<'_>, name: &str, value: String) -> Result<(), Problem> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let name_may_stand = !name.is_empty() && name.bytes().all(is_token);
    if !name_may_stand || value.contains(|letter: char| letter.is_ascii_control() && letter != '\t') {
        return Err(Problem::Format { field: member.field_name() });
    }
    request.set_header(name, value);
    Ok(())
}

fn add_body(operation: Operation<'_>, shape: Shape<'_>, members: &Members<'_>, request: &mut Request) {
    let is_json = operation.service().protocol() == Protocol::RestJson;
    if let Some(payload) = shape.payload() {
        let argument = members.iter().find(|(member, _)| member.name() == payload.name());
        return add_payload(is_json, payload, argument.map(|(_, argument)| argument), request);
    }
    let in_body = |(member, _): &&(Member<'_>, _)| member.location() == Location::Body;
    if is_json {
        if shape.members().any(|member| member.location() == Location::Body) {
            request.body = json_body::body(members.iter().filter(in_body));
            set_content_type(request, "application/json");
        }
    } else if members.iter().any(|member| in_body(&member)) {
        request.body = xml_body::input(operation, shape, members.iter().filter(in_body));
        set_content_type(request, "application/xml");
    }
}

/// One member is the whole body.
fn add_payload(is_json: bool, payload: Member<'_>, argument: Option<&Argument<'_>>, request: &mut Request) {
    match argument {
        Some(Argument::Bytes(bytes)) => {
            request.body = bytes.clone();
            if payload.is_streaming() {
                // As recorded: a stream is a text, and says so.
                set_content_type(request, "text/plain; charset=UTF-8");
            }
        }
        Some(Argument::Text(text)) => request.body = text.clone().into_bytes(),
        Some(argument) if is_json => {
            request.body = json_body::value_body(argument, payload.shape());
            set_content_type(request, "application/json");
        }
        Some(argument) => {
            request.body = xml_body::payload(argument, payload);
            set_content_type(request, "application/xml");
        }
        None if is_json && !matches!(payload.shape().kind(), Kind::Blob | Kind::String) => {
            request.body = b"{}".to_vec();
            set_content_type(request, "application/json");
        }
        None => {}
    }
}

/// Unless the input says what the body is.
fn set_content_type(request: &mut Request, content_type: &str) {
    if request.header("Content-Type").is_none() {
        request.set_header("Content-Type", content_type);
    }
}
