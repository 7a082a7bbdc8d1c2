//! Time, and what happens in what order.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use asl::Timestamp;
use aws_names::Scope;
use engine::driven::Driven;
use engine::{Settings, UnknownCalls};
use execution::{Event, EventKind};
use json::Text;
use store::Fault;

use super::clients::{Pending, Planned};
use super::disk::{Drive, Fate, FaultyLog, Medium};
use super::machine::Machine;
use super::mix::Mix;
use super::promises::Promises;
use super::report::Report;
use crate::digest::Digest;
use crate::film::{BrokenPromise, Concerned, Detail, Film, Moment};
use crate::machines;
use crate::random::Random;

/// How long closed executions are kept: longer than any of them runs.
const RETENTION: Duration = Duration::from_secs(6 * 60 * 60);

/// An execution that has not ended when so many rounds passed without a new one will never end.
const ROUNDS_TO_END_MAX: u64 = 20_000;

/// How long nothing happens at the most, in milliseconds, while there are callers.
const QUIET_MAX: i64 = 10 * 60 * 1_000;

/// How long a run goes on starting executions.
#[derive(Clone, Copy, Debug)]
pub enum Length {
    /// For so many rounds of the engine's loop.
    Rounds(u64),
    /// Until so many transitions were read in executions that have ended.
    Transitions(u64),
}

/// Makes a run of this length and then goes on until every execution has ended.
///
/// # Errors
/// When a promise is broken: with the film of it.
pub fn run(seed: u64, length: Length, medium: Medium) -> Result<Report, BrokenPromise> {
    let mut world = World::new(seed, medium);
    let ran = catch_unwind(AssertUnwindSafe(|| world.run(length)));
    ran.map_err(|panic| world.develop(seed, &*panic))?;
    Ok(std::mem::take(&mut world.report))
}

pub struct World {
    pub random: Random,
    pub mix: Mix,
    pub report: Report,
    pub digest: Digest,
    pub film: Film,
    /// For the film.
    pub moment: Moment,
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
    /// A world with a running process, in which everything is created.
    pub fn new(seed: u64, medium: Medium) -> Self {
        let mut random = Random::new(seed);
        let mix = Mix::new(&mut random);
        let unknown_calls = if random.once_in(3) { UnknownCalls::Resend } else { UnknownCalls::Fail };
        let store = store::Settings {
            data_dir: None,
            retention: RETENTION,
            segment_bytes: mix.segment_bytes,
            open_max: mix.open_max,
            ..store::Settings::default()
        };
        let settings = Settings { scope: Scope::default(), unknown_calls, store, ..Default::default() };
        let machine = |kind: usize, name: String, comes_and_goes| Machine {
            arn: settings.scope.state_machine(&name).into(),
            name: name.into(),
            kind,
            comes_and_goes,
            state: None,
            asked: VecDeque::new(),
        };
        let kinds = machines::kinds(&mut random);
        let stay = (0..kinds.len()).map(|kind| machine(kind, format!("m{kind}"), false));
        let come_and_go = [0, 4, 5, kinds.len() - 1];
        let come_and_go = come_and_go.map(|kind| machine(kind, format!("guest{kind}"), true));
        let machines = stay.chain(come_and_go).collect();
        let mut promises = Promises::new(kinds, machines, RETENTION);
        promises.calls_are_repeated = unknown_calls == UnknownCalls::Resend;
        let drive = Drive::new(medium, mix.segment_bytes);
        let log = drive.open();
        let mut world = World {
            random,
            mix,
            report: Report::default(),
            digest: Digest::default(),
            film: Film::default(),
            moment: Moment { at: Timestamp(0), process: 0, round: 0 },
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

    fn run(&mut self, length: Length) {
        let goes_on = |report: &Report| match length {
            Length::Rounds(rounds) => report.rounds < rounds,
            Length::Transitions(transitions) => report.transitions < transitions,
        };
        while goes_on(&self.report) {
            self.step();
        }
        self.is_ending = true;
        let end = self.report.rounds + ROUNDS_TO_END_MAX;
        let is_left = |world: &World| {
            !world.promises.live().is_empty()
                || !world.promises.open_map_runs().is_empty()
                || !world.pending_starts().is_empty()
        };
        while is_left(self) {
            self.step();
            let (live, map_runs) = (self.promises.live(), self.promises.open_map_runs());
            assert!(self.report.rounds < end, "these never end: {live:?} {map_runs:?}");
        }
        self.check_that_nothing_is_left();
        self.restart_in_order();
        self.check_that_nothing_is_left();
        self.report.digest = self.digest.value();
    }

    /// Every execution has ended: no timer, no call and no cut turn may be left of them.
    fn check_that_nothing_is_left(&mut self) {
        let end = self.report.rounds + ROUNDS_TO_END_MAX;
        while self.is_busy {
            self.round();
            assert!(self.report.rounds < end, "there is always something to do");
        }
        assert!(self.engine().wait_until_durable(), "the disk is well");
        self.let_deeds_be_done();
        self.collect_answers();
        let commits = self.engine().commits_with_records();
        assert_eq!(self.engine().next_due(), None, "a timer is left when all executions have ended");
        self.round();
        assert!(!self.is_busy, "there is something to do when all executions have ended");
        assert_eq!(self.engine().commits_with_records(), commits, "something moves that has ended");
    }

    /// One thing happens: a round, mostly.
    pub fn step(&mut self) {
        // The faults in a world where they are frequent; others have longer times between them.
        match self.random.below(self.mix.calm) {
            0..2 => self.crash_between_rounds(),
            2..10 => self.stall(),
            10..14 => self.slow_down(),
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

    /// The film of the promise that was just broken.
    pub fn develop(&self, seed: u64, panic: &(dyn Any + Send)) -> BrokenPromise {
        let arn = &self.promises.concerned;
        let expected = self.promises.executions.get(arn);
        let concerned = expected.map(|expected| {
            let read = || self.engine.as_ref()?.store().history(arn, 0, usize::MAX, false).ok()?;
            // The store may be what is broken.
            let page = catch_unwind(AssertUnwindSafe(read)).ok().flatten();
            Concerned {
                arn: arn.clone(),
                definition: self.promises.kind(expected.machine).definition.to_string(),
                input: expected.request.input.text().to_owned(),
                history: page.map_or_else(|| expected.seen.clone(), |page| page.events),
            }
        });
        self.film.develop(seed, &format!("cargo xtask simulate {seed}"), panic, concerned.as_ref())
    }

    /// For the film.
    pub fn note(&mut self, what: &'static str, whom: &Text, detail: Detail) {
        self.film.note(self.moment, what, whom, detail);
    }

    /// The same for what is done to the world.
    pub fn fault(&mut self, what: &'static str) {
        self.moment.at = self.wall();
        self.film.fault(self.moment, what, Detail::Nothing);
    }

    /// One round of the engine's loop.
    pub fn round(&mut self) {
        self.report.rounds += 1;
        let wall = self.wall();
        self.moment = Moment { at: wall, process: self.process, round: self.report.rounds };
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
            if self.random.once_in(2 * self.mix.calm) {
                self.report.crashes_before_acting += 1;
                self.fault("before the next deed");
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
            let machine = self.promises.executions.get(&arn).map(|expected| expected.machine);
            // Whether somebody must stop it shows in its history only.
            let is_patient = machine.is_some_and(|machine| self.promises.kind(machine).is_patient);
            let looks = if is_patient { 6 } else { self.mix.looks };
            if has_ended || self.random.once_in(looks) {
                self.observe(&arn);
                self.stop_if_a_task_is_lost(&arn);
            }
        }
        self.look_at_map_runs();
        if self.random.once_in(8) && !self.promises.executions.is_empty() {
            let place = self.random.below(self.promises.executions.len() as u64) as usize;
            let arn = self.promises.executions.keys().nth(place).cloned().expect("there are as many");
            self.observe(&arn);
        }
        if self.random.once_in(16) {
            let store = self.engine().store().clone();
            self.promises.machines.iter().for_each(|machine| machine.check(&store));
        }
    }

    /// Map Runs that have ended, and some that run.
    fn look_at_map_runs(&mut self) {
        for arn in self.promises.open_map_runs() {
            let store = self.engine().store().clone();
            let view = store.map_run(&arn).expect("what is durable can be read");
            let has_ended = view.is_none_or(|view| view.status != execution::Status::Running);
            if !has_ended && !self.random.once_in(self.mix.looks) {
                continue;
            }
            let seen = self.promises.observe_map_run(&store, &arn);
            let Some(status) = seen.status else { continue };
            self.report.map_runs += 1;
            self.report.map_runs_failed += u64::from(status == execution::Status::Failed);
            self.report.map_runs_aborted += u64::from(status == execution::Status::Aborted);
            self.report.map_runs_redriven += u64::from(seen.redrives > 0);
            self.report.children += seen.children;
            self.report.children_aborted += seen.children_aborted;
        }
    }

    /// Reads an execution; whether it is there. One that has ended is counted.
    pub fn observe(&mut self, arn: &json::Text) -> bool {
        let store = self.engine().store().clone();
        let was_closed = self.promises.executions.get(arn).is_some_and(|expected| expected.is_closed);
        let is_there = self.promises.observe(&store, arn);
        let Some(expected) = self.promises.executions.get(arn) else { return is_there };
        if expected.is_closed && !was_closed {
            let exits = |event: &&Event| matches!(event.kind, EventKind::StateExited { .. });
            let transitions = expected.seen.iter().filter(exits).count() as u64;
            self.digest.text(arn);
            expected.seen.iter().for_each(|event| self.digest.event(event));
            self.report.executions += 1;
            self.report.events += expected.seen.len() as u64;
            self.report.transitions += transitions;
            self.report.retries += expected.told.retries as u64;
            self.report.caught += expected.told.caught as u64;
            self.report.evaluations_failed += expected.told.evaluations_failed as u64;
            self.report.evaluations_retried += expected.told.evaluations_retried as u64;
            self.report.evaluations_caught += expected.told.evaluations_caught as u64;
            if self.promises.kind(expected.machine).is_generated {
                self.report.executions_generated += 1;
                self.report.transitions_generated += transitions;
            }
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
        // Where nothing is to happen for a year, somebody asks for something before.
        let next = if self.is_ending { next } else { next.min(self.now + QUIET_MAX) };
        // A timer may be late, never early.
        self.now = self.now.max(next) + self.random.below(20) as i64;
    }

    /// Takes the next thing that is to happen by now.
    pub fn next_planned(&mut self) -> Option<Planned> {
        let (&key, _) = self.agenda.first_key_value().filter(|((at, _), _)| *at <= self.now)?;
        self.agenda.remove(&key)
    }

    /// How much is to happen.
    pub fn planned(&self) -> usize {
        self.agenda.len()
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
        self.promises.process = self.process;
        self.is_busy = true;
        let (seed, wall) = (self.random.next(), self.wall());
        let opened = Driven::open(&self.settings, self.log.clone(), fault, seed, wall);
        let engine = opened.expect("what a crash leaves can be opened");
        let now = engine.now(wall);
        self.promises.clock_begins(now);
        self.engine = Some(engine);
        self.moment = Moment { at: wall, process: self.process, round: self.report.rounds };
        self.note("the process is up", &Text::default(), Detail::Nothing);
    }

    /// Ends the process: in order, or as a crash that the log was told of before.
    pub fn close(&mut self) {
        self.engine = None;
    }
}
