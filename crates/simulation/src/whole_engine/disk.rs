//! A log that stalls, fills up, fails and forgets when it is told to. Below it is a real one, in memory
//! or in a folder, which outlives the process.

use std::fs::OpenOptions;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use store::Error;
use store::log::{AppendError, Disk, Frame, Log, Memory, Place, Segment, WriteSnapshot};
use store::record::is_commit;

/// Small, so that segments end, snapshots are written and records are moved.
pub const SEGMENT_BYTES: u64 = 128 << 10;

/// What the frames lie on.
#[derive(Clone, Debug)]
pub enum Medium {
    /// The store's log in memory: a frame is there or is not.
    Memory,
    /// The store's log in this folder: a frame may also be there in part.
    Folder(PathBuf),
}

/// What becomes of the frame that was being written when the power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// All of it is there, though nobody was told.
    Whole,
    /// Its first bytes are there.
    Torn,
    /// Nothing of it is there.
    Lost,
}

/// The thing that outlives the process.
pub struct Drive {
    medium: Medium,
    memory: Arc<Memory>,
}

impl Drive {
    pub fn new(medium: Medium) -> Self {
        Drive { medium, memory: Arc::new(Memory::new(SEGMENT_BYTES)) }
    }

    /// For a new process.
    pub fn open(&self) -> Arc<FaultyLog> {
        let log: Arc<dyn Log> = match &self.medium {
            Medium::Memory => self.memory.clone(),
            Medium::Folder(folder) => Arc::new(Disk::open(folder, SEGMENT_BYTES).expect("the folder opens")),
        };
        let is_folder = matches!(self.medium, Medium::Folder(_));
        Arc::new(FaultyLog { log, is_folder, state: Mutex::default(), changed: Condvar::new() })
    }

    /// A log of nobody's, to hold while the drive is in nobody's hands.
    pub fn nothing() -> Arc<FaultyLog> {
        Drive::new(Medium::Memory).open()
    }

    /// After the process: takes away the end of a frame, from this share of its bytes on.
    pub fn tear(&self, torn: Torn, share: f64) {
        let Medium::Folder(folder) = &self.medium else { return };
        let path = folder.join(format!("segment-{:08}.log", torn.place.segment()));
        let mut file = OpenOptions::new().write(true).open(path).expect("the segment is there");
        // The frame's own header counts as a part of it.
        let (begin, bytes) =
            (u64::from(torn.place.offset()) - FRAME_HEADER, torn.bytes as u64 + FRAME_HEADER);
        let kept = (bytes as f64 * share) as u64;
        file.seek(SeekFrom::Start(begin + kept)).expect("the segment reaches that far");
        // What stands behind a frame says that the frame is durable, and was never written either.
        let lost = bytes - kept + FRAME_HEADER;
        file.write_all(&vec![0; lost as usize]).expect("the segment can be written");
    }
}

const FRAME_HEADER: u64 = 24;

/// A frame that is to lose its end.
#[derive(Clone, Copy, Debug)]
pub struct Torn {
    place: Place,
    bytes: usize,
}

/// The log as one process sees it.
pub struct FaultyLog {
    log: Arc<dyn Log>,
    is_folder: bool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    mode: Mode,
    /// How many commits were held since holding began, and how many of them may go on.
    arrived: u32,
    passed: u32,
    /// Whether an append found no room.
    has_refused: bool,
    torn: Option<Torn>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Working,
    /// Commits wait.
    Holding,
    Full,
    /// The next commit's sync fails.
    Failing(Fate),
    /// The power is gone; the frame that was held has this fate.
    Dead(Fate),
}

impl FaultyLog {
    /// Commits wait from now on, until [`FaultyLog::work`].
    pub fn hold(&self) {
        let mut state = self.state();
        (state.mode, state.arrived, state.passed) = (Mode::Holding, 0, 0);
    }

    /// Waits until so many commits have been held.
    pub fn wait_for_arrival(&self, count: u32) {
        drop(self.changed.wait_while(self.state(), |state| state.arrived < count).expect(NEVER_POISONED));
    }

    /// Lets the commit that is held go on; the next one is held again.
    pub fn pass(&self) {
        self.set(|state| state.passed += 1);
    }

    /// All is well.
    pub fn work(&self) {
        self.set(|state| state.mode = Mode::Working);
    }

    /// There is no room from now on.
    pub fn fill(&self) {
        self.set(|state| (state.mode, state.has_refused) = (Mode::Full, false));
    }

    /// Waits until an append has found no room.
    pub fn wait_for_refusal(&self) {
        drop(self.changed.wait_while(self.state(), |state| !state.has_refused).expect(NEVER_POISONED));
    }

    /// The next commit's sync fails, and its frame has this fate.
    pub fn fail_next(&self, fate: Fate) {
        self.set(|state| state.mode = Mode::Failing(fate));
    }

    /// The power goes. A commit that is held has this fate.
    pub fn die(&self, fate: Fate) {
        self.set(|state| state.mode = Mode::Dead(fate));
    }

    /// What is to be torn before the next process.
    pub fn torn(&self) -> Option<Torn> {
        self.state().torn
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(NEVER_POISONED)
    }

    fn meet(&self, fate: Fate, epoch: u64, seq: u64, body: &[u8]) -> Option<Torn> {
        match fate {
            Fate::Whole => drop(self.log.append(epoch, seq, body)),
            Fate::Torn if self.is_folder => {
                let place = self.log.append(epoch, seq, body).ok()?;
                return Some(Torn { place, bytes: body.len() });
            }
            Fate::Torn | Fate::Lost => {}
        }
        None
    }

    fn is_dead(&self) -> Result<(), Error> {
        match self.state().mode {
            Mode::Dead(_) => Err(broken()),
            Mode::Working | Mode::Holding | Mode::Full | Mode::Failing(_) => Ok(()),
        }
    }
}

impl Log for FaultyLog {
    fn append(&self, epoch: u64, seq: u64, body: &[u8]) -> Result<Place, AppendError> {
        let is_commit = is_commit(body);
        let mut state = self.state();
        let is_held = is_commit && state.mode == Mode::Holding;
        if is_held {
            state.arrived += 1;
            let number = state.arrived;
            self.changed.notify_all();
            let waits = |state: &mut State| state.mode == Mode::Holding && state.passed < number;
            state = self.changed.wait_while(state, waits).expect(NEVER_POISONED);
        }
        match state.mode {
            Mode::Working | Mode::Holding => self.log.append(epoch, seq, body),
            Mode::Full => {
                state.has_refused = true;
                self.changed.notify_all();
                Err(AppendError::NoRoom(io::ErrorKind::StorageFull.into()))
            }
            Mode::Failing(_) if !is_commit => self.log.append(epoch, seq, body),
            Mode::Failing(fate) => {
                state.torn = self.meet(fate, epoch, seq, body);
                state.mode = Mode::Dead(Fate::Lost);
                Err(AppendError::Failed(broken()))
            }
            Mode::Dead(fate) => {
                if is_held {
                    state.torn = self.meet(fate, epoch, seq, body);
                }
                Err(AppendError::Failed(broken()))
            }
        }
    }

    fn acquire(&self) -> Result<u64, Error> {
        self.log.acquire()
    }

    fn next_seq(&self) -> u64 {
        self.log.next_seq()
    }

    fn read(&self, place: Place, length: usize) -> Result<Vec<u8>, Error> {
        self.log.read(place, length)
    }

    fn frames(&self, from: u64, visit: &mut dyn FnMut(Frame<'_>) -> Result<(), Error>) -> Result<(), Error> {
        self.log.frames(from, visit)
    }

    fn put_snapshot(&self, seq: u64, write: WriteSnapshot<'_>) -> Result<u64, Error> {
        self.is_dead()?;
        self.log.put_snapshot(seq, write)
    }

    fn snapshot(&self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        self.log.snapshot()
    }

    fn covered(&self) -> u64 {
        self.log.covered()
    }

    fn segments(&self) -> Vec<Segment> {
        self.log.segments()
    }

    fn drop_segment(&self, number: u32) -> Result<(), Error> {
        self.is_dead()?;
        self.log.drop_segment(number)
    }

    fn is_short_of_room(&self) -> bool {
        self.state().mode == Mode::Full
    }
}

fn broken() -> Error {
    let source = io::Error::other("input/output error");
    Error::Io { action: "syncing a segment".to_owned(), source }
}

const NEVER_POISONED: &str = "no holder of this lock panics";
