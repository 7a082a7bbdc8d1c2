//! What goes wrong, in AWS's words.

use services::Fault;

/// Why a statement has no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The database said so; its own words, as the Data API passes them on.
    #[error("{0}")]
    Database(String),
    /// There is nobody, or nobody who lets us in.
    #[error("{0}")]
    Unreachable(String),
    /// The connection broke, or what came was not understood. Whether the statement was carried out is unknown.
    #[error("The connection to the database was lost: {0}")]
    Lost(String),
    /// More than the Data API passes on.
    #[error("Database response exceeded size limit")]
    TooLarge,
    /// The Data API has no form for the result.
    #[error("{0}")]
    Unsupported(String),
    /// It took too long; which connection of the database it was.
    #[error("Request timed out")]
    Late(i64),
    /// The call itself is wrong.
    #[error("{0}")]
    Refused(String),
    /// All connections are in use.
    #[error("{0}")]
    Busy(String),
}

/// What came is not what the protocol has here.
pub(crate) fn not_understood() -> Error {
    Error::Lost("the database's answer was not understood".to_owned())
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::Lost(error.to_string())
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        let (code, status) = match &error {
            // (model: "There was an error in processing the SQL statement"; BadRequestException is for the first Aurora Serverless)
            Error::Database(_) | Error::Lost(_) => ("DatabaseErrorException", 400),
            Error::Unreachable(_) => ("DatabaseUnavailableException", 504),
            Error::TooLarge | Error::Unsupported(_) => ("UnsupportedResultException", 400),
            Error::Late(_) => ("StatementTimeoutException", 400),
            Error::Refused(_) => ("BadRequestException", 400),
            Error::Busy(_) => ("ServiceUnavailableError", 503),
        };
        let mut fault = Fault::new(code, error.to_string()).with_status(status);
        if let Error::Late(connection) = error {
            fault.members.insert("dbConnectionId", connection);
        }
        fault
    }
}

/// The call itself is wrong.
pub(crate) fn refused(message: impl Into<String>) -> Fault {
    Error::Refused(message.into()).into()
}

/// There is no such transaction, or none any more. (User guide, "Troubleshooting")
pub(crate) fn no_transaction(id: &str) -> Fault {
    Fault::new("TransactionNotFoundException", format!("Transaction {id} is not found")).with_status(404)
}

/// Another call of the same transaction is under way. (User guide, "Troubleshooting")
pub(crate) fn still_running() -> Fault {
    Fault::new("DatabaseErrorException", "Transaction is still running a query")
}

/// The database has ended the transaction of its own accord; whatever follows would be committed by itself.
pub(crate) fn ended_by_the_database() -> Fault {
    Error::Database(
        "The database has ended the transaction because of an error: call RollbackTransaction, and begin another one"
            .to_owned(),
    )
    .into()
}
