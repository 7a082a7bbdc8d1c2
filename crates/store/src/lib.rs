//! What is on disk: the log, what it holds, and the answers that can be read from it.
//!
//! The engine's loop owns the one [`Writer`]: it loads and commits. Everybody else holds a [`Store`]
//! and reads what is durable. Never here: what a turn means, timers, tasks.

pub mod backup;
pub mod catalog;
pub mod log;
pub mod map_runs;
pub mod ownership;
pub mod query;
pub mod record;
pub mod running;
pub mod search;
pub mod shard;
pub mod sizes;
pub mod verify;

mod bytes;
mod chain;
mod commit;
mod compact;
mod express;
mod index;
mod open;
mod pending;
mod published;
mod recover;
mod snapshot;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod wire;
mod writer;

pub use catalog::{Activity, Machine, MachineStatus, Revision};
pub use execution::MachineType;
pub use express::{Entry as JournalEntry, ExpressKey, ExpressStart, Journal};
pub use index::Redriven;
pub use map_runs::{
    ChildView, Children, ExpressChild, ExpressChildPage, MapRunPage, MapRunRow, MapRunView, Recall,
    RecalledInput,
};
pub use ownership::{Owner, Owners, Ownership};
pub use published::{Alias, By, Named, Publication, Published, Route, Version};
pub use query::{ExecutionFilter, ExecutionPage, ExecutionRow, ExecutionView, HistoryPage};
pub use record::{ExecutionKey, Record};
pub use running::Running;
pub use search::{Counts, Search};
pub use shard::Shard;
pub use sizes::Sizes;
pub use store::{Error, Fault, OpenExecution, OpenMapRun, Recovered, Settings, Store, open, open_on};
pub use writer::{Closed, Writer};
