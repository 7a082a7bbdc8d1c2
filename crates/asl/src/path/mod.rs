//! JSONPath as AWS reads it: Jayway's dialect, compiled.

use json::{Text, Value};

use crate::environment::Environment;

/// A compiled Path: `$…`, `$$…` or `$variable…`.
#[derive(Clone, Debug)]
pub struct Path {
    text: Text,
}

/// A path that only names fields and indexes, so that it can also be written to.
#[derive(Clone, Debug)]
pub struct ReferencePath {
    text: Text,
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
    /// A function or operator could not work on what it found.
    Evaluation {
        /// What went wrong.
        detail: String,
    },
}

impl Path {
    /// Compiles a path.
    pub fn parse(text: &str) -> Result<Path, SyntaxError> {
        Ok(Path { text: text.into() })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is exactly `$`.
    pub fn is_whole_input(&self) -> bool {
        self.text == "$"
    }

    /// What it selects: the value itself for a definite path, an array of matches for others.
    pub fn query(&self, environment: &Environment<'_>) -> Result<Value, PathError> {
        todo!("{:?}", environment.input)
    }
}

impl ReferencePath {
    /// Compiles a reference path.
    pub fn parse(text: &str) -> Result<ReferencePath, SyntaxError> {
        Ok(ReferencePath { text: text.into() })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// `document` with `value` put at this place, objects on the way created; `None` when the place
    /// cannot exist in it (`States.ResultPathMatchFailure`).
    pub fn put(&self, document: &Value, value: Value) -> Option<Value> {
        todo!("{document:?} {value:?}")
    }
}
