//! Two or three owners, in any order and in each other's way: the log is always one chain, and nothing
//! that was acknowledged is lost or reordered.
//!
//! An owner's work is cut at each call to the database. What the others do in between is part of the
//! script that proptest makes, so a failure is the same every time and shrinks to the few steps that
//! matter. All of it runs on one thread.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::log::SetClock;
use crate::log::database::Database;
use crate::log::database::connection::{Connection, Fault};
use crate::log::database::memory::{Link, MemoryDatabase};

const SHARD: Shard = Shard::new(0);
const TTL: Duration = Duration::from_secs(10);
const OWNERS: usize = 3;

/// One step of a script. The first number is the owner's.
#[derive(Clone, Copy, Debug)]
enum Step {
    Acquire(usize),
    Append(usize),
    /// Something happens to the owner's next insertion.
    Fault(usize, Fault),
    /// A late insertion arrives.
    Arrive(usize),
    Keep(usize),
    Release(usize),
    /// The owner's connection breaks, or works again.
    Cut(usize),
    Restore(usize),
    /// So many milliseconds pass for everybody, or for the database alone: its clock is ahead.
    Pass(u64),
    Drift(u64),
    /// The owner removes rows or bodies before the one that is this far before its last.
    Truncate(usize, u64),
    Forget(usize, u64),
    Snapshot(usize),
}

struct Script {
    steps: VecDeque<Step>,
    /// Whether the next step comes before the call that is just being made.
    cuts: VecDeque<bool>,
}

struct World {
    database: Arc<MemoryDatabase>,
    clock: Arc<SetClock>,
    owners: Vec<Process>,
    script: Mutex<Script>,
    acknowledged: Mutex<Vec<(u64, Vec<u8>)>>,
    /// Rows before this number may be gone.
    truncated: AtomicU64,
    /// The bodies of these may be gone.
    forgotten: Mutex<BTreeSet<u64>>,
    bodies: AtomicU64,
    seen: Mutex<Seen>,
}

/// How often something happened that the property is about.
#[derive(Debug, Default)]
struct Seen {
    acknowledged: u32,
    takeovers: u32,
    fenced: u32,
    unknown: u32,
    in_between: u32,
}

struct Process {
    connection: Arc<Connection>,
    clock: Arc<SetClock>,
    log: ShardLog,
    state: Mutex<ProcessState>,
}

#[derive(Default)]
struct ProcessState {
    /// It is in the middle of a step.
    is_busy: bool,
    epoch: u64,
    /// A frame that found no room is tried again as it is.
    waiting: Option<Vec<u8>>,
}

impl World {
    fn new(script: Script) -> Arc<World> {
        let clock = Arc::new(SetClock::default());
        let database = MemoryDatabase::new(clock.clone());
        let process = |number| {
            let connection = Connection::new(database.clone());
            let clock = Arc::new(SetClock::default());
            let member = Member::new(connection.clone(), clock.clone(), format!("owner {number}"), TTL);
            Process { connection, clock, log: ShardLog::new(member, SHARD), state: Mutex::default() }
        };
        let owners = (0..OWNERS).map(process).collect();
        let world = Arc::new(World {
            database,
            clock,
            owners,
            script: Mutex::new(script),
            acknowledged: Mutex::default(),
            truncated: AtomicU64::new(1),
            forgotten: Mutex::default(),
            bodies: AtomicU64::new(0),
            seen: Mutex::default(),
        });
        for process in &world.owners {
            let weak = Arc::downgrade(&world);
            process.connection.before_each(move || {
                let Some(world) = weak.upgrade() else { return };
                while world.script().cuts.pop_front().unwrap_or(false) && world.step() {
                    world.seen.lock().unwrap().in_between += 1;
                }
            });
        }
        world
    }

    /// Does the next step; whether there was one.
    fn step(&self) -> bool {
        let Some(step) = self.script().steps.pop_front() else { return false };
        match step {
            Step::Fault(owner, fault) => self.owners[owner].connection.next_insert(fault),
            Step::Arrive(owner) => drop(self.owners[owner].connection.arrive()),
            Step::Cut(owner) => self.owners[owner].connection.cut(),
            Step::Restore(owner) => self.owners[owner].connection.restore(),
            Step::Pass(millis) => {
                let time = Duration::from_millis(millis);
                self.clock.pass(time);
                self.owners.iter().for_each(|process| process.clock.pass(time));
            }
            Step::Drift(millis) => self.clock.pass(Duration::from_millis(millis)),
            Step::Acquire(owner) => self.alone(owner, World::acquire),
            Step::Append(owner) => self.alone(owner, World::append),
            Step::Keep(owner) => self.alone(owner, |_, process| drop(process.log.member.keep())),
            Step::Release(owner) => self.alone(owner, |_, process| drop(process.log.release())),
            Step::Truncate(owner, back) => self.alone(owner, |world, process| world.truncate(process, back)),
            Step::Forget(owner, back) => self.alone(owner, |world, process| world.forget(process, back)),
            Step::Snapshot(owner) => self.alone(owner, |_, process| {
                let seq = process.log.next_seq();
                drop(process.log.put_snapshot(seq, &mut |out| write!(out, "{seq}")));
            }),
        }
        self.check_chain();
        true
    }

    /// Unless the owner is in the middle of something.
    fn alone(&self, owner: usize, work: impl FnOnce(&World, &Process)) {
        let process = &self.owners[owner];
        if std::mem::replace(&mut process.state().is_busy, true) {
            return;
        }
        work(self, process);
        process.state().is_busy = false;
    }

    fn acquire(&self, process: &Process) {
        process.state().epoch = 0;
        process.state().waiting = None;
        let Ok(epoch) = process.log.acquire() else { return };
        process.state().epoch = epoch;
        self.seen.lock().unwrap().takeovers += u32::from(epoch > 1);
        // The new owner reads everything that anybody was told of before it opened its epoch. (What has a
        // greater number was told by one that has come after it, in the middle of this.) Nothing happens
        // meanwhile: what was truncated in between would only make this harder to say.
        let end = process.log.next_seq();
        let from = self.database.chain(SHARD)[0].seq;
        let mut read = Vec::new();
        let forgotten = self.forgotten.lock().unwrap().clone();
        let cuts = std::mem::take(&mut self.script().cuts);
        let visited = process.log.frames(from, &mut |frame: Frame<'_>| {
            read.push((frame.seq, frame.body.to_vec()));
            Ok(())
        });
        self.script().cuts = cuts;
        if visited.is_ok() {
            for told in &*self.acknowledged.lock().unwrap() {
                let is_before = told.0 >= from && told.0 < end;
                assert!(!is_before || read.contains(told), "{told:?} is not in {read:?}");
            }
            assert!(read.is_sorted_by(|(earlier, _), (later, _)| earlier < later));
        } else {
            let is_cut = matches!(visited, Err(Error::Io { .. }));
            assert!(is_cut || forgotten.iter().any(|&seq| seq >= from), "{visited:?}");
        }
    }

    fn append(&self, process: &Process) {
        let epoch = process.state().epoch;
        let waiting = process.state().waiting.take();
        let number = self.bodies.fetch_add(1, Ordering::Relaxed);
        let body = waiting.unwrap_or_else(|| format!("body {number}").into_bytes());
        let seq = process.log.next_seq();
        let appended = process.log.append(epoch, seq, &body);
        let mut seen = self.seen.lock().unwrap();
        match appended {
            Ok(place) => {
                seen.acknowledged += 1;
                assert_eq!(place, place_of(seq));
                self.acknowledged.lock().unwrap().push((seq, body));
            }
            Err(AppendError::NoRoom(_)) => process.state().waiting = Some(body),
            Err(AppendError::Fenced) => seen.fenced += u32::from(epoch > 0),
            Err(AppendError::Failed(Error::Io { .. })) => seen.unknown += 1,
            Err(AppendError::Failed(error)) => panic!("{error}"),
        }
    }

    fn truncate(&self, process: &Process, back: u64) {
        let epoch = process.state().epoch;
        let before = process.log.next_seq().saturating_sub(1 + back);
        if let Ok(Verdict::Done) = process.connection.truncate(SHARD, epoch, before) {
            self.truncated.fetch_max(before, Ordering::Relaxed);
        }
    }

    fn forget(&self, process: &Process, back: u64) {
        let epoch = process.state().epoch;
        let seq = process.log.next_seq().saturating_sub(1 + back);
        if let Ok(Verdict::Done) = process.connection.forget(SHARD, epoch, seq..seq + 1) {
            self.forgotten.lock().unwrap().insert(seq);
        }
    }

    /// The rows follow one another, epochs rise, and each begins with its one opening.
    fn check_chain(&self) {
        let chain = self.database.chain(SHARD);
        for pair in chain.windows(2) {
            let [earlier, later] = pair else { unreachable!("a window has two") };
            assert_eq!(later.seq, earlier.seq + 1, "{chain:?}");
            match later.kind {
                RowKind::Open => assert!(later.epoch > earlier.epoch, "{chain:?}"),
                RowKind::Frame => assert_eq!(later.epoch, earlier.epoch, "{chain:?}"),
            }
        }
        assert!(chain.first().is_none_or(|first| first.seq > 1 || first.kind == RowKind::Open));
    }

    /// Everything that was acknowledged is where it was said to be, unless its owner removed it.
    fn check_acknowledged(&self) {
        let chain = self.database.chain(SHARD);
        let (truncated, forgotten) = (self.truncated.load(Ordering::Relaxed), self.forgotten.lock().unwrap());
        let acknowledged = self.acknowledged.lock().unwrap();
        for (seq, body) in &*acknowledged {
            let Some(Link { body: kept, .. }) = chain.iter().find(|link| link.seq == *seq) else {
                assert!(*seq < truncated, "frame {seq} is lost");
                continue;
            };
            match kept {
                Some(kept) => assert_eq!(kept, body, "frame {seq}"),
                None => assert!(forgotten.contains(seq), "the body of frame {seq} is lost"),
            }
        }
        let numbers: BTreeSet<u64> = acknowledged.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(numbers.len(), acknowledged.len(), "a number was acknowledged twice");
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }
}

impl Process {
    fn state(&self) -> MutexGuard<'_, ProcessState> {
        self.state.lock().unwrap()
    }
}

fn step() -> impl Strategy<Value = Step> {
    let owner = || 0..OWNERS;
    let faults = [Fault::RequestLost, Fault::AnswerLost, Fault::Late, Fault::NoRoom];
    prop_oneof![
        4 => owner().prop_map(Step::Acquire),
        12 => owner().prop_map(Step::Append),
        4 => (owner(), proptest::sample::select(faults.to_vec())).prop_map(|(owner, fault)| Step::Fault(owner, fault)),
        3 => owner().prop_map(Step::Arrive),
        2 => owner().prop_map(Step::Keep),
        1 => owner().prop_map(Step::Release),
        1 => owner().prop_map(Step::Cut),
        2 => owner().prop_map(Step::Restore),
        3 => (0_u64..12_000).prop_map(Step::Pass),
        2 => (0_u64..12_000).prop_map(Step::Drift),
        1 => (owner(), 0_u64..6).prop_map(|(owner, back)| Step::Truncate(owner, back)),
        1 => (owner(), 0_u64..6).prop_map(|(owner, back)| Step::Forget(owner, back)),
        1 => owner().prop_map(Step::Snapshot),
    ]
}

fn run(steps: Vec<Step>, cuts: Vec<bool>) -> Seen {
    let world = World::new(Script { steps: steps.into(), cuts: cuts.into() });
    while world.step() {}
    world.check_chain();
    world.check_acknowledged();
    std::mem::take(&mut *world.seen.lock().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_log_is_one_chain_and_keeps_what_was_acknowledged(
        steps in proptest::collection::vec(step(), 1..120),
        cuts in proptest::collection::vec(any::<bool>(), 0..200),
    ) {
        run(steps, cuts);
    }
}

/// The property would hold if nothing ever happened.
#[test]
fn the_scripts_get_into_each_others_way() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let steps = proptest::collection::vec(step(), 120);
    let cuts = proptest::collection::vec(any::<bool>(), 200);
    let mut all = Seen::default();
    for _ in 0..100 {
        let steps = steps.new_tree(&mut runner).unwrap().current();
        let cuts = cuts.new_tree(&mut runner).unwrap().current();
        let seen = run(steps, cuts);
        all.acknowledged += seen.acknowledged;
        all.takeovers += seen.takeovers;
        all.fenced += seen.fenced;
        all.unknown += seen.unknown;
        all.in_between += seen.in_between;
    }
    assert!(all.acknowledged > 300 && all.takeovers > 100 && all.fenced > 50, "{all:?}");
    assert!(all.unknown > 10 && all.in_between > 1_000, "{all:?}");
}
