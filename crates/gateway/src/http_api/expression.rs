//! Parameter mapping of HTTP APIs: `$request.header.x`, `$context.requestId`, `a-${stageVariables.b}`, plain text; and
//! what becomes of the value: `append:header.x`, `overwrite:path`, `remove:querystring.y`.

use json::Object;

use crate::fault::Fault;
use services::Members;

/// Which message is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Response,
}

/// A piece of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// `request.header.x`, without the dollar.
    Reference(String),
}

/// What happens to a part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Append,
    Overwrite,
    Remove,
}

/// A part of a message that can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Header(String),
    QueryString(String),
    Path,
    StatusCode,
}

/// One line of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) effect: Effect,
    pub(super) part: Part,
    pub(super) value: Vec<Piece>,
}

const ROOTS: [&str; 4] = ["request.", "response.", "context.", "stageVariables."];

/// Takes a value apart. A reference ends where no name goes on, or with its brace.
pub(super) fn parse(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        plain.push_str(before);
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, behind) = match braced {
            Some((name, behind)) => (name, behind),
            None => {
                let may_stand = |letter: char| {
                    letter.is_ascii_alphanumeric()
                        || matches!(letter, '.' | '_' | '-' | '[' | ']' | '*' | '@')
                };
                after.split_at(after.find(|letter| !may_stand(letter)).unwrap_or(after.len()))
            }
        };
        if ROOTS.iter().any(|root| name.starts_with(root)) {
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Reference(name.to_owned()));
            rest = behind;
        } else {
            plain.push('$');
            rest = after;
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

/// Reads one line of a mapping.
pub(super) fn change(name: &str, value: &str, side: Side) -> Option<Change> {
    let (effect, part) = name.split_once(':')?;
    let effect = match effect {
        "append" => Effect::Append,
        "overwrite" => Effect::Overwrite,
        "remove" => Effect::Remove,
        _ => return None,
    };
    let part = match (part.split_once('.'), part, side) {
        (Some(("header", name)), ..) if !name.is_empty() => Part::Header(name.to_owned()),
        (Some(("querystring", name)), _, Side::Request) if !name.is_empty() => {
            Part::QueryString(name.to_owned())
        }
        (None, "path", Side::Request) if effect == Effect::Overwrite => Part::Path,
        (None, "statuscode", Side::Response) if effect == Effect::Overwrite => Part::StatusCode,
        _ => return None,
    };
    Some(Change { effect, part, value: parse(value) })
}

/// Whether all lines of a mapping can be read.
pub(super) fn check_changes(changes: &Object, side: Side) -> Result<(), Fault> {
    for (name, value) in changes.iter() {
        let known = value.as_str().and_then(|value| change(name, value, side));
        let Some(known) = known else {
            return Err(Fault::bad(format!("Invalid mapping expression specified: {name}")));
        };
        if let Part::Header(header) = &known.part
            && is_reserved(header)
        {
            return Err(Fault::bad(format!(
                "Invalid mapping expression specified: the header {header} is reserved"
            )));
        }
    }
    Ok(())
}

/// What is about the connection, or says who may read a response.
fn is_reserved(header: &str) -> bool {
    let header = header.to_ascii_lowercase();
    header.starts_with("access-control-")
        || header.starts_with("apigw-")
        || [
            "connection",
            "content-encoding",
            "content-length",
            "host",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "via",
        ]
        .contains(&header.as_str())
}

/// All lines of a mapping.
pub(super) fn changes(changes: &Object, side: Side) -> Vec<Change> {
    changes.iter().filter_map(|(name, value)| change(name, value.as_str()?, side)).collect()
}

/// Whether a text names a place of a request that identifies a caller: `$request.header.Authorization`.
pub(super) fn identity_source(text: &str) -> Option<String> {
    let name = text.strip_prefix('$')?;
    let is_known = ["request.header.", "request.querystring.", "context.", "stageVariables."]
        .iter()
        .any(|root| name.strip_prefix(root).is_some_and(|rest| !rest.is_empty()));
    is_known.then(|| name.to_owned())
}

/// A status by which response parameters are chosen.
pub(super) fn of_status(parameters: &Object, status: u16) -> Vec<Change> {
    changes(parameters.part(&status.to_string()), Side::Response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_apart() {
        let shown = |text: &str| {
            let pieces = parse(text).into_iter().map(|piece| match piece {
                Piece::Text(text) => format!("'{text}'"),
                Piece::Reference(name) => name,
            });
            pieces.collect::<Vec<_>>().join(" ")
        };
        for (text, expected) in [
            ("$request.body", "request.body"),
            ("plain $5", "'plain $5'"),
            ("a-${context.stage}-b", "'a-' context.stage '-b'"),
            ("{\"x\":\"$request.querystring.x\"}", "'{\"x\":\"' request.querystring.x '\"}'"),
            ("${nothing}", "'${nothing}'"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn changes_are_read() {
        for (name, side, is_good) in [
            ("append:header.x", Side::Request, true),
            ("overwrite:path", Side::Request, true),
            ("remove:querystring.x", Side::Request, true),
            ("overwrite:statuscode", Side::Response, true),
            ("append:path", Side::Request, false),
            ("overwrite:querystring.x", Side::Response, false),
            ("set:header.x", Side::Request, false),
            ("append:header.", Side::Request, false),
        ] {
            assert_eq!(change(name, "v", side).is_some(), is_good, "{name}");
        }
    }
}
