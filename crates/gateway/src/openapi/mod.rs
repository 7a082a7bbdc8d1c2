//! OpenAPI 3 and Swagger 2 with API Gateway's extensions: read, imported, exported. (spec/vtl.md §6.7)
//!
//! An import takes the same steps as a caller of the API would, so that nothing comes in by a document that would be
//! refused otherwise. Never here: where a document comes from.

mod document;
mod export;
mod import;
mod method;
mod parts;
mod read;
mod yaml_text;

pub(crate) use export::export;
pub(crate) use import::{import, put};
pub use read::read;

#[cfg(test)]
mod tests;
