//! Reads a ledger's folder from end to end and names what is damaged. Changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use store::Error;
use store::log::look::{self, Listing, Piece, Records, Walk};
use store::log::{Frame, Log};
use store::verify::Damage;

use crate::entry;
use crate::index::{At, Index};
use crate::snapshot;

/// How many damages are named. Whoever has more needs a backup and no list.
const NAMED_MAX: usize = 100;

/// What was read, and what of it is damaged.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Keys that are kept.
    pub keys: usize,
    /// Frames that are whole.
    pub frames: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// What is damaged, at most a hundred of it.
    pub damages: Vec<Damage>,
    /// How many damages there are.
    pub damage_count: usize,
}

impl Report {
    /// Whether nothing is damaged.
    pub fn is_sound(&self) -> bool {
        self.damage_count == 0
    }
}

/// Reads everything. `progress` is told the bytes that were read and those that there are.
///
/// An error means that the folder could not be judged: it is in use, has no data, or is of another format.
pub fn verify(folder: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Report, Error> {
    let _lock = look::hold(folder)?;
    look_through(folder, progress)
}

/// [`verify`] for a folder that the caller keeps owners out of, such as a copy that is being made.
pub fn look_through(folder: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Report, Error> {
    let listing = look::list(folder)?;
    let mut verifying =
        Verifying { report: Report::default(), index: Index::default(), from: 1, last: (0, 0) };
    verifying.read_snapshots(&listing)?;
    verifying.read_segments(&listing, progress)?;
    verifying.read_values(&listing);
    Ok(verifying.report)
}

struct Verifying {
    report: Report,
    index: Index,
    /// The first frame that a start reads.
    from: u64,
    /// Epoch and number of the last frame that was read.
    last: (u64, u64),
}

const STOPS: &str = "the server does not start with it";
const UNREAD: &str = "a start does not read it; what lies there cannot be read";

impl Verifying {
    /// The newest readable snapshot becomes the index, as at a start.
    fn read_snapshots(&mut self, listing: &Listing) -> Result<(), Error> {
        for (&seq, path) in listing.snapshots.iter().rev() {
            self.report.bytes += fs::metadata(path).map_or(0, |metadata| metadata.len());
            let mut index = Index::default();
            match look::read_snapshot(path)? {
                Some(bytes) if snapshot::read(&bytes, &mut index).is_some() => {
                    (self.index, self.from) = (index, seq);
                    return Ok(());
                }
                Some(_) => self.damage(path, None, "it does not say what a snapshot says", STOPS),
                None => self.damage(path, None, "its checksum is wrong", "a start uses the one before it"),
            }
        }
        Ok(())
    }

    fn read_segments(&mut self, listing: &Listing, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Error> {
        let size = |path: &PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
        let total: u64 = listing.segments.values().map(size).sum();
        let mut read = 0;
        for (&number, path) in &listing.segments {
            progress(read, total);
            let bytes = fs::read(path).map_err(Error::io(|| format!("reading {}", path.display())))?;
            read += bytes.len() as u64;
            self.read_segment(number, path, &bytes)?;
        }
        progress(read, total);
        self.report.bytes += read;
        if self.last.1 + 1 < self.from {
            let detail =
                format!("the log ends with frame {}, a snapshot with {}", self.last.1, self.from - 1);
            let path = listing.snapshots[&self.from].clone();
            self.damage(&path, None, &detail, STOPS);
        }
        Ok(())
    }

    fn read_segment(&mut self, number: u32, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let salt = match look::salt(path, number, bytes) {
            Ok(salt) => salt,
            Err(Error::Corrupt { detail, .. }) => {
                self.damage(path, Some(0), &detail, STOPS);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let mut walk = Walk::new(salt, number, bytes, self.last.0, self.last.1);
        loop {
            match walk.step() {
                Piece::Frame(frame) => {
                    if frame.seq > self.last.1 + 1 && frame.seq > self.from {
                        let detail = format!("frames {} to {} are missing", self.last.1 + 1, frame.seq - 1);
                        self.damage(path, Some(frame.place.offset().into()), &detail, STOPS);
                    }
                    self.last = (frame.epoch, frame.seq);
                    self.read_frame(path, frame);
                }
                Piece::Damage { offset, detail } => {
                    let is_read = self.last.1 + 1 >= self.from;
                    self.last = walk.reached();
                    self.damage(path, Some(offset as u64), &detail, if is_read { STOPS } else { UNREAD });
                }
                // What is left over was never acknowledged; the next start cuts it off.
                Piece::End { .. } => return Ok(()),
            }
        }
    }

    fn read_frame(&mut self, path: &Path, frame: Frame<'_>) {
        self.report.frames += 1;
        let mut offset = 0;
        while offset < frame.body.len() {
            let place = frame.place.plus(offset as u32);
            let Some(entry) = entry::read(&frame.body[offset..]) else {
                let meaning = if frame.seq >= self.from { STOPS } else { UNREAD };
                self.damage(
                    path,
                    Some(place.offset().into()),
                    "the entry there has a wrong checksum",
                    meaning,
                );
                return;
            };
            if frame.seq >= self.from {
                match entry.value {
                    Some(_) => self.index.put(entry.key.into(), At { place, bytes: entry.bytes }),
                    None => self.index.remove(entry.key),
                }
            }
            offset += entry.bytes as usize;
        }
    }

    /// What the index leads to must be there.
    fn read_values(&mut self, listing: &Listing) {
        let records = Records::open(listing);
        let index = std::mem::take(&mut self.index);
        self.report.keys = index.len();
        for (key, at) in index.range(&[], None) {
            let read = records.read(at.place, at.bytes as usize);
            if read.is_ok_and(|bytes| entry::read(&bytes).is_some_and(|entry| entry.key == key)) {
                continue;
            }
            let number = at.place.segment();
            let path = listing.segments.get(&number).cloned();
            let path = path.unwrap_or_else(|| PathBuf::from(format!("segment-{number:08}.log")));
            let detail = "the value of a key is not there";
            self.damage(&path, Some(at.place.offset().into()), detail, "whoever asks for it hears an error");
        }
    }

    fn damage(&mut self, file: &Path, offset: Option<u64>, detail: &str, meaning: &str) {
        self.report.damage_count += 1;
        if self.report.damages.len() < NAMED_MAX {
            self.report.damages.push(Damage {
                file: file.to_owned(),
                offset,
                detail: detail.to_owned(),
                meaning: meaning.to_owned(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;
    use crate::{Batch, Ledger, Settings, Space};

    fn filled(folder: &Path) {
        let settings = Settings { data_dir: Some(folder.to_owned()), segment_bytes: 8 << 10 };
        let ledger = Ledger::open(&settings).unwrap();
        for number in 0..200_u32 {
            let mut batch = Batch::new();
            batch.put(Space::new(1), &number.to_be_bytes(), &[number as u8; 200]);
            if number > 150 {
                batch.remove(Space::new(1), &(number - 150).to_be_bytes());
            }
            ledger.submit(batch).wait().unwrap();
        }
    }

    #[test]
    fn a_sound_folder_is_sound_and_a_flipped_byte_is_found() {
        let folder = std::env::temp_dir().join(format!("stepwell-ledger-{}", std::process::id()));
        filled(&folder);
        let report = verify(&folder, &mut |_, _| {}).unwrap();
        assert_eq!(report.damages, []);
        assert_eq!(report.keys, 151);
        let listing = look::list(&folder).unwrap();
        let path = listing.segments.values().next().unwrap();
        let file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
        let mut byte = [0];
        file.read_at(&mut byte, 1_000).unwrap();
        file.write_at(&[byte[0] ^ 1], 1_000).unwrap();
        let report = verify(&folder, &mut |_, _| {}).unwrap();
        assert!(!report.is_sound());
        assert_eq!(&report.damages[0].file, path);
        fs::remove_dir_all(&folder).unwrap();
    }
}
