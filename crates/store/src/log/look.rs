//! A log's folder as somebody finds it who does not own it: nothing is changed, cut off or removed.
//!
//! Verifying and copying look at a log this way, the second while its owner appends to it.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::disk::patiently;
use super::frame::{self, Found, Later};
use super::segment::{self, SegmentFile};
use super::{AppendError, Frame, Log, Place, Segment, WriteSnapshot, scan, snapshot_files};
use crate::store::Error;

/// Which files of a log there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// By number.
    pub segments: BTreeMap<u32, PathBuf>,
    /// By the number of the first frame that is not in them.
    pub snapshots: BTreeMap<u64, PathBuf>,
}

/// Lists a folder. A folder without a segment or a snapshot is not a log's.
pub fn list(folder: &Path) -> Result<Listing, Error> {
    let reading = || Error::io(|| format!("reading the folder {}", folder.display()));
    let mut listing = Listing::default();
    for entry in fs::read_dir(folder).map_err(reading())? {
        let path = entry.map_err(reading())?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if let Some(number) = segment::number_of(name) {
            listing.segments.insert(number, path);
        } else if let Some(seq) = snapshot_files::seq_of(name) {
            listing.snapshots.insert(seq, path);
        }
    }
    if listing.segments.is_empty() && listing.snapshots.is_empty() {
        return Err(Error::NoData(folder.to_owned()));
    }
    Ok(listing)
}

/// Keeps owners out as long as the answer lives, and not others who look. A folder that nobody has
/// opened yet, such as a backup, has no lock to hold.
pub fn hold(folder: &Path) -> Result<Option<File>, Error> {
    let path = folder.join("lock");
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::Io { action: format!("opening {}", path.display()), source }),
    };
    match patiently(|| file.try_lock_shared()) {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(folder.to_owned())),
        Err(TryLockError::Error(source)) => {
            Err(Error::Io { action: format!("locking {}", path.display()), source })
        }
    }
}

/// The salt of the log in a segment's first bytes, if they are what that segment begins with.
pub fn salt(path: &Path, number: u32, bytes: &[u8]) -> Result<u64, Error> {
    segment::check_header(path, number, bytes)
}

/// The bytes of a whole snapshot; `None` if they are not what was written.
pub fn read_snapshot(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    snapshot_files::read(path)
}

/// Where a segment's first frame begins.
pub const HEADER_BYTES: usize = segment::HEADER_BYTES;

const FRAME_HEADER_BYTES: usize = frame::HEADER_BYTES;

/// The bytes that say behind a last frame that it is durable.
pub fn mark(salt: u64, epoch: u64, seq: u64) -> [u8; FRAME_HEADER_BYTES] {
    frame::mark(salt, epoch, seq)
}

/// What is met on the way through a segment's bytes.
pub enum Piece<'a> {
    /// A frame, verified.
    Frame(Frame<'a>),
    /// A frame was here and cannot be read any more.
    Damage {
        /// Where it began.
        offset: usize,
        /// What is wrong.
        detail: String,
    },
    /// No frame begins here.
    End {
        /// Where the last one ended.
        offset: usize,
        /// How many bytes behind it are something else than a mark and zeros, up to the last such one.
        left_over: usize,
    },
}

/// A way through a segment's bytes, from frame to frame.
pub struct Walk<'a> {
    salt: u64,
    number: u32,
    bytes: &'a [u8],
    offset: usize,
    epoch: u64,
    seq: u64,
}

impl<'a> Walk<'a> {
    /// `epoch` and `seq` are those of the last frame before this segment.
    pub fn new(salt: u64, number: u32, bytes: &'a [u8], epoch: u64, seq: u64) -> Walk<'a> {
        Walk { salt, number, bytes, offset: HEADER_BYTES.min(bytes.len()), epoch, seq }
    }

    /// The next piece. After an end there is nothing more.
    pub fn step(&mut self) -> Piece<'a> {
        let found = frame::decode(self.salt, self.bytes, self.offset).filter(|found| self.is_next(found));
        if let Some(found) = found {
            (self.epoch, self.seq, self.offset) = (found.epoch, found.seq, found.end());
            let place = Place::new(self.number, found.offset as u32);
            let body = &self.bytes[found.offset..found.end()];
            return Piece::Frame(Frame { epoch: found.epoch, seq: found.seq, place, body });
        }
        let offset = self.offset;
        if let Some(later) = frame::find_later(self.salt, self.bytes, offset, self.epoch, self.seq) {
            match later {
                Later::Frame(found) => {
                    (self.seq, self.offset) = (found.seq - 1, found.offset - FRAME_HEADER_BYTES)
                }
                Later::Mark { offset, epoch, seq } => {
                    (self.epoch, self.seq, self.offset) = (epoch, seq, offset)
                }
            }
            return Piece::Damage { offset, detail: scan::damage(later) };
        }
        let is_marked = frame::marked(self.salt, self.bytes, offset) == Some((self.epoch, self.seq));
        let from = if is_marked { offset + FRAME_HEADER_BYTES } else { offset };
        let last = self.bytes[from..].iter().rposition(|&byte| byte != 0);
        Piece::End { offset, left_over: last.map_or(0, |last| from + last + 1 - offset) }
    }

    /// Epoch and number of the last frame up to here; behind damage, of the one that must have been before
    /// what follows.
    pub fn reached(&self) -> (u64, u64) {
        (self.epoch, self.seq)
    }

    fn is_next(&self, found: &Found) -> bool {
        let begins_segment = self.offset == HEADER_BYTES;
        found.epoch >= self.epoch && (found.seq == self.seq + 1 || begins_segment && found.seq > self.seq)
    }
}

/// A log that is read record by record, and nothing else.
pub struct Records(BTreeMap<u32, SegmentFile>);

impl Records {
    /// Opens the segments that can be opened; a record in another one is an error when it is read.
    pub fn open(listing: &Listing) -> Records {
        let files = listing.segments.iter().filter_map(|(&number, path)| {
            let file = SegmentFile::look(path.clone(), number).ok()?;
            Some((number, file))
        });
        Records(files.collect())
    }
}

impl Log for Records {
    fn read(&self, place: Place, length: usize) -> Result<Vec<u8>, Error> {
        let file = self.0.get(&place.segment()).ok_or_else(|| super::memory::gone(place))?;
        file.read(place.offset().into(), length).map_err(file.reading())
    }

    fn segments(&self) -> Vec<Segment> {
        Vec::new()
    }

    fn next_seq(&self) -> u64 {
        1
    }

    fn covered(&self) -> u64 {
        1
    }

    fn is_short_of_room(&self) -> bool {
        false
    }

    fn acquire(&self) -> Result<u64, Error> {
        Err(only_looked_at())
    }

    fn append(&self, _: u64, _: u64, _: &[u8]) -> Result<Place, AppendError> {
        Err(AppendError::Fenced)
    }

    fn frames(&self, _: u64, _: &mut dyn FnMut(Frame<'_>) -> Result<(), Error>) -> Result<(), Error> {
        Err(only_looked_at())
    }

    fn put_snapshot(&self, _: u64, _: WriteSnapshot<'_>) -> Result<u64, Error> {
        Err(only_looked_at())
    }

    fn snapshot(&self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        Err(only_looked_at())
    }

    fn drop_segment(&self, _: u32) -> Result<(), Error> {
        Err(only_looked_at())
    }
}

fn only_looked_at() -> Error {
    let source = io::ErrorKind::Unsupported.into();
    Error::Io { action: "using a log that is only looked at".to_owned(), source }
}
