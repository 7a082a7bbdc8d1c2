//! What a GraphQL request resolves to, as AppSync has it: schemas, plans, and executions as values.
//!
//! Never here: a resolver, a data source, who may see what, a clock, `async`.
//!
//! ```
//! use std::sync::Arc;
//! use graphql::{Execution, FieldSet, Plan, Schema, Settings};
//!
//! let schema = Arc::new(Schema::parse("type Query { greeting(name: String = \"you\"): String }").unwrap());
//! let plan = Arc::new(Plan::new(&schema, "{ hello: greeting }", None).unwrap());
//! let resolvers = Arc::new(FieldSet::new(&schema, [("Query", "greeting")]));
//! let settings = Settings { resolvers, ..Settings::default() };
//! let mut execution = Execution::new(plan, &json::Object::new(), settings).unwrap();
//! for wanted in execution.wanted() {
//!     let name = wanted.arguments.get("name").and_then(json::Value::as_str).unwrap();
//!     execution.resolved(wanted.id, Ok(format!("Hello {name}").into())).unwrap();
//! }
//! assert_eq!(execution.response().to_text(), r#"{"data":{"hello":"Hello you"}}"#);
//! ```

mod error;
mod execution;
mod plan;
mod program;
pub mod scalar;
pub mod schema;
pub mod syntax;
mod validate;
mod variables;

pub use error::{Details, Error, Refusal, Segment};
pub use execution::{Execution, FieldError, FieldId, FieldSet, NotWanted, Place, Settings, Wanted};
pub use plan::{Info, Plan};
pub use schema::Schema;
pub use syntax::ast::OperationKind;
