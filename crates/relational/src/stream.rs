//! A connection to a database's host, encrypted or not.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::place::{Encryption, Place};
use crate::tls;

/// What is written to and read from.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A connection, whatever it is made of.
pub(crate) type Stream = Box<dyn Io>;

/// Connects, without encryption yet: the protocols ask for that in their own ways.
pub(crate) async fn connect(place: &Place) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((place.host.as_str(), place.port)).await?;
    // Without it, a small message may wait 40 ms for an acknowledgement.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Encrypts a connection.
pub(crate) async fn encrypt(stream: impl Io + 'static, place: &Place) -> io::Result<Stream> {
    let verified = place.encryption == Encryption::Verified;
    // Reading the system's authorities blocks.
    let config =
        tokio::task::spawn_blocking(move || tls::config(verified)).await.map_err(io::Error::other)??;
    let name = ServerName::try_from(place.host.clone()).map_err(io::Error::other)?;
    Ok(Box::new(TlsConnector::from(config).connect(name, stream).await?))
}

/// Whether nothing has arrived and nobody has hung up. A database says nothing unasked but good-bye.
pub(crate) async fn is_quiet(stream: &mut Stream) -> bool {
    let mut byte = [0];
    let mut read = ReadBuf::new(&mut byte);
    poll_fn(|context| Poll::Ready(Pin::new(&mut **stream).poll_read(context, &mut read).is_pending())).await
}
