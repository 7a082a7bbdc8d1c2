//! MySQL, and MariaDB, which speaks the same.
//!
//! A statement with parameters is prepared, once for a connection, and executed with them; one without goes as it is, because
//! MySQL does not prepare all of its statements. Never here: pools, time limits.

mod key;
mod login;
mod row;
#[cfg(test)]
mod tests;
mod types;
mod wire;

use bytes::{BufMut, Bytes};
use mysql_common::io::ParseBuf;
use mysql_common::packets::Column as Definition;

use self::row::{Form, Reader};
use self::wire::{Wire, told};
use crate::connection::{Outcome, PREPARED_MAX, Room, Whereabouts};
use crate::fault::{Error, not_understood};
use crate::parameter::Parameter;
use crate::place::Place;
use crate::sql::Statement;
use crate::stream::{self, Io};

/// First bytes of commands.
const QUERY: u8 = 0x03;
const PING: u8 = 0x0e;
const PREPARE: u8 = 0x16;
const EXECUTE: u8 = 0x17;
const CLOSE: u8 = 0x19;
/// First bytes of packets.
const OK: u8 = 0x00;
const FILE: u8 = 0xfb;
const END: u8 = 0xfe;
const ERROR: u8 = 0xff;
/// A longer packet that begins as an end is a row.
const END_BYTES_MAX: usize = 8;
/// Bits of a status.
const IN_TRANSACTION: u16 = 0x0001;
const AUTO_COMMIT: u16 = 0x0002;
const MORE_RESULTS: u16 = 0x0008;
/// MySQL lets a table have so many columns, and a statement no more. (Column Count Limits)
const COLUMNS_MAX: u64 = 4096;
/// Their definitions are shorter together: five names of 64 characters for each, at most.
const DEFINITIONS_BYTES_MAX: usize = 4 << 20;

/// A connection to MySQL.
pub(crate) struct Client {
    wire: Wire,
    id: u32,
    /// Whether something was sent that is not answered in full.
    is_waiting: bool,
    is_in_transaction: bool,
    /// Whether somebody may have left settings behind.
    is_changed: bool,
    /// The latest first.
    prepared: Vec<Prepared>,
}

struct Prepared {
    text: String,
    id: u32,
    /// How many parameters the database sees in it.
    parameters: usize,
}

impl Client {
    /// Connects and logs in.
    pub(crate) async fn open(place: &Place, whereabouts: &Whereabouts) -> Result<Client, Error> {
        Client::enter(login::connect(place).await?, place, whereabouts).await
    }

    /// Logs in on a connection.
    pub(crate) async fn enter(
        stream: impl Io + 'static,
        place: &Place,
        whereabouts: &Whereabouts,
    ) -> Result<Client, Error> {
        let login::Entered { wire, id, status } = login::login(stream, place, whereabouts).await?;
        let mut client = Client {
            wire,
            id,
            is_waiting: false,
            is_in_transaction: false,
            is_changed: false,
            prepared: Vec::new(),
        };
        if status & AUTO_COMMIT == 0 {
            // The server's settings say so, and the Data API commits what is in no transaction.
            let sql = "SET autocommit = 1".to_owned();
            client.query(&Statement { text: sql, names: Vec::new(), leaves_no_trace: true }, &[]).await?;
        }
        Ok(client)
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.is_waiting
    }

    pub(crate) fn is_in_transaction(&self) -> bool {
        self.is_in_transaction
    }

    pub(crate) fn is_as_new(&self) -> bool {
        !self.is_in_transaction && !self.is_changed
    }

    pub(crate) async fn is_alive(&mut self) -> bool {
        self.wire.has_nothing_left() && stream::is_quiet(&mut self.wire.stream).await
    }

    /// What the database calls this connection.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Carries out a statement.
    pub(crate) async fn query(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter],
    ) -> Result<Outcome, Error> {
        self.is_changed |= !statement.leaves_no_trace;
        self.is_waiting = true;
        let outcome = if parameters.is_empty() {
            self.wire.command(&[&[QUERY], statement.text.as_bytes()].concat()).await?;
            self.results(Form::Text).await
        } else {
            match self.prepare(&statement.text, parameters.len()).await {
                Ok(id) => {
                    self.wire.command(&execution(id, parameters)).await?;
                    self.results(Form::Binary).await
                }
                Err(error) => Err(error),
            }
        };
        // An error that the database tells is an answer in full.
        self.is_waiting = matches!(outcome, Err(Error::Lost(_) | Error::TooLarge));
        outcome
    }

    /// Asks for nothing but the status.
    pub(crate) async fn ping(&mut self) -> Result<(), Error> {
        self.is_waiting = true;
        self.wire.command(&[PING]).await?;
        self.results(Form::Text).await?;
        self.is_waiting = false;
        Ok(())
    }

    /// The number of a prepared statement.
    async fn prepare(&mut self, text: &str, parameters: usize) -> Result<u32, Error> {
        if let Some(place) = self.prepared.iter().position(|known| known.text == text) {
            let known = self.prepared.remove(place);
            self.prepared.insert(0, known);
            return self.prepared[0].with(parameters);
        }
        self.wire.command(&[&[PREPARE], text.as_bytes()].concat()).await?;
        let packet = self.wire.next().await?;
        let mut reader = Reader(&packet);
        match reader.u8()? {
            OK => {}
            ERROR => return Err(told(&packet)),
            _ => return Err(not_understood()),
        }
        let id = reader.u32()?;
        let (columns, expected) = (reader.u16()?, reader.u16()?);
        for count in [expected, columns] {
            // Definitions, which come again with rows, and an end.
            for _ in 0..if count > 0 { u32::from(count) + 1 } else { 0 } {
                self.wire.next().await?;
            }
        }
        let new = Prepared { text: text.to_owned(), id, parameters: expected.into() };
        let with = new.with(parameters);
        self.prepared.insert(0, new);
        for old in self.prepared.drain(PREPARED_MAX.min(self.prepared.len())..) {
            // It has no answer.
            self.wire.command(&[&[CLOSE], &old.id.to_le_bytes()[..]].concat()).await?;
        }
        with
    }

    /// The results of a statement: the rows of the first one that has any. (A CALL can have many)
    async fn results(&mut self, form: Form) -> Result<Outcome, Error> {
        let mut outcome = Outcome::default();
        let mut room = Room::new();
        loop {
            let packet = self.wire.next().await?;
            let status = match packet.first() {
                Some(&ERROR) => return Err(told(&packet)),
                Some(&FILE) | None => return Err(not_understood()),
                Some(&OK) => {
                    let mut reader = Reader(&packet[1..]);
                    let (updated, generated) = (reader.length()?, reader.length()?);
                    outcome.updated = updated;
                    outcome.generated = (generated != 0).then_some(generated);
                    reader.u16()?
                }
                Some(_) => {
                    let columns = self.definitions(&packet).await?;
                    let is_first = outcome.columns.is_none();
                    let status = loop {
                        let packet = self.wire.next().await?;
                        match packet.first() {
                            Some(&ERROR) => return Err(told(&packet)),
                            Some(&END) if packet.len() <= END_BYTES_MAX => {
                                let mut reader = Reader(&packet[1..]);
                                let _warnings = reader.u16()?;
                                break reader.u16()?;
                            }
                            _ => {}
                        }
                        room.take(columns.len(), packet.len())?;
                        if is_first {
                            // What else was received with it is not kept with the row.
                            let packet = Bytes::copy_from_slice(&packet);
                            outcome.rows.push(row::read(&packet, &columns, form)?);
                        }
                    };
                    if is_first {
                        outcome.columns = Some(columns.iter().map(types::column).collect());
                    }
                    status
                }
            };
            self.is_in_transaction = status & IN_TRANSACTION != 0;
            if status & MORE_RESULTS == 0 {
                return Ok(outcome);
            }
        }
    }

    async fn definitions(&mut self, packet: &Bytes) -> Result<Vec<Definition>, Error> {
        let count = Reader(packet).length()?;
        if count > COLUMNS_MAX {
            return Err(not_understood());
        }
        let mut columns = Vec::new();
        let mut bytes = 0;
        for _ in 0..count {
            let packet = self.wire.next().await?;
            bytes += packet.len();
            if bytes > DEFINITIONS_BYTES_MAX {
                return Err(not_understood());
            }
            columns.push(ParseBuf(&packet).parse::<Definition>(()).map_err(|_| not_understood())?);
        }
        let end = self.wire.next().await?;
        if end.first() == Some(&END) { Ok(columns) } else { Err(not_understood()) }
    }
}

impl Prepared {
    /// Its number, if it takes so many parameters. It does not where MySQL sees a quote elsewhere, as in its mode
    /// NO_BACKSLASH_ESCAPES.
    fn with(&self, parameters: usize) -> Result<u32, Error> {
        if self.parameters == parameters {
            return Ok(self.id);
        }
        Err(Error::Refused(format!(
            "The statement has {parameters} parameters, and the database sees {} in it",
            self.parameters
        )))
    }
}

/// Stops what a connection is doing, by another one.
pub(crate) async fn kill_query(place: &Place, id: u32) -> Result<(), Error> {
    let mut client = Client::open(place, &Whereabouts::default()).await?;
    let kill = Statement { text: format!("KILL QUERY {id}"), names: Vec::new(), leaves_no_trace: true };
    client.query(&kill, &[]).await.map(drop)
}

/// The command that executes a prepared statement.
fn execution(id: u32, parameters: &[Parameter]) -> Vec<u8> {
    let mut command = vec![EXECUTE];
    command.put_u32_le(id);
    // No cursor; once.
    command.put_u8(0);
    command.put_u32_le(1);
    let mut nulls = vec![0_u8; parameters.len().div_ceil(8)];
    for (place, parameter) in parameters.iter().enumerate() {
        if matches!(parameter, Parameter::Null(_)) {
            nulls[place / 8] |= 1 << (place % 8);
        }
    }
    command.extend(nulls);
    // Their types follow.
    command.put_u8(1);
    for parameter in parameters {
        command.put_u16_le(types::of_parameter(parameter));
    }
    for parameter in parameters {
        row::write(parameter, &mut command);
    }
    command
}
