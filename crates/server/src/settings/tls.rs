//! `[tls]`: what callers who speak TLS are shown.

use std::path::PathBuf;

use serde::Deserialize;

/// `[tls]`. Files are relative to the settings file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate in PEM, and behind it those that lead to its authority.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}
