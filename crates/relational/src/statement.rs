//! A statement is carried out, once or for many sets of parameters, in time.

use std::ops::DerefMut;
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use crate::connection::{Canceller, Connection, Outcome};
use crate::fault::Error;
use crate::parameter::Parameter;
use crate::place::Place;
use crate::pool::Held;
use crate::sql::Statement;

/// What is to be done.
pub(crate) struct Work {
    pub(crate) statement: Statement,
    /// It is carried out once for each.
    pub(crate) sets: Vec<Vec<Parameter>>,
    pub(crate) committed: Committed,
    /// Whether to ask for what is told of columns.
    pub(crate) describe: bool,
}

/// When what was done counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// At once, for each set of parameters.
    Each,
    /// All of it or nothing, in a transaction of its own.
    Together,
    /// When the client commits the transaction that is open on the connection.
    Later,
}

/// How long it may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time {
    pub(crate) limit: Duration,
    /// Whether it goes on beyond that, when nobody waits for it any more. (`continueAfterTimeout`)
    pub(crate) goes_on: bool,
}

/// What has begun is given so long to end after it was cancelled, before its connection is closed.
const CANCELLED_MAX: Duration = Duration::from_secs(5);

/// What goes on when nobody waits ends with a transaction's time, at the latest. (BeginTransaction: "24 hours")
const GOING_ON_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// Carries it out on a connection, which is let go when it is done; one outcome for each set of parameters.
pub(crate) async fn carry_out<S>(
    mut seat: S,
    work: Work,
    place: &Place,
    time: Time,
) -> Result<Vec<Outcome>, Error>
where
    S: DerefMut<Target = Held> + Send + 'static,
{
    let canceller = seat.canceller();
    if time.goes_on {
        let working = tokio::spawn(async move { timeout(GOING_ON_MAX, work.done(&mut seat)).await });
        return match timeout(time.limit, working).await {
            Ok(Ok(Ok(done))) => done,
            Ok(Ok(Err(_)) | Err(_)) => Err(Error::Lost("the statement was given up".to_owned())),
            Err(_) => Err(Error::Late(canceller.id())),
        };
    }
    let mut working = pin!(work.done(&mut seat));
    if let Ok(done) = timeout(time.limit, &mut working).await {
        return done;
    }
    cancel(&canceller, place).await;
    // Its answer is that it was cancelled. Without one, the connection is not used again.
    let _ = timeout(CANCELLED_MAX, working).await;
    Err(Error::Late(canceller.id()))
}

async fn cancel(canceller: &Canceller, place: &Place) {
    match timeout(CANCELLED_MAX, canceller.cancel(place)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!("a statement that took too long could not be cancelled: {error}"),
        Err(_) => tracing::warn!("a statement that took too long could not be cancelled: no answer"),
    }
}

impl Work {
    async fn done(self, connection: &mut Connection) -> Result<Vec<Outcome>, Error> {
        if self.committed != Committed::Together {
            return self.each(connection).await;
        }
        connection.command("BEGIN").await?;
        match self.each(connection).await {
            Ok(outcomes) => {
                connection.command("COMMIT").await?;
                Ok(outcomes)
            }
            Err(error) => {
                if connection.is_usable() && connection.is_in_transaction() {
                    connection.command("ROLLBACK").await?;
                }
                Err(error)
            }
        }
    }

    async fn each(&self, connection: &mut Connection) -> Result<Vec<Outcome>, Error> {
        let mut outcomes = Vec::with_capacity(self.sets.len());
        for parameters in &self.sets {
            let mut outcome = self.once(connection, parameters).await?;
            match &mut outcome.columns {
                Some(columns) if self.describe => connection.describe(columns).await?,
                _ => {}
            }
            if self.sets.len() > 1 {
                // Nobody asks for the rows of many.
                (outcome.columns, outcome.rows) = (None, Vec::new());
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    /// Carries it out once, and keeps its transaction: nothing is ever done beside it.
    async fn once(&self, connection: &mut Connection, parameters: &[Parameter]) -> Result<Outcome, Error> {
        let done = connection.query(&self.statement, parameters).await;
        if self.committed == Committed::Each || !connection.is_usable() {
            return done;
        }
        match done {
            Ok(outcome) => {
                // The statement has ended the transaction, as those that define tables do in MySQL, and COMMIT does. What
                // follows is in another one, as in JDBC without auto-commit, by which AWS asks databases.
                if !connection.is_in_transaction() {
                    connection.command("BEGIN").await?;
                }
                Ok(outcome)
            }
            Err(error) => {
                // Whether it took the transaction with it.
                connection.learn_status().await?;
                Err(error)
            }
        }
    }
}
