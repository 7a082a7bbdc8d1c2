//! What a state machine definition means: checked once, compiled once, then only evaluated.
//!
//! [`compile`] turns a definition's text into a [`StateMachine`] or into diagnostics; paths,
//! payload templates, intrinsic calls, Choice rules and JSONata expressions become programs that
//! [`evaluate`](environment::Environment) against shared JSON. Never here: a clock, a socket, a file, randomness
//! (seeds come in through [`Surroundings`]), or anything that knows of an execution.

pub mod choice;
pub mod definition;
pub mod diagnostic;
pub mod environment;
mod expense;
pub mod failure;
pub mod intrinsic;
mod java;
pub mod jsonata;
pub mod machine;
pub mod path;
pub mod template;
pub mod timestamp;

pub use ::jsonata::Budget;
pub use definition::{Alone, AloneError, Options, compile, compile_state};
pub use diagnostic::{Diagnostic, Severity};
pub use environment::{Environment, Outcome, Surroundings};
pub use failure::{Failure, FieldFailure};
pub use integrations::{Resource, resource};
pub use jsonata::Jsonata;
pub use machine::{Container, ContainerId, Kind, State, StateId, StateMachine};
pub use path::{Path, ReferencePath};
pub use template::Template;
pub use timestamp::Timestamp;
