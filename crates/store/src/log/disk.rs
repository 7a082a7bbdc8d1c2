//! The log in a folder: segment files, snapshot files, and a lock that keeps others out.
//!
//! A frame costs one write and one sync. The next segment is made ready in the background while the
//! present one is being filled, so that a full disk is noticed before it is in the way.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use super::frame;
use super::memory::{gone, missing};
use super::scan::{list, open_segments, scan};
use super::segment::{self, SegmentFile};
use super::{AppendError, BODY_MAX, Frame, Log, Place, Segment, WriteSnapshot};
use super::{is_no_room, segment_size, snapshot_files};
use crate::store::Error;

/// A log in a folder. Holds the folder's lock as long as it lives.
#[derive(Debug)]
pub struct Disk {
    inner: Arc<Inner>,
    preparing: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    _lock: File,
    salt: u64,
    segment_bytes: u64,
    /// All that have frames, and the one that is appended to.
    segments: RwLock<BTreeMap<u32, Known>>,
    appender: Mutex<Appender>,
    spare: Mutex<Spare>,
    spare_changed: Condvar,
    /// The seqs of the snapshots that are kept.
    snapshots: Mutex<Vec<u64>>,
    short_of_room: AtomicBool,
}

#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) file: Arc<SegmentFile>,
    /// `None` while it is empty.
    pub(super) first_seq: Option<u64>,
}

#[derive(Debug)]
struct Appender {
    file: Arc<SegmentFile>,
    offset: u64,
    bytes: u64,
    epoch: u64,
    /// Of the last frame.
    seq: u64,
    buffer: Vec<u8>,
}

/// The segment that is made ready in the background.
#[derive(Debug)]
enum Spare {
    Wanted(u32),
    Ready(SegmentFile),
    /// Tried again when an append needs it, and now and then before.
    Failed(u32, io::Error),
    Closing,
}

impl Disk {
    /// Opens a folder, making it if need be. A torn last frame is cut off; any other damage is an error.
    pub fn open(folder: &Path, segment_bytes: u64) -> Result<Disk, Error> {
        fs::create_dir_all(folder)
            .map_err(Error::io(|| format!("making the folder {}", folder.display())))?;
        let lock = lock(folder)?;
        let (files, mut snapshots) = list(folder)?;
        let (opened, salt) = open_segments(files)?;
        let salt = salt.unwrap_or_else(|| RandomState::new().hash_one(0_u64));
        let scan = scan(opened, salt)?;
        let (mut segments, mut spares) = (scan.segments, scan.empty);
        remove_outdated(&mut spares)?;
        let (file, offset) = match scan.active {
            Some((number, offset)) => (segments[&number].file.clone(), offset as u64),
            None => {
                let file = match spares.pop_first() {
                    Some((_, file)) => file,
                    None => {
                        let number = 1;
                        let bytes = segment_size(0, segment_bytes);
                        SegmentFile::create(folder, number, salt, bytes).map_err(Error::io(|| {
                            format!("making the first segment in {}", folder.display())
                        }))?
                    }
                };
                let file = Arc::new(file);
                segments.insert(file.number, Known { file: file.clone(), first_seq: None });
                (file, segment::HEADER_BYTES as u64)
            }
        };
        // To one of an older format nothing is appended: it counts as full.
        let bytes = if file.is_current { file.bytes().map_err(file.reading())? } else { offset };
        let spare = match spares.pop_first() {
            Some((_, spare)) => Spare::Ready(spare),
            None => Spare::Wanted(file.number + 1),
        };
        snapshots.sort_unstable();
        let appender = Appender { file, offset, bytes, epoch: scan.epoch, seq: scan.seq, buffer: Vec::new() };
        let inner = Arc::new(Inner {
            folder: folder.to_owned(),
            _lock: lock,
            salt,
            segment_bytes,
            segments: RwLock::new(segments),
            appender: Mutex::new(appender),
            spare: Mutex::new(spare),
            spare_changed: Condvar::new(),
            snapshots: Mutex::new(snapshots),
            short_of_room: AtomicBool::new(false),
        });
        let background = inner.clone();
        let preparing = thread::Builder::new()
            .name("segments".to_owned())
            .spawn(move || background.prepare_segments())
            .map_err(Error::io(|| "starting the thread that makes segments".to_owned()))?;
        Ok(Disk { inner, preparing: Some(preparing) })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        *self.inner.spare() = Spare::Closing;
        self.inner.spare_changed.notify_all();
        if let Some(preparing) = self.preparing.take() {
            // It can only have panicked, and that was reported when it happened.
            let _ = preparing.join();
        }
    }
}

impl Log for Disk {
    fn acquire(&self) -> Result<u64, Error> {
        let mut appender = self.inner.appender();
        appender.epoch += 1;
        Ok(appender.epoch)
    }

    fn next_seq(&self) -> u64 {
        self.inner.appender().seq + 1
    }

    fn append(&self, epoch: u64, seq: u64, body: &[u8]) -> Result<Place, AppendError> {
        assert!(!body.is_empty() && body.len() <= BODY_MAX, "a frame's body has 1 to {BODY_MAX} bytes");
        let mut appender = self.inner.appender();
        let appender = &mut *appender;
        if epoch != appender.epoch || seq != appender.seq + 1 {
            return Err(AppendError::Fenced);
        }
        let fits = appender.offset + (body.len() + frame::OVERHEAD_BYTES) as u64 <= appender.bytes;
        let is_empty = appender.offset == segment::HEADER_BYTES as u64;
        // A frame that is larger than a segment has one to itself, which grows.
        if !fits && !is_empty {
            let next = self.inner.take_spare()?;
            appender.bytes = next.bytes().map_err(|error| self.inner.failed("reading", &next, error))?;
            appender.file = Arc::new(next);
            appender.offset = segment::HEADER_BYTES as u64;
            let known = Known { file: appender.file.clone(), first_seq: None };
            self.inner.write_segments().insert(appender.file.number, known);
        }
        frame::encode(self.inner.salt, epoch, seq, body, &mut appender.buffer);
        let written = appender.file.write(appender.offset, &appender.buffer);
        if let Err(error) = written {
            // Only a frame that makes its segment grow gets here on an ordinary file system.
            return Err(match is_no_room(&error) {
                true => AppendError::NoRoom(error),
                false => self.inner.failed("writing to", &appender.file, error),
            });
        }
        appender.file.sync().map_err(|error| self.inner.failed("syncing", &appender.file, error))?;
        let end = appender.offset + (frame::HEADER_BYTES + body.len()) as u64;
        appender.file.mark(self.inner.salt, epoch, seq, end);
        if appender.offset == segment::HEADER_BYTES as u64
            && let Some(known) = self.inner.write_segments().get_mut(&appender.file.number)
        {
            known.first_seq = Some(seq);
        }
        let place = Place::new(appender.file.number, appender.offset as u32).plus(frame::HEADER_BYTES as u32);
        appender.offset = end;
        appender.bytes = appender.bytes.max(appender.offset + frame::HEADER_BYTES as u64);
        appender.seq = seq;
        if appender.buffer.capacity() > 16 << 20 {
            appender.buffer = Vec::new();
        }
        Ok(place)
    }

    fn read(&self, place: Place, length: usize) -> Result<Vec<u8>, Error> {
        let file = self.inner.read_segments().get(&place.segment()).map(|known| known.file.clone());
        let file = file.ok_or_else(|| gone(place))?;
        file.read(place.offset().into(), length).map_err(file.reading())
    }

    fn frames(&self, from: u64, visit: &mut dyn FnMut(Frame<'_>) -> Result<(), Error>) -> Result<(), Error> {
        let end = self.next_seq();
        let known: Vec<Known> = self.inner.read_segments().values().cloned().collect();
        let starts_at_or_before = |known: &&Known| known.first_seq.is_some_and(|seq| seq <= from);
        let first = known.iter().rfind(starts_at_or_before).map_or(0, |known| known.file.number);
        let mut next = from;
        // Where frames end and something else than zeros follows. It carries nothing, unless a frame is missing.
        let mut left_over = None;
        let relevant = known.iter().filter(|known| known.first_seq.is_some() && known.file.number >= first);
        for Known { file, .. } in relevant {
            if next >= end {
                break;
            }
            let bytes = file.read_all()?;
            let mut offset = segment::HEADER_BYTES;
            while let Some(found) = frame::decode(self.inner.salt, &bytes, offset) {
                offset = found.end();
                if found.seq < from || found.seq >= end {
                    continue;
                }
                if found.seq != next {
                    return Err(left_over.unwrap_or_else(|| missing(next, found.seq.max(next + 1))));
                }
                next += 1;
                let place = Place::new(file.number, found.offset as u32);
                let body = &bytes[found.offset..found.end()];
                visit(Frame { epoch: found.epoch, seq: found.seq, place, body })?;
            }
            let is_marked = frame::marked(self.inner.salt, &bytes, offset).is_some();
            if !is_marked && bytes[offset..].iter().take(frame::HEADER_BYTES).any(|&byte| byte != 0) {
                let detail = "the frame there has a wrong checksum";
                left_over = Some(Error::corrupt(&file.path, offset as u64, detail));
            }
        }
        if next < end { Err(left_over.unwrap_or_else(|| missing(next, end))) } else { Ok(()) }
    }

    fn put_snapshot(&self, seq: u64, write: WriteSnapshot<'_>) -> Result<u64, Error> {
        let folder = &self.inner.folder;
        let bytes = snapshot_files::write(folder, seq, write)
            .map_err(Error::io(|| format!("writing a snapshot in {}", folder.display())))?;
        let mut snapshots = self.inner.snapshots();
        snapshots.retain(|&kept| kept != seq);
        snapshots.push(seq);
        while snapshots.len() > 2 {
            let old = snapshots.remove(0);
            remove_file(&snapshot_files::path(folder, old))?;
        }
        Ok(bytes)
    }

    fn snapshot(&self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        let mut snapshots = self.inner.snapshots();
        while let Some(&seq) = snapshots.last() {
            let path = snapshot_files::path(&self.inner.folder, seq);
            if let Some(bytes) = snapshot_files::read(&path)? {
                return Ok(Some((seq, bytes)));
            }
            tracing::error!(path = %path.display(), "this snapshot is damaged; trying the one before it");
            snapshots.pop();
        }
        Ok(None)
    }

    fn snapshot_sizes(&self) -> Vec<u64> {
        let kept = self.inner.snapshots().clone();
        let size = |seq: &u64| fs::metadata(snapshot_files::path(&self.inner.folder, *seq)).ok();
        kept.iter().filter_map(size).map(|file| file.len()).collect()
    }

    fn covered(&self) -> u64 {
        let snapshots = self.inner.snapshots();
        if snapshots.len() < 2 { 1 } else { snapshots[0] }
    }

    fn segments(&self) -> Vec<Segment> {
        let active = self.inner.appender().file.number;
        let known: Vec<Known> = self.inner.read_segments().values().cloned().collect();
        let segment = |(at, Known { file, .. }): (usize, &Known)| Segment {
            number: file.number,
            bytes: file.bytes().unwrap_or(0),
            ends_before: (file.number != active)
                .then(|| known[at + 1..].iter().find_map(|later| later.first_seq))
                .flatten(),
        };
        known.iter().enumerate().map(segment).collect()
    }

    fn drop_segment(&self, number: u32) -> Result<(), Error> {
        assert!(self.inner.appender().file.number != number, "the last segment is appended to");
        let Some(known) = self.inner.write_segments().remove(&number) else { return Ok(()) };
        remove_file(&known.file.path)
    }

    fn is_short_of_room(&self) -> bool {
        self.inner.short_of_room.load(Ordering::Relaxed)
    }
}

impl Inner {
    /// The background thread: makes the next segment as soon as there is none.
    fn prepare_segments(&self) {
        /// How long to wait before asking a full disk again.
        const PATIENCE: Duration = Duration::from_millis(500);
        let mut spare = self.spare();
        loop {
            let number = match *spare {
                Spare::Closing => return,
                Spare::Ready(_) => {
                    spare = self.spare_changed.wait(spare).expect("no holder of this lock panics");
                    continue;
                }
                Spare::Failed(number, _) => {
                    let waited = self.spare_changed.wait_timeout(spare, PATIENCE);
                    spare = waited.expect("no holder of this lock panics").0;
                    if matches!(*spare, Spare::Failed(..)) {
                        *spare = Spare::Wanted(number);
                    }
                    continue;
                }
                Spare::Wanted(number) => number,
            };
            drop(spare);
            let created = SegmentFile::create(
                &self.folder,
                number,
                self.salt,
                segment_size(self.held(), self.segment_bytes),
            );
            spare = self.spare();
            let short = created.as_ref().is_err_and(is_no_room);
            if self.short_of_room.swap(short, Ordering::Relaxed) != short {
                let state = if short {
                    "the disk has no room for another segment"
                } else {
                    "the disk has room again"
                };
                tracing::warn!(folder = %self.folder.display(), "{state}");
            }
            if matches!(*spare, Spare::Wanted(_)) {
                *spare = match created {
                    Ok(file) => Spare::Ready(file),
                    Err(error) => Spare::Failed(number, error),
                };
            }
            self.spare_changed.notify_all();
        }
    }

    /// Bytes of all segments that have frames. Asks the file system, once for each segment that is made.
    fn held(&self) -> u64 {
        let known: Vec<Known> = self.read_segments().values().cloned().collect();
        known.iter().map(|known| known.file.bytes().unwrap_or(0)).sum()
    }

    /// The next segment, waiting for it if it is still being made.
    fn take_spare(&self) -> Result<SegmentFile, AppendError> {
        let mut spare = self.spare();
        while let Spare::Wanted(_) = *spare {
            spare = self.spare_changed.wait(spare).expect("no holder of this lock panics");
        }
        let number = match &*spare {
            Spare::Ready(file) => file.number + 1,
            Spare::Failed(number, _) => *number,
            Spare::Wanted(_) | Spare::Closing => unreachable!("appending ends before the log is closed"),
        };
        let taken = std::mem::replace(&mut *spare, Spare::Wanted(number));
        self.spare_changed.notify_all();
        match taken {
            Spare::Ready(file) => Ok(file),
            Spare::Failed(_, error) if is_no_room(&error) => Err(AppendError::NoRoom(error)),
            Spare::Failed(_, source) => {
                let action = format!("making a segment in {}", self.folder.display());
                Err(AppendError::Failed(Error::Io { action, source }))
            }
            Spare::Wanted(_) | Spare::Closing => unreachable!("seen above"),
        }
    }

    fn failed(&self, verb: &str, file: &SegmentFile, source: io::Error) -> AppendError {
        AppendError::Failed(Error::Io { action: format!("{verb} {}", file.path.display()), source })
    }

    fn appender(&self) -> MutexGuard<'_, Appender> {
        self.appender.lock().expect("no holder of this lock panics")
    }

    fn spare(&self) -> MutexGuard<'_, Spare> {
        self.spare.lock().expect("no holder of this lock panics")
    }

    fn snapshots(&self) -> MutexGuard<'_, Vec<u64>> {
        self.snapshots.lock().expect("no holder of this lock panics")
    }

    fn read_segments(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<u32, Known>> {
        self.segments.read().expect("no holder of this lock panics")
    }

    fn write_segments(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<u32, Known>> {
        self.segments.write().expect("no holder of this lock panics")
    }
}

/// Removes segments without frames that are of an older format: such ones are made again.
fn remove_outdated(spares: &mut BTreeMap<u32, SegmentFile>) -> Result<(), Error> {
    for (_, spare) in spares.extract_if(.., |_, spare| !spare.is_current) {
        remove_file(&spare.path)?;
    }
    Ok(())
}

fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(Error::io(|| format!("opening {}", path.display())))?;
    match patiently(|| file.try_lock()) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(folder.to_owned())),
        Err(TryLockError::Error(source)) => {
            Err(Error::Io { action: format!("locking {}", path.display()), source })
        }
    }
}

/// Tries to take a lock for a moment. A process that is killed while it starts a child may leave the
/// lock to that child until it runs its own program; whoever is started next must not be refused for it.
pub(super) fn patiently(lock: impl Fn() -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    const PATIENCE: Duration = Duration::from_secs(2);
    const PAUSE: Duration = Duration::from_millis(10);
    let began = Instant::now();
    loop {
        match lock() {
            Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => thread::sleep(PAUSE),
            done => return done,
        }
    }
}

pub(super) fn remove_file(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::Io { action: format!("removing {}", path.display()), source: error })
        }
        _ => Ok(()),
    }
}
