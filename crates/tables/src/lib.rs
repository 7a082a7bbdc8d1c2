//! DynamoDB, built in: tables and items in a file of the data folder, durable before they are acknowledged.
//!
//! What the operations do is the work of `dynoxide`, over SQLite; only [`engine`] knows it, so that another could take its
//! place. Here is how its operations become a service ([`Tables`]), and how many writes share one fsync ([`worker`]).
//! Never here: the wire protocol (`aws-protocols`), which checks that inputs have the model's types.

mod arns;
mod copy;
mod engine;
mod operation;
mod refused_members;
mod tables;
mod worker;

pub use copy::{backup, verify};
pub use engine::Error;
pub use tables::Tables;
