//! What AppSync's `util` computes, for the templates of `vtl` and the handlers of `appsync-js` alike.
//!
//! JSON goes in and JSON comes out. Never here: a language, a clock, randomness, a file, a socket. Time,
//! the seed and zones come in as arguments. An error is the message that the service's user reads.

pub mod dynamodb;
pub mod http;
mod notes;
mod outcome;
mod random;
pub mod rds;
pub mod text;
pub mod time;
pub mod transform;
pub mod xml;

pub use notes::Notes;
pub use outcome::{Ended, FieldError, Log};
pub use random::Random;
pub use time::Zones;
