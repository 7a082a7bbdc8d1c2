//! The handle that everybody has: reads are answered here, commits are handed on.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use store::log::{Disk, Log, Memory};
use store::{Error, Fault};

use crate::batch::Batch;
use crate::commit::{Commit, Committer, Refused};
use crate::entry;
use crate::index::{At, Index};
use crate::{commit, snapshot};

/// A part of the ledger: the first byte of its keys. Whoever owns one knows what its keys mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Space(u8);

impl Space {
    /// The space with this number, for ever.
    pub const fn new(number: u8) -> Space {
        Space(number)
    }

    pub(crate) fn key(self, key: &[u8]) -> Box<[u8]> {
        let mut whole = Vec::with_capacity(1 + key.len());
        whole.push(self.0);
        whole.extend_from_slice(key);
        whole.into()
    }
}

/// How to open a ledger.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where; `None` keeps everything in memory and forgets it at the end.
    pub data_dir: Option<PathBuf>,
    /// The size of a log segment in bytes. 64 MiB by default; the first few are smaller.
    pub segment_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { data_dir: None, segment_bytes: 64 << 20 }
    }
}

/// Keys and values, without the space.
pub type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// The durable map. Cheap to clone; a folder stays locked until the last clone is gone.
#[derive(Clone)]
pub struct Ledger {
    // Before `shared`: the threads end before the log does.
    committer: Arc<Committer>,
    shared: Arc<Shared>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("keys", &self.shared.read().len()).finish_non_exhaustive()
    }
}

/// What the handles and the threads of a ledger share.
pub(crate) struct Shared {
    index: RwLock<Index>,
    pub log: Arc<dyn Log>,
    pub epoch: u64,
    /// Whether the log is there after the end of the process. If not, it needs no snapshots.
    pub is_kept: bool,
    pub segment_bytes: u64,
    /// How many bytes were appended since the last snapshot.
    pub appended: AtomicU64,
    pub fault: Fault,
}

impl Shared {
    pub fn read(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().expect("no holder of this lock panics")
    }

    pub fn write(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().expect("no holder of this lock panics")
    }

    /// Reads what lies at a place; `None` where that is not an entry of this key.
    pub fn value_at(&self, key: &[u8], at: At) -> Result<Option<Vec<u8>>, Error> {
        let mut bytes = self.log.read(at.place, at.bytes as usize)?;
        let begin = match entry::read(&bytes) {
            Some(entry::Entry { key: found, value: Some(value), .. }) if found == key => {
                bytes.len() - value.len()
            }
            _ => return Ok(None),
        };
        bytes.drain(..begin);
        Ok(Some(bytes))
    }

    /// The value of a key. Where it was moved meanwhile it is looked for again.
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let mut earlier = None;
        loop {
            let Some(at) = self.read().get(key) else { return Ok(None) };
            let found = self.value_at(key, at);
            match found {
                Ok(Some(value)) => return Ok(Some(value)),
                _ if earlier != Some(at) => earlier = Some(at),
                Ok(None) => return Err(damaged(at)),
                Err(error) => return Err(error),
            }
        }
    }
}

/// What the index leads to is not there.
pub(crate) fn damaged(at: At) -> Error {
    Error::Corrupt {
        place: format!("the ledger's segment {}", at.place.segment()),
        detail: format!("at byte {}: not the entry that was written there", at.place.offset()),
    }
}

impl Ledger {
    /// Opens a ledger, making its folder if need be. When the disk fails, the process ends.
    pub fn open(settings: &Settings) -> Result<Ledger, Error> {
        let log: Arc<dyn Log> = match &settings.data_dir {
            Some(folder) => Arc::new(Disk::open(folder, settings.segment_bytes)?),
            None => Arc::new(Memory::new(settings.segment_bytes)),
        };
        Ledger::open_on(log, settings.data_dir.is_some(), settings.segment_bytes, Fault::default())
    }

    /// Opens a ledger on a log of the caller's, which is there after the end of the process or not.
    pub fn open_on(
        log: Arc<dyn Log>,
        is_kept: bool,
        segment_bytes: u64,
        fault: Fault,
    ) -> Result<Ledger, Error> {
        let epoch = log.acquire()?;
        let (index, appended) = snapshot::recover(&*log)?;
        let shared = Arc::new(Shared {
            index: RwLock::new(index),
            log,
            epoch,
            is_kept,
            segment_bytes,
            appended: AtomicU64::new(appended),
            fault,
        });
        let committer = Arc::new(commit::start(shared.clone())?);
        Ok(Ledger { committer, shared })
    }

    /// The value of a key, as of the last durable commit.
    pub fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.shared.value(&space.key(key))
    }

    /// Whether there is such a key. Does not read the disk.
    pub fn contains(&self, space: Space, key: &[u8]) -> bool {
        self.shared.read().get(&space.key(key)).is_some()
    }

    /// At most so many keys behind `after` that begin with `prefix`, in order. Does not read the disk.
    pub fn keys(&self, space: Space, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<Vec<u8>> {
        let (prefix, after) = (space.key(prefix), after.map(|after| space.key(after)));
        let index = self.shared.read();
        index.range(&prefix, after.as_deref()).take(limit).map(|(key, _)| key[1..].to_vec()).collect()
    }

    /// At most so many keys behind `after` that begin with `prefix`, in order, with their values.
    pub fn entries(
        &self,
        space: Space,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Entries, Error> {
        let mut entries = Vec::new();
        for key in self.keys(space, prefix, after, limit) {
            // One that was removed meanwhile is not there.
            if let Some(value) = self.get(space, &key)? {
                entries.push((key, value));
            }
        }
        Ok(entries)
    }

    /// Visits everything that begins with `prefix`, in order: for what a service has in memory after a start.
    pub fn visit(
        &self,
        space: Space,
        prefix: &[u8],
        mut visit: impl FnMut(&[u8], Vec<u8>),
    ) -> Result<(), Error> {
        const AT_ONCE: usize = 1_000;
        let mut after: Option<Vec<u8>> = None;
        loop {
            let entries = self.entries(space, prefix, after.as_deref(), AT_ONCE)?;
            let Some((last, _)) = entries.last() else { return Ok(()) };
            after = Some(last.clone());
            entries.into_iter().for_each(|(key, value)| visit(&key, value));
        }
    }

    /// Hands a batch on: it stands behind all that were handed on before. It becomes durable whether its
    /// [`Commit`] is waited for or not; an empty one when those before it are.
    pub fn submit(&self, batch: Batch) -> Commit {
        self.committer.submit(batch)
    }

    /// [`submit`](Ledger::submit), and waits until it is durable.
    pub async fn commit(&self, batch: Batch) -> Result<(), Refused> {
        self.submit(batch).await
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.shared.read().len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes its log takes up.
    pub fn log_bytes(&self) -> u64 {
        self.shared.log.segments().iter().map(|segment| segment.bytes).sum()
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }
}

impl Shared {
    /// Counts what was appended.
    pub fn note_appended(&self, bytes: usize) {
        self.appended.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}
