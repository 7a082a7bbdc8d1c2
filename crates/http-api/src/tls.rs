//! TLS on the port of plain HTTP: the first byte of a connection tells which of them it is.
//!
//! Never here: files, whose certificate it is, what is in a request.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// A record of a handshake begins with it (RFC 8446, 5.1), and no method of HTTP does.
const HANDSHAKE: u8 = 0x16;

/// What the server shows of itself to those who speak TLS. Cheap to clone; all clones have the same certificate.
#[derive(Clone, Debug)]
pub struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

impl Tls {
    /// A certificate, with those that lead to its authority behind it, and its private key; both in PEM.
    ///
    /// # Errors
    /// Why they cannot be used.
    pub fn new(certificates: &[u8], key: &[u8]) -> Result<Tls, String> {
        Ok(Tls(Arc::new(RwLock::new(config(certificates, key)?))))
    }

    /// Connections from here on are shown this one; those that are there stay.
    ///
    /// # Errors
    /// Why it cannot be used: the earlier one stays.
    pub fn replace(&self, certificates: &[u8], key: &[u8]) -> Result<(), String> {
        let config = config(certificates, key)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    fn acceptor(&self) -> TlsAcceptor {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone().into()
    }
}

fn config(certificates: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, String> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificates)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("the certificate is not in PEM: {error}"))?;
    if chain.is_empty() {
        return Err("there is no CERTIFICATE in the certificate's file".to_owned());
    }
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|error| format!("there is no private key in PEM in the key's file: {error}"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| format!("certificate and key cannot be used: {error}"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The bytes of a connection, as HTTP has them.
pub(crate) enum Stream {
    Plain(TcpStream),
    /// In a box: it holds the keys and buffers, and most connections have none.
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// Marks requests that came encrypted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encrypted;

impl Stream {
    /// Waits for a client's first byte, and for the end of its handshake if that is what it begins.
    ///
    /// # Errors
    /// It said nothing in time, or nothing that TLS understands.
    pub async fn begin(stream: TcpStream, tls: Option<&Tls>, patience: Duration) -> io::Result<Stream> {
        let Some(tls) = tls else { return Ok(Stream::Plain(stream)) };
        let begun = async {
            let mut first = [0];
            // The byte stays where it is.
            if stream.peek(&mut first).await? == 1 && first[0] == HANDSHAKE {
                return Ok(Stream::Encrypted(Box::new(tls.acceptor().accept(stream).await?)));
            }
            Ok(Stream::Plain(stream))
        };
        tokio::time::timeout(patience, begun).await?
    }

    pub fn is_encrypted(&self) -> bool {
        matches!(self, Stream::Encrypted(_))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, into),
            Stream::Encrypted(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Stream::Encrypted(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Encrypted(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
