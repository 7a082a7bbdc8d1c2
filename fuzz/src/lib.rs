//! What the fuzz targets share: how an input is read, what a run may use up, how inputs are varied.
//!
//! A target fails when something panics, when one input takes too long or when it takes too much
//! memory. Never here: what a single target checks.

mod allocation;
mod bounds;
pub mod event_pieces;
pub mod front_pieces;
pub mod pieces;
pub mod statement_pieces;
mod template_pieces;
mod text;
mod tree;
mod world;

pub use bounds::bounded;
pub use text::{vary_case, vary_pieces};
pub use tree::vary_definition;
pub use world::World;

use json::Value;

/// An expression with what it is evaluated against. As a file: the first line is the input as JSON, or
/// empty if there is none; all lines behind it are the expression.
pub struct Case<'a> {
    /// `None`: there is none, or the line is no JSON.
    pub input: Option<Value>,
    /// The expression's text.
    pub text: &'a str,
}

impl<'a> Case<'a> {
    /// Reads a case; nothing if it is not of this shape.
    pub fn read(data: &'a [u8]) -> Option<Case<'a>> {
        let (input, text) = std::str::from_utf8(data).ok()?.split_once('\n')?;
        Some(Case { input: Value::parse(input).ok(), text })
    }
}
