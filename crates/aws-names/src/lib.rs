//! Names as AWS forms them: ARNs, resource names, error names, UUIDs.
//!
//! Never here: whether a named thing exists, JSON, randomness (bits come in as arguments).

mod arn;
pub mod error;
mod name;
mod scope;
mod states_arn;
mod uuid;

pub use arn::{Arn, InvalidArn};
pub use name::{NAME_LENGTH_MAX, alias_name_is_valid, label_is_valid, name_is_valid};
pub use scope::Scope;
pub use states_arn::{Qualifier, StepFunctionsArn};
pub use uuid::uuid_v4;
