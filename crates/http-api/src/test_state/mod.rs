//! TestState: what a request may ask, and what is shown of a test. (spec/api.md §3.9)
//!
//! Never here: what a state does; `execution` does that, with the code that runs executions.
//!
//! | file | holds |
//! | --- | --- |
//! | `request.rs` | the members of the request, and those that do not go together |
//! | `subject.rs` | what the request means for the state that it names |
//! | `mock.rs` | how the state's work is said to end, checked against the service that it stands for |
//! | `context.rs` | what may stand in a Context Object that is made up |
//! | `inspection.rs` | the answer |

mod context;
mod inspection;
mod mock;
mod request;
mod subject;

pub(crate) use inspection::{Trace, write};
pub(crate) use request::{Level, read};
pub(crate) use subject::check;

#[cfg(test)]
mod tests;
