//! The connections to one database of the settings: so many at most, used again, and closed when nobody wants them.
//!
//! Never here: statements.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

use crate::connection::{Connection, Whereabouts};
use crate::fault::Error;
use crate::place::Place;
use crate::relational::Limits;

/// The connections to a database.
pub(crate) struct Pool {
    name: String,
    pub(crate) place: Place,
    connections_max: usize,
    limits: Limits,
    /// One for each connection that is in use.
    permits: Arc<Semaphore>,
    /// The longest unused first; with those in use, never more than `connections_max`.
    idle: Mutex<Vec<Idle>>,
    is_swept: AtomicBool,
}

struct Idle {
    whereabouts: Whereabouts,
    connection: Connection,
    since: Instant,
}

/// A connection that is in use. Dropped, it goes back to its pool, or is closed if it is not as it was.
pub(crate) struct Held {
    pool: Arc<Pool>,
    whereabouts: Whereabouts,
    /// Taken when it is dropped.
    connection: Option<Connection>,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(crate) fn new(name: String, place: Place, connections_max: usize, limits: Limits) -> Pool {
        let permits = Arc::new(Semaphore::new(connections_max));
        let (idle, is_swept) = (Mutex::default(), AtomicBool::new(false));
        Pool { name, place, connections_max, limits, permits, idle, is_swept }
    }

    /// A connection that works there. Waits for one if all are in use, for so long.
    pub(crate) async fn hold(self: &Arc<Pool>, whereabouts: Whereabouts) -> Result<Held, Error> {
        let permit = timeout(self.limits.waiting, self.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| self.busy())?;
        let permit = permit.map_err(|_| Error::Busy("The server is stopping; try again".to_owned()))?;
        self.sweep();
        while let Some(mut connection) = self.take(&whereabouts) {
            if connection.is_alive().await {
                return Ok(self.held(whereabouts, connection, permit));
            }
        }
        self.make_room();
        let opened = timeout(self.limits.connecting, Connection::open(&self.place, &whereabouts)).await;
        let opened = opened.map_err(|_| {
            Error::Unreachable(format!("The database {} cannot be reached: it does not answer", self.name))
        })?;
        Ok(self.held(whereabouts, opened.map_err(unreachable)?, permit))
    }

    /// The server stops: whoever waits is answered, and what is idle is closed.
    pub(crate) fn stop(&self) {
        self.permits.close();
        self.idle().clear();
    }

    fn held(
        self: &Arc<Pool>,
        whereabouts: Whereabouts,
        connection: Connection,
        permit: OwnedSemaphorePermit,
    ) -> Held {
        Held { pool: self.clone(), whereabouts, connection: Some(connection), _permit: permit }
    }

    /// The latest used, so that those that are not needed grow old.
    fn take(&self, whereabouts: &Whereabouts) -> Option<Connection> {
        let mut idle = self.idle();
        let place = idle.iter().rposition(|idle| idle.whereabouts == *whereabouts)?;
        Some(idle.remove(place).connection)
    }

    /// Idle connections that work elsewhere make room for a new one.
    fn make_room(&self) {
        let in_use = self.connections_max.saturating_sub(self.permits.available_permits());
        let mut idle = self.idle();
        let surplus = (idle.len() + in_use).saturating_sub(self.connections_max).min(idle.len());
        idle.drain(..surplus);
    }

    /// Idle connections are closed in time, as long as the pool is there.
    fn sweep(self: &Arc<Pool>) {
        if self.is_swept.swap(true, Ordering::Relaxed) {
            return;
        }
        let (pool, idle_max) = (Arc::downgrade(self), self.limits.idle_connection);
        tokio::spawn(async move {
            loop {
                sleep(idle_max / 2).await;
                let Some(pool) = Weak::upgrade(&pool) else { return };
                pool.idle().retain(|idle| idle.since.elapsed() < idle_max);
            }
        });
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn busy(&self) -> Error {
        let Pool { name, connections_max, .. } = self;
        Error::Busy(format!(
            "All connections to the database {name} ({connections_max}) are in use, by statements or open transactions; try again, \
             or set connections_max in [databases.{name}]"
        ))
    }
}

/// A connection that breaks before it was made was never there.
fn unreachable(error: Error) -> Error {
    match error {
        Error::Lost(_) | Error::TooLarge => Error::Unreachable(error.to_string()),
        error => error,
    }
}

impl Deref for Held {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it is taken when it is dropped")
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("it is taken when it is dropped")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take().filter(Connection::is_as_new) else { return };
        if self.pool.permits.is_closed() {
            return;
        }
        let whereabouts = std::mem::take(&mut self.whereabouts);
        self.pool.idle().push(Idle { whereabouts, connection, since: Instant::now() });
    }
}
