//! JSON: the value that everything passes around, its parser and its printer.
//!
//! Cloning a [`Value`] is O(1) at any size; errors and numbers read as AWS (Jackson) writes them.
//! Never here: paths, queries, expressions, anything that knows what a document means.

mod array;
mod document;
mod number;
mod object;
mod parse;
mod parse_error;
mod value;
mod value_macro;
mod write;

pub use array::Array;
pub use document::Document;
pub use number::number_text;
pub use object::Object;
pub use parse::{DEPTH_MAX, Duplicate};
pub use parse_error::ParseError;
/// A string of 24 bytes: inline up to 23 bytes, shared (`Arc<str>`) beyond; cloning is O(1).
pub use smol_str::SmolStr as Text;
pub use value::{Kind, Value};
pub use write::write_string;
