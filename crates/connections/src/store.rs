//! All connections of a server: those that the API made, and those of its settings.
//!
//! A change is written before anybody sees it; reading waits for no disk. All of this blocks: an
//! asynchronous caller makes changes on a thread that may.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use aws_names::{Arn, Scope};

use crate::connection::{Access, Connection, State};
use crate::file::Place;
use crate::{key, record};

/// AWS's quota of connections. Each change writes all of them, which is then about a megabyte.
pub const CONNECTIONS_MAX: usize = 3_000;

/// The connections of a server. Cheap to clone.
#[derive(Clone)]
pub struct Connections(Arc<Inner>);

struct Inner {
    /// `None`: they are gone at the end.
    place: Option<Place>,
    /// Held while something changes.
    changing: Mutex<()>,
    /// By name, as they are on disk.
    kept: RwLock<Arc<BTreeMap<String, Connection>>>,
    /// Those of the settings, by name.
    of_settings: RwLock<BTreeMap<String, Arc<Access>>>,
}

/// A connection that was found by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usable {
    /// What it brings.
    pub access: Arc<Access>,
    /// Whether it may be used.
    pub state: State,
}

/// Why the kept connections cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk refused.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was done.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There are connections, and no key for them.
    #[error(
        "{} cannot be read without its key, and there is no {}: bring the key back, or move the connections away",
        file.display(), key_file.display()
    )]
    KeyMissing {
        /// The connections.
        file: PathBuf,
        /// Where the key should be.
        key_file: PathBuf,
    },
    /// The key's file has something else in it.
    #[error("{} holds no key: it should have 64 hexadecimal digits", .0.display())]
    NoKey(PathBuf),
    /// Sealed with another key, or changed since.
    #[error("{} was sealed with another key than that in {}, or it is damaged", file.display(), key_file.display())]
    NotOurs {
        /// The connections.
        file: PathBuf,
        /// The key that did not fit.
        key_file: PathBuf,
    },
    /// Not a file of connections that this version reads.
    #[error("{} is not a file of connections that this version reads", .0.display())]
    Damaged(PathBuf),
}

/// Why a connection was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is one of this name.
    #[error("Connection '{0}' already exists.")]
    AlreadyExists(String),
    /// There is none of this name.
    #[error("Connection '{0}' does not exist.")]
    DoesNotExist(String),
    /// [`CONNECTIONS_MAX`] are there.
    #[error("The requested resource exceeds the maximum number allowed.")]
    TooMany,
    /// It could not be kept, and is as it was.
    #[error(transparent)]
    NotKept(#[from] Error),
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Error {
        Error::Io { action, path: path.to_owned(), source }
    }
}

impl Connections {
    /// None, and what is made is gone at the end.
    pub fn in_memory() -> Connections {
        Connections::new(None, BTreeMap::new())
    }

    /// Those that are kept there. Nothing is written before the first change.
    pub fn open(place: Place) -> Result<Connections, Error> {
        let connections = Connections::new(Some(place), BTreeMap::new());
        connections.reload()?;
        Ok(connections)
    }

    /// Reads again what is kept: whoever opened them before the folder was his alone does so afterwards.
    pub fn reload(&self) -> Result<(), Error> {
        let Some(place) = &self.0.place else { return Ok(()) };
        let _changing: MutexGuard<'_, ()> = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = match place.read()? {
            None => Vec::new(),
            Some(bytes) => {
                let file = place.folder.join(crate::FILE_NAME);
                record::read(&bytes).ok_or(Error::Damaged(file))?
            }
        };
        let kept = kept.into_iter().map(|connection| (connection.name.clone(), connection)).collect();
        *self.0.kept.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(kept);
        Ok(())
    }

    fn new(place: Option<Place>, kept: BTreeMap<String, Connection>) -> Connections {
        Connections(Arc::new(Inner {
            place,
            changing: Mutex::default(),
            kept: RwLock::new(Arc::new(kept)),
            of_settings: RwLock::default(),
        }))
    }

    /// Takes over the connections of new settings, in place of those of earlier ones.
    pub fn configure(&self, of_settings: BTreeMap<String, Access>) {
        let shared = of_settings.into_iter().map(|(name, access)| (name, Arc::new(access))).collect();
        *self.0.of_settings.write().unwrap_or_else(PoisonError::into_inner) = shared;
    }

    /// Finds what an ARN in a Task means. Of a connection of the settings only the name counts.
    pub fn find(&self, arn: &str) -> Option<Usable> {
        let Arn { service: "events", resource, .. } = Arn::parse(arn).ok()? else { return None };
        let name = resource.strip_prefix("connection/")?.split('/').next()?;
        if let Some(kept) = self.kept().get(name).filter(|kept| kept.arn == arn) {
            return Some(Usable { access: Arc::new(kept.access.clone()), state: kept.state });
        }
        let of_settings = self.0.of_settings.read().unwrap_or_else(PoisonError::into_inner);
        of_settings.get(name).map(|access| Usable { access: access.clone(), state: State::Authorized })
    }

    /// The connection of this name that the API made.
    pub fn named(&self, name: &str) -> Option<Connection> {
        self.kept().get(name).cloned()
    }

    /// All connections that the API made, by name, as they are at this moment.
    pub fn all(&self) -> Arc<BTreeMap<String, Connection>> {
        self.kept()
    }

    /// Makes a connection. `now` is in milliseconds since 1970. Durable when it returns.
    pub fn create(
        &self,
        scope: &Scope,
        name: &str,
        description: Option<String>,
        access: Access,
        now: i64,
    ) -> Result<Connection, ChangeError> {
        let mut bits = [0; 16];
        key::draw(&mut bits);
        let uuid = aws_names::uuid_v4(u128::from_be_bytes(bits));
        let connection = Connection {
            arn: scope.arn("events", format_args!("connection/{name}/{uuid}")),
            name: name.to_owned(),
            description,
            state: State::Authorized,
            access,
            created_at: now,
            modified_at: now,
            authorized_at: now,
        };
        self.change(|kept| {
            if kept.contains_key(name) {
                return Err(ChangeError::AlreadyExists(name.to_owned()));
            }
            if kept.len() >= CONNECTIONS_MAX {
                return Err(ChangeError::TooMany);
            }
            kept.insert(name.to_owned(), connection.clone());
            Ok(connection)
        })
    }

    /// Changes what a connection brings or says, and lets it be used again. Durable when it returns.
    pub fn update<E: From<ChangeError>>(
        &self,
        name: &str,
        now: i64,
        change: impl FnOnce(&mut Connection) -> Result<(), E>,
    ) -> Result<Connection, E> {
        self.change(|kept| {
            let connection = kept.get_mut(name).ok_or_else(|| ChangeError::DoesNotExist(name.to_owned()))?;
            change(connection)?;
            connection.state = State::Authorized;
            (connection.modified_at, connection.authorized_at) = (now, now);
            Ok(connection.clone())
        })
    }

    /// Takes a connection's secrets away. Durable when it returns.
    pub fn deauthorize(&self, name: &str, now: i64) -> Result<Connection, ChangeError> {
        self.change(|kept| {
            let connection = kept.get_mut(name).ok_or_else(|| ChangeError::DoesNotExist(name.to_owned()))?;
            connection.access.forget_secrets();
            connection.state = State::Deauthorized;
            connection.modified_at = now;
            Ok(connection.clone())
        })
    }

    /// Removes a connection; answers with what it was. Durable when it returns.
    pub fn delete(&self, name: &str) -> Result<Connection, ChangeError> {
        self.change(|kept| kept.remove(name).ok_or_else(|| ChangeError::DoesNotExist(name.to_owned())))
    }

    /// Seals a secret that is kept elsewhere, with the key of these connections; one is made if there is none. `context` says what
    /// it is: with another it is not opened. What is in memory only is left as it is.
    pub fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, Error> {
        let Some(place) = &self.0.place else { return Ok(secret.to_vec()) };
        // Nobody else makes a key meanwhile.
        let _changing: MutexGuard<'_, ()> = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(place.key()?.seal(context, secret))
    }

    /// What was sealed so; `None` if it was changed since, or sealed with another key.
    pub fn unseal(&self, context: &[u8], sealed: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let Some(place) = &self.0.place else { return Ok(Some(sealed.to_vec())) };
        Ok(place.known_key()?.and_then(|key| key.open(context, sealed)))
    }

    fn change<T, E: From<ChangeError>>(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, Connection>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _changing: MutexGuard<'_, ()> = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = BTreeMap::clone(&self.kept());
        let answer = change(&mut changed)?;
        if let Some(place) = &self.0.place {
            place.write(record::write(changed.values()).as_bytes()).map_err(ChangeError::NotKept)?;
        }
        *self.0.kept.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(changed);
        Ok(answer)
    }

    fn kept(&self) -> Arc<BTreeMap<String, Connection>> {
        self.0.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.kept().keys()).finish()
    }
}

impl Default for Connections {
    fn default() -> Connections {
        Connections::in_memory()
    }
}

impl PartialEq for Connections {
    /// Whether both are the same connections, not equal ones.
    fn eq(&self, other: &Connections) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Connections {}
