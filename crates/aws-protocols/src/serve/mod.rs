//! The server's side of the protocols: which operation a request asks for, its input, the answer.
//!
//! ```text
//! Offered::find(incoming) → Asked → input(incoming) → check(input) → … → answer(output) or refusal(fault)
//! ```
//!
//! Inputs and outputs are JSON whose members are named as the model names them, wherever they stand on the wire. Blobs
//! and bodies that are streams are Base64 there, and timestamps numbers of seconds since 1970. JSON 1.0 and 1.1, REST
//! with JSON and query are served, and SQS's older query protocol too; nothing that streams events. Never here: sockets,
//! signatures, what an operation does.

mod answer;
mod constraints;
mod fault;
mod find;
mod form;
mod form_input;
mod incoming;
mod json_input;
mod json_output;
mod malformed;
mod paths;
mod patterns;
mod rest_input;
mod scalar;
mod sqs_query;
mod xml_output;

pub use self::answer::Answer;
pub use self::constraints::violations;
pub use self::fault::Fault;
pub use self::find::{Asked, Offered, Unknown, UnknownOperation};
pub use self::incoming::Incoming;

#[cfg(test)]
mod tests;
