//! Connections to where a URL says: the name is resolved, the address is checked, TLS is spoken.
//!
//! Never here: HTTP.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tower_service::Service;

use crate::outbound::OutboundPolicy;
use crate::trust::Trust;

/// Resolving, connecting and the handshake together.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// Makes connections for an HTTP client.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    trust: Trust,
    /// `None`: anywhere, because the operator's settings name the place.
    policy: Option<Arc<OutboundPolicy>>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The name has no address.
    #[error("the name is not known")]
    UnknownName,
    /// The policy does not let it.
    #[error("{0}")]
    Denied(String),
    /// There is somebody, but not whom we trust.
    #[error("{0}")]
    Tls(String),
    /// It took too long.
    #[error("connect timed out")]
    Late,
    /// The network refused.
    #[error(transparent)]
    Io(io::Error),
}

impl Connector {
    pub(crate) fn new(trust: Trust, policy: Option<OutboundPolicy>) -> Connector {
        Connector { trust, policy: policy.map(Arc::new) }
    }

    async fn connect(self, url: Uri) -> Result<TokioIo<Stream>, ConnectError> {
        let is_https = url.scheme_str() == Some("https");
        let host = url.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let port = url.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let deadline = Instant::now() + CONNECT_TIME_MAX;
        let made = async {
            let addresses = self.addresses(host, port, is_https).await?;
            let stream = connect_to_one(&addresses, deadline).await?;
            // Without it, a small request may wait 40 ms for an acknowledgement.
            stream.set_nodelay(true).map_err(ConnectError::Io)?;
            if !is_https {
                return Ok(Stream::Plain(stream));
            }
            let trust = self.trust.clone();
            let config = tokio::task::spawn_blocking(move || trust.config()).await;
            let config = config.map_err(|error| ConnectError::Tls(error.to_string()))?;
            let config = config.map_err(ConnectError::Tls)?;
            let name = ServerName::try_from(host.to_owned())
                .map_err(|_| ConnectError::Tls(format!("{host} is no name that a certificate can have")))?;
            let stream = TlsConnector::from(config).connect(name, stream).await;
            let stream = stream.map_err(|error| tls_error(host, error))?;
            Ok(Stream::Tls(Box::new(stream)))
        };
        let stream = tokio::time::timeout_at(deadline, made).await.map_err(|_| ConnectError::Late)??;
        Ok(TokioIo::new(stream))
    }

    /// Where the host is, as far as the policy lets us.
    async fn addresses(
        &self,
        host: &str,
        port: u16,
        is_https: bool,
    ) -> Result<Vec<SocketAddr>, ConnectError> {
        let found = tokio::net::lookup_host((host, port)).await.map_err(|_| ConnectError::UnknownName)?;
        let mut allowed = Vec::new();
        let mut denied = None;
        for address in found {
            let checked =
                self.policy.as_ref().map_or(Ok(()), |policy| policy.check(host, address.ip(), is_https));
            match checked {
                Ok(()) => allowed.push(address),
                Err(why) => denied = Some(why),
            }
        }
        match denied {
            Some(why) if allowed.is_empty() => Err(ConnectError::Denied(why)),
            _ if allowed.is_empty() => Err(ConnectError::UnknownName),
            _ => Ok(allowed),
        }
    }
}

/// Tries one after the other; each has its share of the time that is left.
async fn connect_to_one(addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, ConnectError> {
    let mut last = ConnectError::UnknownName;
    for (place, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - place).unwrap_or(1);
        match tokio::time::timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = ConnectError::Io(error),
            Err(_) => last = ConnectError::Late,
        }
    }
    Err(last)
}

fn tls_error(host: &str, error: io::Error) -> ConnectError {
    use tokio_rustls::rustls::{CertificateError, Error};
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let is_unknown = matches!(inner, Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)));
    let hint = if is_unknown {
        "; an authority of your own is named by ca_file of [http] in the settings, or by SSL_CERT_FILE"
    } else {
        ""
    };
    ConnectError::Tls(format!("TLS with {host} failed: {error}{hint}"))
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Stream>, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        Box::pin(self.clone().connect(url))
    }
}

/// A connection, with TLS or without.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stream::Plain(_) => f.write_str("Plain"),
            Stream::Tls(_) => f.write_str("Tls"),
        }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
