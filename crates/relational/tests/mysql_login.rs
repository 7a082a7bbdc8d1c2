//! `caching_sha2_password`, which MySQL 8 asks for and MariaDB does not have: a server that says what the protocol's description
//! has it say. ("Caching_sha2_password information", "Protocol::HandshakeV10" of MySQL's source documentation)

mod common;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use expect_test::{Expect, expect};
use json::value;
use relational::{Database, Limits, Place, Relational};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const PASSWORD: &[u8] = b"p@ss:word";
const NONCE: &[u8; 20] = b"abcdefghijklmnopqrst";
const OTHER_NONCE: &[u8; 20] = b"ABCDEFGHIJKLMNOPQRST";
const PLUGIN: &[u8] = b"caching_sha2_password\0";
/// Nothing changed, no number, auto-commit, no warning.
const OK: &[u8] = &[0, 0, 0, 2, 0, 0, 0];
const FAST: &[u8] = &[1, 3];
const FULL: &[u8] = &[1, 4];
const DENIED: &[u8] = b"\xff\x15\x04#28000Access denied for user 'ada'@'localhost' (using password: YES)";

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// The server's end of a connection.
struct Wire<S = Box<dyn Io>> {
    stream: S,
    sequence: u8,
}

impl<S: Io> Wire<S> {
    async fn send(&mut self, payload: &[u8]) {
        let mut packet = (payload.len() as u32).to_le_bytes();
        packet[3] = self.sequence;
        self.stream.write_all(&[&packet, payload].concat()).await.unwrap();
        self.stream.flush().await.unwrap();
        self.sequence += 1;
    }

    /// None if the client has hung up.
    async fn next(&mut self) -> Option<Vec<u8>> {
        let mut head = [0; 4];
        self.stream.read_exact(&mut head).await.ok()?;
        self.sequence = head[3] + 1;
        let mut payload = vec![0; u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize];
        self.stream.read_exact(&mut payload).await.ok()?;
        Some(payload)
    }
}

/// `Protocol::HandshakeV10`, with all that MySQL 8 can do.
fn greeting() -> Vec<u8> {
    let mut greeting = b"\x0a8.4.0\0".to_vec();
    greeting.extend(7_u32.to_le_bytes());
    greeting.extend(&NONCE[..8]);
    greeting.extend(b"\0\xff\xff\xff\x02\x00\xff\xdf\x15");
    greeting.extend([0; 10]);
    greeting.extend(&NONCE[8..]);
    greeting.push(0);
    greeting.extend(PLUGIN);
    greeting
}

/// What proves the password: SHA256(password) XOR SHA256(SHA256(SHA256(password)), nonce).
fn proof(nonce: &[u8]) -> Vec<u8> {
    let once = Sha256::digest(PASSWORD);
    let thrice = Sha256::digest([Sha256::digest(once).as_slice(), nonce].concat());
    once.iter().zip(thrice).map(|(a, b)| a ^ b).collect()
}

/// `Protocol::HandshakeResponse41`: who it is, their proof, and how they came to it.
fn response(packet: &[u8]) -> (String, Vec<u8>, String) {
    let rest = &packet[32..];
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut names = rest.splitn(2, |byte| *byte == 0);
    let (user, rest) = (text(names.next().unwrap()), names.next().unwrap());
    let (proof, rest) = rest[1..].split_at(rest[0].into());
    let plugin = rest.split(|byte| *byte == 0).nth(1).unwrap();
    (user, proof.to_vec(), text(plugin))
}

/// Lets a client say who it is.
async fn greeted(stream: TcpStream) -> Wire {
    let mut wire: Wire = Wire { stream: Box::new(stream), sequence: 0 };
    wire.send(&greeting()).await;
    let (user, sent, plugin) = response(&wire.next().await.unwrap());
    assert_eq!((user.as_str(), plugin.as_str()), ("ada", "caching_sha2_password"));
    assert_eq!(sent, proof(NONCE));
    wire
}

/// Answers one statement, after what has let its client in.
async fn check<F>(options: &str, enter: impl FnOnce(TcpStream) -> F, expected: Expect)
where
    F: Future<Output = Wire> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let place = Place::parse(&format!("mysql://ada:p%40ss%3Aword@127.0.0.1:{port}/shop{options}")).unwrap();
    let database = Database { place, connections_max: 1 };
    let service = Relational::new([("orders".to_owned(), database)].into(), Limits::default());
    let asking = tokio::spawn(async move {
        common::told(common::call(&service, "ExecuteStatement", value!({ "sql": "DELETE FROM t" })).await)
    });
    let (stream, _) = listener.accept().await.unwrap();
    let entering = enter(stream);
    let server = tokio::spawn(async move {
        let mut wire = entering.await;
        if let Some(command) = wire.next().await {
            assert_eq!(command, b"\x03DELETE FROM t");
            wire.send(&[0, 2, 0, 2, 0, 0, 0]).await;
        }
    });
    expected.assert_eq(&asking.await.unwrap());
    server.await.unwrap();
}

#[tokio::test]
async fn the_server_knows_the_password_from_before() {
    let enter = |stream| async {
        let mut wire = greeted(stream).await;
        wire.send(FAST).await;
        wire.send(OK).await;
        wire
    };
    check("", enter, expect![[r#"{"numberOfRecordsUpdated":2,"generatedFields":[]}"#]]).await;
}

#[tokio::test]
async fn the_server_asks_for_another_proof() {
    let enter = |stream| async {
        let mut wire = greeted(stream).await;
        wire.send(&[b"\xfe", PLUGIN, OTHER_NONCE, b"\0"].concat()).await;
        assert_eq!(wire.next().await, Some(proof(OTHER_NONCE)));
        wire.send(FAST).await;
        wire.send(OK).await;
        wire
    };
    check("", enter, expect![[r#"{"numberOfRecordsUpdated":2,"generatedFields":[]}"#]]).await;
}

#[tokio::test]
async fn the_server_wants_the_password_by_tls() {
    let enter = |mut stream: TcpStream| async move {
        let mut wire = Wire { stream: &mut stream, sequence: 0 };
        wire.send(&greeting()).await;
        let request = wire.next().await.unwrap();
        // Capabilities, the largest packet, a character set, zeros: `CLIENT_SSL`.
        assert_eq!((request.len(), request[1] & 0x08), (32, 0x08));
        let sequence = wire.sequence;
        let stream = acceptor().accept(stream).await.unwrap();
        let mut wire: Wire = Wire { stream: Box::new(stream), sequence };
        let (_, sent, _) = response(&wire.next().await.unwrap());
        assert_eq!(sent, proof(NONCE));
        wire.send(FULL).await;
        assert_eq!(wire.next().await.unwrap(), b"p@ss:word\0");
        wire.send(OK).await;
        wire
    };
    check("?ssl-mode=REQUIRED", enter, expect![[r#"{"numberOfRecordsUpdated":2,"generatedFields":[]}"#]])
        .await;
}

#[tokio::test]
async fn the_server_wants_the_password_by_its_key() {
    let Some(private) = openssl(&["genrsa", "2048"], &[]) else { return };
    let public = openssl(&["rsa", "-pubout"], &private).unwrap();
    let file = std::env::temp_dir().join(format!("stepwell-mysql-login-{}.pem", std::process::id()));
    std::fs::write(&file, &private).unwrap();
    let key = file.clone();
    let enter = |stream| async move {
        let mut wire = greeted(stream).await;
        wire.send(FULL).await;
        assert_eq!(wire.next().await.unwrap(), [2], "it asks for the key");
        wire.send(&[&[1], public.as_slice()].concat()).await;
        let sealed = wire.next().await.unwrap();
        assert_eq!(sealed.len(), 256);
        let decrypt =
            ["pkeyutl", "-decrypt", "-pkeyopt", "rsa_padding_mode:oaep", "-inkey", key.to_str().unwrap()];
        let masked = openssl(&decrypt, &sealed).unwrap();
        let password: Vec<u8> = masked.iter().zip(NONCE.iter().cycle()).map(|(a, b)| a ^ b).collect();
        assert_eq!(password, b"p@ss:word\0");
        wire.send(OK).await;
        wire
    };
    check("", enter, expect![[r#"{"numberOfRecordsUpdated":2,"generatedFields":[]}"#]]).await;
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn the_server_lets_nobody_in() {
    for after_full in [false, true] {
        let enter = move |stream| async move {
            let mut wire = greeted(stream).await;
            if after_full {
                wire.send(FULL).await;
                wire.next().await;
            }
            wire.send(DENIED).await;
            wire
        };
        check(
            "",
            enter,
            expect![
                "DatabaseErrorException: Access denied for user 'ada'@'localhost' (using password: YES); Error code: 1045; SQLState: 28000"
            ],
        )
        .await;
    }
    // What it sends is no key.
    let enter = |stream| async {
        let mut wire = greeted(stream).await;
        wire.send(FULL).await;
        wire.next().await;
        wire.send(b"\x01no key").await;
        wire
    };
    check("", enter, expect!["DatabaseUnavailableException: The connection to the database was lost: the database's answer was not understood"]).await;
}

fn acceptor() -> TlsAcceptor {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = CertificateDer::from(certified.cert.der().to_vec());
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate], key).unwrap()))
}

/// None if there is no OpenSSL here, which is said on standard error.
fn openssl(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let command = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = command else {
        eprintln!("skipped: OpenSSL is not installed (apt-get install openssl)");
        return None;
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?} failed");
    Some(output.stdout)
}
