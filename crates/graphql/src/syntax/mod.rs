//! GraphQL's text: tokens, the trees of documents and schemas, and their printers.
//!
//! Each nesting is bounded here, so that whoever walks a tree may recurse. Never here: what a name means.

pub mod ast;
mod document;
mod lexer;
mod parser;
pub mod print;
mod type_system;

pub use document::parse as parse_document;
pub use type_system::parse as parse_type_system;

/// Deeper selections, values and types are refused: more than three times AppSync's deepest query.
pub const NESTING_MAX: usize = 250;

/// More tokens make no request: graphql-java's own bound. Whitespace, commas and comments do not count.
pub const REQUEST_TOKENS_MAX: usize = 15_000;

/// More bytes make no request: AppSync's limit for a request's body.
pub const REQUEST_BYTES_MAX: usize = 1 << 20;

/// More bytes make no schema: AppSync's limit for a schema document.
pub const SCHEMA_BYTES_MAX: usize = 1 << 20;

/// A place in a text, as users count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// Why a text is not GraphQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// In AppSync's words.
    pub message: String,
    /// Where reading stopped.
    pub location: Location,
}

impl SyntaxError {
    /// A token that cannot stand where it stands.
    fn offending(token: &str, location: Location) -> SyntaxError {
        // An error names a token, it does not repeat a document.
        let shown: String = token.chars().take(100).collect();
        let Location { line, column } = location;
        let message = format!("Invalid Syntax : offending token '{shown}' at line {line} column {column}");
        SyntaxError { message, location }
    }

    /// A bound that the text exceeds.
    fn excessive(what: &str, location: Location) -> SyntaxError {
        let Location { line, column } = location;
        let message = format!("Invalid Syntax : {what} at line {line} column {column}");
        SyntaxError { message, location }
    }
}
