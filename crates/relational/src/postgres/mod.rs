//! PostgreSQL: its extended protocol, with all values as texts.
//!
//! Parameters have the types that the Data API gives them (`types`), so a statement is prepared, bound and executed in one exchange,
//! and the next one with the same text and types is only bound. Never here: pools, time limits.

mod catalog;
mod login;
mod types;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use fallible_iterator::FallibleIterator;
use postgres_protocol::IsNull;
use postgres_protocol::message::backend::{DataRowBody, Message, RowDescriptionBody};
use postgres_protocol::message::frontend;
use tokio::io::AsyncWriteExt;

use self::types::{Oid, Type};
use self::wire::{Told, Wire, told};
use crate::connection::{Column, Kind, Outcome, PREPARED_MAX, Room, Row, Scalar, Whereabouts};
use crate::fault::{Error, not_understood};
use crate::parameter::Parameter;
use crate::place::Place;
use crate::sql::Statement;
use crate::stream::{self, Stream};

/// More columns than PostgreSQL lets a statement have. (MaxTupleAttributeNumber: 1664)
const COLUMNS_MAX: usize = 1664;
/// A label is longer than PostgreSQL's names are, wherever it was not built otherwise. (NAMEDATALEN: 64)
const LABEL_BYTES_MAX: usize = 256;

/// A connection to PostgreSQL.
pub(crate) struct Client {
    wire: Wire,
    canceller: Canceller,
    /// Whether something was sent that is not answered in full.
    is_waiting: bool,
    /// `I` outside of a transaction, `T` in one, `E` in one that has failed.
    status: u8,
    /// Whether somebody may have left settings behind.
    is_changed: bool,
    /// The latest first.
    prepared: Vec<Prepared>,
    /// How many have been, for their names.
    prepared_ever: u64,
    /// Types that are not built in, as they were looked up.
    types: BTreeMap<Oid, Type>,
}

#[derive(Clone)]
struct Prepared {
    text: String,
    types: Vec<Oid>,
    name: String,
    /// None of a statement that gives no rows.
    fields: Option<Arc<[Field]>>,
}

/// A column, as the protocol tells of it.
#[derive(Clone, Debug)]
struct Field {
    label: String,
    table: Oid,
    number: i16,
    kind: Oid,
    modifier: i32,
}

/// What an exchange came to.
struct Exchanged {
    rows: Vec<Row>,
    room: Room,
    tag: String,
    error: Option<Told>,
    is_copy: bool,
    is_prepared: bool,
    fields: Option<Arc<[Field]>>,
}

/// What stops a statement of a connection.
#[derive(Clone, Copy)]
pub(crate) struct Canceller {
    pub(crate) process: i32,
    secret: i32,
}

impl Canceller {
    pub(crate) async fn cancel(&self, place: &Place) -> Result<(), Error> {
        let mut stream = login::connect(place).await?;
        let mut request = bytes::BytesMut::new();
        frontend::cancel_request(self.process, self.secret, &mut request);
        stream.write_all(&request).await?;
        stream.shutdown().await?;
        // The server hangs up once the signal is sent: before that, it could meet the connection's next statement.
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
        Ok(())
    }
}

impl Client {
    /// Connects and logs in.
    pub(crate) async fn open(place: &Place, whereabouts: &Whereabouts) -> Result<Client, Error> {
        Client::enter(login::connect(place).await?, place, whereabouts).await
    }

    /// Logs in on a connection.
    pub(crate) async fn enter(
        stream: Stream,
        place: &Place,
        whereabouts: &Whereabouts,
    ) -> Result<Client, Error> {
        let (wire, canceller) = login::login(stream, place, whereabouts).await?;
        Ok(Client {
            wire,
            canceller,
            is_waiting: false,
            status: b'I',
            is_changed: false,
            prepared: Vec::new(),
            prepared_ever: 0,
            types: BTreeMap::new(),
        })
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.is_waiting
    }

    /// Also one that has failed and waits for its end.
    pub(crate) fn is_in_transaction(&self) -> bool {
        self.status != b'I'
    }

    pub(crate) fn is_as_new(&self) -> bool {
        self.status == b'I' && !self.is_changed
    }

    pub(crate) async fn is_alive(&mut self) -> bool {
        self.wire.has_nothing_left() && stream::is_quiet(&mut self.wire.stream).await
    }

    pub(crate) fn canceller(&self) -> Canceller {
        self.canceller
    }

    /// Carries out a statement.
    pub(crate) async fn query(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter],
    ) -> Result<Outcome, Error> {
        self.is_changed |= !statement.leaves_no_trace;
        let exchanged = self.with_prepared(statement, parameters).await?;
        if let Some(error) = exchanged.error {
            return Err(Error::Database(error.text));
        }
        if exchanged.is_copy {
            return Err(Error::Unsupported("COPY to or from the client is not supported.".to_owned()));
        }
        if statement.text == "COMMIT" && exchanged.tag == "ROLLBACK" {
            return Err(Error::Database(
                "ERROR: The database returned ROLLBACK, so the transaction cannot be committed; SQLState: 25P02".to_owned(),
            ));
        }
        let Some(fields) = exchanged.fields else {
            return Ok(Outcome { updated: rows_of(&exchanged.tag), ..Outcome::default() });
        };
        let columns = self.columns(&fields).await?;
        let rows = rows_with_blobs(exchanged.rows, &columns)?;
        Ok(Outcome { columns: Some(columns), rows, ..Outcome::default() })
    }

    /// Uses the statement as it was prepared before, if it was. If that is of no use any more, as after an ALTER TABLE, it is
    /// prepared once more: PostgreSQL says so before it has done anything.
    async fn with_prepared(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter],
    ) -> Result<Exchanged, Error> {
        let types: Vec<Oid> = parameters.iter().map(types::of_parameter).collect();
        let known =
            self.prepared.iter().position(|known| known.text == statement.text && known.types == types);
        if let Some(place) = known {
            let prepared = self.prepared.remove(place);
            self.prepared.insert(0, prepared.clone());
            let exchanged = self.exchange(&prepared, false, parameters).await?;
            let is_stale = exchanged.error.as_ref().is_some_and(|error| {
                error.code == "26000" || error.code == "0A000" && error.text.contains("cached plan")
            });
            if !is_stale {
                return Ok(exchanged);
            }
            self.prepared.remove(0);
            close(&prepared, &mut self.wire)?;
            // Within a transaction it has failed; the next one prepares it anew.
            if self.status != b'I' {
                return Ok(exchanged);
            }
        }
        let name = format!("s{}", self.prepared_ever);
        self.prepared_ever += 1;
        let new = Prepared { text: statement.text.clone(), types, name, fields: None };
        let mut exchanged = self.exchange(&new, true, parameters).await?;
        if exchanged.is_prepared && !statement.leaves_no_trace {
            // What a FETCH gives is its cursor's, which may be another one of that name the next time.
            close(&new, &mut self.wire)?;
        } else if exchanged.is_prepared {
            let fields = exchanged.fields.clone();
            self.prepared.insert(0, Prepared { fields, ..new });
            // What is closed is sent with the next statement.
            for old in self.prepared.drain(PREPARED_MAX.min(self.prepared.len())..) {
                close(&old, &mut self.wire)?;
            }
        } else {
            exchanged.fields = None;
        }
        Ok(exchanged)
    }

    async fn exchange(
        &mut self,
        prepared: &Prepared,
        is_new: bool,
        parameters: &[Parameter],
    ) -> Result<Exchanged, Error> {
        let refused =
            |_| Error::Refused("The statement has too many parameters, or a zero byte in it".to_owned());
        let before = self.wire.outgoing.len();
        let written = write(prepared, is_new, parameters, &mut self.wire.outgoing);
        if let Err(error) = written {
            // Nothing was sent, so the connection is as it was.
            self.wire.outgoing.truncate(before);
            return Err(refused(error));
        }
        self.is_waiting = true;
        self.wire.flush().await?;
        let mut exchanged = Exchanged::new(prepared.fields.clone());
        loop {
            let message = self.wire.next().await.map_err(|error| match (error, &exchanged.error) {
                // It said why it would hang up.
                (Error::Lost(_), Some(told)) => Error::Lost(told.text.clone()),
                (error, _) => error,
            })?;
            match message {
                // What is described is prepared, whatever comes of it then.
                Message::RowDescription(body) => {
                    exchanged.fields = Some(fields(&body)?);
                    exchanged.is_prepared = is_new;
                }
                Message::NoData => exchanged.is_prepared = is_new,
                Message::DataRow(body) => exchanged.take(&body)?,
                Message::CommandComplete(body) => body.tag()?.clone_into(&mut exchanged.tag),
                // The first one says why; others follow from it.
                Message::ErrorResponse(body) if exchanged.error.is_none() => {
                    exchanged.error = Some(told(body.fields()));
                }
                Message::CopyInResponse(_) => {
                    exchanged.is_copy = true;
                    frontend::copy_fail("COPY from the client is not supported", &mut self.wire.outgoing)?;
                    // The one that was sent was taken for data.
                    frontend::sync(&mut self.wire.outgoing);
                    self.wire.flush().await?;
                }
                Message::CopyOutResponse(_) => exchanged.is_copy = true,
                Message::ReadyForQuery(body) => {
                    self.status = body.status();
                    self.is_waiting = false;
                    return Ok(exchanged);
                }
                // Completions, notices, data of a COPY.
                _ => {}
            }
        }
    }
}

impl Exchanged {
    fn new(fields: Option<Arc<[Field]>>) -> Exchanged {
        Exchanged {
            rows: Vec::new(),
            room: Room::new(),
            tag: String::new(),
            error: None,
            is_copy: false,
            is_prepared: false,
            fields,
        }
    }

    fn take(&mut self, body: &DataRowBody) -> Result<(), Error> {
        // It has the cells' lengths, too.
        self.room.take(0, body.buffer_bytes().len())?;
        // What else was received with it, as notices may be, is not kept with the row.
        let storage = Bytes::copy_from_slice(body.buffer_bytes());
        let row: Row = body.ranges().map(|cell| Ok(cell.map(|range| storage.slice(range)))).collect()?;
        if self.fields.as_ref().is_none_or(|fields| fields.len() != row.len()) {
            return Err(not_understood());
        }
        self.rows.push(row);
        Ok(())
    }
}

/// Writes what carries a statement out.
fn write(
    prepared: &Prepared,
    is_new: bool,
    parameters: &[Parameter],
    outgoing: &mut bytes::BytesMut,
) -> std::io::Result<()> {
    if is_new {
        frontend::parse(&prepared.name, &prepared.text, prepared.types.iter().copied(), outgoing)?;
        frontend::describe(b'S', &prepared.name, outgoing)?;
    }
    let value = |parameter: &Parameter, out: &mut bytes::BytesMut| {
        Ok(match types::text_of_parameter(parameter) {
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                IsNull::No
            }
            None => IsNull::Yes,
        })
    };
    // No format named is the text format for all.
    frontend::bind("", &prepared.name, [], parameters, value, [], outgoing).map_err(|error| match error {
        frontend::BindError::Conversion(error) => std::io::Error::other(error),
        frontend::BindError::Serialization(error) => error,
    })?;
    frontend::execute("", 0, outgoing)?;
    frontend::sync(outgoing);
    Ok(())
}

/// The database forgets a statement.
fn close(prepared: &Prepared, wire: &mut Wire) -> Result<(), Error> {
    Ok(frontend::close(b'S', &prepared.name, &mut wire.outgoing)?)
}

fn fields(body: &RowDescriptionBody) -> Result<Arc<[Field]>, Error> {
    let mut fields = Vec::new();
    let mut described = body.fields();
    while let Some(field) = described.next()? {
        if fields.len() == COLUMNS_MAX || field.name().len() > LABEL_BYTES_MAX {
            return Err(not_understood());
        }
        fields.push(Field {
            label: field.name().to_owned(),
            table: field.table_oid(),
            number: field.column_id(),
            kind: field.type_oid(),
            modifier: field.type_modifier(),
        });
    }
    Ok(fields.into())
}

/// How many rows a command says that it has changed: `INSERT 0 2`. What a SELECT gave is not counted, nor what a RETURNING gave.
fn rows_of(tag: &str) -> u64 {
    tag.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// PostgreSQL writes bytes as `\x6869`.
fn rows_with_blobs(mut rows: Vec<Row>, columns: &[Column]) -> Result<Vec<Row>, Error> {
    let blobs: Vec<usize> = columns
        .iter()
        .enumerate()
        .filter_map(|(place, column)| (column.kind == Kind::One(Scalar::Blob)).then_some(place))
        .collect();
    for row in &mut rows {
        for &place in &blobs {
            if let Some(cell) = row.get_mut(place).and_then(Option::as_mut) {
                *cell = bytes_of_hex(cell).ok_or_else(|| {
                    Error::Unsupported("bytea_output of the connection is not hex.".to_owned())
                })?;
            }
        }
    }
    Ok(rows)
}

fn bytes_of_hex(text: &[u8]) -> Option<Bytes> {
    let digits = text.strip_prefix(b"\\x")?;
    let digit = |byte: u8| (byte as char).to_digit(16);
    let pairs = digits.chunks(2).map(|pair| {
        let &[high, low] = pair else { return None };
        Some((digit(high)? * 16 + digit(low)?) as u8)
    });
    pairs.collect::<Option<Vec<u8>>>().map(Bytes::from)
}
