//! Whose certificates are believed: the system's authorities, and those of a file of one's own; or somebody's own
//! authority and no other.
//!
//! Files are read when the first TLS connection is made. Never here: connections.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// What TLS connections are made with. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    ca_file: Option<PathBuf>,
    /// Or why there is none.
    config: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl Trust {
    /// `ca_file` has more authorities, in PEM.
    pub(crate) fn new(ca_file: Option<PathBuf>) -> Trust {
        Trust(Arc::new(Inner { ca_file, config: OnceLock::new() }))
    }

    /// Believes only these authorities, in PEM. None if it has no certificate, or one that cannot be used.
    pub(crate) fn only(pem: &[u8]) -> Option<Trust> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots.add(certificate.ok()?).ok()?;
        }
        let config = if roots.is_empty() { None } else { config(roots).ok() };
        Some(Trust(Arc::new(Inner { ca_file: None, config: OnceLock::from(Ok(config?)) })))
    }

    /// Reads the authorities' certificates the first time, which blocks.
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>, String> {
        self.0.config.get_or_init(|| self.read()).clone()
    }

    fn read(&self) -> Result<Arc<ClientConfig>, String> {
        let mut roots = RootCertStore::empty();
        // `SSL_CERT_FILE` and `SSL_CERT_DIR` say where they are, as for OpenSSL.
        let system = rustls_native_certs::load_native_certs();
        // What some system has and rustls cannot read is of no use to anybody.
        roots.add_parsable_certificates(system.certs);
        if let Some(path) = &self.0.ca_file {
            let wrong = |why: String| format!("ca_file of [http], {}, cannot be used: {why}", path.display());
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
            let mut some = false;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
                roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
                some = true;
            }
            if !some {
                return Err(wrong("it has no certificate".to_owned()));
            }
        }
        if roots.is_empty() {
            let errors: Vec<String> = system.errors.iter().map(ToString::to_string).collect();
            let errors = if errors.is_empty() { String::new() } else { format!(" ({})", errors.join("; ")) };
            return Err(format!(
                "no certificate authority is known here{errors}: install the system's, set SSL_CERT_FILE, or set ca_file \
                 of [http]"
            ));
        }
        config(roots)
    }
}

fn config(roots: RootCertStore) -> Result<Arc<ClientConfig>, String> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
