//! Whether a literal fits a type.
//!
//! Variables are taken to fit; `usage` compares their types. Never here: JSON.

use json::Text;

use crate::schema::{Schema, Shape, Type};
use crate::syntax::ast::{Literal, TypeKind};
use crate::syntax::print;

/// The part of a literal that does not fit.
pub struct Misfit<'l> {
    /// The argument and the way from there: `input.tags[0]`.
    pub path: String,
    literal: &'l Literal,
    problem: String,
}

impl Misfit<'_> {
    /// In graphql-java's words.
    pub fn text(&self) -> String {
        format!("argument '{}' with value '{}' {}", self.path, print::java(self.literal), self.problem)
    }
}

/// What is wrong with a literal in a schema, to go after what has it.
pub fn literal_problem(schema: &Schema, shape: &Shape, literal: &Literal) -> Option<String> {
    misfit(schema, shape, literal, "").map(|misfit| {
        let whole = misfit.path.is_empty();
        let place =
            if whole { String::new() } else { format!("at '{}' ", misfit.path.trim_start_matches('.')) };
        format!("{place}with value '{}' {}", print::java(misfit.literal), misfit.problem)
    })
}

/// The first part that does not fit.
pub fn misfit<'l>(schema: &Schema, shape: &Shape, literal: &'l Literal, path: &str) -> Option<Misfit<'l>> {
    let wrong = |problem: String| Some(Misfit { path: path.to_owned(), literal, problem });
    match (shape, literal) {
        (_, Literal::Variable(_)) => None,
        (Shape::NonNull(_), Literal::Null) => wrong("must not be null".to_owned()),
        (_, Literal::Null) => None,
        (Shape::NonNull(inner), _) => misfit(schema, inner, literal, path),
        (Shape::List(item), Literal::List(items)) => items
            .iter()
            .enumerate()
            .find_map(|(place, literal)| misfit(schema, item, literal, &format!("{path}[{place}]"))),
        (Shape::List(item), _) => misfit(schema, item, literal, path),
        (Shape::Named(id), _) => {
            let type_ = schema.type_(*id);
            let fits = match (type_.kind, literal) {
                (TypeKind::Input, Literal::Object(members)) => {
                    return object(schema, type_, literal, members, path);
                }
                (TypeKind::Input, _) => return wrong("must be an object type".to_owned()),
                (TypeKind::Enum, Literal::Enum(name)) => type_.has_value(name),
                (TypeKind::Scalar, _) => {
                    type_.scalar.is_some_and(|scalar| scalar.literal_value(literal).is_some())
                }
                _ => false,
            };
            if fits { None } else { wrong(format!("is not a valid '{}'", type_.name)) }
        }
    }
}

fn object<'l>(
    schema: &Schema,
    type_: &Type,
    literal: &'l Literal,
    members: &'l [(Text, Literal)],
    path: &str,
) -> Option<Misfit<'l>> {
    let wrong = |problem: String| Some(Misfit { path: path.to_owned(), literal, problem });
    let given: std::collections::BTreeSet<&Text> = members.iter().map(|(name, _)| name).collect();
    let required = type_.inputs.iter().filter(|input| input.is_required());
    let missing: Vec<&str> =
        required.map(|input| &input.name).filter(|name| !given.contains(name)).map(Text::as_str).collect();
    if !missing.is_empty() {
        return wrong(format!("is missing required fields '[{}]'", missing.join(", ")));
    }
    if given.len() < members.len() {
        return wrong("has a field more than once".to_owned());
    }
    for (name, value) in members {
        let Some(input) = type_.input(name) else {
            return wrong(format!("contains a field not in '{}': '{name}'", type_.name));
        };
        if let Some(misfit) = misfit(schema, &input.shape, value, &format!("{path}.{name}")) {
            return Some(misfit);
        }
    }
    None
}
