//! What is wrong with a code, in AppSync's own shape.

use json::{Object, Value};

/// All that is wrong with a code; at least one error.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeErrors(pub Vec<CodeError>);

/// `codeErrors[]` of a BadRequestException and of EvaluateCode.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeError {
    /// What kind of error it is.
    pub error_type: ErrorType,
    /// The text for people.
    pub value: String,
    /// Where it is.
    pub location: Location,
}

/// The kinds of errors that the model names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorType {
    /// `PARSER_ERROR`: the text is no JavaScript.
    ParserError,
    /// `LINT_ERROR`: it is not APPSYNC_JS.
    LintError,
}

/// A place in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// 1-based.
    pub line: u32,
    /// 1-based.
    pub column: u32,
    /// The length of what is wrong; -1 if it is not known.
    pub span: i32,
}

/// A line and a column, 1-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Location {
    /// Where a code begins.
    pub const START: Location = Location { line: 1, column: 1, span: -1 };
}

impl CodeErrors {
    /// The message of the exception that carries them.
    pub const MESSAGE: &str = "The code contains one or more errors.";

    /// `codeErrors`, as the API has it.
    pub fn to_json(&self) -> Value {
        self.0.iter().map(CodeError::to_json).collect()
    }
}

impl CodeError {
    pub(crate) fn parser(value: impl Into<String>, location: Location) -> CodeError {
        CodeError { error_type: ErrorType::ParserError, value: value.into(), location }
    }

    pub(crate) fn lint(value: impl Into<String>, location: Location) -> CodeError {
        CodeError { error_type: ErrorType::LintError, value: value.into(), location }
    }

    fn to_json(&self) -> Value {
        let error_type = match self.error_type {
            ErrorType::ParserError => "PARSER_ERROR",
            ErrorType::LintError => "LINT_ERROR",
        };
        let Location { line, column, span } = self.location;
        let location =
            [("line", Value::from(line)), ("column", Value::from(column)), ("span", Value::from(span))];
        let location: Object = location.into_iter().collect();
        let members = [
            ("errorType", Value::from(error_type)),
            ("value", Value::from(&self.value)),
            ("location", location.into()),
        ];
        members.into_iter().collect::<Object>().into()
    }
}

impl std::fmt::Display for CodeError {
    /// `code.js(5,14): error ...`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Location { line, column, .. } = self.location;
        write!(f, "code.js({line},{column}): error {}", self.value)
    }
}
