//! Reads a data folder from end to end and names what is damaged. Changes nothing.
//!
//! A start reads the newest snapshot and what is behind it; the rest is read when somebody asks for
//! it. Here everything is read: headers, frames, records, snapshots, and each execution from its
//! records.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use execution::codec::{self, Reader};
use execution::{Execution, Status};

use crate::chain;
use crate::index::{Entry, Index};
use crate::log::look::{self, Listing, Piece, Records, Walk};
use crate::log::{Frame, Log};
use crate::record::ExecutionKey;
use crate::store::Error;
use crate::wire::{self, Kind};
use crate::{express, recover, snapshot};

/// How many damages, notes and executions are named. More are counted: whoever has as many needs a
/// backup and no list.
const NAMED_MAX: usize = 100;

/// What was read, and what of it is damaged.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Segments of the log.
    pub segments: usize,
    /// Snapshots, damaged ones included.
    pub snapshots: usize,
    /// Frames that are whole.
    pub frames: u64,
    /// Records in them.
    pub records: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Executions that run.
    pub open: usize,
    /// Executions that have ended and are kept.
    pub closed: usize,
    /// Map Runs, open or not.
    pub map_runs: usize,
    /// State machines.
    pub machines: usize,
    /// Activities.
    pub activities: usize,
    /// What is damaged, at most a hundred of it.
    pub damages: Vec<Damage>,
    /// How many damages there are.
    pub damage_count: usize,
    /// Executions that cannot be read, at most a hundred.
    pub unreadable: Vec<Unreadable>,
    /// How many executions cannot be read.
    pub unreadable_count: usize,
    /// What is not as it usually is and harmless.
    pub notes: Vec<Note>,
}

/// Bytes that are not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where.
    pub file: PathBuf,
    /// At which byte of it; `None` where only the file as a whole has a checksum, or is missing.
    pub offset: Option<u64>,
    /// What is wrong.
    pub detail: String,
    /// What it means.
    pub meaning: String,
}

/// An execution that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which.
    pub arn: String,
    /// Why.
    pub detail: String,
}

/// Bytes that carry nothing, where zeros are usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub file: PathBuf,
    /// At which byte of it.
    pub offset: u64,
    /// What is there.
    pub detail: String,
}

impl Report {
    /// Whether nothing is damaged.
    pub fn is_sound(&self) -> bool {
        self.damage_count == 0 && self.unreadable_count == 0
    }
}

/// Reads everything. `progress` is told the bytes that were read and those that there are.
///
/// An error means that the folder could not be judged: it is in use, has no data, or is of another
/// format. What is damaged is in the report.
pub fn verify(folder: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Report, Error> {
    let _lock = look::hold(folder)?;
    look_through(folder, progress)
}

/// [`verify`] for a folder that the caller keeps owners out of.
pub(crate) fn look_through(folder: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Report, Error> {
    let listing = look::list(folder)?;
    let mut verifying = Verifying::new(&listing);
    verifying.read_snapshots()?;
    verifying.read_segments(progress)?;
    verifying.index.complete();
    verifying.read_executions();
    Ok(verifying.into_report())
}

struct Verifying<'a> {
    listing: &'a Listing,
    report: Report,
    /// What a start would know.
    index: Index,
    /// The first frame that a start reads.
    from: u64,
    /// Frames before this one may be gone with the segments that held them.
    may_be_gone_before: u64,
    salt: Option<u64>,
    /// The segments before could not be read, because their headers are damaged.
    is_unread: bool,
    /// Of the last frame that was read.
    epoch: u64,
    seq: u64,
    /// The last segment that has frames.
    last_used: u32,
    found: Vec<Found>,
    /// Segments without a frame, behind the last one that has some.
    empty: Vec<Ended>,
    /// The segment before this one, once its frames were read.
    ended: Option<Ended>,
}

/// A damage before it is known what it means.
struct Found {
    file: PathBuf,
    offset: Option<u64>,
    detail: String,
    effect: Effect,
}

enum Effect {
    /// A start meets it and refuses.
    Stops,
    /// A start meets it if it is in the segment that is appended to.
    StopsInLast(u32),
    /// As said.
    Said(&'static str),
}

/// Where a segment's frames end.
#[derive(Clone)]
struct Ended {
    number: u32,
    file: PathBuf,
    offset: usize,
    left_over: usize,
}

impl<'a> Verifying<'a> {
    fn new(listing: &'a Listing) -> Self {
        Verifying {
            listing,
            report: Report {
                segments: listing.segments.len(),
                snapshots: listing.snapshots.len(),
                ..Report::default()
            },
            index: Index::new(),
            from: 1,
            may_be_gone_before: 1,
            salt: None,
            is_unread: false,
            epoch: 0,
            seq: 0,
            last_used: 0,
            found: Vec::new(),
            empty: Vec::new(),
            ended: None,
        }
    }

    /// The newest readable snapshot becomes the index, as at a start.
    fn read_snapshots(&mut self) -> Result<(), Error> {
        let mut readable = Vec::new();
        for (&seq, path) in self.listing.snapshots.iter().rev() {
            self.report.bytes += fs::metadata(path).map_or(0, |metadata| metadata.len());
            let bytes = match look::read_snapshot(path) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => {
                    self.damage(path, None, "its checksum is wrong", Effect::Said(OTHER_SNAPSHOT));
                    continue;
                }
                Err(Error::Io { source, .. }) => {
                    self.damage(path, None, &cannot_be_read(&source), Effect::Stops);
                    continue;
                }
                Err(error) => return Err(error),
            };
            match snapshot::read(&bytes) {
                Ok(index) if readable.is_empty() => (self.index, self.from) = (index, seq),
                Ok(_) => {}
                Err(_) => {
                    let detail = "its checksum is right, but it does not say what a snapshot says";
                    self.damage(path, None, detail, Effect::Stops);
                    continue;
                }
            }
            readable.push(seq);
        }
        // A segment is dropped when the older one of two snapshots has what its frames say.
        let all: Vec<u64> = self.listing.snapshots.keys().rev().copied().collect();
        let kept = if readable.len() > 1 { &readable } else { &all };
        self.may_be_gone_before = kept.get(1..).and_then(|older| older.last()).copied().unwrap_or(1);
        if readable.is_empty() {
            for found in &mut self.found {
                if matches!(found.effect, Effect::Said(_)) {
                    found.effect = Effect::Said(NO_OTHER_SNAPSHOT);
                }
            }
        }
        Ok(())
    }

    fn read_segments(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Error> {
        let listing = self.listing;
        let size = |path: &PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
        let total: u64 = listing.segments.values().map(size).sum();
        let mut read = 0;
        for (&number, path) in &listing.segments {
            progress(read, total);
            match fs::read(path) {
                Ok(bytes) => {
                    read += bytes.len() as u64;
                    self.read_segment(number, path, &bytes)?;
                }
                Err(source) => self.damage(path, None, &cannot_be_read(&source), Effect::Stops),
            }
        }
        progress(read, total);
        self.report.bytes += read;
        if self.seq + 1 < self.from {
            let (last, snapshot) = (self.seq, self.from);
            let file = listing.snapshots[&snapshot].clone();
            let detail =
                format!("it shows what frames before {snapshot} said, and the log ends with frame {last}");
            self.damage(&file, None, &detail, Effect::Stops);
        }
        let ended = self.ended.take();
        for Ended { file, offset, left_over, .. } in ended.into_iter().chain(std::mem::take(&mut self.empty))
        {
            if left_over > 0 {
                let detail = format!(
                    "{left_over} bytes of a frame that was not finished: nobody was told that it was, and the next start cuts it off"
                );
                self.note(file, offset, detail);
            }
        }
        Ok(())
    }

    fn read_segment(&mut self, number: u32, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        match (look::salt(path, number, bytes), self.salt) {
            (Ok(salt), Some(other)) if salt != other => {
                self.damage(path, Some(0), "it belongs to another log than those before it", Effect::Stops);
                return Ok(());
            }
            (Ok(salt), _) => self.salt = Some(salt),
            (Err(Error::Corrupt { detail, .. }), _) => {
                self.damage(path, Some(0), detail.trim_start_matches("at byte 0: "), Effect::Stops)
            }
            (Err(error), _) => return Err(error),
        }
        // Behind a damaged header there may be sound frames.
        let Some(salt) = self.salt else {
            // What is missing before the next segment is what cannot be read here.
            self.is_unread = true;
            return Ok(());
        };
        let mut walk = Walk::new(salt, number, bytes, self.epoch, self.seq);
        let mut frames = 0;
        loop {
            match walk.step() {
                Piece::Frame(frame) => {
                    if frames == 0 {
                        self.check_order(number, path, frame.seq);
                    }
                    frames += 1;
                    (self.epoch, self.seq) = (frame.epoch, frame.seq);
                    self.read_frame(path, frame);
                }
                Piece::Damage { offset, detail } => {
                    let is_first = offset == look::HEADER_BYTES;
                    let is_read = self.seq + 1 >= self.from;
                    let effect =
                        if is_first || is_read { Effect::Stops } else { Effect::StopsInLast(number) };
                    self.damage(path, Some(offset as u64), &detail, effect);
                    self.last_used = number;
                    (self.epoch, self.seq) = walk.reached();
                    if is_first {
                        // What is missing before it cannot be told from what is missing here.
                        frames += 1;
                        self.pass_empty_segments();
                        self.ended = None;
                    }
                }
                Piece::End { offset, left_over } => {
                    let ended = Ended { number, file: path.to_owned(), offset, left_over };
                    match frames {
                        0 => self.empty.push(ended),
                        _ => (self.last_used, self.ended) = (number, Some(ended)),
                    }
                    return Ok(());
                }
            }
        }
    }

    /// Whether the first frame of a segment comes after the last frame of the one before.
    fn check_order(&mut self, number: u32, path: &Path, seq: u64) {
        self.pass_empty_segments();
        let ended = self.ended.take();
        let next = self.seq + 1;
        if std::mem::take(&mut self.is_unread) {
            return;
        }
        if seq == next {
            return self.note_left_over(ended);
        }
        let neighbour = number - 1;
        let frames = format!("frames {next} to {}", seq - 1);
        let is_read = seq > self.from;
        let effect = if is_read { Effect::Stops } else { Effect::Said(NOT_READ) };
        match ended {
            Some(Ended { file, offset, left_over: 1.., number }) if number == neighbour => {
                let detail = format!("the frame there has a wrong checksum; {frames} are missing");
                self.damage(&file, Some(offset as u64), &detail, effect);
            }
            ended if seq <= self.may_be_gone_before => self.note_left_over(ended),
            Some(Ended { file, offset, number, .. }) if number == neighbour => {
                self.damage(&file, Some(offset as u64), &format!("{frames} are missing"), effect);
            }
            _ if self.listing.segments.contains_key(&neighbour) => {
                self.damage(
                    path,
                    Some(look::HEADER_BYTES as u64),
                    &format!("{frames} are missing before it"),
                    effect,
                );
            }
            _ => {
                let file = path.with_file_name(format!("segment-{neighbour:08}.log"));
                self.damage(&file, None, &format!("the file is missing, and with it {frames}"), effect);
            }
        }
    }

    fn note_left_over(&mut self, ended: Option<Ended>) {
        if let Some(Ended { file, offset, left_over: 1.., .. }) = ended {
            let detail = "bytes behind the last frame are not zeros; they carry nothing".to_owned();
            self.note(file, offset, detail);
        }
    }

    /// A segment without frames is behind all others, or its frames cannot be read.
    fn pass_empty_segments(&mut self) {
        for Ended { file, offset, .. } in std::mem::take(&mut self.empty) {
            let detail = "its first frame has a wrong checksum, but there are frames behind it";
            self.damage(&file, Some(offset as u64), detail, Effect::Stops);
        }
    }

    fn read_frame(&mut self, path: &Path, frame: Frame<'_>) {
        self.report.frames += 1;
        let effect = |read: bool| if read { Effect::Stops } else { Effect::Said(NOT_READ) };
        let is_read = frame.seq >= self.from;
        let mut rest = frame.body;
        while !rest.is_empty() {
            let offset = u64::from(frame.place.offset()) + (frame.body.len() - rest.len()) as u64;
            let Some((header, body)) = wire::take(rest) else {
                self.damage(path, Some(offset), "the record there has a wrong checksum", effect(is_read));
                return;
            };
            self.report.records += 1;
            let is_execution_start = || Reader::default().start(body).is_ok();
            let is_map_run_start = || codec::map_run_start(body).is_ok();
            let is_as_it_says = match header.kind {
                Kind::Start => is_execution_start(),
                Kind::MapRunStart => is_map_run_start(),
                Kind::MovedStart => is_execution_start() || is_map_run_start(),
                _ => true,
            };
            if !is_as_it_says {
                self.damage(path, Some(offset), "the record there is not a start", effect(is_read));
            }
            rest = &rest[header.record_bytes() as usize..];
        }
        let is_whole = !self.found.iter().any(|found| matches!(found.effect, Effect::Stops));
        // Behind damage, what a frame refers to may be missing.
        if is_read
            && let Err(error) = recover::apply_frame(&mut self.index, frame)
            && is_whole
        {
            let offset = u64::from(frame.place.offset());
            let detail = match error {
                Error::Corrupt { detail, .. } => detail,
                error => error.to_string(),
            };
            self.damage(path, Some(offset), &detail, Effect::Stops);
        }
    }

    /// Every execution and every Map Run, from its records.
    fn read_executions(&mut self) {
        let records = Records::open(self.listing);
        self.report.machines = self.index.catalog.machines(None, usize::MAX).len();
        self.report.activities = self.index.catalog.activities(None, usize::MAX).len();
        for (key, entry) in self.index.after(None) {
            let checked = match (entry.is_map_run(), entry.status) {
                (true, _) => {
                    self.report.map_runs += 1;
                    check_map_run(&records, key, entry)
                }
                (false, status) => {
                    match status {
                        Status::Running => self.report.open += 1,
                        _ => self.report.closed += 1,
                    }
                    check_execution(&records, key, entry)
                }
            };
            if let Err(detail) = checked {
                self.report.unreadable_count += 1;
                if self.report.unreadable.len() < NAMED_MAX {
                    self.report.unreadable.push(Unreadable { arn: entry.arn().to_string(), detail });
                }
            }
        }
        for (_, pending) in self.index.express_pending() {
            if let Err(error) = express::read_pending(&records, pending) {
                self.report.unreadable_count += 1;
                if self.report.unreadable.len() < NAMED_MAX {
                    let arn = "an EXPRESS execution that was started and has no noted end".to_owned();
                    self.report.unreadable.push(Unreadable { arn, detail: error.to_string() });
                }
            }
        }
    }

    fn damage(&mut self, file: &Path, offset: Option<u64>, detail: &str, effect: Effect) {
        self.report.damage_count += 1;
        if self.found.len() < NAMED_MAX {
            self.found.push(Found { file: file.to_owned(), offset, detail: detail.to_owned(), effect });
        }
    }

    fn note(&mut self, file: PathBuf, offset: usize, detail: String) {
        if self.report.notes.len() < NAMED_MAX {
            self.report.notes.push(Note { file, offset: offset as u64, detail });
        }
    }

    fn into_report(self) -> Report {
        let Verifying { mut report, found, last_used, .. } = self;
        let is_needed = report.unreadable_count > 0;
        report.damages = found
            .into_iter()
            .map(|Found { file, offset, detail, effect }| {
                let meaning = match effect {
                    Effect::Stops => STOPS,
                    Effect::StopsInLast(number) if number == last_used => STOPS,
                    Effect::StopsInLast(_) | Effect::Said(NOT_READ) if is_needed => NEEDED,
                    Effect::StopsInLast(_) => NOT_READ,
                    Effect::Said(meaning) => meaning,
                };
                Damage { file, offset, detail, meaning: meaning.to_owned() }
            })
            .collect();
        report
    }
}

const STOPS: &str = "a server does not start on this folder: restore a backup";
const NOT_READ: &str = "a server starts, and no execution that is kept needs what was there";
const NEEDED: &str =
    "a server starts, and refuses to show the executions that need what was there: they are named below";
const OTHER_SNAPSHOT: &str = "nothing is lost: a start takes another snapshot and reads more of the log, and a later one replaces this one";
const NO_OTHER_SNAPSHOT: &str = "no other snapshot is left: a start reads the log from its beginning, and refuses it if a part is missing";

fn check_execution(log: &dyn Log, key: ExecutionKey, entry: &Entry) -> Result<(), String> {
    let records = chain::read(log, key, entry.last).map_err(|error| error.to_string())?;
    let (start, turns) = chain::decode(&records, entry.last).map_err(|error| error.to_string())?;
    let mut execution = Execution::new(start);
    turns.iter().for_each(|turn| execution.apply(turn));
    if execution.start.arn != entry.arn() {
        return Err(format!("its records are those of {}", execution.start.arn));
    }
    let status = execution.close.as_ref().map_or(Status::Running, |close| close.status);
    if status != entry.status {
        return Err(format!("it is {:?} by the index and {status:?} by its records", entry.status));
    }
    // What a server goes on with begins at the last checkpoint.
    let rebuilt = chain::rebuild(log, key, entry.last).map_err(|error| error.to_string())?;
    if rebuilt.execution != execution {
        return Err("its last checkpoint is not what its records say".to_owned());
    }
    Ok(())
}

fn check_map_run(log: &dyn Log, key: ExecutionKey, entry: &Entry) -> Result<(), String> {
    let run = chain::map_run::rebuild(log, key, entry.last).map_err(|error| error.to_string())?;
    if run.start.arn != entry.arn() {
        return Err(format!("its records are those of {}", run.start.arn));
    }
    let status = run.closed().map_or(Status::Running, |close| close.status);
    if status != entry.status {
        return Err(format!("it is {:?} by the index and {status:?} by its records", entry.status));
    }
    let latest = chain::map_run::latest(log, key, entry.last).map_err(|error| error.to_string())?;
    if run.summary() != latest.summary {
        return Err("its last record sums up what its records do not say".to_owned());
    }
    Ok(())
}

fn cannot_be_read(error: &io::Error) -> String {
    format!("it cannot be read: {error}")
}
