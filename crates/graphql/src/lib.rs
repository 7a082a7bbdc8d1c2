//! What a GraphQL request resolves to, as AppSync has it: schemas, plans, and executions as values.
//!
//! Never here: a resolver, a data source, who may see what, a clock, `async`.

pub mod syntax;
