//! What can go wrong with a template: what, where, and what to do about it.

use std::fmt;

/// A place in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

/// Why a template could not be compiled, or gave no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of trouble it is.
    pub problem: Problem,
    /// What is wrong and what to do, for people; without the place.
    pub message: String,
    /// Where it was noticed. Within a quoted string that has references: counted from its first quote.
    pub position: Position,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The text is no template.
    Parse,
    /// A method could not do what it was asked, such as `$list.get(9)` of three items.
    Method,
    /// The template wants another file, and there are none.
    Resource,
    /// The budget is used up: too many steps, too much memory or output, nested too deep.
    Exceeded,
    /// The host ended the template; the host knows why.
    Ended,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.position)
    }
}

impl std::error::Error for Error {}

/// The result of everything that may fail while a template runs. Boxed, because success is the common
/// case and should be small.
pub type Result<T> = std::result::Result<T, Box<Failure>>;

/// An error on its way up: it learns its place when it passes the reference or directive it happened in.
#[derive(Clone, Debug)]
pub struct Failure {
    problem: Problem,
    message: String,
    position: Option<Position>,
}

impl Failure {
    /// A method could not do what it was asked.
    pub fn method(message: impl Into<String>) -> Box<Failure> {
        Failure::new(Problem::Method, message)
    }

    /// The host ends the template here.
    pub fn ended() -> Box<Failure> {
        Failure::new(Problem::Ended, "the template was ended")
    }

    pub(crate) fn exceeded(message: impl Into<String>) -> Box<Failure> {
        Failure::new(Problem::Exceeded, message)
    }

    pub(crate) fn new(problem: Problem, message: impl Into<String>) -> Box<Failure> {
        Box::new(Failure { problem, message: message.into(), position: None })
    }

    /// The innermost place stays.
    pub(crate) fn at(mut self: Box<Self>, position: Position) -> Box<Failure> {
        self.position.get_or_insert(position);
        self
    }

    /// Its place is one of the text that `#evaluate` was given, and none of the template.
    pub(crate) fn within_evaluate(mut self: Box<Self>) -> Box<Failure> {
        if let Some(position) = self.position.take() {
            self.message = format!("{}, at {position} of the text of #evaluate", self.message);
        }
        self
    }

    pub(crate) fn into_error(self) -> Error {
        Error { problem: self.problem, message: self.message, position: self.position.unwrap_or_default() }
    }
}

impl From<Error> for Box<Failure> {
    fn from(error: Error) -> Box<Failure> {
        Failure::new(error.problem, error.message).at(error.position)
    }
}
