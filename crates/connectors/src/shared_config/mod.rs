//! AWS's two files in the home folder, `config` and `credentials`: profiles, and the endpoints of services.
//!
//! Read again when they change. Never here: what a profile's properties mean for credentials.

mod parse;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

pub(crate) use self::parse::{Parsed, Section};
use crate::environment::Environment;

/// Larger is no file of profiles. Real ones have a few KB.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The two files.
pub(crate) struct SharedConfig {
    config_file: Option<PathBuf>,
    credentials_file: Option<PathBuf>,
    profile: String,
    ignores_endpoints: bool,
    kept: Mutex<Option<(Stamp, Arc<Parsed>)>>,
}

/// What changes when a file does. `None` for one that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp([Option<(SystemTime, u64)>; 2]);

impl SharedConfig {
    /// Names the files and the profile; reads nothing yet. `profile` comes before `AWS_PROFILE`.
    pub(crate) fn new(environment: &Environment, profile: Option<&str>) -> SharedConfig {
        let file = |variable: &str, name: &str| {
            let named = environment.get(variable).map(PathBuf::from);
            named.or_else(|| Some(environment.home()?.join(".aws").join(name)))
        };
        let profile = profile.or_else(|| environment.get("AWS_PROFILE")).unwrap_or("default");
        SharedConfig {
            config_file: file("AWS_CONFIG_FILE", "config"),
            credentials_file: file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            profile: profile.to_owned(),
            ignores_endpoints: environment.is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
            kept: Mutex::new(None),
        }
    }

    /// The profile's name.
    pub(crate) fn profile(&self) -> &str {
        &self.profile
    }

    /// What the files say, and the stamp of what was read. Files that are not there say nothing. An error is
    /// a sentence for the user.
    pub(crate) fn read(&self) -> Result<(Stamp, Arc<Parsed>), String> {
        // Looking at two small files does not hold a thread up for long.
        let files = [&self.config_file, &self.credentials_file].map(Option::as_deref);
        let stamp = Stamp([stamp(files[0])?, stamp(files[1])?]);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, parsed)) = &*kept
            && *known == stamp
        {
            return Ok((stamp, parsed.clone()));
        }
        let mut parsed = Parsed::default();
        parsed.add_config(&text(files[0])?);
        parsed.add_credentials(&text(files[1])?);
        let parsed = Arc::new(parsed);
        *kept = Some((stamp.clone(), parsed.clone()));
        Ok((stamp, parsed))
    }

    /// The endpoint that the profile has for a service, as `services` sections spell it, or for all, if that
    /// is asked for too; and who says so.
    pub(crate) fn endpoint_url(&self, service: &str, or_for_all: bool) -> Option<(String, String)> {
        // Files that cannot be read are told of where credentials are looked for.
        let (_, parsed) = self.read().ok()?;
        let profile = parsed.profiles.get(&self.profile)?;
        if self.ignores_endpoints || profile.is_true("ignore_configured_endpoint_urls") {
            return None;
        }
        let of_service = || {
            let name = profile.get("services")?;
            let url = parsed.services.get(name)?.nested(service, "endpoint_url")?;
            Some((url.to_owned(), format!("endpoint_url of {service} in [services {name}]")))
        };
        let of_all = || {
            let url = profile.get("endpoint_url").filter(|_| or_for_all)?;
            Some((url.to_owned(), format!("endpoint_url of the profile {}", self.profile)))
        };
        let found = of_service().or_else(of_all)?;
        let file = self.config_file.as_deref().unwrap_or(Path::new("config"));
        Some((found.0, format!("{} of {}", found.1, file.display())))
    }
}

impl fmt::Debug for SharedConfig {
    /// Without what was read, which is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedConfig").field("profile", &self.profile).finish_non_exhaustive()
    }
}

fn stamp(file: Option<&Path>) -> Result<Option<(SystemTime, u64)>, String> {
    let Some(file) = file else { return Ok(None) };
    match file.metadata() {
        Ok(metadata) => Ok(Some((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len()))),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(format!("cannot look at {}: {error}", file.display())),
    }
}

fn text(file: Option<&Path>) -> Result<String, String> {
    let Some(file) = file else { return Ok(String::new()) };
    if file.metadata().is_ok_and(|metadata| metadata.len() > FILE_BYTES_MAX) {
        return Err(format!("{} is larger than {FILE_BYTES_MAX} bytes", file.display()));
    }
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if is_absence(&error) => Ok(String::new()),
        Err(error) => Err(format!("cannot read {}: {error}", file.display())),
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
