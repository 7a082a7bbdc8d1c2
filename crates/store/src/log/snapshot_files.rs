//! Snapshots as files: written beside, synced, renamed; read back only if their checksum is right.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::WriteSnapshot;
use super::segment::{FORMAT, check_format, sync_folder};
use crate::store::Error;

const MAGIC: &[u8; 8] = b"stepsnap";

/// The last bytes of the file: magic, format, checksum of everything before.
const TRAILER_BYTES: usize = 16;

/// Writes a snapshot durably under its name; its size.
pub(super) fn write(folder: &Path, seq: u64, write: WriteSnapshot<'_>) -> io::Result<u64> {
    let path = folder.join(file_name(seq));
    let unfinished = path.with_extension("new");
    let written = write_file(&unfinished, write).and_then(|bytes| {
        fs::rename(&unfinished, &path)?;
        sync_folder(folder)?;
        Ok(bytes)
    });
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written
}

fn write_file(path: &Path, write: WriteSnapshot<'_>) -> io::Result<u64> {
    let mut out = Summing { inner: BufWriter::with_capacity(1 << 18, File::create(path)?), crc: 0, bytes: 0 };
    write(&mut out)?;
    out.write_all(MAGIC)?;
    out.write_all(&FORMAT.to_le_bytes())?;
    let (crc, bytes) = (out.crc, out.bytes);
    out.inner.write_all(&crc.to_le_bytes())?;
    let file = out.inner.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(bytes + 4)
}

/// A snapshot's bytes; `None` if it is not what was written.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let mut bytes = fs::read(path).map_err(Error::io(|| format!("reading {}", path.display())))?;
    let Some(split) = bytes.len().checked_sub(TRAILER_BYTES) else { return Ok(None) };
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
    let (format, crc) = (u32_at(split + 8), u32_at(split + 12));
    if &bytes[split..split + 8] != MAGIC || crc32c::crc32c(&bytes[..split + 12]) != crc {
        return Ok(None);
    }
    check_format(format, || path.display().to_string())?;
    bytes.truncate(split);
    Ok(Some(bytes))
}

/// A snapshot's `seq`, if this is the name of one.
pub(super) fn seq_of(file_name: &str) -> Option<u64> {
    let digits = file_name.strip_prefix("snapshot-")?.strip_suffix(".dat")?;
    (digits.len() == 20).then(|| digits.parse().ok()).flatten()
}

pub(super) fn path(folder: &Path, seq: u64) -> PathBuf {
    folder.join(file_name(seq))
}

fn file_name(seq: u64) -> String {
    format!("snapshot-{seq:020}.dat")
}

struct Summing {
    inner: BufWriter<File>,
    crc: u32,
    bytes: u64,
}

impl Write for Summing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.crc = crc32c::crc32c_append(self.crc, &bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
