//! A look at a log's folder when it is opened: what is there, and where the last frame ends.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Known, remove_file};
use super::frame::{self, Found, Later};
use super::segment::{self, SegmentFile};
use super::snapshot_files;
use crate::store::Error;

type Listing = (BTreeMap<u32, PathBuf>, Vec<u64>);

/// Segment files by number, and the seqs of snapshots. What was left unfinished is removed.
pub(super) fn list(folder: &Path) -> Result<Listing, Error> {
    let reading = || Error::io(|| format!("reading the folder {}", folder.display()));
    let (mut segments, mut snapshots) = (BTreeMap::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(reading())? {
        let path = entry.map_err(reading())?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if let Some(number) = segment::number_of(name) {
            segments.insert(number, path);
        } else if let Some(seq) = snapshot_files::seq_of(name) {
            snapshots.push(seq);
        } else if name.ends_with(".new") && (name.starts_with("segment-") || name.starts_with("snapshot-")) {
            remove_file(&path)?;
        }
    }
    Ok((segments, snapshots))
}

pub(super) fn open_segments(paths: BTreeMap<u32, PathBuf>) -> Result<(Vec<SegmentFile>, Option<u64>), Error> {
    let (mut files, mut salt) = (Vec::new(), None);
    for (number, path) in paths {
        let (file, its_salt) = SegmentFile::open(path, number)?;
        if *salt.get_or_insert(its_salt) != its_salt {
            return Err(Error::corrupt(
                &file.path,
                0,
                "it belongs to another log than the segments before it",
            ));
        }
        files.push(file);
    }
    Ok((files, salt))
}

/// What a look at the segments has found.
pub(super) struct Scan {
    /// Those with frames.
    pub(super) segments: BTreeMap<u32, Known>,
    /// Those behind them.
    pub(super) empty: BTreeMap<u32, SegmentFile>,
    /// The last one with frames, and where its frames end.
    pub(super) active: Option<(u32, usize)>,
    pub(super) epoch: u64,
    pub(super) seq: u64,
}

/// Finds the end of the log and cuts off a torn frame there.
pub(super) fn scan(files: Vec<SegmentFile>, salt: u64) -> Result<Scan, Error> {
    let mut firsts = Vec::new();
    for file in &files {
        firsts.push(file.first_frame(salt)?);
    }
    let last = firsts.iter().rposition(Option::is_some);
    let mut scan = Scan { segments: BTreeMap::new(), empty: BTreeMap::new(), active: None, epoch: 0, seq: 0 };
    for (at, (file, first)) in files.into_iter().zip(firsts).enumerate() {
        if last.is_some_and(|last| at <= last) && first.is_none() {
            let detail = "its first frame has a wrong checksum, but there are frames behind it";
            return Err(Error::corrupt(&file.path, segment::HEADER_BYTES as u64, detail));
        }
        if last.is_some_and(|last| at < last) {
            let first_seq = first.map(|found| found.seq);
            scan.segments.insert(file.number, Known { file: Arc::new(file), first_seq });
            continue;
        }
        let bytes = file.read_all()?;
        let (mut end, mut last_begins) = (segment::HEADER_BYTES, segment::HEADER_BYTES);
        while let Some(found) = frame::decode(salt, &bytes, end).filter(|found| scan.is_next(found, end)) {
            last_begins = end;
            (scan.epoch, scan.seq, end) = (found.epoch, found.seq, found.end());
        }
        if let Some(later) = frame::find_later(salt, &bytes, end, scan.epoch, scan.seq) {
            return Err(Error::corrupt(&file.path, end as u64, &damage(later)));
        }
        let is_marked = frame::marked(salt, &bytes, end) == Some((scan.epoch, scan.seq));
        let used = if is_marked { end + frame::HEADER_BYTES } else { end };
        if let Some(torn) = bytes[used..].iter().rposition(|&byte| byte != 0) {
            let (path, torn) = (file.path.display(), used + torn + 1 - end);
            tracing::warn!("{path}: cutting off a frame that was not finished, {torn} bytes at {end}");
            file.clear_from(end as u64)?;
        }
        if end > last_begins && used == end {
            // Whoever wrote the last frame may have ended before it was durable, or because its sync
            // failed: then the system holds it for written although the disk does not have it. So it is
            // written again before anybody is shown what it says.
            file.make_durable(last_begins as u64, &bytes[last_begins..end], end as u64)?;
            file.mark(salt, scan.epoch, scan.seq, end as u64);
        }
        match first {
            Some(first) => {
                scan.active = Some((file.number, end));
                scan.segments.insert(file.number, Known { file: Arc::new(file), first_seq: Some(first.seq) });
            }
            None => {
                scan.empty.insert(file.number, file);
            }
        }
    }
    Ok(scan)
}

/// What is wrong where a frame cannot be read although this is behind it.
pub(super) fn damage(later: Later) -> String {
    match later {
        Later::Frame(found) => {
            let later = found.offset - frame::HEADER_BYTES;
            format!("the frame there has a wrong checksum, but there is a valid one behind it, at {later}")
        }
        Later::Mark { seq, .. } => {
            format!("the frame there has a wrong checksum, but frame {seq} was complete once")
        }
    }
}

impl Scan {
    fn is_next(&self, found: &Found, offset: usize) -> bool {
        let begins_segment = offset == segment::HEADER_BYTES;
        found.epoch >= self.epoch && (found.seq == self.seq + 1 || begins_segment && found.seq > self.seq)
    }
}
