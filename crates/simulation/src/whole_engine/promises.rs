//! What was promised to whom, and whether it is kept.
//!
//! An answer is a promise, and so is everything that a read has shown: no crash may take it back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::time::Duration;

use asl::{Failure, Timestamp};
use engine::request::StartExecution;
use execution::{Event, Status, TaskOutcome};
use json::{Document, Text};
use store::{ExecutionFilter, ExecutionKey, Store};

use super::history;
use super::machine::{Machine, Run};
use super::map_runs::ExpectedMapRun;
use crate::machines::Kind;
use crate::reference::Told;

/// How many closed executions are looked at again.
const FINISHED_MAX: usize = 100;

/// What callers may rely on.
pub struct Promises {
    pub executions: BTreeMap<Text, Expected>,
    pub machines: Vec<Machine>,
    /// Tokens that calls took to workers.
    pub tokens: BTreeSet<String>,
    /// Activity tasks that a worker got.
    pub given: BTreeSet<String>,
    /// Tasks whose answer was accepted.
    pub answered: BTreeSet<String>,
    /// Calls that were made, by idempotency token, and by which process.
    pub calls: BTreeMap<String, u32>,
    /// Jobs that were waited for, by the token of the call that started them.
    pub jobs: BTreeMap<String, Job>,
    /// Which process runs, and whether calls whose outcome nobody knows are made again.
    pub process: u32,
    pub calls_are_repeated: bool,
    /// The execution that is being looked at.
    pub concerned: Text,
    /// With what somebody may have asked to stop an execution.
    pub may_stop: [Failure; 3],
    /// Which execution has which key, of those that made calls.
    pub called: BTreeMap<ExecutionKey, Text>,
    /// The latest time that the engine's clock showed.
    pub latest: Timestamp,
    /// Whether a process began with a clock behind that.
    pub clock_went_back: bool,
    /// The Map Runs that histories have told of.
    pub map_runs: BTreeMap<Text, ExpectedMapRun>,
    finished: VecDeque<Text>,
    pub retention: i64,
    pub kinds: Vec<Kind>,
}

/// A job of a `.sync` task.
#[derive(Clone)]
pub struct Job {
    /// Which process waited for it last.
    pub process: u32,
    /// What the call was answered that started it.
    pub submitted: Document,
    /// How it ends.
    pub outcome: TaskOutcome,
}

/// With what the world stops an execution.
pub fn stop() -> Failure {
    Failure::new("Stopped", "by the world")
}

/// The same for one with a task that nobody can do any more.
pub fn stop_of_lost_task() -> Failure {
    Failure::new("Lost", "a task reached no worker")
}

/// An execution that was asked for.
pub struct Expected {
    pub machine: usize,
    pub request: StartExecution,
    /// Once it was answered or seen.
    pub started_at: Option<Timestamp>,
    /// Before this it cannot have ended: the lowest that the engine's clock has shown since its start.
    pub lowest: Timestamp,
    /// How many starts are not answered.
    pub asked: u32,
    /// How often it was asked to be redriven, and how often that was acknowledged.
    pub redrives_asked: usize,
    pub redrives_promised: usize,
    /// What a read has shown.
    pub seen: Vec<Event>,
    pub is_closed: bool,
    /// Once it was answered or seen.
    pub stopped_at: Option<Timestamp>,
    /// What it may run.
    pub runs: BTreeSet<Run>,
    /// Answers of workers that were accepted and are not in the history yet.
    pub accepted: Vec<u64>,
    /// How many calls were made for it, and how many of its activity tasks were given to workers.
    pub calls: usize,
    pub tasks_given: usize,
    /// In which process it was asked for first.
    pub process: u32,
    /// What the reference read in its history, once it has ended.
    pub told: Told,
}

impl Expected {
    /// Whether so much time has passed since its end, or since the earliest end that it may have had,
    /// that it need not be there.
    fn may_be_removed(&self, latest: Timestamp, retention: i64) -> bool {
        let ended = self.stopped_at.unwrap_or(self.lowest);
        self.started_at.is_none() || latest.0 - ended.0 >= retention
    }
}

impl Expected {
    /// Whether it may be open: a redrive may not have been seen yet.
    pub fn may_run(&self) -> bool {
        !self.is_closed || self.redrives_asked > history::redrives(&self.seen)
    }
}

impl fmt::Debug for Expected {
    /// What matters when it is lost; the rest is in the film.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let iso = |at: Option<Timestamp>| at.map_or("-".to_owned(), Timestamp::to_iso);
        write!(f, "started at {}, ", iso(self.started_at))?;
        write!(f, "ended at {}, not before {}", iso(self.stopped_at), self.lowest.to_iso())
    }
}

impl Promises {
    pub fn new(kinds: Vec<Kind>, machines: Vec<Machine>, retention: Duration) -> Self {
        Promises {
            executions: BTreeMap::new(),
            machines,
            tokens: BTreeSet::new(),
            given: BTreeSet::new(),
            answered: BTreeSet::new(),
            calls: BTreeMap::new(),
            jobs: BTreeMap::new(),
            process: 0,
            calls_are_repeated: false,
            concerned: Text::default(),
            may_stop: [stop(), stop_of_lost_task(), Failure { error: None, cause: None }],
            called: BTreeMap::new(),
            latest: Timestamp(0),
            clock_went_back: false,
            map_runs: BTreeMap::new(),
            finished: VecDeque::new(),
            retention: retention.as_millis() as i64,
            kinds,
        }
    }

    /// What a machine is.
    pub fn kind(&self, machine: usize) -> &Kind {
        &self.kinds[self.machines[machine].kind]
    }

    /// The machine with the most transitions.
    pub fn busy(&self) -> usize {
        let busy = |machine: &Machine| self.kinds[machine.kind].is_busy && !machine.comes_and_goes;
        self.machines.iter().position(busy).expect("one machine is busy")
    }

    /// Those that were started and have not been seen to end.
    pub fn live(&self) -> Vec<Text> {
        let live = |expected: &Expected| expected.started_at.is_some() && !expected.is_closed;
        self.executions.iter().filter(|(_, expected)| live(expected)).map(|(arn, _)| arn.clone()).collect()
    }

    /// Reads an execution, and panics when that is not what was promised. Whether it is there.
    pub fn observe(&mut self, store: &Store, arn: &Text) -> bool {
        self.concerned = arn.clone();
        let Some(expected) = self.executions.get_mut(arn) else { return false };
        let Some(view) = store.execution(arn).expect("what is durable can be read") else {
            assert!(expected.may_be_removed(self.latest, self.retention), "{arn} is lost: {expected:?}");
            // Removed unseen, when the clock jumped over its end and its retention.
            expected.is_closed |= expected.started_at.is_some();
            return false;
        };
        let page = store.history(arn, 0, usize::MAX, false).expect("what is durable can be read");
        let Some(page) = page else {
            assert!(
                expected.may_be_removed(self.latest, self.retention),
                "{arn} has no history: {expected:?}"
            );
            return false;
        };
        let events = page.events;
        assert!(expected.started_at.is_none_or(|at| at == view.start.started_at), "{arn} was started again");
        let redrives = history::redrives(&events);
        assert!(redrives >= expected.redrives_promised, "{arn}: a redrive is lost");
        assert!(redrives <= expected.redrives_asked, "{arn} was redriven, and nobody asked");
        if redrives > history::redrives(&expected.seen) {
            (expected.is_closed, expected.stopped_at) = (false, None);
            expected.lowest = self.latest;
        }
        assert!(
            expected.stopped_at.is_none_or(|at| Some(at) == view.stopped_at),
            "{arn} did not stay stopped"
        );
        assert!(events.starts_with(&expected.seen), "{arn}: what was read is not true any more");
        assert!(!expected.is_closed || events.len() == expected.seen.len(), "{arn} went on after its end");
        if events.len() == expected.seen.len() {
            return true;
        }
        assert!(view.status != Status::Running || view.start.input == expected.request.input);
        assert!(events.iter().all(|event| event.timestamp <= self.latest), "{arn} is from the future");
        let revision = store.revision(view.start.revision).expect("an execution's revision is kept");
        let run = (view.start.version_arn.clone(), revision.definition.clone());
        assert!(expected.runs.contains(&run), "{arn} runs what it was not started with");
        let alias_arn = self.machines[expected.machine].alias_of(&expected.request.state_machine_arn);
        assert_eq!(view.start.alias_arn, alias_arn, "{arn} was begun by another alias");
        history::check(&events, view.status, view.stopped_at);
        let machine = expected.machine;
        let told = self.read(store, &view, &events, machine, None);
        let Some(expected) = self.executions.get_mut(arn) else { return false };
        expected.started_at = Some(view.start.started_at);
        expected.stopped_at = view.stopped_at;
        expected.is_closed = view.status != Status::Running;
        expected.accepted.retain(|number| !history::has_answer(&events, *number));
        if expected.is_closed {
            assert!(
                expected.accepted.is_empty() || history::was_cut_short(&events),
                "{arn}: the answers {:?} are lost",
                expected.accepted
            );
            // The reference knows nothing of what comes after a redrive.
            let calls = if redrives == 0 { told.calls } else { history::calls(&events) };
            assert!(expected.calls <= calls, "{arn} made calls that its history does not know");
            // After a crash nobody knows which calls were made, unless they are made again: those whose
            // time was not up by then.
            let has_crashed = expected.process != self.process;
            let is_certain = redrives == 0 && (!has_crashed || self.calls_are_repeated);
            let late = if has_crashed { told.calls_timed_out } else { 0 };
            let is_made = expected.calls + told.calls_cut + late >= calls;
            assert!(!is_certain || is_made, "{arn}: a call of its history was never made");
            expected.told = told;
            self.finished.push_back(arn.clone());
        }
        expected.seen = events;
        true
    }

    /// Panics when an execution is not there as it was shown, without reading its records. What they
    /// held is compared when it is read next, at its end at the latest.
    pub fn glance(&mut self, store: &Store, arn: &Text) {
        self.concerned = arn.clone();
        let Some(expected) = self.executions.get_mut(arn) else { return };
        let Some(started_at) = expected.started_at else { return };
        let view = store.execution(arn).expect("what is durable can be read");
        let Some(view) = view else {
            assert!(expected.may_be_removed(self.latest, self.retention), "{arn} is lost: {expected:?}");
            expected.is_closed = true;
            return;
        };
        assert!(view.start.started_at == started_at, "{arn} was started again");
        if expected.is_closed
            && view.redriven.map_or(0, |it| it.count) == history::redrives(&expected.seen) as u64
        {
            assert!(view.status != Status::Running, "{arn} runs again");
            assert!(view.stopped_at == expected.stopped_at, "{arn} ended at another time");
        }
    }

    /// A process has begun with this clock.
    pub fn clock_begins(&mut self, now: Timestamp) {
        self.clock_went_back |= now < self.latest;
        self.latest = self.latest.max(now);
        for expected in self.executions.values_mut().filter(|expected| expected.stopped_at.is_none()) {
            expected.lowest = expected.lowest.min(now);
        }
    }

    /// Forgets the oldest closed executions.
    pub fn forget(&mut self) {
        while self.finished.len() > FINISHED_MAX {
            let Some(arn) = self.finished.pop_front() else { break };
            if self.executions.get(&arn).is_some_and(|expected| expected.asked == 0 && expected.is_closed) {
                self.executions.remove(&arn);
            }
        }
        self.forget_map_runs();
    }

    /// Panics when a list of running executions shows others than the reads of each do.
    pub fn check_lists(&self, store: &Store) {
        for machine in &self.machines {
            let mut filter = ExecutionFilter {
                machine_arn: machine.arn.clone(),
                status: Some(Status::Running),
                after: None,
                limit: 3,
            };
            let mut listed = BTreeSet::new();
            loop {
                let page = store.executions(&filter).expect("the list can be read");
                for row in page.executions {
                    assert!(listed.insert(row.arn()), "{} is listed twice", row.arn());
                }
                let Some(next) = page.next else { break };
                filter.after = Some(next);
            }
            let is_running = |arn: &&Text| {
                let view = store.execution(arn).expect("what is durable can be read");
                view.is_some_and(|view| view.status == Status::Running)
            };
            // Of those that were seen to end it is known; to read them again takes long.
            let of_machine = |expected: &Expected| {
                expected.may_run() && self.machines[expected.machine].arn == machine.arn
            };
            let known = self.executions.iter().filter(|(_, expected)| of_machine(expected));
            let running: BTreeSet<Text> = known.map(|(arn, _)| arn).filter(is_running).cloned().collect();
            assert_eq!(listed, running, "the list of {} differs", machine.arn);
        }
    }
}
