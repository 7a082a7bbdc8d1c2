//! The engine behind the operations, `dynoxide`: the one place that knows it.
//!
//! Its database is a file with a write-ahead log beside it. It commits without an fsync; [`Engine::make_durable`] makes
//! all that was committed durable at once. That is what SQLite does itself at every commit where `synchronous` is FULL:
//! the log is a row of checksummed frames, and a start takes all whole ones up to the last commit. Never here: threads.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use dynoxide::{Database, DynoxideError};
use json::{Object, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use services::Fault;

/// In the folder of the tables.
pub(crate) const FILE: &str = "tables.db";
pub(crate) const LOG: &str = "tables.db-wal";

/// Why tables cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder or a file in it cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what the engine wrote.
    #[error("{path} cannot be opened: {reason}")]
    Database {
        /// Which.
        path: PathBuf,
        /// In the engine's words.
        reason: String,
    },
}

/// All tables.
pub(crate) struct Engine {
    database: Database,
    /// Nobody but the engine writes it; here it is only synced. None in memory.
    log: Option<File>,
}

impl Engine {
    /// Opens the tables of a folder, which is made if it is not there.
    pub(crate) fn open(folder: &Path) -> Result<Engine, Error> {
        let file = |path: &Path, source| Error::File { path: path.to_owned(), source };
        fs::create_dir_all(folder).map_err(|error| file(folder, error))?;
        let path = folder.join(FILE);
        let failed = |error: DynoxideError| Error::Database { path: path.clone(), reason: error.to_string() };
        let name = path.to_str().ok_or_else(|| file(&path, io::Error::other("the path is not UTF-8")))?;
        let database = Database::new(name).map_err(failed)?;
        // What this does is set `synchronous` to NORMAL: commits leave the sync to us.
        database.disable_bulk_loading().map_err(failed)?;
        let log_path = folder.join(LOG);
        let log = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&log_path);
        let log = log.map_err(|error| file(&log_path, error))?;
        // The files' names are as durable as what will be in them.
        let synced = log.sync_all().and_then(|()| File::open(folder)?.sync_all());
        synced.map_err(|error| file(folder, error))?;
        Ok(Engine { database, log: Some(log) })
    }

    /// Tables that end with the process.
    pub(crate) fn in_memory() -> Result<Engine, Error> {
        let failed =
            |error: DynoxideError| Error::Database { path: "memory".into(), reason: error.to_string() };
        Ok(Engine { database: Database::memory().map_err(failed)?, log: None })
    }

    /// Carries out an operation. What it has changed is durable after [`Engine::make_durable`] only.
    pub(crate) fn perform(&self, operation: &str, input: &str) -> Result<String, Fault> {
        let database = &self.database;
        let answered = match operation {
            "BatchExecuteStatement" => run(input, |request| database.batch_execute_statement(request)),
            "BatchGetItem" => run(input, |request| database.batch_get_item(request)),
            "BatchWriteItem" => run(input, |request| database.batch_write_item(request)),
            "CreateTable" => run(input, |request| database.create_table(request)),
            "DeleteItem" => run(input, |request| database.delete_item(request)),
            "DeleteTable" => run(input, |request| database.delete_table(request)),
            "DescribeStream" => run(input, |request| database.describe_stream(request)),
            "DescribeTable" => run(input, |request| database.describe_table(request)),
            "DescribeTimeToLive" => run(input, |request| database.describe_time_to_live(request)),
            "ExecuteStatement" => run(input, |request| database.execute_statement(request)),
            "ExecuteTransaction" => run(input, |request| database.execute_transaction(request)),
            "GetItem" => run(input, |request| database.get_item(request)),
            "GetRecords" => run(input, |request| database.get_records(request)),
            "GetShardIterator" => run(input, |request| database.get_shard_iterator(request)),
            "ListStreams" => run(input, |request| database.list_streams(request)),
            "ListTables" => run(input, |request| database.list_tables(request)),
            "ListTagsOfResource" => run(input, |request| database.list_tags_of_resource(request)),
            "PutItem" => run(input, |request| database.put_item(request)),
            "Query" => run(input, |request| database.query(request)),
            "Scan" => run(input, |request| database.scan(request)),
            "TagResource" => run(input, |request| database.tag_resource(request)),
            "TransactGetItems" => run(input, |request| database.transact_get_items(request)),
            "TransactWriteItems" => run(input, |request| database.transact_write_items(request)),
            "UntagResource" => run(input, |request| database.untag_resource(request)),
            "UpdateItem" => run(input, |request| database.update_item(request)),
            "UpdateTable" => run(input, |request| database.update_table(request)),
            "UpdateTimeToLive" => run(input, |request| database.update_time_to_live(request)),
            operation => unreachable!("{operation} is not in the list of operations"),
        };
        answered.map_err(|error| fault(operation, error))
    }

    /// Removes items whose time to live is over, and says how many.
    pub(crate) fn remove_expired(&self) -> Result<usize, Fault> {
        self.database.sweep_ttl().map_err(|error| fault("the removal of expired items", error))
    }

    /// Comes back when all that was committed is on the disk.
    pub(crate) fn make_durable(&self) -> io::Result<()> {
        self.log.as_ref().map_or(Ok(()), File::sync_data)
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    input: &str,
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let request = serde_json::from_str(input).map_err(|error| unreadable(&error.to_string()))?;
    let response = operation(request)?;
    serde_json::to_string(&response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The engine's readers say with their first word what an error of theirs is. The types are the model's already, so
/// what is left are rules of DynamoDB.
fn unreadable(told: &str) -> DynoxideError {
    let (kind, message) = told.split_once(':').unwrap_or(("", told));
    let is_place = |at: &usize| message[*at..].contains(" column ");
    let end = message.rfind(" at line ").filter(is_place).unwrap_or(message.len());
    let message = message[..end].to_owned();
    match kind {
        "VALIDATION" | "VALIDATION_AS_READ" => DynoxideError::ValidationException(message),
        "VALIDATION_REQUEST" => DynoxideError::EnvelopedValidation(message),
        "SERIALIZATION" | "SERIALIZATION_AS_READ" => DynoxideError::SerializationException(message),
        _ if told.contains("empty AttributeValue") => DynoxideError::ValidationException(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
                .to_owned(),
        ),
        _ => {
            let end = told.rfind(" at line ").unwrap_or(told.len());
            DynoxideError::ValidationException(told[..end].to_owned())
        }
    }
}

fn fault(operation: &str, error: DynoxideError) -> Fault {
    let code = error.error_type().rsplit('#').next().unwrap_or("InternalServerError");
    let status = error.status_code();
    let message = match &error {
        DynoxideError::EnvelopedValidation(message)
            if matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem") =>
        {
            format!("1 validation error detected: {message}")
        }
        error => error.to_string(),
    };
    // The engine says in which expression a word stands, but for this one. (documented)
    let message = match operation {
        "Query" if message.starts_with("Attribute name is a reserved keyword") => {
            format!("Invalid KeyConditionExpression: {message}")
        }
        _ => message,
    };
    if status >= 500 {
        tracing::error!(operation, "the engine of the tables failed: {message}");
    }
    let mut members = Object::new();
    match &error {
        DynoxideError::ConditionalCheckFailedException(_, Some(item)) => {
            members.insert("Item", value(item));
        }
        DynoxideError::TransactionCanceledException(_, reasons) => {
            members.insert("CancellationReasons", value(reasons));
        }
        _ => {}
    }
    Fault { members, ..Fault::new(code, message).with_status(status) }
}

fn value(known: &impl Serialize) -> Value {
    let text = serde_json::to_string(known).unwrap_or_default();
    Value::parse(&text).unwrap_or_default()
}
