//! A database that says whatever it likes, over no network: what it says is read as if it had come over a connection.
//!
//! For the fuzzer and for tests. Never here: what a good answer is.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

use json::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connection::{Connection, Whereabouts};
use crate::fault::Error;
use crate::field::Options;
use crate::input;
use crate::mysql;
use crate::output::{self, Form};
use crate::parameter::Parameter;
use crate::place::Place;
use crate::postgres;
use crate::sql::{Dialect, Statement};

/// What a server says.
#[derive(Clone, Debug, Default)]
pub struct Says {
    /// From its first byte on.
    pub bytes: Vec<u8>,
    /// So many of the last bytes come again and again behind them.
    pub again: usize,
    /// It hangs up after so many bytes in all.
    pub bytes_max: usize,
}

/// What became of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// For each statement what the Data API answers, in both of its forms, or why not; the first one may be of the login.
    pub answers: Vec<Result<[String; 2], String>>,
    /// How many bytes of what the server says were read.
    pub read: usize,
    /// How many bytes were sent to it.
    pub sent: usize,
}

/// Logs in to such a server, and carries out two statements: one without parameters, and one with two.
///
/// # Panics
/// The URL is none of a database, or asks for encryption.
pub fn ask(url: &str, says: Says) -> Heard {
    let place = Place::parse(url).expect("the URL of a database");
    let statement =
        |text: &str| Statement { text: text.to_owned(), names: Vec::new(), leaves_no_trace: true };
    let parameters = vec![Parameter::Long(1), Parameter::Text("a".to_owned(), None)];
    let statements =
        vec![(statement("SELECT 1"), Vec::new()), (statement("SELECT 1 WHERE :a = :b"), parameters)];
    converse(&place, says, statements)
}

/// What is sent for the input of an ExecuteStatement to a server that lets everybody in, and then hangs up: the statement as the
/// database takes it.
///
/// # Errors
/// Why nothing is sent.
///
/// # Panics
/// The URL is none of a database, or asks for encryption.
pub fn send(url: &str, input: &Value) -> Result<(String, Heard), String> {
    let place = Place::parse(url).expect("the URL of a database");
    let said = |fault: services::Fault| fault.message;
    let statement = input::statement(input, place.dialect).map_err(said)?;
    let sets = input::parameters([input.get("parameters")], &statement).map_err(said)?;
    let bytes = match place.dialect {
        Dialect::Postgres => POSTGRES_WELCOME.to_vec(),
        Dialect::MySql => [mysql_welcome(), mysql_prepared(statement.names.len())].concat(),
    };
    let says = Says { bytes_max: bytes.len(), bytes, again: 0 };
    let text = statement.text.clone();
    let statements = sets.into_iter().map(|parameters| (statement.clone(), parameters)).collect();
    Ok((text, converse(&place, says, statements)))
}

/// Says that somebody is logged in, and that statements may come.
pub const POSTGRES_WELCOME: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";

/// The greeting of a MySQL, and its consent to whatever is answered.
pub fn mysql_welcome() -> Vec<u8> {
    // Version, its text, the connection, a nonce, what it can do, a character set, a status, and the same again.
    let greeting = [
        b"\x0a8.0.36\0\x07\0\0\0abcdefgh\0".as_slice(),
        b"\x00\x82\x2d\x02\x00\x08\x00\x15\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0mysql_native_password\0",
    ]
    .concat();
    // Nothing changed, no number, auto-commit, no warning.
    [packet(0, &greeting), packet(2, &[0, 0, 0, 2, 0, 0, 0])].concat()
}

/// Says that a statement with so many parameters is prepared.
fn mysql_prepared(parameters: usize) -> Vec<u8> {
    let count = u16::try_from(parameters).unwrap_or(u16::MAX);
    let mut said = packet(1, &[&[0, 1, 0, 0, 0, 0, 0], &count.to_le_bytes()[..], &[0, 0, 0]].concat());
    for number in 0..if count > 0 { usize::from(count) + 1 } else { 0 } {
        said.extend(packet(number as u8, &[0xfe, 0, 0, 2, 0]));
    }
    said
}

/// A packet of MySQL's.
pub fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = (payload.len() as u32).to_le_bytes();
    packet[3] = sequence;
    [&packet, payload].concat()
}

/// A message of PostgreSQL's.
pub fn message(tag: u8, payload: &[u8]) -> Vec<u8> {
    [&[tag], &(payload.len() as u32 + 4).to_be_bytes()[..], payload].concat()
}

fn converse(place: &Place, says: Says, statements: Vec<(Statement, Vec<Parameter>)>) -> Heard {
    let (read, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let server = Server { says, at: 0, read: read.clone(), sent: sent.clone() };
    let mut conversation = pin!(async {
        let mut answers = Vec::new();
        let mut connection = match enter(place, server).await {
            Ok(connection) => connection,
            Err(error) => return vec![Err(error.to_string())],
        };
        for (statement, parameters) in statements {
            answers.push(answer(&mut connection, &statement, &parameters).await.map_err(|e| e.to_string()));
            if !connection.is_usable() {
                break;
            }
        }
        answers
    });
    // The server always has something to say, or has hung up.
    let Poll::Ready(answers) = conversation.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        unreachable!("nothing is waited for")
    };
    Heard { answers, read: read.load(Relaxed), sent: sent.load(Relaxed) }
}

async fn enter(place: &Place, server: Server) -> Result<Connection, Error> {
    let whereabouts = Whereabouts::default();
    Ok(match place.dialect {
        Dialect::Postgres => {
            let client = postgres::Client::enter(Box::new(server), place, &whereabouts).await?;
            Connection::Postgres(Box::new(client))
        }
        Dialect::MySql => {
            Connection::MySql(Box::new(mysql::Client::enter(server, place, &whereabouts).await?))
        }
    })
}

async fn answer(
    connection: &mut Connection,
    statement: &Statement,
    parameters: &[Parameter],
) -> Result<[String; 2], Error> {
    let mut outcome = connection.query(statement, parameters).await?;
    if let Some(columns) = &mut outcome.columns {
        connection.describe(columns).await?;
    }
    let form = |as_json: bool| Form { options: Options::default(), with_metadata: !as_json, as_json };
    Ok([
        output::executed(&outcome, form(false))?.to_text(),
        output::executed(&outcome, form(true)).map_or_else(|error| error.to_string(), |json| json.to_text()),
    ])
}

/// The server's end of the connection.
pub(crate) struct Server {
    says: Says,
    /// Of its bytes, where it is.
    at: usize,
    read: Arc<AtomicUsize>,
    sent: Arc<AtomicUsize>,
}

impl AsyncRead for Server {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Says { again, bytes_max, .. } = self.says;
        if self.at == self.says.bytes.len() {
            self.at -= again.min(self.at);
        }
        let left = bytes_max.saturating_sub(self.read.load(Relaxed));
        let rest = &self.says.bytes[self.at..];
        let said = &rest[..rest.len().min(left).min(buffer.remaining())];
        buffer.put_slice(said);
        let count = said.len();
        self.at += count;
        self.read.fetch_add(count, Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Server {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.sent.fetch_add(bytes.len(), Relaxed);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;
