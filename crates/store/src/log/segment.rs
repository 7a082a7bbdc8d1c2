//! One file of the log: a header, then frames, then preallocated zeros.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::frame::{self, Found};
use crate::store::Error;

/// Format 6: frames as in `frame.rs`, records as in `wire.rs` and `execution::codec`, snapshots as in
/// `snapshot.rs`. (Format 1 had no standings, format 2 no versions and aliases, format 3 no
/// parents of executions and no test cases, format 4 no redrives, format 5 no Map Runs.)
pub(crate) const FORMAT: u32 = 6;

/// The oldest format that can be read: all that it has can be read as what is in format 6. Nothing is
/// written in it, so that a program that knows no later one refuses the folder instead of misreading it.
pub(crate) const FORMAT_OLDEST: u32 = 2;

/// Refuses what another program has written and this one cannot read.
pub(crate) fn check_format(found: u32, place: impl FnOnce() -> String) -> Result<(), Error> {
    match (FORMAT_OLDEST..=FORMAT).contains(&found) {
        true => Ok(()),
        false => Err(Error::Format { place: place(), found, oldest: FORMAT_OLDEST, newest: FORMAT }),
    }
}

/// Where the first frame begins.
pub(super) const HEADER_BYTES: usize = 32;

const MAGIC: &[u8; 8] = b"stepwell";

/// An open segment file.
#[derive(Debug)]
pub(super) struct SegmentFile {
    pub(super) number: u32,
    pub(super) path: PathBuf,
    /// Whether frames may be appended: it is of the format that is written.
    pub(super) is_current: bool,
    file: File,
}

impl SegmentFile {
    /// Makes a segment of this size, every byte of it written, durable under its name.
    pub(super) fn create(folder: &Path, number: u32, salt: u64, bytes: u64) -> io::Result<SegmentFile> {
        let path = folder.join(file_name(number));
        let unfinished = path.with_extension("new");
        let created = Self::fill(&unfinished, number, salt, bytes).and_then(|file| {
            fs::rename(&unfinished, &path)?;
            sync_folder(folder)?;
            Ok(file)
        });
        match created {
            Ok(file) => Ok(SegmentFile { number, path, is_current: true, file }),
            Err(error) => {
                // What was written of it takes room that others may need.
                let _ = fs::remove_file(&unfinished);
                Err(error)
            }
        }
    }

    /// Written rather than reserved: a sync of bytes that were never written before must also write
    /// the file system's journal, which takes about twice as long.
    fn fill(path: &Path, number: u32, salt: u64, bytes: u64) -> io::Result<File> {
        let mut file =
            fs::OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        file.write_all(&header(number, salt))?;
        const PIECE: usize = 1 << 20;
        let zeros = vec![0; PIECE];
        let mut left = bytes.saturating_sub(HEADER_BYTES as u64);
        while left > 0 {
            let piece = left.min(PIECE as u64) as usize;
            file.write_all(&zeros[..piece])?;
            left -= piece as u64;
            // In pieces, so that a commit's sync does not wait for the whole of it.
            if left.is_multiple_of(8 << 20) {
                file.sync_data()?;
            }
        }
        file.sync_all()?;
        Ok(file)
    }

    /// Opens a segment; its salt comes with it.
    pub(super) fn open(path: PathBuf, number: u32) -> Result<(SegmentFile, u64), Error> {
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(Error::io(|| format!("opening {}", path.display())))?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, 0).map_err(Error::io(|| format!("reading {}", path.display())))?;
        let salt = check_header(&path, number, &header)?;
        let is_current = header[8..12] == FORMAT.to_le_bytes();
        Ok((SegmentFile { number, path, is_current, file }, salt))
    }

    /// Opens a segment for reading only; nothing of it is checked.
    pub(super) fn look(path: PathBuf, number: u32) -> io::Result<SegmentFile> {
        Ok(SegmentFile { number, is_current: false, file: File::open(&path)?, path })
    }

    /// Writes at an offset and waits for the disk.
    pub(super) fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Says behind the frame that ends at `end` that it is durable. Nothing depends on it but how damage
    /// to that frame would be understood, so an error is left for the next frame's write to meet.
    pub(super) fn mark(&self, salt: u64, epoch: u64, seq: u64, end: u64) {
        let _ = self.file.write_all_at(&frame::mark(salt, epoch, seq), end);
    }

    /// Writes again what was read at `begin`, and makes it durable. Zeros follow it at `end`.
    pub(super) fn make_durable(&self, begin: u64, bytes: &[u8], end: u64) -> Result<(), Error> {
        let write = || {
            self.file.write_all_at(bytes, begin)?;
            self.file.write_all_at(&[0; frame::HEADER_BYTES], end)?;
            self.file.sync_all()
        };
        write().map_err(Error::io(|| format!("writing to {}", self.path.display())))
    }

    /// At most `length` bytes from an offset; fewer where the file ends.
    pub(super) fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut read = 0;
        while read < length {
            match self.file.read_at(&mut bytes[read..], offset + read as u64) {
                Ok(0) => break,
                Ok(count) => read += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(read);
        Ok(bytes)
    }

    pub(super) fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// The whole file.
    pub(super) fn read_all(&self) -> Result<Vec<u8>, Error> {
        let length = self.bytes().map_err(self.reading())?;
        self.read(0, length as usize).map_err(self.reading())
    }

    /// Its first frame, verified, if it has one.
    pub(super) fn first_frame(&self, salt: u64) -> Result<Option<Found>, Error> {
        let header = self.read(HEADER_BYTES as u64, frame::HEADER_BYTES).map_err(self.reading())?;
        let Some(length) = header.get(..4) else { return Ok(None) };
        let length = u32::from_le_bytes(length.try_into().expect("4 bytes")) as usize;
        if length == 0 || length > super::BODY_MAX {
            return Ok(None);
        }
        let bytes = self.read(0, HEADER_BYTES + frame::HEADER_BYTES + length).map_err(self.reading())?;
        Ok(frame::decode(salt, &bytes, HEADER_BYTES))
    }

    /// Makes everything from `offset` on zeros again.
    pub(super) fn clear_from(&self, offset: u64) -> Result<(), Error> {
        let clear = || {
            let bytes = self.bytes()?;
            self.file.set_len(offset)?;
            let zeros = vec![0; 1 << 20];
            let mut at = offset;
            while at < bytes {
                let piece = (bytes - at).min(zeros.len() as u64) as usize;
                self.file.write_all_at(&zeros[..piece], at)?;
                at += piece as u64;
            }
            self.file.sync_all()
        };
        clear().map_err(Error::io(|| format!("clearing the end of {}", self.path.display())))
    }

    pub(super) fn reading(&self) -> impl FnOnce(io::Error) -> Error + use<'_> {
        Error::io(move || format!("reading {}", self.path.display()))
    }
}

/// A segment's number, if this is the name of one.
pub(super) fn number_of(file_name: &str) -> Option<u32> {
    let digits = file_name.strip_prefix("segment-")?.strip_suffix(".log")?;
    (digits.len() >= 8).then(|| digits.parse().ok()).flatten()
}

fn file_name(number: u32) -> String {
    format!("segment-{number:08}.log")
}

fn header(number: u32, salt: u64) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    header[12..16].copy_from_slice(&number.to_le_bytes());
    header[16..24].copy_from_slice(&salt.to_le_bytes());
    let crc = crc32c::crc32c(&header[..28]);
    header[28..].copy_from_slice(&crc.to_le_bytes());
    header
}

/// The salt in a segment's first bytes, if they are what that segment begins with.
pub(super) fn check_header(path: &Path, number: u32, bytes: &[u8]) -> Result<u64, Error> {
    let corrupt = |detail: &str| Error::corrupt(path, 0, detail);
    let Some(header) = bytes.get(..HEADER_BYTES) else { return Err(corrupt("its header is cut off")) };
    if &header[..8] != MAGIC {
        return Err(corrupt("it does not begin as a segment of the log does"));
    }
    let u32_at = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("4 bytes"));
    if crc32c::crc32c(&header[..28]) != u32_at(28) {
        return Err(corrupt("its header has a wrong checksum"));
    }
    check_format(u32_at(8), || path.display().to_string())?;
    if u32_at(12) != number {
        return Err(corrupt(&format!("it is segment {} by its header", u32_at(12))));
    }
    Ok(u64::from_le_bytes(header[16..24].try_into().expect("8 bytes")))
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
