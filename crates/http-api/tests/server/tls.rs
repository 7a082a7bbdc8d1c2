//! TLS and plain HTTP on one port.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, version};

use crate::world::World;

/// A certificate that signs itself: its PEM, its key's, and itself.
pub struct Certificate(String, String, CertificateDer<'static>);

impl Certificate {
    pub fn new() -> Certificate {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string()];
        let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        Certificate(leaf.pem(), key.serialize_pem(), issuer.der().clone())
    }

    pub fn served(&self) -> http_api::Tls {
        http_api::Tls::new(self.0.as_bytes(), self.1.as_bytes()).unwrap()
    }

    pub async fn connect(&self, world: &World) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.2.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&version::TLS12, &version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(world.address).await?;
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
    }
}

async fn start(tls: http_api::Tls) -> World {
    let patience = http_api::Patience { head: Duration::from_millis(300), ..Default::default() };
    World::start_with(http_api::Settings { tls: Some(tls), patience, ..Default::default() }).await
}

/// Asks whether the server lives, and reads until it closes the connection.
async fn asks(stream: &mut TlsStream<TcpStream>) -> String {
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut read = String::new();
    stream.read_to_string(&mut read).await.unwrap();
    read
}

#[tokio::test]
async fn one_port_speaks_both() {
    let certificate = Certificate::new();
    let world = start(certificate.served()).await;
    let mut stream = certificate.connect(&world).await.unwrap();
    let answer = asks(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok\n"), "{answer}");
    world.ask("ListActivities", "{}").await;
    world.stopped().await;
}

#[tokio::test]
async fn bad_handshakes_end_nothing() {
    let certificate = Certificate::new();
    let world = start(certificate.served()).await;
    let cases: [&[u8]; 5] = [
        b"\x16",
        b"\x16\x03\x01\x00\x05hello",
        b"\x16\x03\x01\xff\xff",
        b"\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16",
        b"\x15\x03\x01\x00\x02\x02\x28",
    ];
    for bytes in cases {
        let mut client = world.client().await;
        client.send(bytes).await;
        client.end().await;
        // What begins with no handshake is bad HTTP.
        let answer = client.answer().await;
        assert_eq!(answer.map(|answer| answer.status), (bytes[0] != 0x16).then_some(400));
        world.ask("ListActivities", "{}").await;
    }
    let stranger = Certificate::new();
    assert!(stranger.connect(&world).await.is_err(), "the client does not know this authority");
    certificate.connect(&world).await.unwrap();
    world.stopped().await;
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for() {
    let world = start(Certificate::new().served()).await;
    for bytes in [&b""[..], b"\x16\x03\x01"] {
        let begun = Instant::now();
        let mut client = world.client().await;
        client.send(bytes).await;
        assert!(client.answer().await.is_none());
        assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
    }
    // Nor does the server's end.
    let client = world.client().await;
    world.stopped().await;
    drop(client);
}

#[tokio::test]
async fn a_certificate_is_replaced_while_connections_stay() {
    let [first, second] = [Certificate::new(), Certificate::new()];
    let tls = first.served();
    let world = start(tls.clone()).await;
    let mut early = first.connect(&world).await.unwrap();
    tls.replace(second.0.as_bytes(), second.1.as_bytes()).unwrap();
    second.connect(&world).await.unwrap();
    assert!(first.connect(&world).await.is_err());
    assert!(asks(&mut early).await.starts_with("HTTP/1.1 200 OK\r\n"));
    let unusable = [
        (first.0.as_str(), second.1.as_str(), "certificate and key cannot be used: "),
        ("", &first.1, "there is no CERTIFICATE in the certificate's file"),
        (&first.0, "", "there is no private key in PEM in the key's file"),
        (&first.1, &first.1, "there is no CERTIFICATE in the certificate's file"),
    ];
    for (certificate, key, why) in unusable {
        let refused = tls.replace(certificate.as_bytes(), key.as_bytes()).unwrap_err();
        assert!(refused.starts_with(why), "{refused}");
    }
    second.connect(&world).await.unwrap();
    world.stopped().await;
}
