//! Time, and what happens in what order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use asl::Timestamp;
use aws_names::Scope;
use engine::driven::Driven;
use engine::{Settings, UnknownCalls};
use store::Fault;

use super::clients::{Pending, Planned};
use super::disk::{Drive, Fate, FaultyLog, Medium, SEGMENT_BYTES};
use super::promises::{Machine, Promises};
use crate::machines;
use crate::random::{Random, SeedInPanic};

/// How long closed executions are kept: longer than any of them runs.
const RETENTION: Duration = Duration::from_secs(6 * 60 * 60);

/// Few, so that open executions leave memory and are read back.
const OPEN_MAX: usize = 3;

/// An execution that has not ended when so many rounds passed without a new one will never end.
const ROUNDS_TO_END_MAX: u64 = 20_000;

/// What a run did; every fault must have happened for the run to mean something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Report {
    pub rounds: u64,
    pub executions: u64,
    pub transitions: u64,
    pub events: u64,
    pub crashes: u64,
    pub crashes_before_acting: u64,
    pub crashes_in_recovery: u64,
    pub crashes_while_full: u64,
    pub frames_survived: u64,
    pub frames_torn: u64,
    pub frames_lost: u64,
    pub syncs_failed: u64,
    pub stalls: u64,
    pub times_full: u64,
    pub refused_when_full: u64,
    pub jumps_forward: u64,
    pub jumps_back: u64,
    pub starts_repeated: u64,
    pub starts_refused: u64,
    pub requests_in_doubt: u64,
    pub requests_lost: u64,
    pub requests_done_unanswered: u64,
    pub stops: u64,
    pub answers_accepted: u64,
    pub answers_early: u64,
    pub answers_late: u64,
    pub heartbeats: u64,
    pub polls_empty: u64,
    pub tasks_given: u64,
    pub tasks_lost_on_the_way: u64,
    pub calls: u64,
    pub calls_resent: u64,
    pub calls_forgotten: u64,
    pub machines_updated: u64,
    pub machines_deleted: u64,
    /// A digest of everything that was answered, called and recorded: the same seed gives the same.
    pub digest: u64,
}

/// Makes so many rounds and then runs until every execution has ended.
///
/// # Panics
/// When a promise is broken; the message names the seed.
pub fn run(seed: u64, rounds: u64, medium: Medium) -> Report {
    let _named = SeedInPanic::new(seed);
    let mut world = World::new(seed, medium);
    while world.report.rounds < rounds {
        world.step();
    }
    world.is_ending = true;
    while !world.promises.live().is_empty() || !world.pending_starts().is_empty() {
        world.step();
        assert!(
            world.report.rounds < rounds + ROUNDS_TO_END_MAX,
            "these never end: {:?}",
            world.promises.live()
        );
    }
    world.restart_in_order();
    std::mem::take(&mut world.report)
}

pub struct World {
    pub random: Random,
    pub report: Report,
    pub promises: Promises,
    /// `None` while the process is down.
    engine: Option<Driven>,
    pub log: Arc<FaultyLog>,
    pub drive: Drive,
    pub settings: Settings,
    /// True time in milliseconds, and how far the system's clock is off.
    pub now: i64,
    pub clock_error: i64,
    /// How often the process was started.
    pub process: u32,
    /// What will happen, by time; the place keeps the order of equals.
    agenda: BTreeMap<(i64, u64), Planned>,
    next_place: u64,
    /// Requests without an answer.
    pub pending: Vec<Pending>,
    pub next_name: u64,
    pub next_answer: u64,
    /// How many workers poll.
    pub workers: usize,
    /// The last round left something to do at once.
    pub is_busy: bool,
    /// Nothing new is started.
    pub is_ending: bool,
}

impl Drop for World {
    /// A promise may be broken while commits are held, and the process waits for its commit thread.
    fn drop(&mut self) {
        self.log.die(Fate::Lost);
    }
}

impl World {
    fn new(seed: u64, medium: Medium) -> Self {
        let mut random = Random::new(seed);
        let unknown_calls = if random.once_in(3) { UnknownCalls::Resend } else { UnknownCalls::Fail };
        let store = store::Settings {
            data_dir: None,
            retention: RETENTION,
            segment_bytes: SEGMENT_BYTES,
            open_max: OPEN_MAX,
        };
        let express = Default::default();
        let settings = Settings { scope: Scope::default(), unknown_calls, store, express, logs: None };
        let machine = |kind: usize, name: String, comes_and_goes| Machine {
            arn: settings.scope.state_machine(&name).into(),
            name: name.into(),
            kind,
            definition: None,
            asked: None,
            comes_and_goes,
        };
        let kinds = 0..=machines::DEFINITIONS.len();
        let stay = kinds.map(|kind| machine(kind, format!("m{kind}"), false));
        let come_and_go = [0, 4, 5].map(|kind| machine(kind, format!("guest{kind}"), true));
        let promises = Promises::new(stay.chain(come_and_go).collect(), RETENTION);
        let drive = Drive::new(medium);
        let log = drive.open();
        let mut world = World {
            random,
            report: Report::default(),
            promises,
            engine: None,
            log,
            drive,
            settings,
            now: 1_700_000_000_000,
            clock_error: 0,
            process: 0,
            agenda: BTreeMap::new(),
            next_place: 0,
            pending: Vec::new(),
            next_name: 0,
            next_answer: 0,
            workers: 0,
            is_busy: false,
            is_ending: false,
        };
        world.open(Fault::new(|_| {}));
        world.create_everything();
        world
    }

    fn step(&mut self) {
        match self.random.below(200) {
            0..2 => self.crash_between_rounds(),
            2..14 => self.stall(),
            14 => self.fill_up(),
            15..18 => self.fail_a_sync(),
            18..21 => self.jump(),
            _ => {
                self.gather(true);
                self.round();
                self.let_everything_happen();
            }
        }
        self.promises.forget();
    }

    /// One round of the engine's loop.
    pub fn round(&mut self) {
        self.report.rounds += 1;
        let wall = self.wall();
        let engine = self.engine();
        let now = engine.now(wall);
        let more = engine.round(wall);
        self.is_busy = more;
        self.promises.latest = self.promises.latest.max(now);
    }

    /// Waits for the disk, and does everything that waited for it; or crashes in the middle of that.
    pub fn let_everything_happen(&mut self) {
        assert!(self.engine().wait_until_durable(), "the disk is well");
        while let Some(deed) = self.engine().act() {
            self.carry_out(deed);
            if self.random.once_in(1_500) {
                self.report.crashes_before_acting += 1;
                return self.crash_between_rounds();
            }
        }
        self.collect_answers();
        self.look_around();
    }

    /// Reads some of what there is.
    fn look_around(&mut self) {
        for arn in self.promises.live() {
            let store = self.engine().store().clone();
            let view = store.execution(&arn).expect("what is durable can be read");
            let has_ended = view.is_none_or(|view| view.status != execution::Status::Running);
            if has_ended || self.random.once_in(16) {
                self.observe(&arn);
                self.stop_if_a_task_is_lost(&arn);
            }
        }
        if self.random.once_in(8) && !self.promises.executions.is_empty() {
            let arns: Vec<_> = self.promises.executions.keys().cloned().collect();
            let arn = self.random.pick(&arns).clone();
            self.observe(&arn);
        }
        if self.random.once_in(8) {
            let store = self.engine().store().clone();
            self.promises.machines.iter().for_each(|machine| machine.check(&store));
        }
    }

    /// Reads an execution; whether it is there. One that has ended is counted.
    pub fn observe(&mut self, arn: &json::Text) -> bool {
        let store = self.engine().store().clone();
        let was_closed = self.promises.executions.get(arn).is_some_and(|expected| expected.is_closed);
        let is_there = self.promises.observe(&store, arn);
        let Some(expected) = self.promises.executions.get(arn) else { return is_there };
        if expected.is_closed && !was_closed {
            self.report.executions += 1;
            self.report.events += expected.seen.len() as u64;
            let exits =
                |event: &&execution::Event| matches!(event.kind, execution::EventKind::StateExited { .. });
            self.report.transitions += expected.seen.iter().filter(exits).count() as u64;
            let text = format!("{arn} {:?}", expected.seen);
            self.digest(&text);
        }
        is_there
    }

    /// What the system's clock reads.
    pub fn wall(&self) -> Timestamp {
        Timestamp(self.now + self.clock_error)
    }

    /// Lets time pass until something happens.
    pub fn pass_time(&mut self) {
        if self.is_busy {
            return;
        }
        let planned = self.agenda.keys().next().map(|(at, _)| *at);
        let error = self.clock_error;
        let due = self.engine().next_due().map(|due| due.0 - error);
        let Some(next) = planned.into_iter().chain(due).min() else { return };
        // A timer may be late, never early.
        self.now = self.now.max(next) + self.random.below(20) as i64;
    }

    /// Takes the next thing that is to happen by now.
    pub fn next_planned(&mut self) -> Option<Planned> {
        let (&key, _) = self.agenda.first_key_value().filter(|((at, _), _)| *at <= self.now)?;
        self.agenda.remove(&key)
    }

    pub fn plan(&mut self, planned: Planned, within_millis: u64) {
        let at = self.now + self.random.below(within_millis) as i64;
        self.next_place += 1;
        self.agenda.insert((at, self.next_place), planned);
    }

    pub fn engine(&mut self) -> &mut Driven {
        self.engine.as_mut().expect("the process is up")
    }

    /// Starts the process.
    pub fn open(&mut self, fault: Fault) {
        self.process += 1;
        self.is_busy = true;
        let (seed, wall) = (self.random.next(), self.wall());
        let opened = Driven::open(&self.settings, self.log.clone(), fault, seed, wall);
        let engine = opened.expect("what a crash leaves can be opened");
        let now = engine.now(wall);
        self.promises.clock_went_back |= now < self.promises.latest;
        self.promises.latest = self.promises.latest.max(now);
        self.engine = Some(engine);
    }

    /// Ends the process: in order, or as a crash that the log was told of before.
    pub fn close(&mut self) {
        self.engine = None;
    }

    pub fn digest(&mut self, text: &str) {
        for byte in text.bytes() {
            self.report.digest = (self.report.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
}
