//! A WebSocket over a connection: messages are waited for without a buffer, and sent without a copy.
//!
//! Ten thousand connections that say nothing must cost next to nothing. Never here: what messages mean.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frames::{HEAD_BYTES_MAX, Heard, Opcode, Reader, Violation, close_payload, head};

/// So much is read at once. It lies on the stack for as long as that takes.
const READ_BYTES: usize = 8 << 10;

/// One connection.
#[derive(Debug)]
pub(crate) struct WebSocket<S> {
    stream: S,
    reader: Reader,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Over a connection whose handshake is done.
    pub fn new(stream: S) -> WebSocket<S> {
        WebSocket { stream, reader: Reader::default() }
    }

    /// What the client says next; `None` if it is gone. Nothing is lost when this is dropped before it is done.
    ///
    /// # Errors
    /// The client breaks the rules: the connection is to be closed.
    pub async fn next(&mut self) -> Result<Option<Heard>, Violation> {
        loop {
            if let Some(heard) = self.reader.next()? {
                return Ok(Some(heard));
            }
            let (stream, reader) = (&mut self.stream, &mut self.reader);
            match poll_fn(|context| poll_read(stream, reader, context)).await {
                Ok(0) | Err(_) => return Ok(None),
                Ok(_) => {}
            }
        }
    }

    /// Sends a text that consists of these pieces. It must be polled to its end: half a frame cannot be followed by anything.
    pub async fn send(&mut self, pieces: [&str; 3]) -> io::Result<()> {
        let bytes = pieces.iter().map(|piece| piece.len()).sum();
        let mut place = [0; HEAD_BYTES_MAX];
        let head = head(Opcode::Text, bytes, &mut place);
        self.write([head, pieces[0].as_bytes(), pieces[1].as_bytes(), pieces[2].as_bytes()]).await
    }

    /// Answers a ping.
    pub async fn pong(&mut self, payload: &[u8]) -> io::Result<()> {
        self.control(Opcode::Pong, payload).await
    }

    /// Says that this is the end.
    pub async fn close(&mut self, code: u16, reason: &str) -> io::Result<()> {
        self.control(Opcode::Close, &close_payload(code, reason)).await
    }

    async fn control(&mut self, opcode: Opcode, payload: &[u8]) -> io::Result<()> {
        let mut place = [0; HEAD_BYTES_MAX];
        let head = head(opcode, payload.len(), &mut place);
        self.write([head, payload, &[], &[]]).await
    }

    async fn write(&mut self, pieces: [&[u8]; 4]) -> io::Result<()> {
        let mut slices = pieces.map(IoSlice::new);
        let mut rest = &mut slices[..];
        // Empty pieces in front go as well.
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            let written =
                poll_fn(|context| Pin::new(&mut self.stream).poll_write_vectored(context, rest)).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            IoSlice::advance_slices(&mut rest, written);
        }
        poll_fn(|context| Pin::new(&mut self.stream).poll_flush(context)).await
    }
}

fn poll_read<S: AsyncRead + Unpin>(
    stream: &mut S,
    reader: &mut Reader,
    context: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    let mut bytes = [0; READ_BYTES];
    let mut read = ReadBuf::new(&mut bytes);
    ready!(Pin::new(stream).poll_read(context, &mut read))?;
    reader.take(read.filled());
    Poll::Ready(Ok(read.filled().len()))
}
