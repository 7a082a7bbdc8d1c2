//! Copies a data folder to another one, while a server appends to it or not.
//!
//! What is copied is what a power cut at one moment would have left, and that moment is not before
//! the copying began. Never here: a lock on the source, a change to it.
//!
//! # Why a copy is whole
//!
//! A copy consists of snapshots and of the log's frames up to some frame E. It is whole if
//!
//! 1. everything that was acknowledged before the copying began is in it,
//! 2. between a snapshot's first frame and E no frame is missing,
//! 3. what a snapshot shows beyond its first frame comes from frames up to E (a snapshot is written
//!    while commits go on, and shows more than the frames before its number),
//! 4. every record that an execution has as of E is in it.
//!
//! One round of copying lists the snapshots and opens them, then lists the segments, and sees that the
//! snapshots are still there. Then it reads the segments, **the last one first**.
//!
//! - A segment that has a frame when it is read makes all before it complete: frames go to the next
//!   segment only when the one before is full and synced. So reading backwards leaves no hole, and E is
//!   the last frame that was met first. It is read after the listing, hence (1), and after the snapshots
//!   were finished, hence (3): what they show was on disk when they got their names.
//! - A segment is dropped when no execution has a record in it any more and the older one of the two
//!   snapshots that are kept shows what its frames say. One that was dropped before the segments were
//!   listed held nothing that the state at E needs, because E is later: (4). It held no frame behind a
//!   snapshot of ours, because ours were still kept after the listing: (2).
//! - One that is dropped between listing and reading may have been needed as of E, if its last record
//!   was moved behind E. So when a file is gone, there is another round, which sees the moved record.
//!   Segments that were complete do not change any more and are not read again, so a round that
//!   follows is short, and something is gone again only if the log turns over within milliseconds.
//!
//! A frame that is being written while it is read has a wrong checksum: the copy ends before it. With a
//! whole frame behind it, it was finished meanwhile: it is read again, and if it still cannot be read,
//! it is damaged and there is no copy.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::log::look::{self, HEADER_BYTES, Listing, Piece, Walk};
use crate::store::Error;
use crate::verify::{self, Damage, Report};

/// How often a round may find that a file is gone before we give up: each round after the first one
/// takes milliseconds, and segments and snapshots are not replaced that fast for long.
const ROUNDS_MAX: u32 = 100;

/// A copy that was made.
#[derive(Debug)]
pub struct Copied {
    /// What is in it: it was verified.
    pub report: Report,
    /// How many bytes it takes up.
    pub bytes: u64,
}

/// A folder in a data folder that has a log of its own, with other contents, or something else.
pub struct Part<'a> {
    /// Its name in the data folder.
    pub folder: &'a str,
    /// How it is copied, if it is no log as ours: from where and to where; how many bytes.
    pub copy: Option<&'a CopyFolder>,
    /// Reads a copy from end to end; what is damaged in it.
    pub verify: &'a dyn Fn(&Path) -> Result<Vec<Damage>, Error>,
}

/// Copies a folder into another one.
pub type CopyFolder = dyn Fn(&Path, &Path) -> Result<u64, Error>;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The source or the destination refused.
    #[error(transparent)]
    Store(#[from] Error),
    /// The destination holds something already.
    #[error("{0} is not empty")]
    NotEmpty(PathBuf),
    /// The folder in which the destination would be is not there.
    #[error("there is no folder {0}")]
    NoParent(PathBuf),
    /// One is inside of the other.
    #[error("{to} is inside of {from}")]
    Inside {
        /// What is copied.
        from: PathBuf,
        /// Where to.
        to: PathBuf,
    },
    /// What was copied is damaged, so it was removed again.
    #[error("what was copied is damaged")]
    Damaged(Box<Report>),
    /// Files went as fast as they were copied.
    #[error("{0} changed faster than it could be copied, {ROUNDS_MAX} times")]
    TooFast(PathBuf),
}

/// Copies the data in `from` to `to`, which is new or empty, and verifies the copy. It is made under
/// another name beside it, so that half of one is never taken for a whole one. `progress` is told the
/// bytes that are done and those that there are.
///
/// `others` are files beside the log that are only ever replaced as a whole. Those that are there are copied,
/// in this order, after the log; then the `parts` that are there, each as of a moment of its own.
pub fn copy(
    from: &Path,
    to: &Path,
    others: &[&str],
    parts: &[Part<'_>],
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Copied, CopyError> {
    look::list(from)?;
    // What is there already may be known by another name, and that one must not be replaced.
    let to = &to.canonicalize().unwrap_or_else(|_| to.to_owned());
    let unfinished = Unfinished::begin(from, to)?;
    let mut copying = Copying::new(from, &unfinished.path, progress);
    copying.copy_log()?;
    for name in others {
        copying.copy_other(&from.join(name))?;
    }
    let mut report = verify::look_through(&unfinished.path, &mut |_, _| {})?;
    for part in parts {
        copy_part(part, from, &unfinished.path, &mut report, progress)?;
    }
    if !report.is_sound() {
        return Err(CopyError::Damaged(Box::new(report)));
    }
    unfinished.finish(to)?;
    Ok(Copied { bytes: report.bytes, report })
}

/// Copies a part, if it is there, and adds what is damaged in it to the report.
fn copy_part(
    part: &Part<'_>,
    from: &Path,
    to: &Path,
    report: &mut Report,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), CopyError> {
    let (from, to) = (from.join(part.folder), to.join(part.folder));
    if !from.is_dir() {
        return Ok(());
    }
    let making = || Error::io(|| format!("making {}", to.display()));
    fs::create_dir(&to).map_err(making())?;
    let mode = fs::metadata(&from).map_err(reading(&from))?.mode() & 0o7777;
    fs::set_permissions(&to, fs::Permissions::from_mode(mode | 0o700)).map_err(making())?;
    report.bytes += match part.copy {
        Some(copy) => copy(&from, &to)?,
        None => {
            let mut copying = Copying::new(&from, &to, progress);
            copying.copy_log()?;
            copying.copied
        }
    };
    sync_folder(&to).map_err(making())?;
    let damages = (part.verify)(&to)?;
    report.damage_count += damages.len();
    report.damages.extend(damages);
    Ok(())
}

struct Copying<'a> {
    from: &'a Path,
    to: &'a Path,
    /// What was copied, and whether it is complete.
    done: BTreeMap<PathBuf, bool>,
    copied: u64,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

/// A file of the source that was listed and is not there any more.
struct Gone;

impl<'a> Copying<'a> {
    fn new(from: &'a Path, to: &'a Path, progress: &'a mut dyn FnMut(u64, u64)) -> Copying<'a> {
        Copying { from, to, done: BTreeMap::new(), copied: 0, total: 0, progress }
    }

    /// Copies the log as of one moment.
    fn copy_log(&mut self) -> Result<(), CopyError> {
        let mut rounds = 1;
        while !self.round()? {
            rounds += 1;
            if rounds > ROUNDS_MAX {
                return Err(CopyError::TooFast(self.from.to_owned()));
            }
        }
        Ok(())
    }

    /// Copies what is there and not yet copied; `false` if something went while it was looked at.
    fn round(&mut self) -> Result<bool, Error> {
        let snapshots = look::list(self.from)?.snapshots;
        let mut opened = Vec::new();
        for path in snapshots.values() {
            match open(path)? {
                Ok(file) => opened.push((path, file)),
                Err(Gone) => return Ok(false),
            }
        }
        let segments = look::list(self.from)?.segments;
        for path in snapshots.values() {
            if !path.try_exists().map_err(reading(path))? {
                return Ok(false);
            }
        }
        let listing = Listing { segments, snapshots: snapshots.clone() };
        self.total = self.copied + self.left(&listing);
        self.remove_others(&listing)?;
        for (path, file) in opened {
            self.copy_snapshot(path, file)?;
        }
        let mut is_complete = false;
        let mut all_there = true;
        for (&number, path) in listing.segments.iter().rev() {
            match self.copy_segment(number, path, is_complete)? {
                Ok(has_frames) => is_complete |= has_frames,
                Err(Gone) => all_there = false,
            }
        }
        if !is_complete && let Some((&number, path)) = listing.segments.first_key_value() {
            // Nothing was ever written to it. Its first header says at least that.
            all_there &= self.copy_header(number, path)?.is_ok();
        }
        Ok(all_there)
    }

    fn copy_snapshot(&mut self, path: &Path, mut file: File) -> Result<(), Error> {
        if self.is_done(path) {
            return Ok(());
        }
        // Under its name a snapshot is complete, and never changed.
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(reading(path))?;
        self.put(path, &[&bytes])?;
        self.done.insert(path.to_owned(), true);
        self.advance(bytes.len());
        Ok(())
    }

    /// Copies a segment's frames; whether it has some. `is_complete`: there are frames behind it.
    fn copy_segment(
        &mut self,
        number: u32,
        path: &Path,
        is_complete: bool,
    ) -> Result<Result<bool, Gone>, Error> {
        if self.is_done(path) {
            return Ok(Ok(true));
        }
        let Ok(file) = open(path)? else { return Ok(Err(Gone)) };
        let mut bytes = read_from(&file, path, 0)?;
        let size = bytes.len();
        let salt = look::salt(path, number, &bytes)?;
        let mut damaged_before = None;
        let (end, last) = loop {
            let (mut walk, mut last) = (Walk::new(salt, number, &bytes, 0, 0), None);
            let end = loop {
                match walk.step() {
                    Piece::Frame(frame) => last = Some((frame.epoch, frame.seq)),
                    Piece::Damage { offset, detail } => break Err((offset, detail)),
                    Piece::End { offset, left_over } if is_complete && left_over > 0 && last.is_none() => {
                        break Err((offset, "the frame there has a wrong checksum".to_owned()));
                    }
                    Piece::End { offset, .. } => break Ok(offset),
                }
            };
            match end {
                Ok(end) => break (end, last),
                // What is behind it was written later, so this frame is finished by now, if it was only that.
                Err((offset, _)) if !is_complete && damaged_before != Some(offset) => {
                    damaged_before = Some(offset);
                    bytes.truncate(offset);
                    let rest = read_from(&file, path, offset as u64)?;
                    bytes.extend(rest);
                }
                Err((offset, detail)) => return Err(Error::corrupt(path, offset as u64, &detail)),
            }
        };
        if let Some((epoch, seq)) = last {
            // It is synced here, so here it has its mark.
            self.put(path, &[&bytes[..end], &look::mark(salt, epoch, seq)])?;
            self.done.insert(path.to_owned(), is_complete);
        }
        self.advance(size);
        Ok(Ok(last.is_some()))
    }

    fn copy_header(&mut self, number: u32, path: &Path) -> Result<Result<(), Gone>, Error> {
        let Ok(file) = open(path)? else { return Ok(Err(Gone)) };
        let bytes = read_from(&file, path, 0)?;
        look::salt(path, number, &bytes)?;
        self.put(path, &[&bytes[..HEADER_BYTES]])?;
        self.done.insert(path.to_owned(), false);
        Ok(Ok(()))
    }

    /// Copies a file beside the log, with who may read it.
    fn copy_other(&self, path: &Path) -> Result<(), Error> {
        let copy = self.copy_of(path);
        let Ok(file) = open(path)? else {
            // There may be one of a copy that did not end.
            return match fs::remove_file(&copy) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(reading(&copy)(error)),
                _ => Ok(()),
            };
        };
        let mode = file.metadata().map_err(reading(path))?.mode() & 0o777;
        let bytes = read_from(&file, path, 0)?;
        let write = || {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&copy)?;
            // One that is there already may be open to others.
            file.set_permissions(fs::Permissions::from_mode(mode))?;
            file.write_all(&bytes)?;
            file.sync_all()
        };
        write().map_err(Error::io(|| format!("writing {}", copy.display())))
    }

    /// Removes from the copy what the source has no longer.
    fn remove_others(&mut self, listing: &Listing) -> Result<(), Error> {
        let is_there = |path: &PathBuf| {
            listing.segments.values().any(|segment| segment == path)
                || listing.snapshots.values().any(|snapshot| snapshot == path)
        };
        let others: Vec<PathBuf> = self.done.keys().filter(|path| !is_there(path)).cloned().collect();
        for path in others {
            let copy = self.copy_of(&path);
            fs::remove_file(&copy).map_err(Error::io(|| format!("removing {}", copy.display())))?;
            self.done.remove(&path);
        }
        Ok(())
    }

    /// Writes a file of the copy, durably.
    fn put(&self, path: &Path, parts: &[&[u8]]) -> Result<(), Error> {
        let copy = self.copy_of(path);
        let write = || {
            let mut file = File::create(&copy)?;
            parts.iter().try_for_each(|part| file.write_all(part))?;
            file.sync_all()
        };
        write().map_err(Error::io(|| format!("writing {}", copy.display())))
    }

    fn copy_of(&self, path: &Path) -> PathBuf {
        self.to.join(path.file_name().expect("a listed file has a name"))
    }

    /// How many bytes are listed and not yet copied.
    fn left(&self, listing: &Listing) -> u64 {
        let files = listing.segments.values().chain(listing.snapshots.values());
        let left = files.filter(|path| !self.is_done(path));
        left.map(|path| fs::metadata(path).map_or(0, |metadata| metadata.len())).sum()
    }

    fn is_done(&self, path: &Path) -> bool {
        self.done.get(path) == Some(&true)
    }

    fn advance(&mut self, bytes: usize) {
        self.copied += bytes as u64;
        (self.progress)(self.copied, self.total);
    }
}

/// A copy that is being made. It goes away unless it is finished.
struct Unfinished {
    path: PathBuf,
    is_finished: bool,
    /// Keeps other copies to the same place out, and servers.
    _lock: File,
}

impl Unfinished {
    fn begin(from: &Path, to: &Path) -> Result<Unfinished, CopyError> {
        let name = to.file_name().ok_or_else(|| CopyError::NoParent(to.to_owned()))?;
        let parent = parent(to);
        if !parent.is_dir() {
            return Err(CopyError::NoParent(parent.to_owned()));
        }
        let whole = |path: &Path| path.canonicalize().map_err(reading(path));
        if whole(parent)?.join(name).starts_with(whole(from)?) {
            return Err(CopyError::Inside { from: from.to_owned(), to: to.to_owned() });
        }
        match fs::read_dir(to) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(CopyError::NotEmpty(to.to_owned()));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(CopyError::NotEmpty(to.to_owned()));
            }
            Err(error) => return Err(reading(to)(error).into()),
        }
        let mut unfinished = name.to_owned();
        unfinished.push(".unfinished");
        let path = parent.join(unfinished);
        let making = || Error::io(|| format!("making {}", path.display()));
        fs::create_dir_all(&path).map_err(making())?;
        // Who may not look into the source may not look into its copy.
        let mode = fs::metadata(from).map_err(reading(from))?.mode() & 0o7777;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode | 0o700)).map_err(making())?;
        let lock = File::create(path.join("lock")).map_err(making())?;
        if lock.try_lock().is_err() {
            return Err(Error::Locked(path).into());
        }
        // What a copy left that did not end.
        for entry in fs::read_dir(&path).map_err(making())? {
            let path = entry.map_err(making())?.path();
            match path.is_dir() {
                true => fs::remove_dir_all(&path).map_err(making())?,
                // The lock is ours.
                false if path.ends_with("lock") => {}
                false => fs::remove_file(&path).map_err(making())?,
            }
        }
        Ok(Unfinished { path, is_finished: false, _lock: lock })
    }

    fn finish(mut self, to: &Path) -> Result<(), Error> {
        let finishing = || Error::io(|| format!("renaming {} to {}", self.path.display(), to.display()));
        adopt(&self.path, to).map_err(finishing())?;
        sync_folder(&self.path).map_err(finishing())?;
        fs::rename(&self.path, to).map_err(finishing())?;
        sync_folder(parent(to)).map_err(finishing())?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// An empty folder that is there already may have been made for another user: what takes its place is that user's.
fn adopt(copy: &Path, to: &Path) -> io::Result<()> {
    let Ok(there) = fs::metadata(to) else { return Ok(()) };
    let ours = fs::metadata(copy)?;
    fs::set_permissions(copy, fs::Permissions::from_mode(there.mode() & 0o7777))?;
    if (ours.uid(), ours.gid()) == (there.uid(), there.gid()) {
        return Ok(());
    }
    give(copy, there.uid(), there.gid())
}

/// Gives a folder and all that is in it to a user.
fn give(folder: &Path, user: u32, group: u32) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => give(&path, user, group)?,
            false => std::os::unix::fs::chown(path, Some(user), Some(group))?,
        }
    }
    std::os::unix::fs::chown(folder, Some(user), Some(group))
}

fn open(path: &Path) -> Result<Result<File, Gone>, Error> {
    match File::open(path) {
        Ok(file) => Ok(Ok(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Err(Gone)),
        Err(error) => Err(reading(path)(error)),
    }
}

fn read_from(file: &File, path: &Path, offset: u64) -> Result<Vec<u8>, Error> {
    use std::io::Seek;
    let mut bytes = Vec::new();
    let mut reader = file;
    reader.seek(io::SeekFrom::Start(offset)).map_err(reading(path))?;
    reader.read_to_end(&mut bytes).map_err(reading(path))?;
    Ok(bytes)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn reading(path: &Path) -> impl FnOnce(io::Error) -> Error + use<'_> {
    Error::io(move || format!("reading {}", path.display()))
}
