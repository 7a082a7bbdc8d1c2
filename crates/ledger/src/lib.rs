//! What the built-in services keep: a durable ordered map. Keys are in memory, values on disk, and the record is the
//! same log that executions have: a frame and one fsync for all commits that are ready.
//!
//! A [`Batch`] of puts and removes is atomic. It is visible to readers once it is durable, and only then does its
//! [`Commit`] come. Never here: what a key or a value means.

mod batch;
mod commit;
mod compact;
mod entry;
mod index;
mod ledger;
mod snapshot;
pub mod testing;
#[cfg(test)]
mod tests;
pub mod verify;

pub use batch::Batch;
pub use commit::{Commit, Refused};
pub use ledger::{Entries, Ledger, Settings, Space};
pub use store::Error;
