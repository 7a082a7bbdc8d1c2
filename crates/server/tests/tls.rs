//! `stepwell dev --tls` and `[tls]`: real servers, clients that believe one authority.

mod harness;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::{Folder, Server, have, outcome, stepwell};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// Asks whether the server lives, as somebody who believes this authority: the first line of the answer.
fn asked(server: &Server, ca_file: &Path, name: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca_file).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(("127.0.0.1", server.port))?);
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

#[test]
fn dev_makes_an_authority_once_and_says_how_to_believe_it() {
    let folder = Folder::new("dev-tls");
    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--tls"]));
    let line = server.wait_for_line("certificate authority: ");
    let ca_file = folder.0.join(".stepwell/tls/ca.pem");
    assert!(line.contains(&format!("{}, which clients must believe", ca_file.display())), "{line}");
    for name in ["localhost", "127.0.0.1", "::1", "host.docker.internal"] {
        assert_eq!(asked(&server, &ca_file, name).unwrap(), "HTTP/1.1 200 OK");
    }
    assert!(asked(&server, &ca_file, "example.org").is_err());
    // The client of the harness speaks plain HTTP.
    assert!(server.client().get("/healthz").is_ok());
    let (_, env, err) = outcome(&mut stepwell(["env", folder.arg()]));
    for wanted in [
        format!("AWS_ENDPOINT_URL_SFN=https://127.0.0.1:{}\n", server.port),
        format!("NODE_EXTRA_CA_CERTS={}\n", ca_file.display()),
        format!("AWS_CA_BUNDLE={}\n", ca_file.display()),
    ] {
        assert!(env.contains(&wanted) && err.is_empty(), "{env}{err}");
    }
    let mode =
        |file: &str| std::fs::metadata(ca_file.with_file_name(file)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("ca.key"), mode("ca.pem")), (0o600, 0o644));
    let made = std::fs::read(&ca_file).unwrap();
    assert_eq!(server.terminate(), 0);

    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--tls"]));
    assert_eq!(std::fs::read(&ca_file).unwrap(), made);
    assert_eq!(asked(&server, &ca_file, "localhost").unwrap(), "HTTP/1.1 200 OK");
    assert_eq!(server.terminate(), 0);
}

#[test]
fn other_programs_find_nothing_wrong_with_the_authority() {
    if !have("openssl") || !have("curl") {
        return;
    }
    let folder = Folder::new("dev-tls-others");
    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--tls", "--ephemeral"]));
    server.wait_for_line("certificate authority: ");
    let ca_file = folder.0.join(".stepwell/tls/ca.pem").display().to_string();
    let client = format!(
        "echo | openssl s_client -connect 127.0.0.1:{} -CAfile {ca_file} -verify_return_error -x509_strict \
         -verify_hostname localhost 2>&1",
        server.port
    );
    let (code, out, _) = outcome(Command::new("sh").args(["-c", &client]));
    assert!(code == 0 && out.contains("Verification: OK"), "{out}");
    let url = format!("https://localhost:{}/healthz", server.port);
    let (code, out, err) =
        outcome(Command::new("curl").args(["--silent", "--show-error", "--cacert", &ca_file, &url]));
    assert_eq!((code, out.as_str()), (0, "ok\n"), "{err}");
}

/// Writes a certificate that signs itself, and its key.
fn write_certificate(folder: &Folder) -> std::path::PathBuf {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    folder.write("server.key", &made.signing_key.serialize_pem());
    folder.write("server.pem", &made.cert.pem())
}

#[test]
fn certificates_of_the_settings_are_taken_over_when_they_change() {
    let folder = Folder::new("tls-settings");
    let text = "[data]\ndir = \"data\"\n[tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\n";
    let config = folder.write("stepwell.toml", text);
    let server = || stepwell(["server", "--config", config.to_str().unwrap()]);
    let (code, _, err) = outcome(server().args(["--port", "0"]));
    assert!(code == 2 && err.contains("error: [tls] cannot be used: cannot read "), "{err}");

    let certificate = write_certificate(&folder);
    let running = Server::start(&mut server());
    running.wait_for_line("tls: on the same port");
    let first = folder.write("first.pem", &std::fs::read_to_string(&certificate).unwrap());
    assert_eq!(asked(&running, &first, "localhost").unwrap(), "HTTP/1.1 200 OK");
    write_certificate(&folder);
    let begun = Instant::now();
    while asked(&running, &certificate, "localhost").is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the new certificate is not used");
        std::thread::yield_now();
    }
    folder.write("server.key", "no key");
    assert_eq!(asked(&running, &certificate, "localhost").unwrap(), "HTTP/1.1 200 OK");
    let (_, env, _) = outcome(&mut stepwell(["env", folder.arg()]));
    assert!(env.contains("AWS_ENDPOINT_URL_SFN=https://127.0.0.1:8083\n"), "{env}");
    assert_eq!(running.terminate(), 0);

    let (code, _, err) = outcome(server().args(["--port", "0"]));
    assert!(code == 2 && err.contains("there is no private key in PEM in the key's file"), "{err}");
}
