//! The database in memory: what a shared one does, for tests and simulations.
//!
//! Never here: a clock of its own. Whoever makes one says how its time goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use json::Text;

use super::{Acquired, Database, Row, RowKind, Trouble, Verdict, VisitRow};
use crate::log::Clock;
use crate::shard::Shard;

/// A database in memory.
pub struct MemoryDatabase {
    clock: Arc<dyn Clock>,
    state: Mutex<BTreeMap<Shard, Table>>,
    /// An insertion that was under way has ended.
    ended: Condvar,
}

/// What there is of one shard.
#[derive(Default)]
struct Table {
    /// The newest that was handed out.
    epoch: u64,
    /// Of the newest epoch, until it is released.
    lease: Option<Lease>,
    rows: BTreeMap<u64, Stored>,
    /// Numbers for which an insertion is under way.
    under_way: BTreeSet<u64>,
    snapshots: BTreeMap<u64, Vec<u8>>,
}

struct Lease {
    owner: Text,
    until: Duration,
}

struct Stored {
    epoch: u64,
    kind: RowKind,
    format: u32,
    check: u32,
    /// `None` once it was forgotten.
    body: Option<Vec<u8>>,
}

/// A row that is kept, as a test looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Link {
    pub seq: u64,
    pub epoch: u64,
    pub kind: RowKind,
    /// `None` once it was forgotten.
    pub body: Option<Vec<u8>>,
}

impl MemoryDatabase {
    /// An empty database whose time goes by this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Arc<MemoryDatabase> {
        Arc::new(MemoryDatabase { clock, state: Mutex::default(), ended: Condvar::new() })
    }

    /// All rows of a shard.
    pub fn chain(&self, shard: Shard) -> Vec<Link> {
        let link = |(&seq, stored): (&u64, &Stored)| {
            let Stored { epoch, kind, ref body, .. } = *stored;
            Link { seq, epoch, kind, body: body.clone() }
        };
        self.state().get(&shard).map_or(Vec::new(), |table| table.rows.iter().map(link).collect())
    }

    /// Inserts in two steps, as a transaction does. Whoever wants the same number waits until the
    /// second one. `None` if the condition does not hold.
    pub(super) fn begin_insert(&self, shard: Shard, row: &Row<'_>) -> Option<UnderWay<'_>> {
        let mut state = self.state();
        while state.entry(shard).or_default().under_way.contains(&row.seq) {
            state = self.ended.wait(state).expect(NEVER_POISONED);
        }
        let table = state.entry(shard).or_default();
        if !table.admits(row) {
            return None;
        }
        table.under_way.insert(row.seq);
        let Row { seq, epoch, kind, format, check, body } = *row;
        let stored = Stored { epoch, kind, format, check, body: Some(body.to_vec()) };
        Some(UnderWay { database: self, shard, seq, stored: Some(stored) })
    }

    fn state(&self) -> MutexGuard<'_, BTreeMap<Shard, Table>> {
        self.state.lock().expect(NEVER_POISONED)
    }

    fn with<T>(&self, shard: Shard, ask: impl FnOnce(&mut Table) -> T) -> Result<T, Trouble> {
        Ok(ask(self.state().entry(shard).or_default()))
    }

    /// Changes something if `epoch` is the newest.
    fn change(
        &self,
        shard: Shard,
        epoch: u64,
        change: impl FnOnce(&mut Table) -> Verdict,
    ) -> Result<Verdict, Trouble> {
        self.with(shard, |table| if table.epoch == epoch { change(table) } else { Verdict::Refused })
    }
}

/// An insertion that is under way. Dropping it is a rollback.
pub(super) struct UnderWay<'a> {
    database: &'a MemoryDatabase,
    shard: Shard,
    seq: u64,
    /// Until it is committed.
    stored: Option<Stored>,
}

impl UnderWay<'_> {
    pub(super) fn commit(mut self) {
        if let Some(stored) = self.stored.take() {
            self.database.state().entry(self.shard).or_default().rows.insert(self.seq, stored);
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.database.state().entry(self.shard).or_default().under_way.remove(&self.seq);
        self.database.ended.notify_all();
    }
}

impl Table {
    /// Whether a row may be written.
    fn admits(&self, row: &Row<'_>) -> bool {
        let before = row.seq.checked_sub(1).and_then(|seq| self.rows.get(&seq));
        let follows = match (before, row.kind) {
            (Some(before), RowKind::Frame) => before.epoch == row.epoch,
            (Some(before), RowKind::Open) => before.epoch < row.epoch,
            (None, RowKind::Open) => row.seq == 1 && self.rows.is_empty(),
            (None, RowKind::Frame) => false,
        };
        follows && !self.rows.contains_key(&row.seq)
    }
}

impl Database for MemoryDatabase {
    fn acquire(&self, shard: Shard, owner: &Text, ttl: Duration) -> Result<Acquired, Trouble> {
        let now = self.clock.now();
        self.with(shard, |table| {
            if let Some(lease) = &table.lease
                && lease.owner != *owner
                && now < lease.until
            {
                return Acquired::Held { by: lease.owner.clone() };
            }
            table.epoch += 1;
            table.lease = Some(Lease { owner: owner.clone(), until: now + ttl });
            Acquired::Yes { epoch: table.epoch }
        })
    }

    fn renew(&self, shard: Shard, epoch: u64, ttl: Duration) -> Result<Verdict, Trouble> {
        let until = self.clock.now() + ttl;
        self.change(shard, epoch, |table| match &mut table.lease {
            Some(lease) => {
                lease.until = lease.until.max(until);
                Verdict::Done
            }
            None => Verdict::Refused,
        })
    }

    fn release(&self, shard: Shard, epoch: u64) -> Result<Verdict, Trouble> {
        self.change(shard, epoch, |table| match table.lease.take() {
            Some(_) => Verdict::Done,
            None => Verdict::Refused,
        })
    }

    fn holders(&self) -> Result<Vec<(Shard, Text)>, Trouble> {
        let now = self.clock.now();
        let holder = |(&shard, table): (&Shard, &Table)| {
            let lease = table.lease.as_ref().filter(|lease| now < lease.until)?;
            Some((shard, lease.owner.clone()))
        };
        Ok(self.state().iter().filter_map(holder).collect())
    }

    fn insert(&self, shard: Shard, row: &Row<'_>) -> Result<Verdict, Trouble> {
        Ok(match self.begin_insert(shard, row) {
            Some(under_way) => {
                under_way.commit();
                Verdict::Done
            }
            None => Verdict::Refused,
        })
    }

    fn last(&self, shard: Shard) -> Result<Option<(u64, u64)>, Trouble> {
        self.with(shard, |table| table.rows.last_key_value().map(|(&seq, stored)| (seq, stored.epoch)))
    }

    fn row(&self, shard: Shard, seq: u64) -> Result<Option<(u64, u32)>, Trouble> {
        self.with(shard, |table| table.rows.get(&seq).map(|stored| (stored.epoch, stored.check)))
    }

    fn read(&self, shard: Shard, seq: u64, offset: u32, length: usize) -> Result<Option<Vec<u8>>, Trouble> {
        self.with(shard, |table| {
            let body = table.rows.get(&seq)?.body.as_deref()?;
            let from = body.len().min(offset as usize);
            Some(body[from..body.len().min(from.saturating_add(length))].to_vec())
        })
    }

    fn rows(&self, shard: Shard, from: u64, visit: VisitRow<'_>) -> Result<(), Trouble> {
        let state = self.state();
        let Some(table) = state.get(&shard) else { return Ok(()) };
        for (&seq, &Stored { epoch, kind, format, check, ref body }) in table.rows.range(from..) {
            if let Some(body) = body {
                visit(Row { seq, epoch, kind, format, check, body })?;
            }
        }
        Ok(())
    }

    fn sizes(&self, shard: Shard, group: u64) -> Result<Vec<(u64, u64)>, Trouble> {
        self.with(shard, |table| {
            let mut sizes = BTreeMap::new();
            for (seq, stored) in &table.rows {
                if let Some(body) = &stored.body {
                    *sizes.entry(seq / group).or_default() += body.len() as u64;
                }
            }
            sizes.into_iter().collect()
        })
    }

    fn put_snapshot(&self, shard: Shard, epoch: u64, seq: u64, bytes: &[u8]) -> Result<Verdict, Trouble> {
        self.change(shard, epoch, |table| {
            table.snapshots.insert(seq, bytes.to_vec());
            while table.snapshots.len() > 2 {
                table.snapshots.pop_first();
            }
            Verdict::Done
        })
    }

    fn snapshots(&self, shard: Shard) -> Result<Vec<u64>, Trouble> {
        self.with(shard, |table| table.snapshots.keys().copied().collect())
    }

    fn snapshot(&self, shard: Shard, seq: u64) -> Result<Option<Vec<u8>>, Trouble> {
        self.with(shard, |table| table.snapshots.get(&seq).cloned())
    }

    fn forget(&self, shard: Shard, epoch: u64, rows: Range<u64>) -> Result<Verdict, Trouble> {
        self.change(shard, epoch, |table| {
            // A range that ends before it begins would panic, and it names no row.
            if !rows.is_empty() {
                table.rows.range_mut(rows).for_each(|(_, stored)| stored.body = None);
            }
            Verdict::Done
        })
    }

    fn truncate(&self, shard: Shard, epoch: u64, before: u64) -> Result<Verdict, Trouble> {
        self.change(shard, epoch, |table| {
            if table.rows.last_key_value().is_none_or(|(&last, _)| last < before) {
                return Verdict::Refused;
            }
            table.rows = table.rows.split_off(&before);
            Verdict::Done
        })
    }
}

impl fmt::Debug for MemoryDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDatabase").finish_non_exhaustive()
    }
}

const NEVER_POISONED: &str = "no holder of this lock panics";

#[cfg(test)]
mod tests {
    use super::super::suite::{World, suite};
    use super::*;
    use crate::log::SetClock;

    struct InMemory(Arc<MemoryDatabase>, Arc<SetClock>);

    impl World for InMemory {
        fn database(&self) -> &dyn Database {
            &*self.0
        }

        fn pass(&self, time: Duration) {
            self.1.pass(time);
        }
    }

    #[test]
    fn keeps_every_promise() {
        suite(|| {
            let clock = Arc::new(SetClock::default());
            Box::new(InMemory(MemoryDatabase::new(clock.clone()), clock))
        });
    }

    #[test]
    fn a_lease_has_ended_at_the_instant_of_its_end_and_not_before() {
        let clock = Arc::new(SetClock::default());
        let database = MemoryDatabase::new(clock.clone());
        let (ttl, shard) = (Duration::from_millis(1_000), Shard::new(1));
        let acquire = |owner: &str| database.acquire(shard, &owner.into(), ttl).unwrap();
        assert_eq!(acquire("a"), Acquired::Yes { epoch: 1 });
        clock.pass(ttl - Duration::from_nanos(1));
        assert_eq!(acquire("b"), Acquired::Held { by: "a".into() });
        clock.pass(Duration::from_nanos(1));
        assert_eq!(acquire("b"), Acquired::Yes { epoch: 2 });
    }
}
