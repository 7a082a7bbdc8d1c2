//! The file that connections are kept in: a line that names its format, then everything else sealed.
//!
//! It is replaced as a whole, under another name first, so that there is always one that can be read.
//! Never here: what is in it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::key::Key;
use crate::store::Error;

/// The file's name in the data folder.
pub const FILE_NAME: &str = "connections.sealed";
/// The key's name in the data folder, unless the settings name another file.
pub const KEY_FILE_NAME: &str = "connections.key";
/// What a copy of a data folder takes along, in this order: a sealed file that is there has its key.
pub const FILES: [&str; 2] = [FILE_NAME, KEY_FILE_NAME];

const FORMAT: &[u8] = b"stepwell connections 1\n";

/// Where connections are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The data folder.
    pub folder: PathBuf,
    /// Where the key is, if not in that folder.
    pub key_file: Option<PathBuf>,
}

impl Place {
    fn file(&self) -> PathBuf {
        self.folder.join(FILE_NAME)
    }

    fn key_file(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| self.folder.join(KEY_FILE_NAME))
    }

    /// What was kept last; `None` if nothing was kept yet. Writes nothing.
    pub(crate) fn read(&self) -> Result<Option<Vec<u8>>, Error> {
        let path = self.file();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::io("reading", &path, source)),
        };
        let Some(sealed) = bytes.strip_prefix(FORMAT) else { return Err(Error::Damaged(path)) };
        let key_file = self.key_file();
        let Some(key) = Key::read(&key_file)? else { return Err(Error::KeyMissing { file: path, key_file }) };
        let plain = key.open(FORMAT, sealed);
        plain.map(Some).ok_or(Error::NotOurs { file: path, key_file })
    }

    /// Keeps this instead. Durable when it returns. The first time, a key is made.
    pub(crate) fn write(&self, plain: &[u8]) -> Result<(), Error> {
        write_durably(&self.file(), &[FORMAT, &self.key()?.seal(FORMAT, plain)].concat())
    }

    /// The key, if there is one.
    pub(crate) fn known_key(&self) -> Result<Option<Key>, Error> {
        Key::read(&self.key_file())
    }

    /// The key, which is made if there is none.
    pub(crate) fn key(&self) -> Result<Key, Error> {
        match self.known_key()? {
            Some(key) => Ok(key),
            None => Key::create(&self.key_file()),
        }
    }
}

/// Writes a file that only its owner can read, in place of the one that is there.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let write = || {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        // One that was left behind may be open to others.
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    };
    write().map_err(|source| Error::io("writing", path, source))
}
