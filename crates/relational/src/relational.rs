//! The RDS Data API as a service.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connectors::Answering;
use json::{Value, value};
use services::{Call, Fault, Service};
use tokio::time::timeout;

use crate::connection::{Connection, Outcome};
use crate::fault::{Error, ended_by_the_database, no_transaction, refused};
use crate::input;
use crate::output::{self, Form};
use crate::place::Place;
use crate::pool::Pool;
use crate::statement::{Committed, Time, Work, carry_out};
use crate::transactions::{Transaction, Transactions};

/// The databases of the settings. It answers the operations of `rds-data`.
pub struct Relational(Arc<Inner>);

struct Inner {
    pools: BTreeMap<String, Arc<Pool>>,
    transactions: Arc<Transactions>,
    limits: Limits,
}

/// A database of the settings.
#[derive(Clone, Debug)]
pub struct Database {
    /// Where it is.
    pub place: Place,
    /// How many connections to it there are at once, at most.
    pub connections_max: usize,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A statement. (User guide: "45 seconds")
    pub statement: Duration,
    /// A transaction that nobody uses. (BeginTransaction: "three minutes")
    pub transaction_idle: Duration,
    /// A transaction in all. (BeginTransaction: "24 hours")
    pub transaction: Duration,
    /// Waiting for a connection while all are in use.
    pub waiting: Duration,
    /// Connecting and logging in.
    pub connecting: Duration,
    /// A connection that nobody uses.
    pub idle_connection: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            statement: Duration::from_secs(45),
            transaction_idle: Duration::from_secs(3 * 60),
            transaction: Duration::from_secs(24 * 60 * 60),
            // A client waits for 60 s by default, and a statement may take 45 of them.
            waiting: Duration::from_secs(10),
            connecting: Duration::from_secs(10),
            // A page of an application comes back sooner than that, or not soon.
            idle_connection: Duration::from_secs(60),
        }
    }
}

impl Relational {
    /// Serves these databases, by the names that clusters of AWS have in their ARNs. Nothing is connected yet.
    pub fn new(databases: BTreeMap<String, Database>, limits: Limits) -> Relational {
        let pool = |(name, database): (String, Database)| {
            let pool = Pool::new(name.clone(), database.place, database.connections_max.max(1), limits);
            (name, Arc::new(pool))
        };
        let pools = databases.into_iter().map(pool).collect();
        Relational(Arc::new(Inner { pools, transactions: Arc::new(Transactions::new(limits)), limits }))
    }
}

impl Service for Relational {
    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a, Result<Value, Fault>> {
        let (inner, operation, input) = (self.0.clone(), call.operation.to_owned(), call.input.clone());
        // What has begun goes on when the caller hangs up: a statement that is cut off costs its connection.
        let answering = tokio::spawn(async move { inner.answer(&operation, &input).await });
        Box::pin(async move {
            match answering.await {
                Ok(answer) => answer,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => {
                        Err(Fault::new("ServiceUnavailableError", "The server is stopping").with_status(503))
                    }
                },
            }
        })
    }

    fn stop(&self) {
        self.0.pools.values().for_each(|pool| pool.stop());
        self.0.transactions.stop();
    }
}

impl Inner {
    async fn answer(&self, operation: &str, input: &Value) -> Result<Value, Fault> {
        match operation {
            "ExecuteStatement" => self.execute(input).await,
            "BatchExecuteStatement" => self.execute_batch(input).await,
            "BeginTransaction" => self.begin(input).await,
            "CommitTransaction" => self.end(input, "COMMIT", "Transaction Committed").await,
            "RollbackTransaction" => self.end(input, "ROLLBACK", "Rollback Complete").await,
            // AWS has it for the first Aurora Serverless only, which is gone.
            _ => Err(refused(format!(
                "{operation} is not supported: use ExecuteStatement or BatchExecuteStatement"
            ))),
        }
    }

    async fn execute(&self, input: &Value) -> Result<Value, Fault> {
        let pool = self.pool(input)?;
        let statement = input::statement(input, pool.place.dialect)?;
        let sets = input::parameters([input.get("parameters")], &statement)?;
        let as_json = input::text(input, "formatRecordsAs") == Some("JSON");
        let with_metadata = input::is_set(input, "includeResultMetadata") && !as_json;
        let form = Form { options: input::options(input), with_metadata, as_json };
        let committed = if input::transaction(input).is_none() { Committed::Each } else { Committed::Later };
        let work = Work { statement, sets, committed, describe: with_metadata };
        let outcomes = self.run(input, pool, work, input::is_set(input, "continueAfterTimeout")).await?;
        let outcome = outcomes.into_iter().next().unwrap_or_default();
        Ok(output::executed(&outcome, form)?)
    }

    async fn execute_batch(&self, input: &Value) -> Result<Value, Fault> {
        let pool = self.pool(input)?;
        let statement = input::statement(input, pool.place.dialect)?;
        let sets = input.get("parameterSets").and_then(Value::as_array);
        let sets = sets.map(|sets| sets.as_slice()).unwrap_or_default();
        let sets = input::parameters(sets.iter().map(Some), &statement)?;
        let committed =
            if input::transaction(input).is_none() { Committed::Together } else { Committed::Later };
        let work = Work { statement, sets, committed, describe: false };
        let outcomes = self.run(input, pool, work, false).await?;
        Ok(output::executed_batch(&outcomes))
    }

    async fn begin(&self, input: &Value) -> Result<Value, Fault> {
        let pool = self.pool(input)?;
        let whereabouts = input::whereabouts(input, pool.place.dialect)?;
        let mut held = pool.hold(whereabouts.clone()).await?;
        self.command(&mut held, "BEGIN").await?;
        let id = self.transactions.add(input::cluster(input)?, whereabouts, held);
        Ok(value!({ "transactionId": id }))
    }

    async fn end(&self, input: &Value, command: &str, status: &str) -> Result<Value, Fault> {
        self.pool(input)?;
        let (id, transaction) = self.transaction(input)?.ok_or_else(|| no_transaction(""))?;
        let mut held = transaction.end(id)?;
        self.transactions.remove(id);
        match (held.is_in_transaction(), command) {
            (true, _) => self.command(&mut held, command).await?,
            // There is nothing left to roll back.
            (false, "ROLLBACK") => {}
            (false, _) => return Err(ended_by_the_database()),
        }
        Ok(value!({ "transactionStatus": status }))
    }

    async fn command(&self, connection: &mut Connection, command: &str) -> Result<(), Error> {
        let done = timeout(self.limits.statement, connection.command(command)).await;
        done.unwrap_or_else(|_| Err(Error::Late(connection.canceller().id())))
    }

    /// Carries it out on the connection of the call's transaction, or on any.
    async fn run(
        &self,
        input: &Value,
        pool: &Arc<Pool>,
        work: Work,
        goes_on: bool,
    ) -> Result<Vec<Outcome>, Fault> {
        let time = Time { limit: self.limits.statement, goes_on };
        let whereabouts = input::whereabouts(input, pool.place.dialect)?;
        let Some((id, transaction)) = self.transaction(input)? else {
            let held = Box::new(pool.hold(whereabouts).await?);
            return Ok(carry_out(held, work, &pool.place, time).await?);
        };
        let at = |named: &Option<String>| named.clone().or_else(|| pool.place.database.clone());
        if whereabouts.database.is_some()
            && at(&whereabouts.database) != at(&transaction.whereabouts.database)
            || whereabouts.schema.is_some() && whereabouts.schema != transaction.whereabouts.schema
        {
            return Err(refused(
                "Database name is not the same as transaction's: give BeginTransaction the same database and schema",
            ));
        }
        let seat = transaction.connection(id)?;
        let done = carry_out(seat, work, &pool.place, time).await;
        transaction.touch();
        if transaction.is_lost() {
            self.transactions.remove(id);
        }
        Ok(done?)
    }

    fn transaction<'a>(&self, input: &'a Value) -> Result<Option<(&'a str, Arc<Transaction>)>, Fault> {
        let Some(id) = input::transaction(input) else { return Ok(None) };
        let found = self.transactions.find(id, input::cluster(input)?);
        found.map(|transaction| Some((id, transaction))).ok_or_else(|| no_transaction(id))
    }

    fn pool(&self, input: &Value) -> Result<&Arc<Pool>, Fault> {
        let name = input::cluster(input)?;
        self.pools.get(name).ok_or_else(|| {
            let text = format!(
                "There is no database {name} here: name it in stepwell.toml, [databases.{name}] with \
                 url = \"postgres://user@host:5432/name\" or \"mysql://…\", and start the server again"
            );
            Fault::new("DatabaseNotFoundException", text).with_status(404)
        })
    }
}
