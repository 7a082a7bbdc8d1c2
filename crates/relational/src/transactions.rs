//! Transactions that clients have open: each holds a connection, and ends when nobody uses it.
//!
//! They end with the server, too: the databases roll back when the connections close.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_protocols::base64;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use crate::connection::Whereabouts;
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
    held: Arc<Turn<Held>>,
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
            held: Arc::new(Turn::new(held)),
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

impl Transaction {
    /// Its connection; None while another call uses it.
    pub(crate) fn connection(&self) -> Option<OwnedMutexGuard<Held>> {
        let held = self.held.clone().try_lock_owned().ok()?;
        self.touch();
        Some(held)
    }

    /// It was used.
    pub(crate) fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
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
        match transaction.held.try_lock() {
            Ok(_) => {
                tracing::info!(
                    database = transaction.database,
                    "a transaction that nobody used is rolled back"
                );
                transactions.remove(&id);
                return;
            }
            // A statement is under way, which has a time limit of its own.
            Err(_) => deadline = Instant::now() + transactions.limits.transaction_idle,
        }
    }
}

/// Nobody can guess it: who knows it may write.
fn new_id() -> String {
    let mut bytes = [0; 48];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    base64::encode(&bytes)
}
