//! JSONPath as AWS reads it: Jayway's dialect, compiled once, then walked over shared values.
//!
//! Never here: what a path is for. Callers turn [`PathError`] into the failure of their field.

mod filter;
mod filter_parse;
mod function;
mod parse;
mod pattern;
mod query;
mod reference;

use std::borrow::Cow;

use json::{Text, Value};

use crate::environment::Environment;
use query::Query;

pub use reference::ReferencePath;
pub(crate) use reference::not_a_reference_path;

/// A compiled Path: `$…`, `$$…` or `$variable…`.
#[derive(Clone, Debug)]
pub struct Path {
    text: Text,
    root: Root,
    query: Query,
}

/// Why a text is not a path.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxError {
    /// What is wrong, for people.
    pub message: String,
}

/// Why a path gave nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum PathError {
    /// A definite path found nothing; `detail` is AWS's sentence, such as
    /// `No results for path: $['x']` or `Missing property in path $['no']`.
    NotFound {
        /// AWS's words.
        detail: String,
    },
    /// A function or operator could not work on what it found, or the path is too much work.
    Evaluation {
        /// What went wrong.
        detail: String,
    },
}

/// What a path starts from.
#[derive(Clone, Debug)]
enum Root {
    Input,
    Context,
    Variable(Text),
}

impl Path {
    /// Compiles a path.
    pub fn parse(text: &str) -> Result<Path, SyntaxError> {
        let (root, rest) = root(text)?;
        Ok(Path { text: text.into(), root, query: parse::query(&format!("${rest}"))? })
    }

    /// Compiles a path that only names fields and indexes from 0, as the fields that take a Reference
    /// Path want. It may start at the Context Object or a variable, and a backslash escapes a special
    /// character of a name (`$.store\.book`). (spec/asl.md §14)
    pub fn parse_reference(text: &str) -> Result<Path, SyntaxError> {
        if !text.contains('\\') {
            let path = Path::parse(text)?;
            let reference = path.query.is_reference();
            return reference.then_some(path).ok_or_else(|| SyntaxError::new("it is no reference path"));
        }
        let (root, rest) = root(text)?;
        Ok(Path { text: text.into(), root, query: Query::of_reference(reference::steps(rest)?) })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is exactly `$`.
    pub fn is_whole_input(&self) -> bool {
        self.text == "$"
    }

    /// Whether it starts at the Context Object: `$$…`.
    pub fn is_context(&self) -> bool {
        matches!(self.root, Root::Context)
    }

    /// The name of the variable that it starts at (without `$`), if it does.
    pub fn variable(&self) -> Option<&Text> {
        match &self.root {
            Root::Variable(name) => Some(name),
            Root::Input | Root::Context => None,
        }
    }

    /// The names of the variables that it reads: none or one.
    pub fn variables(&self) -> Vec<Text> {
        self.variable().cloned().into_iter().collect()
    }

    /// Whether it selects at most one value, which is then the answer itself. Others answer with an
    /// array of matches.
    pub fn is_definite(&self) -> bool {
        self.query.is_definite()
    }

    /// What it selects: the value itself for a definite path, an array of matches for others.
    pub fn query(&self, environment: &Environment<'_>) -> Result<Value, PathError> {
        self.find(environment).map(Cow::into_owned)
    }

    /// As [`Path::query`], borrowed where the value stands in the data.
    pub(crate) fn find<'a>(&self, environment: &Environment<'a>) -> Result<Cow<'a, Value>, PathError> {
        let document = match &self.root {
            Root::Input => environment.input,
            Root::Context => environment.surroundings.context(),
            Root::Variable(name) => environment
                .surroundings
                .variable(name)
                .ok_or_else(|| PathError::NotFound { detail: format!("Undefined variable: ${name}") })?,
        };
        self.query.select(document)
    }
}

/// Where a path starts, and what comes then.
fn root(text: &str) -> Result<(Root, &str), SyntaxError> {
    let Some(after_dollar) = text.strip_prefix('$') else {
        return Err(SyntaxError::new("a path starts with '$'"));
    };
    if let Some(rest) = after_dollar.strip_prefix('$') {
        return Ok((Root::Context, rest));
    }
    let (name, rest) = after_dollar.split_at(identifier_length(after_dollar));
    Ok((if name.is_empty() { Root::Input } else { Root::Variable(name.into()) }, rest))
}

impl SyntaxError {
    pub(crate) fn new(message: impl Into<String>) -> SyntaxError {
        SyntaxError { message: message.into() }
    }
}

impl PathError {
    /// The sentence, whichever kind it is.
    pub fn detail(&self) -> &str {
        match self {
            PathError::NotFound { detail } | PathError::Evaluation { detail } => detail,
        }
    }
}

/// The length in bytes of the variable name that `text` starts with. (spec/asl.md §6)
fn identifier_length(text: &str) -> usize {
    let mut length = 0;
    for character in text.chars() {
        let belongs = character == '_'
            || if length == 0 { character.is_alphabetic() } else { character.is_alphanumeric() };
        if !belongs {
            break;
        }
        length += character.len_utf8();
    }
    length
}

#[cfg(test)]
mod tests;
