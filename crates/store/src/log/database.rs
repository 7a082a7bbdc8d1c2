//! What a database must do for logs that several processes share: one log for each shard, one row
//! for each frame.
//!
//! A database decides only what has to be decided in one place: whose lease runs, which row is the
//! next one, whose snapshot counts. Everything else ([`ShardLog`](super::ShardLog): when to send, what
//! a refusal means, what to do about an answer that did not come) is decided once, outside of it.
//! [`suite`] checks each promise of this page. Never here: what a row's body means.

pub mod connection;
pub mod memory;
#[cfg(any(test, feature = "database-suite"))]
pub mod suite;

use std::io;
use std::ops::Range;
use std::time::Duration;

use json::Text;

use crate::shard::Shard;
use crate::store::Error;

/// A database that holds the logs of all shards.
///
/// **Each call takes effect at one instant**, between its beginning and its answer; after
/// [`Trouble::Unknown`] at one instant later, or never, because a request can still be on its way
/// when the connection breaks. What an answer says is durable when the answer comes. Calls may come
/// from several threads at once, and none waits for another process, except for a transaction that
/// is being committed at that moment.
///
/// Three rules carry everything; the promises of the methods follow from them or serve them:
///
/// 1. **An epoch is handed out once.** Every [`acquire`](Database::acquire) gives a greater one.
/// 2. **A row is written once, behind a row of its own epoch** ([`insert`](Database::insert)); only the
///    first row of an epoch stands behind one of an earlier epoch. So the rows of a shard are one
///    chain with rising epochs, and once an epoch has its first row, the earlier ones get no more.
/// 3. **A number is never free again.** Rows go in order, from the front, and never the last one; the
///    bodies behind them may go in any order, but leave their rows. So a late copy of an old row finds
///    its place taken or its predecessor gone, however late it is.
///
/// In SQL the second rule is one statement:
/// `INSERT … SELECT … FROM rows WHERE shard = $1 AND seq = $2 - 1 AND epoch = $3 FOR KEY SHARE` with
/// `ON CONFLICT DO NOTHING`, on a table whose primary key is (shard, seq). The lock matters: without
/// it the predecessor and the row's own place could be removed between the look and the insertion.
pub trait Database: Send + Sync {
    /// Takes a shard for `owner` until `ttl` from now, if it is free, or `owner`'s already, or its
    /// lease has ended: at the very instant of its end it has.
    ///
    /// Now is by the database's own clock: those of the owners need not agree with it or each other.
    /// Whoever finds the shard its own gets a new epoch too, because it may be a restarted process and
    /// what it had sent before may still be on its way.
    fn acquire(&self, shard: Shard, owner: &Text, ttl: Duration) -> Result<Acquired, Trouble>;

    /// Lets the lease end `ttl` from now, not before. Refused if a newer epoch was handed out or the
    /// shard was released; a lease that ended and that nobody took goes on.
    fn renew(&self, shard: Shard, epoch: u64, ttl: Duration) -> Result<Verdict, Trouble>;

    /// Ends the lease at once, so that nobody has to wait for its end. Refused like a renewal.
    fn release(&self, shard: Shard, epoch: u64) -> Result<Verdict, Trouble>;

    /// All leases that run.
    fn holders(&self) -> Result<Vec<(Shard, Text)>, Trouble>;

    /// Writes a row, unless there is one with its number, and
    ///
    /// - for a [frame](RowKind::Frame): only if the row before it has the same epoch;
    /// - for an [opening](RowKind::Open): only if the row before it has a lower epoch. The row with
    ///   number 1 needs none, but is written only if the shard has no rows at all.
    ///
    /// The lease is not looked at: it may have run out unnoticed a moment ago, the chain cannot. A row
    /// that comes before its predecessor, as several that are on their way at once may, is refused;
    /// nothing is ever written behind a gap.
    fn insert(&self, shard: Shard, row: &Row<'_>) -> Result<Verdict, Trouble>;

    /// Number and epoch of the last row.
    fn last(&self, shard: Shard) -> Result<Option<(u64, u64)>, Trouble>;

    /// Epoch and checksum of a row, without its body.
    fn row(&self, shard: Shard, seq: u64) -> Result<Option<(u64, u32)>, Trouble>;

    /// At most `length` bytes of a row's body from `offset` on; `None` where there is no row or its
    /// body was forgotten.
    fn read(&self, shard: Shard, seq: u64, offset: u32, length: usize) -> Result<Option<Vec<u8>>, Trouble>;

    /// Visits the rows from this number on, in order. Those whose body was forgotten are left out.
    fn rows(&self, shard: Shard, from: u64, visit: VisitRow<'_>) -> Result<(), Trouble>;

    /// How many bytes of bodies there are in each group of so many numbers: of group n, those from
    /// n · `group` on. Groups without any body that is kept are left out.
    fn sizes(&self, shard: Shard, group: u64) -> Result<Vec<(u64, u64)>, Trouble>;

    /// Keeps a snapshot of what the rows before `seq` amount to, in the place of an earlier one with
    /// that number. The two with the greatest numbers are kept. Refused unless `epoch` is the newest:
    /// an owner of yesterday must not push out what its successor needs.
    fn put_snapshot(&self, shard: Shard, epoch: u64, seq: u64, bytes: &[u8]) -> Result<Verdict, Trouble>;

    /// The numbers of the snapshots that are kept, the lowest first.
    fn snapshots(&self, shard: Shard) -> Result<Vec<u64>, Trouble>;

    /// A snapshot.
    fn snapshot(&self, shard: Shard, seq: u64) -> Result<Option<Vec<u8>>, Trouble>;

    /// Forgets the bodies of these rows and gives their space back; the rows stay. Refused unless
    /// `epoch` is the newest.
    fn forget(&self, shard: Shard, epoch: u64, rows: Range<u64>) -> Result<Verdict, Trouble>;

    /// Removes all rows before this number. Refused unless `epoch` is the newest, and if the last row
    /// would go: it is the one that the next row needs.
    fn truncate(&self, shard: Shard, epoch: u64, before: u64) -> Result<Verdict, Trouble>;
}

/// Is shown rows. An error ends the visit.
pub type VisitRow<'a> = &'a mut dyn FnMut(Row<'_>) -> Result<(), Error>;

/// A row of a shard's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// 1, 2, 3 …
    pub seq: u64,
    /// Of the owner that wrote it.
    pub epoch: u64,
    /// What it is.
    pub kind: RowKind,
    /// Of its body. The database keeps it and does not look at it, like the checksum.
    pub format: u32,
    /// The writer's checksum.
    pub check: u32,
    /// Never empty in a frame.
    pub body: &'a [u8],
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// The first row of its epoch. It says that its owner has come, and closes what was before it.
    Open,
    /// What the owner appended.
    Frame,
}

/// The answer to [`Database::acquire`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acquired {
    /// It is the caller's.
    Yes {
        /// Greater than every one before it, the first one greater than 0.
        epoch: u64,
    },
    /// Somebody else's lease runs.
    Held {
        /// Whose.
        by: Text,
    },
}

/// The answer to a change that has a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is done and durable.
    Done,
    /// The condition did not hold; nothing was changed.
    Refused,
}

/// The database did not answer as it should. One kind for each thing that a caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// There is no room. Nothing was changed; the same may be tried again.
    #[error("no room: {0}")]
    NoRoom(io::Error),
    /// The answer did not come: what was asked for was done, or was not, or is done later. Asking
    /// again is right only for what may happen twice.
    #[error("no answer: {0}")]
    Unknown(io::Error),
    /// Trying again does not help.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Trouble {
    /// As the store's error.
    pub(crate) fn during(self, action: impl FnOnce() -> String) -> Error {
        match self {
            Trouble::NoRoom(source) | Trouble::Unknown(source) => Error::Io { action: action(), source },
            Trouble::Failed(error) => error,
        }
    }
}
