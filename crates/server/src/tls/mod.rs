//! TLS for callers: with the certificate that the settings name, or with one of an authority of this machine's own.
//!
//! Never here: connections. That is `http_api`.

mod authority;
mod der;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context;

use crate::settings::Loaded;
use authority::Authority;

/// How often the files are looked at, which costs next to nothing.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The folder of the authority, in that of the data.
pub const FOLDER: &str = "tls";

/// TLS, ready.
#[derive(Clone, Debug)]
pub struct Tls {
    /// For the listener.
    pub served: http_api::Tls,
    /// Whom clients must believe, if that is an authority of this machine's own.
    pub ca_file: Option<PathBuf>,
    /// Files that may change.
    files: Option<Files>,
}

/// Whether callers may speak TLS.
pub fn is_wanted(loaded: &Loaded) -> bool {
    loaded.settings.tls.is_some() || loaded.authority_folder.is_some()
}

impl Tls {
    /// As the settings say; nothing if they say nothing of it. An authority of one's own is made once.
    pub fn open(loaded: &Loaded) -> anyhow::Result<Option<Tls>> {
        if let Some(named) = &loaded.settings.tls {
            let files = Files {
                certificate: loaded.folder.join(&named.certificate),
                key: loaded.folder.join(&named.key),
            };
            let served = files.read().context("[tls] cannot be used")?;
            return Ok(Some(Tls { served, ca_file: None, files: Some(files) }));
        }
        let Some(folder) = &loaded.authority_folder else { return Ok(None) };
        let authority = Authority::open(folder)
            .with_context(|| format!("cannot keep a certificate authority in {}", folder.display()))?;
        let (certificate, key) = authority.issue(SystemTime::now());
        let served =
            http_api::Tls::new(certificate.as_bytes(), key.as_bytes()).map_err(anyhow::Error::msg)?;
        Ok(Some(Tls { served, ca_file: Some(authority.certificate_file), files: None }))
    }

    /// Takes over changed files, for as long as it is polled.
    pub async fn follow(self) {
        let Some(files) = self.files else { return };
        let mut seen = files.stamps();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = files.stamps();
            // A file that is being replaced may be missing for a moment.
            if now == seen || now.iter().any(Option::is_none) {
                continue;
            }
            seen = now;
            match files.take_over(&self.served) {
                Ok(()) => tracing::info!("{} was read again", files.certificate.display()),
                Err(error) => tracing::error!("{error:#}; the earlier certificate stays in force"),
            }
        }
    }
}

/// A certificate's file and its key's.
#[derive(Clone, Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn read(&self) -> anyhow::Result<http_api::Tls> {
        let (certificate, key) = self.bytes()?;
        http_api::Tls::new(&certificate, &key).map_err(|why| self.unusable(&why))
    }

    fn take_over(&self, served: &http_api::Tls) -> anyhow::Result<()> {
        let (certificate, key) = self.bytes()?;
        served.replace(&certificate, &key).map_err(|why| self.unusable(&why))
    }

    fn bytes(&self) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
        let read =
            |path: &Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
        Ok((read(&self.certificate)?, read(&self.key)?))
    }

    fn unusable(&self, why: &str) -> anyhow::Error {
        anyhow::anyhow!("{} with {}: {why}", self.certificate.display(), self.key.display())
    }

    /// When each was written, and its length.
    fn stamps(&self) -> [Option<(SystemTime, u64)>; 2] {
        [&self.certificate, &self.key].map(|path| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        })
    }
}
