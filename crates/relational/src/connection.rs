//! A connection to a database, whichever it is, and what comes of a statement.

use bytes::Bytes;

use crate::fault::Error;
use crate::mysql;
use crate::parameter::Parameter;
use crate::place::Place;
use crate::postgres;
use crate::sql::{Dialect, Statement};

/// What a call may get back from a database. (ExecuteStatement: "more than 1 MB")
pub(crate) const RESPONSE_BYTES_MAX: usize = 1024 * 1024;

/// A message of a database that is longer holds a row that is too large by itself, or is none: 64 KiB are room for what stands around
/// the cells.
pub(crate) const MESSAGE_BYTES_MAX: usize = RESPONSE_BYTES_MAX + 64 * 1024;

/// What is left of [`RESPONSE_BYTES_MAX`]. Rows are counted as PostgreSQL's protocol writes them, whichever database they come from:
/// one without cells is not for nothing, and neither is a NULL.
#[derive(Debug)]
pub(crate) struct Room(usize);

impl Room {
    pub(crate) fn new() -> Room {
        Room(RESPONSE_BYTES_MAX)
    }

    /// Takes the room of a row: so many cells, which have so many bytes together.
    ///
    /// # Errors
    /// There is none. The rest is not waited for, so the connection is not used again; with AWS, too, a transaction ends here.
    pub(crate) fn take(&mut self, cells: usize, bytes: usize) -> Result<(), Error> {
        const ROW_BYTES: usize = 7;
        const CELL_BYTES: usize = 4;
        let row = ROW_BYTES + CELL_BYTES * cells + bytes;
        self.0 = self.0.checked_sub(row).ok_or(Error::TooLarge)?;
        Ok(())
    }
}

/// Statements that a connection keeps prepared. An application has about so many; each costs the database some kilobytes.
pub(crate) const PREPARED_MAX: usize = 64;

/// A connection to a database.
pub(crate) enum Connection {
    Postgres(Box<postgres::Client>),
    MySql(Box<mysql::Client>),
}

/// Where in a server a connection works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Whereabouts {
    /// The place's own if there is none.
    pub(crate) database: Option<String>,
    /// Of PostgreSQL: where names without a schema are looked up.
    pub(crate) schema: Option<String>,
}

/// What comes of a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    /// None of a statement that gives no rows.
    pub(crate) columns: Option<Vec<Column>>,
    pub(crate) rows: Vec<Row>,
    /// How many rows it inserted, changed or deleted.
    pub(crate) updated: u64,
    /// MySQL's first new number of an AUTO_INCREMENT column.
    pub(crate) generated: Option<u64>,
}

/// Cells as texts, blobs as bytes; None is NULL.
pub(crate) type Row = Vec<Option<Bytes>>;

/// A column of rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// What the statement calls it.
    pub(crate) label: String,
    /// What its table calls it, as far as that is known.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) details: Details,
}

/// What the Data API makes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    One(Scalar),
    Array(Scalar),
}

/// A value that is no array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// `t` or `f`.
    Boolean,
    /// Digits.
    Long,
    /// As Rust reads it.
    Double,
    /// Digits with a point.
    Decimal,
    /// Bytes.
    Blob,
    Text,
    /// A time with a zone, which is UTC.
    Zoned,
}

/// What else is told of a column. (ColumnMetadata, whose codes are JDBC's)
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Details {
    pub(crate) type_name: String,
    pub(crate) type_code: i32,
    pub(crate) array_type_code: i32,
    pub(crate) table: String,
    pub(crate) nullable: Nullable,
    pub(crate) precision: i64,
    pub(crate) scale: i64,
    pub(crate) is_auto_increment: bool,
    pub(crate) is_signed: bool,
    pub(crate) is_case_sensitive: bool,
    pub(crate) is_currency: bool,
    /// The number of its table and its own in PostgreSQL's catalogue; zeros if it comes from none.
    pub(crate) origin: (u32, i16),
}

/// Whether a column can be NULL; the numbers are JDBC's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Nullable {
    No = 0,
    Yes = 1,
    #[default]
    Unknown = 2,
}

impl Connection {
    /// Connects and logs in.
    pub(crate) async fn open(place: &Place, whereabouts: &Whereabouts) -> Result<Connection, Error> {
        Ok(match place.dialect {
            Dialect::Postgres => {
                Connection::Postgres(Box::new(postgres::Client::open(place, whereabouts).await?))
            }
            Dialect::MySql => Connection::MySql(Box::new(mysql::Client::open(place, whereabouts).await?)),
        })
    }

    /// Carries out a statement. If the future is dropped, the connection is of no use any more.
    pub(crate) async fn query(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter],
    ) -> Result<Outcome, Error> {
        match self {
            Connection::Postgres(client) => client.query(statement, parameters).await,
            Connection::MySql(client) => client.query(statement, parameters).await,
        }
    }

    /// Asks the database for what its protocol does not tell of columns with the rows.
    pub(crate) async fn describe(&mut self, columns: &mut [Column]) -> Result<(), Error> {
        match self {
            Connection::Postgres(client) => client.describe(columns).await,
            // Its protocol tells all.
            Connection::MySql(_) => Ok(()),
        }
    }

    /// `BEGIN`, `COMMIT` or `ROLLBACK`.
    pub(crate) async fn command(&mut self, command: &str) -> Result<(), Error> {
        let statement = Statement { text: command.to_owned(), names: Vec::new(), leaves_no_trace: true };
        self.query(&statement, &[]).await.map(drop)
    }

    /// Whether what was sent was answered in full, so that it can be used at all.
    pub(crate) fn is_usable(&self) -> bool {
        match self {
            Connection::Postgres(client) => client.is_usable(),
            Connection::MySql(client) => client.is_usable(),
        }
    }

    /// Whether a transaction is open, as the database said last. MySQL says nothing of it with an error: see `learn_status`.
    pub(crate) fn is_in_transaction(&self) -> bool {
        match self {
            Connection::Postgres(client) => client.is_in_transaction(),
            Connection::MySql(client) => client.is_in_transaction(),
        }
    }

    /// Learns, after an error, whether the transaction is still open: a deadlock, for one, ends it.
    pub(crate) async fn learn_status(&mut self) -> Result<(), Error> {
        match self {
            // Every answer of it tells.
            Connection::Postgres(_) => Ok(()),
            Connection::MySql(client) => client.ping().await,
        }
    }

    /// Whether it is as it was when it was new: no transaction, no settings of somebody.
    pub(crate) fn is_as_new(&self) -> bool {
        self.is_usable()
            && match self {
                Connection::Postgres(client) => client.is_as_new(),
                Connection::MySql(client) => client.is_as_new(),
            }
    }

    /// Whether the database has not hung up meanwhile.
    pub(crate) async fn is_alive(&mut self) -> bool {
        match self {
            Connection::Postgres(client) => client.is_alive().await,
            Connection::MySql(client) => client.is_alive().await,
        }
    }

    /// What stops a statement of this connection from another one.
    pub(crate) fn canceller(&self) -> Canceller {
        match self {
            Connection::Postgres(client) => Canceller::Postgres(client.canceller()),
            Connection::MySql(client) => Canceller::MySql(client.id()),
        }
    }
}

/// Stops a statement that is under way.
pub(crate) enum Canceller {
    Postgres(postgres::Canceller),
    MySql(u32),
}

impl Canceller {
    /// What the database calls the connection.
    pub(crate) fn id(&self) -> i64 {
        match self {
            Canceller::Postgres(canceller) => canceller.process.into(),
            Canceller::MySql(id) => (*id).into(),
        }
    }

    /// Asks for it. Whether it came in time is seen by what becomes of the statement.
    pub(crate) async fn cancel(&self, place: &Place) -> Result<(), Error> {
        match self {
            Canceller::Postgres(canceller) => canceller.cancel(place).await,
            Canceller::MySql(id) => mysql::kill_query(place, *id).await,
        }
    }
}
