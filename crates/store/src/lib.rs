//! What is on disk: the log, what it holds, and the answers that can be read from it.
//!
//! The engine's loop owns the one [`Writer`]: it loads and commits. Everybody else holds a [`Store`]
//! and reads what is durable. Never here: what a turn means, timers, tasks.

pub mod catalog;
pub mod log;
pub mod query;
pub mod record;

mod store;

pub use catalog::{Activity, Machine, MachineStatus, MachineType, Revision};
pub use query::{ExecutionFilter, ExecutionPage, ExecutionView, HistoryPage};
pub use record::{ExecutionKey, Record};
pub use store::{Error, Recovered, Settings, Store, Writer};
