//! The RDS Data API, built in: SQL by HTTP over the databases that the settings name.
//!
//! A statement goes from [`Relational`] through `sql` (names become parameters) and `pool` (a connection) to `postgres` or `mysql`,
//! which speak the databases' own protocols, and comes back through `output`. What is durable is the databases' own; nothing is kept
//! here. Never here: the wire protocol of AWS (`aws-protocols`), which checks that inputs have the model's types.

mod connection;
mod fault;
mod field;
#[cfg(feature = "testing")]
pub mod hostile;
mod input;
mod mysql;
mod output;
mod parameter;
mod place;
mod pool;
mod postgres;
mod relational;
mod sql;
mod statement;
mod stream;
#[cfg(feature = "testing")]
pub mod testing;
mod tls;
mod transactions;

pub use place::{InvalidUrl, Place};
pub use relational::{Database, Limits, Relational};
