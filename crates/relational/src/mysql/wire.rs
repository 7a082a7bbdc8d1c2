//! Packets to and from MySQL.

use std::io;

use bytes::{Bytes, BytesMut};
use mysql_common::constants::CapabilityFlags;
use mysql_common::io::ParseBuf;
use mysql_common::packets::ErrPacket;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use crate::connection::MESSAGE_BYTES_MAX;
use crate::fault::{Error, not_understood};
use crate::stream::Stream;

/// A longer one is sent in pieces.
const PIECE_MAX: usize = 0xff_ffff;

/// What both sides can do. Without more, ends of columns and rows are marked as they always were.
pub(super) const CAPABILITIES: CapabilityFlags = CapabilityFlags::CLIENT_PROTOCOL_41
    .union(CapabilityFlags::CLIENT_LONG_PASSWORD)
    .union(CapabilityFlags::CLIENT_LONG_FLAG)
    .union(CapabilityFlags::CLIENT_TRANSACTIONS)
    .union(CapabilityFlags::CLIENT_SECURE_CONNECTION)
    .union(CapabilityFlags::CLIENT_PLUGIN_AUTH)
    .union(CapabilityFlags::CLIENT_MULTI_RESULTS)
    .union(CapabilityFlags::CLIENT_PS_MULTI_RESULTS)
    // Rows that an UPDATE found count, as JDBC has it, and not only those that differ after it.
    .union(CapabilityFlags::CLIENT_FOUND_ROWS);

/// A connection on which packets are exchanged.
pub(super) struct Wire {
    pub(super) stream: Stream,
    received: BytesMut,
    sequence: u8,
}

impl Wire {
    /// With the number that the next packet has.
    pub(super) fn new(stream: Stream, sequence: u8) -> Wire {
        Wire { stream, received: BytesMut::new(), sequence }
    }

    /// Begins an exchange.
    pub(super) async fn command(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.sequence = 0;
        self.send(payload).await
    }

    /// Goes on with an exchange.
    pub(super) async fn send(&mut self, payload: &[u8]) -> Result<(), Error> {
        let mut out = BytesMut::with_capacity(payload.len() + 4);
        let mut rest = payload;
        loop {
            let piece;
            (piece, rest) = rest.split_at(rest.len().min(PIECE_MAX));
            out.extend_from_slice(&(piece.len() as u32).to_le_bytes()[..3]);
            out.extend_from_slice(&[self.sequence]);
            out.extend_from_slice(piece);
            self.sequence = self.sequence.wrapping_add(1);
            // A full piece says that another one follows.
            if piece.len() < PIECE_MAX {
                break;
            }
        }
        self.stream.write_all(&out).await?;
        Ok(self.stream.flush().await?)
    }

    /// The next packet.
    pub(super) async fn next(&mut self) -> Result<Bytes, Error> {
        loop {
            if let Some(&[low, middle, high, sequence]) = self.received.first_chunk::<4>() {
                let length = u32::from_le_bytes([low, middle, high, 0]) as usize;
                if length > MESSAGE_BYTES_MAX {
                    return Err(Error::TooLarge);
                }
                if self.received.len() >= 4 + length {
                    self.sequence = sequence.wrapping_add(1);
                    let _head = self.received.split_to(4);
                    return Ok(self.received.split_to(length).freeze());
                }
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

/// The first packet of all, before it is known whether the connection is encrypted.
pub(super) async fn first(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<(Vec<u8>, u8)> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let [low, middle, high, sequence] = head;
    let length = u32::from_le_bytes([low, middle, high, 0]) as usize;
    // A version, a salt, some names.
    if length > 4096 {
        return Err(io::Error::other("what answers is no MySQL"));
    }
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await?;
    Ok((payload, sequence.wrapping_add(1)))
}

/// An error that the database tells, as the Data API writes it.
pub(super) fn told(packet: &[u8]) -> Error {
    // One that comes before the capabilities are exchanged has no state: too many connections.
    let has_state = packet.get(3) == Some(&b'#');
    let form = if has_state { CAPABILITIES } else { CapabilityFlags::empty() };
    match ParseBuf(packet).parse::<ErrPacket<'_>>(form) {
        Ok(ErrPacket::Error(error)) => {
            let state = error.sql_state_ref().map(|state| state.as_str().into_owned());
            Error::Database(format!(
                "{}; Error code: {}; SQLState: {}",
                error.message_str(),
                error.error_code(),
                state.as_deref().unwrap_or("HY000")
            ))
        }
        Ok(ErrPacket::Progress(_)) | Err(_) => not_understood(),
    }
}
