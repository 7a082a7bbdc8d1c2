//! Transactions that clients have open: each holds a connection, and ends when nobody uses it.
//!
//! They end with the server, too: the databases roll back when the connections close.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_protocols::base64;
use services::Fault;
use tokio::sync::{Mutex as Turn, OwnedMappedMutexGuard, OwnedMutexGuard};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use crate::connection::Whereabouts;
use crate::fault::{ended_by_the_database, no_transaction, still_running};
use crate::pool::Held;
use crate::relational::Limits;

/// The open ones, by what clients call them. Each holds a connection of a pool, so pools bound them.
pub(crate) struct Transactions {
    limits: Limits,
    open: Mutex<BTreeMap<String, Arc<Transaction>>>,
}

/// One that is open.
pub(crate) struct Transaction {
    /// Of the settings.
    pub(crate) database: String,
    pub(crate) whereabouts: Whereabouts,
    /// None once it has ended: a call may have found it before that, and comes after it.
    held: Arc<Turn<Option<Held>>>,
    began: Instant,
    used: Mutex<Instant>,
    watch: Mutex<Option<AbortHandle>>,
}

impl Transactions {
    pub(crate) fn new(limits: Limits) -> Transactions {
        Transactions { limits, open: Mutex::default() }
    }

    /// Keeps a connection on which a transaction was begun; answers with what the client calls it.
    pub(crate) fn add(
        self: &Arc<Transactions>,
        database: &str,
        whereabouts: Whereabouts,
        held: Held,
    ) -> String {
        let now = Instant::now();
        let transaction = Arc::new(Transaction {
            database: database.to_owned(),
            whereabouts,
            held: Arc::new(Turn::new(Some(held))),
            began: now,
            used: Mutex::new(now),
            watch: Mutex::default(),
        });
        let id = new_id();
        self.open().insert(id.clone(), transaction.clone());
        let watch = tokio::spawn(watch(Arc::downgrade(self), id.clone(), self.deadline(&transaction)));
        *transaction.watch.lock().unwrap_or_else(PoisonError::into_inner) = Some(watch.abort_handle());
        id
    }

    /// One that is open on this database.
    pub(crate) fn find(&self, id: &str, database: &str) -> Option<Arc<Transaction>> {
        self.open().get(id).filter(|transaction| transaction.database == database).cloned()
    }

    /// It is open no more. Its connection is free as soon as nobody uses it.
    pub(crate) fn remove(&self, id: &str) {
        self.open().remove(id);
    }

    /// All are rolled back.
    pub(crate) fn stop(&self) {
        self.open().clear();
    }

    fn deadline(&self, transaction: &Transaction) -> Instant {
        let used = *transaction.used.lock().unwrap_or_else(PoisonError::into_inner);
        (used + self.limits.transaction_idle).min(transaction.began + self.limits.transaction)
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Transaction>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connection of a transaction, while a call uses it.
pub(crate) type Seat = OwnedMappedMutexGuard<Option<Held>, Held>;

impl Transaction {
    /// Its connection, for a statement.
    pub(crate) fn connection(&self, id: &str) -> Result<Seat, Fault> {
        let turn = self.turn()?;
        self.touch();
        let seat = OwnedMutexGuard::try_map(turn, Option::as_mut).map_err(|_| no_transaction(id))?;
        if seat.is_in_transaction() { Ok(seat) } else { Err(ended_by_the_database()) }
    }

    /// Takes its connection away, to end it: whoever comes later finds none.
    pub(crate) fn end(&self, id: &str) -> Result<Held, Fault> {
        self.turn()?.take().ok_or_else(|| no_transaction(id))
    }

    /// Whether its connection broke, with which the database has rolled back what was on it. It is let go then.
    pub(crate) fn is_lost(&self) -> bool {
        self.turn().is_ok_and(|turn| turn.is_none())
    }

    /// It was used.
    pub(crate) fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// One call at a time. What the one before it has broken is gone.
    fn turn(&self) -> Result<OwnedMutexGuard<Option<Held>>, Fault> {
        let mut turn = self.held.clone().try_lock_owned().map_err(|_| still_running())?;
        if turn.as_ref().is_some_and(|held| !held.is_usable()) {
            *turn = None;
        }
        Ok(turn)
    }
}

/// What ended needs nobody who waits for its end.
impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(watch) = self.watch.get_mut().unwrap_or_else(PoisonError::into_inner) {
            watch.abort();
        }
    }
}

/// Ends a transaction that nobody has used for long.
async fn watch(transactions: std::sync::Weak<Transactions>, id: String, mut deadline: Instant) {
    loop {
        sleep_until(deadline).await;
        let Some(transactions) = transactions.upgrade() else { return };
        let Some(transaction) = transactions.open().get(&id).cloned() else { return };
        deadline = transactions.deadline(&transaction);
        if deadline > Instant::now() {
            continue;
        }
        let Ok(mut held) = transaction.turn() else {
            // A statement is under way, which has a time limit of its own.
            deadline = Instant::now() + transactions.limits.transaction_idle;
            continue;
        };
        tracing::info!(database = transaction.database, "a transaction that nobody used is rolled back");
        transactions.remove(&id);
        // The database rolls back when the connection closes.
        *held = None;
        return;
    }
}

/// Nobody can guess it: who knows it may write.
fn new_id() -> String {
    let mut bytes = [0; 48];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    base64::encode(&bytes)
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::place::Place;
    use crate::pool::Pool;
    use crate::testing::Server;

    /// Two calls find a transaction; the one that ends it gets its connection first.
    #[tokio::test]
    async fn who_comes_after_the_end_finds_nothing() {
        let Some(server) = Server::mariadb(None) else { return };
        let place = Place::parse(&server.url()).unwrap();
        let pool = Arc::new(Pool::new("orders".to_owned(), place, 1, Limits::default()));
        let transactions = Arc::new(Transactions::new(Limits::default()));
        let mut held = pool.hold(Whereabouts::default()).await.unwrap();
        held.command("BEGIN").await.unwrap();
        let id = transactions.add("orders", Whereabouts::default(), held);
        let found = transactions.find(&id, "orders").unwrap();
        let seat = found.connection(&id).unwrap();
        assert_eq!(found.end(&id).err().unwrap().message, "Transaction is still running a query");
        drop(seat);
        let mut held = transactions.find(&id, "orders").unwrap().end(&id).unwrap();
        transactions.remove(&id);
        held.command("COMMIT").await.unwrap();
        let gone = format!("Transaction {id} is not found");
        assert_eq!(found.connection(&id).err().unwrap().message, gone);
        assert_eq!(found.end(&id).err().unwrap().message, gone);
    }
}
