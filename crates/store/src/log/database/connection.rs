//! A way to a database in memory that breaks when it is told to. Each owner has its own, so that one
//! is cut off or held up while the others go on.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use json::Text;

use super::memory::MemoryDatabase;
use super::{Acquired, Database, Row, RowKind, Trouble, Verdict, VisitRow};
use crate::shard::Shard;

/// A connection to a [`MemoryDatabase`].
pub struct Connection {
    database: Arc<MemoryDatabase>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// For the next insertions, in this order.
    faults: VecDeque<Fault>,
    is_cut: bool,
    /// Insertions that have not arrived yet.
    late: VecDeque<Late>,
    held: Held,
    before_each: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// What becomes of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// None: it is carried out and answered.
    Nothing,
    /// There is no answer, because it never arrives.
    RequestLost,
    /// There is no answer, but it is carried out.
    AnswerLost,
    /// There is no answer, and it arrives when [`Connection::arrive`] says so.
    Late,
    /// The database has no room.
    NoRoom,
    /// It waits on its way until [`Connection::let_go`]: the owner is paused while it sends.
    Held,
    /// It is under way in the database, where it keeps others from its number, until
    /// [`Connection::let_go`].
    UnderWay,
    /// As [`Fault::UnderWay`], but in the end it is rolled back, and there is no answer.
    RolledBack,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Held {
    #[default]
    No,
    Yes,
    LetGo,
}

struct Late {
    shard: Shard,
    seq: u64,
    epoch: u64,
    kind: RowKind,
    format: u32,
    check: u32,
    body: Vec<u8>,
}

impl Connection {
    /// A connection that works.
    pub fn new(database: Arc<MemoryDatabase>) -> Arc<Connection> {
        Arc::new(Connection { database, state: Mutex::default(), changed: Condvar::new() })
    }

    /// What becomes of the next insertion for which nothing is said yet.
    pub fn next_insert(&self, fault: Fault) {
        self.state().faults.push_back(fault);
    }

    /// From here on no call arrives and none is answered.
    pub fn cut(&self) {
        self.state().is_cut = true;
    }

    /// The connection works again.
    pub fn restore(&self) {
        self.state().is_cut = false;
    }

    /// Called before each call, by whoever makes it: what others do meanwhile.
    pub fn before_each(&self, meanwhile: impl Fn() + Send + Sync + 'static) {
        self.state().before_each = Some(Arc::new(meanwhile));
    }

    /// The first of the late insertions arrives; whether there was one, and what became of it.
    pub fn arrive(&self) -> Option<Verdict> {
        let late = self.state().late.pop_front()?;
        let Late { shard, seq, epoch, kind, format, check, ref body } = late;
        self.database.insert(shard, &Row { seq, epoch, kind, format, check, body }).ok()
    }

    /// Waits until an insertion is held.
    pub fn wait_until_held(&self) {
        let state = self.changed.wait_while(self.state(), |state| state.held != Held::Yes);
        drop(state.expect(NEVER_POISONED));
    }

    /// The insertion that is held goes on.
    pub fn let_go(&self) {
        self.state().held = Held::LetGo;
        self.changed.notify_all();
    }

    fn hold(&self) {
        let mut state = self.state();
        state.held = Held::Yes;
        self.changed.notify_all();
        let mut state =
            self.changed.wait_while(state, |state| state.held != Held::LetGo).expect(NEVER_POISONED);
        state.held = Held::No;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(NEVER_POISONED)
    }

    fn call<T>(&self, call: impl FnOnce(&MemoryDatabase) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let before_each = self.state().before_each.clone();
        if let Some(meanwhile) = before_each {
            meanwhile();
        }
        if self.state().is_cut {
            return Err(no_answer());
        }
        call(&self.database)
    }

    fn insert_with(&self, fault: Fault, shard: Shard, row: &Row<'_>) -> Result<Verdict, Trouble> {
        match fault {
            Fault::Nothing => self.database.insert(shard, row),
            Fault::RequestLost => Err(no_answer()),
            Fault::AnswerLost => {
                self.database.insert(shard, row)?;
                Err(no_answer())
            }
            Fault::Late => {
                let Row { seq, epoch, kind, format, check, body } = *row;
                let body = body.to_vec();
                self.state().late.push_back(Late { shard, seq, epoch, kind, format, check, body });
                Err(no_answer())
            }
            Fault::NoRoom => Err(Trouble::NoRoom(io::ErrorKind::StorageFull.into())),
            Fault::Held => {
                self.hold();
                self.database.insert(shard, row)
            }
            Fault::UnderWay | Fault::RolledBack => {
                let Some(under_way) = self.database.begin_insert(shard, row) else {
                    return Ok(Verdict::Refused);
                };
                self.hold();
                if fault == Fault::RolledBack {
                    return Err(no_answer());
                }
                under_way.commit();
                Ok(Verdict::Done)
            }
        }
    }
}

impl Database for Connection {
    fn acquire(&self, shard: Shard, owner: &Text, ttl: Duration) -> Result<Acquired, Trouble> {
        self.call(|database| database.acquire(shard, owner, ttl))
    }

    fn renew(&self, shard: Shard, epoch: u64, ttl: Duration) -> Result<Verdict, Trouble> {
        self.call(|database| database.renew(shard, epoch, ttl))
    }

    fn release(&self, shard: Shard, epoch: u64) -> Result<Verdict, Trouble> {
        self.call(|database| database.release(shard, epoch))
    }

    fn holders(&self) -> Result<Vec<(Shard, Text)>, Trouble> {
        self.call(Database::holders)
    }

    fn insert(&self, shard: Shard, row: &Row<'_>) -> Result<Verdict, Trouble> {
        self.call(|_| {
            let fault = self.state().faults.pop_front().unwrap_or(Fault::Nothing);
            self.insert_with(fault, shard, row)
        })
    }

    fn last(&self, shard: Shard) -> Result<Option<(u64, u64)>, Trouble> {
        self.call(|database| database.last(shard))
    }

    fn row(&self, shard: Shard, seq: u64) -> Result<Option<(u64, u32)>, Trouble> {
        self.call(|database| database.row(shard, seq))
    }

    fn read(&self, shard: Shard, seq: u64, offset: u32, length: usize) -> Result<Option<Vec<u8>>, Trouble> {
        self.call(|database| database.read(shard, seq, offset, length))
    }

    fn rows(&self, shard: Shard, from: u64, visit: VisitRow<'_>) -> Result<(), Trouble> {
        self.call(|database| database.rows(shard, from, visit))
    }

    fn sizes(&self, shard: Shard, group: u64) -> Result<Vec<(u64, u64)>, Trouble> {
        self.call(|database| database.sizes(shard, group))
    }

    fn put_snapshot(&self, shard: Shard, epoch: u64, seq: u64, bytes: &[u8]) -> Result<Verdict, Trouble> {
        self.call(|database| database.put_snapshot(shard, epoch, seq, bytes))
    }

    fn snapshots(&self, shard: Shard) -> Result<Vec<u64>, Trouble> {
        self.call(|database| database.snapshots(shard))
    }

    fn snapshot(&self, shard: Shard, seq: u64) -> Result<Option<Vec<u8>>, Trouble> {
        self.call(|database| database.snapshot(shard, seq))
    }

    fn forget(&self, shard: Shard, epoch: u64, rows: Range<u64>) -> Result<Verdict, Trouble> {
        self.call(|database| database.forget(shard, epoch, rows))
    }

    fn truncate(&self, shard: Shard, epoch: u64, before: u64) -> Result<Verdict, Trouble> {
        self.call(|database| database.truncate(shard, epoch, before))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

fn no_answer() -> Trouble {
    Trouble::Unknown(io::ErrorKind::ConnectionReset.into())
}

const NEVER_POISONED: &str = "no holder of this lock panics";
