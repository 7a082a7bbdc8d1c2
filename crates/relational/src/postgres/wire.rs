//! Messages to and from PostgreSQL.

use std::io;

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{ErrorFields, Header, Message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::connection::MESSAGE_BYTES_MAX;
use crate::fault::Error;
use crate::stream::Stream;

/// A connection on which messages are exchanged.
pub(super) struct Wire {
    pub(super) stream: Stream,
    received: BytesMut,
    /// What is to be sent with the next [`flush`](Wire::flush).
    pub(super) outgoing: BytesMut,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Wire {
        Wire { stream, received: BytesMut::new(), outgoing: BytesMut::new() }
    }

    /// Sends what was written.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.outgoing).await?;
        self.outgoing.clear();
        self.stream.flush().await
    }

    /// The next message.
    pub(super) async fn next(&mut self) -> Result<Message, Error> {
        loop {
            // Before anything else: whoever parses it makes room for as much as it says.
            if let Some(header) = Header::parse(&self.received)?
                && usize::try_from(header.len()).is_ok_and(|length| length > MESSAGE_BYTES_MAX)
            {
                return Err(Error::TooLarge);
            }
            if let Some(message) = Message::parse(&mut self.received)? {
                return Ok(message);
            }
            // So much is taken from the socket at once.
            self.received.reserve(16 * 1024);
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(Error::Lost("the database closed it".to_owned()));
            }
        }
    }

    /// Whether nothing has come that nobody asked for.
    pub(super) fn has_nothing_left(&self) -> bool {
        self.received.is_empty()
    }
}

/// An error of PostgreSQL, as far as anybody here looks into it.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// `42P01`
    pub(super) code: String,
    /// As the Data API writes it: `ERROR: relation "x" does not exist; Position: 15; SQLState: 42P01`
    pub(super) text: String,
}

/// Reads an error.
pub(super) fn told(mut fields: ErrorFields<'_>) -> Told {
    let (mut severity, mut code, mut message) = (String::new(), String::new(), String::new());
    let (mut detail, mut hint, mut position) = (None, None, None);
    while let Ok(Some(field)) = fields.next() {
        let value = || String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'S' => severity = value(),
            b'C' => code = value(),
            b'M' => message = value(),
            b'D' => detail = Some(value()),
            b'H' => hint = Some(value()),
            b'P' => position = Some(value()),
            _ => {}
        }
    }
    let mut text = format!("{severity}: {message}");
    for (name, value) in [("Detail", detail), ("Hint", hint), ("Position", position)] {
        if let Some(value) = value {
            text.push_str(&format!("; {name}: {value}"));
        }
    }
    text.push_str(&format!("; SQLState: {code}"));
    Told { code, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_length_that_is_not_let_in_makes_no_room() {
        for length in [MESSAGE_BYTES_MAX as u32 + 1, 0x7fff_ffff, 0xffff_ffff] {
            let said = [b"D", &length.to_be_bytes()[..]].concat();
            let mut wire = Wire::new(Box::new(io::Cursor::new(said)));
            assert!(wire.next().await.is_err());
            assert!(wire.received.capacity() < 64 << 10, "{length}: {}", wire.received.capacity());
        }
    }
}
