//! Methods and paths of REST operations: which one a request has, and what stands in its path.
//!
//! Of several that match, the one counts whose parts are literal for longer; a label that takes the rest of the path
//! (`{proxy+}`) comes last. Never here: what a label means.

use std::borrow::Cow;
use std::cmp::Reverse;

use aws_models::{Operation, Service};

use super::Incoming;
use super::form::decode;

/// The paths of services, the most literal first.
#[derive(Default)]
pub(super) struct Paths(Vec<Path>);

struct Path {
    operation: Operation<'static>,
    parts: Vec<Part>,
    /// What the query must have: a name, perhaps with a value.
    query: Vec<(&'static str, Option<&'static str>)>,
}

#[derive(Clone, Copy)]
enum Part {
    Literal(&'static str),
    Label,
    /// The rest.
    Rest,
}

impl Paths {
    pub(super) fn new(services: impl Iterator<Item = &'static Service>) -> Paths {
        let mut paths: Vec<_> = services.flat_map(Service::operations).map(Path::new).collect();
        // Of the same rank, the service that came first stays first.
        paths.sort_by_key(|path| Reverse(path.rank()));
        Paths(paths)
    }

    pub(super) fn find(
        &self,
        incoming: &Incoming<'_>,
        signed_for: Option<&str>,
    ) -> Option<Operation<'static>> {
        let path = incoming.path.split_once('?').map_or(incoming.path, |(path, _)| path);
        let found = self.0.iter().find(|known| {
            signed_for.is_none_or(|name| known.operation.service().signing_name() == name)
                && known.operation.http_method() == incoming.method
                && known.matches(path)
                && known.query_matches(incoming.query)
        });
        found.map(|path| path.operation)
    }
}

impl Path {
    fn new(operation: Operation<'static>) -> Path {
        let (path, query) = template(operation);
        let parts = parts(path).map(|part| match label(part) {
            None => Part::Literal(part),
            Some((_, false)) => Part::Label,
            Some((_, true)) => Part::Rest,
        });
        Path { operation, parts: parts.collect(), query: query_of(query).collect() }
    }

    /// Literals count for more the earlier they stand, then how much of the query is asked for.
    fn rank(&self) -> (Vec<u8>, usize) {
        let of_part = |part: &Part| match part {
            Part::Literal(_) => 2,
            Part::Label => 1,
            Part::Rest => 0,
        };
        (self.parts.iter().map(of_part).collect(), self.query.len())
    }

    fn matches(&self, path: &str) -> bool {
        let mut given = parts(path);
        for part in &self.parts {
            match (part, given.next()) {
                (Part::Rest, Some(_)) => return true,
                (Part::Literal(literal), Some(given)) if *literal == given => {}
                (Part::Label, Some(given)) if !given.is_empty() => {}
                _ => return false,
            }
        }
        given.next().is_none()
    }

    fn query_matches(&self, query: &str) -> bool {
        self.query.iter().all(|(name, value)| {
            let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            pairs.any(|(known, given)| known == *name && value.is_none_or(|value| value == given))
        })
    }
}

/// What stands in a path for a label of an operation's, decoded. None if the path has no such part, or none that is a
/// text.
pub(super) fn value_of<'p>(operation: Operation<'_>, path: &'p str, name: &str) -> Option<Cow<'p, str>> {
    let (template, _) = template(operation);
    let (place, takes_rest) = parts(template).enumerate().find_map(|(place, part)| match label(part) {
        Some((label, takes_rest)) if label == name => Some((place, takes_rest)),
        _ => None,
    })?;
    let mut rest = path.strip_prefix('/').unwrap_or(path);
    for _ in 0..place {
        rest = rest.split_once('/')?.1;
    }
    let encoded = if takes_rest { rest } else { rest.split('/').next()? };
    decode(encoded, false)
}

/// Whether a request must have this name in its query to be one of this operation.
pub(super) fn asks_for(operation: Operation<'_>, name: &str) -> bool {
    query_of(template(operation).1).any(|(known, _)| known == name)
}

/// The path, and the query that must be there.
fn template(operation: Operation<'_>) -> (&str, &str) {
    operation.uri().split_once('?').unwrap_or((operation.uri(), ""))
}

fn query_of(query: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| match pair.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (pair, None),
    })
}

/// A slash at the end counts for nothing.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/')
}

/// `{Name}` or `{Name+}`, which takes the rest.
fn label(part: &str) -> Option<(&str, bool)> {
    let name = part.strip_prefix('{')?.strip_suffix('}')?;
    Some(name.strip_suffix('+').map_or((name, false), |name| (name, true)))
}
