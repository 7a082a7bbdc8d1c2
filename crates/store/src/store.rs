//! Opening a store, and the handle for everybody who reads.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use asl::Timestamp;
use execution::{MapRun, Standing};

use crate::express::{self, Express, ExpressStart};
use crate::index::{Entry, Index};
use crate::log::{Disk, Log, Memory};
use crate::ownership::Ownership;
use crate::record::ExecutionKey;
use crate::recover::Recovery;
use crate::shard::Shard;
use crate::writer::{FRAME_BYTES, Writer};
use crate::{commit, recover};

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where; `None` keeps everything in memory and forgets it at the end.
    pub data_dir: Option<PathBuf>,
    /// How long a closed execution or Map Run is kept. 90 days by default.
    pub retention: Duration,
    /// The size of a log segment in bytes. 64 MiB by default; the first few are smaller.
    pub segment_bytes: u64,
    /// How many open executions are held in memory at once. 20,000 by default; the others are read from
    /// the log when something happens to them.
    pub open_max: usize,
    /// Where a commit is cut into several frames, in bytes. 4 MiB by default: a frame's sync takes the longer the larger
    /// it is. With 1, for tests, what a crash may part is parted everywhere.
    pub frame_bytes: usize,
}

impl Default for Settings {
    /// In memory, 90 days, 64 MiB.
    fn default() -> Self {
        Settings {
            data_dir: None,
            retention: Duration::from_secs(90 * 24 * 60 * 60),
            segment_bytes: 64 << 20,
            open_max: 20_000,
            frame_bytes: FRAME_BYTES,
        }
    }
}

/// We could not do our work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes on disk are not what we wrote.
    #[error("{place} is damaged: {detail}")]
    Corrupt {
        /// The file.
        place: String,
        /// The offset in it, and what is wrong.
        detail: String,
    },
    /// The folder was written by another version of this program.
    #[error(
        "{place} has format {found}; this program reads formats {oldest} to {newest}: use the program that wrote it"
    )]
    Format {
        /// The file.
        place: String,
        /// Its format.
        found: u32,
        /// The oldest that we read.
        oldest: u32,
        /// The newest that we read, in which we write.
        newest: u32,
    },
    /// The disk or the folder refused.
    #[error("{action}: {source}")]
    Io {
        /// What we were doing, with the path.
        action: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is no log in this folder.
    #[error("{0} has no data of stepwell: no segment-….log and no snapshot-….dat")]
    NoData(PathBuf),
    /// Somebody else has it open.
    #[error("{0} is in use by another process")]
    Locked(PathBuf),
    /// Somebody else owns this shard of a shared database, or has taken it meanwhile.
    #[error("shard {shard} belongs to {owner}")]
    Owned {
        /// Which one.
        shard: Shard,
        /// Its owner's address, if that is known.
        owner: String,
    },
}

impl Error {
    /// What the disk or the folder refused, and what we were doing.
    pub fn io(action: impl FnOnce() -> String) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { action: action(), source }
    }

    pub(crate) fn corrupt(path: &Path, offset: u64, detail: &str) -> Error {
        Error::Corrupt { place: path.display().to_string(), detail: format!("at byte {offset}: {detail}") }
    }
}

/// What was open when the last process ended.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Every open execution, as of its last durable turn, by key. They are read when they are loaded.
    pub open: Vec<OpenExecution>,
    /// Every open Map Run, as of its last durable turn, by key.
    pub map_runs: Vec<OpenMapRun>,
    /// Every EXPRESS execution whose start was acknowledged and whose end is not known: it runs again.
    pub express: Vec<ExpressStart>,
}

/// An open execution that has not been read.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenExecution {
    /// Its number.
    pub key: ExecutionKey,
    /// Which revision of its machine it runs.
    pub revision: u64,
    /// What it waits for.
    pub standing: Standing,
}

/// An open Map Run.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenMapRun {
    /// Its number.
    pub key: ExecutionKey,
    /// The Map Run.
    pub run: MapRun,
}

/// What happens when the disk fails. By default the process ends at once with exit code 74
/// (EX_IOERR): memory is ahead of the disk then, and no one may see it.
#[derive(Clone)]
pub struct Fault(Arc<dyn Fn(&str) + Send + Sync>);

impl Fault {
    /// Calls this instead. When it returns, nothing is committed any more and nobody is told of a commit.
    pub fn new(handler: impl Fn(&str) + Send + Sync + 'static) -> Fault {
        Fault(Arc::new(handler))
    }

    /// Tells the handler.
    pub fn strike(&self, message: &str) {
        (self.0)(message);
    }
}

impl Default for Fault {
    fn default() -> Self {
        Fault::new(|message| {
            tracing::error!("{message}; stopping at once, because what is in memory may not be on disk");
            std::process::exit(74);
        })
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fault")
    }
}

/// Reads what is durable. Cheap to clone. A data folder stays locked until the last clone is gone.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("executions", &self.shared.read().len()).finish_non_exhaustive()
    }
}

/// Opens a store. `on_durable` is called on the commit thread for every commit, in order, once it is
/// on disk and visible to readers.
pub fn open<A: Send + 'static>(
    settings: Settings,
    now: Timestamp,
    on_durable: impl FnMut(A) + Send + 'static,
) -> Result<(Store, Writer<A>, Recovered), Error> {
    let log: Arc<dyn Log> = match &settings.data_dir {
        Some(folder) => Arc::new(Disk::open(folder, settings.segment_bytes)?),
        None => Arc::new(Memory::new(settings.segment_bytes)),
    };
    let is_kept = settings.data_dir.is_some();
    open_log(log, is_kept, &settings, Fault::default(), now, on_durable)
}

/// Opens a store on a log of the caller's, with a handler for a failing disk. `data_dir` is not used.
pub fn open_on<A: Send + 'static>(
    log: Arc<dyn Log>,
    settings: &Settings,
    fault: Fault,
    now: Timestamp,
    on_durable: impl FnMut(A) + Send + 'static,
) -> Result<(Store, Writer<A>, Recovered), Error> {
    open_log(log, true, settings, fault, now, on_durable)
}

fn open_log<A: Send + 'static>(
    log: Arc<dyn Log>,
    is_kept: bool,
    settings: &Settings,
    fault: Fault,
    now: Timestamp,
    on_durable: impl FnMut(A) + Send + 'static,
) -> Result<(Store, Writer<A>, Recovered), Error> {
    let epoch = log.acquire()?;
    let Recovery { index, open, map_runs, snapshot, bytes_since } = recover::recover(&*log)?;
    let shared = Arc::new(Shared {
        published: AtomicU64::new(log.next_seq()),
        catalog: AtomicU64::new(index.catalog_until.to_bits()),
        express: Express::new(epoch),
        index: RwLock::new(index),
        ownership: log.ownership(epoch),
        log,
        is_kept,
        is_full: AtomicBool::new(false),
        durable: AtomicU64::new(0),
        appended: AtomicU64::new(bytes_since),
        frames: AtomicU64::new(0),
        segment_bytes: settings.segment_bytes,
        frame_bytes: settings.frame_bytes,
        retention: settings.retention,
        fault,
    });
    let express = express::pending(&shared)?;
    let committer = commit::start(shared.clone(), epoch, snapshot, on_durable)?;
    let mut writer = Writer::new(shared.clone(), committer, settings.open_max);
    writer.tick(now);
    Ok((Store { shared }, writer, Recovered { open, map_runs, express }))
}

/// What the handles and the threads of a store share.
pub(crate) struct Shared {
    index: RwLock<Index>,
    pub(crate) log: Arc<dyn Log>,
    /// Which executions are in it, and where the others are.
    pub(crate) ownership: Ownership,
    /// Whether the log is there after the end of the process. If not, it needs no snapshots.
    pub(crate) is_kept: bool,
    /// Set while a commit waits for room.
    pub(crate) is_full: AtomicBool,
    /// The number of the last commit that is durable and visible.
    pub(crate) durable: AtomicU64,
    /// The first frame that the index does not show. Changes under the index's write lock.
    pub(crate) published: AtomicU64,
    /// Changes with every change of the catalog, under the index's write lock.
    pub(crate) catalog: AtomicU64,
    pub(crate) express: Express,
    /// How many bytes were appended to the log since the snapshot that this process found.
    pub(crate) appended: AtomicU64,
    /// How many frames this process appended: one sync each.
    pub(crate) frames: AtomicU64,
    pub(crate) segment_bytes: u64,
    /// See [`Settings::frame_bytes`].
    pub(crate) frame_bytes: usize,
    pub(crate) retention: Duration,
    pub(crate) fault: Fault,
}

impl Shared {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().expect("no holder of this lock panics")
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().expect("no holder of this lock panics")
    }

    /// Reads what the entry that `find` finds leads to. Where the records were moved or removed meanwhile it looks
    /// again.
    pub(crate) fn look<T>(
        &self,
        find: impl Fn(&Index) -> Option<(ExecutionKey, &Entry)>,
        read: impl Fn(ExecutionKey, &Entry) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut earlier = None;
        loop {
            let found = find(&self.read()).map(|(key, entry)| (key, entry.clone()));
            let Some((key, entry)) = found else { return Ok(None) };
            match read(key, &entry) {
                Ok(answer) => return Ok(Some(answer)),
                // It stands where it stood, so the records themselves are damaged.
                Err(error) if earlier == Some((key, entry.last)) => return Err(error),
                Err(_) => earlier = Some((key, entry.last)),
            }
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed) || self.log.is_short_of_room()
    }
}
