//! The world around the executions: time, callers, workers, crashes.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use asl::resource::Pattern;
use asl::{Failure, StateMachine, Timestamp};
use execution::execution::{MachineType, Start};
use execution::{
    Effect, Event, Execution, FrameId, Outside, Redrivable, Status, TaskOutcome, TaskToken, Wakeup,
};
use json::{Document, Text};

use super::check;
use super::disk::Disk;
use crate::digest::Digest;
use crate::film::{BrokenPromise, Concerned, Detail, Film, Moment};
use crate::machines::{self, Kind};
use crate::random::Random;
use crate::reference::Gathered;
use crate::told::{self, Known};
use crate::whole_engine::no_answer_is_taken_twice;
use crate::{answers, generator};

/// How many executions live at once.
const EXECUTIONS_AT_ONCE: usize = 8;

/// How often one execution is redriven: one that always fails must end some day.
const REDRIVES_MAX: u64 = 3;

/// What a run did; every fault must have happened for the run to mean something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Report {
    pub executions: u64,
    pub executions_generated: u64,
    pub retries: u64,
    pub caught: u64,
    pub evaluations_failed: u64,
    pub turns: u64,
    pub events: u64,
    pub crashes: u64,
    pub turns_lost: u64,
    pub calls_unknown: u64,
    pub duplicate_answers: u64,
    pub late_answers: u64,
    pub failed_calls: u64,
    pub timers_fired: u64,
    pub heartbeats: u64,
    pub jobs: u64,
    pub map_runs: u64,
    pub map_runs_failed: u64,
    pub map_runs_redriven: u64,
    pub stops: u64,
    pub redrives: u64,
    /// Executions that succeeded after a redrive.
    pub redriven_well: u64,
    /// A digest of everything that happened: the same seed gives the same.
    pub digest: u64,
}

impl Report {
    /// Adds the counters of another run.
    pub fn add(&mut self, other: &Report) {
        self.executions += other.executions;
        self.executions_generated += other.executions_generated;
        self.turns += other.turns;
        self.events += other.events;
    }
}

/// Runs until `turns` turns were made and every execution that was started has ended.
///
/// # Errors
/// When a promise is broken: with the film of it.
pub fn run(seed: u64, turns: u64) -> Result<Report, BrokenPromise> {
    let mut random = Random::new(seed);
    let kinds = machines::kinds(&mut random);
    let compiled = kinds.iter().map(|kind| {
        let compiled = asl::compile(&kind.definition, asl::Options::default());
        compiled.machine.unwrap_or_else(|| panic!("{}: {:?}", kind.definition, compiled.diagnostics))
    });
    let machines: Vec<StateMachine> = compiled.collect();
    let mut world = World {
        kinds: &kinds,
        machines: &machines,
        random,
        now: Timestamp(1_700_000_000_000),
        live: BTreeMap::new(),
        agenda: BTreeMap::new(),
        next_place: 0,
        next_execution: 0,
        serial: 0,
        next_answer: 0,
        digest: Digest::default(),
        film: Film::default(),
        concerned: 0,
        report: Report::default(),
    };
    let ran = catch_unwind(AssertUnwindSafe(|| world.run(turns)));
    ran.map_err(|panic| world.develop(seed, &*panic))?;
    Ok(Report { digest: world.digest.value(), ..world.report })
}

struct World<'m> {
    kinds: &'m [Kind],
    machines: &'m [StateMachine],
    random: Random,
    now: Timestamp,
    live: BTreeMap<u64, Live>,
    /// What will happen, by time; the place keeps the order of equals.
    agenda: BTreeMap<(Timestamp, u64), Planned>,
    next_place: u64,
    next_execution: u64,
    serial: u32,
    next_answer: u64,
    digest: Digest,
    film: Film,
    /// Which execution is being looked at.
    concerned: u64,
    report: Report,
}

/// What will happen to an execution.
struct Planned {
    execution: u64,
    wakeup: Wakeup,
    /// The secret of the token that it comes with, if it comes with one.
    nonce: Option<u128>,
}

struct Live {
    machine: usize,
    execution: Execution,
    history: Vec<Event>,
    disk: Disk,
    timers: BTreeMap<FrameId, Timestamp>,
    /// Effects that wait for the sync.
    outbox: Vec<Effect>,
    /// What comes or came of the Map Runs that it began, by ARN, and which frame waits for it.
    map_runs: BTreeMap<Text, (FrameId, Result<Document, Failure>)>,
}

impl Live {
    /// What the reference must be told of Map Runs that succeeded.
    fn gathered(&self) -> BTreeMap<Text, Gathered> {
        let well = self.map_runs.iter().filter_map(|(arn, (_, outcome))| {
            let result = outcome.as_ref().ok()?.value().clone();
            Some((arn.clone(), Gathered::Result(result)))
        });
        well.collect()
    }
}

impl World<'_> {
    fn run(&mut self, turns: u64) {
        while self.report.turns < turns || !self.live.is_empty() {
            if self.report.turns < turns && self.live.len() < EXECUTIONS_AT_ONCE {
                self.start();
            } else {
                self.step();
            }
        }
    }

    fn develop(&self, seed: u64, panic: &(dyn Any + Send)) -> BrokenPromise {
        let concerned = self.live.get(&self.concerned).map(|live| Concerned {
            arn: live.execution.start.arn.clone(),
            definition: self.kinds[live.machine].definition.to_string(),
            input: live.execution.start.input.text().to_owned(),
            history: live.history.clone(),
        });
        self.film.develop(seed, &format!("cargo xtask simulate {seed}"), panic, concerned.as_ref())
    }

    fn start(&mut self) {
        let number = self.next_execution;
        self.next_execution += 1;
        let machine = self.random.below(self.machines.len() as u64) as usize;
        let input = generator::input(&mut self.random);
        let start = Start {
            arn: format!("arn:aws:states:us-east-1:123456789012:execution:m{machine}:e{number}").into(),
            name: format!("e{number}").into(),
            state_machine_arn: format!("arn:aws:states:us-east-1:123456789012:stateMachine:m{machine}")
                .into(),
            state_machine_name: format!("m{machine}").into(),
            machine_type: MachineType::Standard,
            revision: machine as u64,
            version_arn: None,
            alias_arn: None,
            test_case: None,
            role_arn: "arn:aws:iam::123456789012:role/r".into(),
            region: "us-east-1".into(),
            input: Document::from_value(input),
            trace_header: None,
            parent: None,
            child_of: None,
            started_at: self.now,
        };
        let disk = Disk::new(self.new_serial(), &start);
        let execution = Execution::new(start);
        let live = Live {
            machine,
            execution,
            history: vec![],
            disk,
            timers: BTreeMap::new(),
            outbox: vec![],
            map_runs: BTreeMap::new(),
        };
        self.live.insert(number, live);
        self.wake(number, Wakeup::Started);
        self.sync(number);
    }

    /// One thing happens: the next on the agenda, the next timer, or something unfriendly.
    fn step(&mut self) {
        let ids: Vec<u64> = self.live.keys().copied().collect();
        if self.random.once_in(200) {
            return self.crash();
        }
        if self.random.once_in(400) {
            self.report.stops += 1;
            let id = *self.random.pick(&ids);
            self.wake(id, Wakeup::Stopped { failure: stop() });
            return self.sync(id);
        }
        let next_answer = self.agenda.keys().next().copied();
        let next_timer =
            self.live.iter().flat_map(|(id, live)| live.timers.iter().map(|(f, at)| (*at, *id, *f))).min();
        match (next_answer, next_timer) {
            (Some(key), timer) if timer.is_none_or(|(at, ..)| key.0 <= at) => {
                let Some(planned) = self.agenda.remove(&key) else { unreachable!("the key was there") };
                self.now = self.now.max(key.0);
                self.happen(planned);
            }
            (_, Some((at, id, frame))) => {
                // A timer may be late, never early.
                self.now = self.now.max(at).plus_millis(self.random.below(3) as i64);
                self.live.get_mut(&id).and_then(|live| live.timers.remove(&frame));
                self.report.timers_fired += 1;
                self.wake(id, Wakeup::TimerFired { frame });
                self.maybe_sync(id);
            }
            _ => ids.iter().for_each(|id| self.sync(*id)),
        }
    }

    fn happen(&mut self, planned: Planned) {
        let Planned { execution: id, wakeup, nonce } = planned;
        if let (
            Some(nonce),
            Wakeup::TokenAnswered { frame, attempt, .. } | Wakeup::Heartbeat { frame, attempt },
        ) = (nonce, &wakeup)
        {
            // The engine refuses a token that nobody waits for; the core is not asked.
            let waits = |live: &Live| live.execution.accepts(*frame, *attempt, nonce);
            if !self.live.get(&id).is_some_and(waits) {
                self.report.late_answers += 1;
                return;
            }
        }
        self.wake(id, wakeup);
        self.maybe_sync(id);
    }

    fn wake(&mut self, id: u64, wakeup: Wakeup) {
        let seed = self.random.wide();
        let Some(live) = self.live.get_mut(&id) else {
            self.report.late_answers += 1;
            return;
        };
        self.concerned = id;
        let moment = Moment { at: self.now, process: self.report.crashes as u32, round: self.report.turns };
        self.film.note(moment, wakeup_name(&wakeup), &live.execution.start.arn, Detail::Number(id));
        let machine = &self.machines[live.machine];
        let mut twin = live.execution.clone();
        let turn = live.execution.wake(machine, wakeup.clone(), Outside::new(self.now, seed));
        assert_eq!(
            turn,
            twin.wake(machine, wakeup, Outside::new(self.now, seed)),
            "the same wakeup makes the same turn"
        );
        assert_eq!(live.execution, twin);
        check::turn(&live.execution, &live.history, &turn);
        live.history.extend(turn.history.iter().cloned());
        self.report.turns += 1;
        self.report.events += turn.history.len() as u64;
        self.digest.shown(&turn);
        live.disk.append(&turn);
        live.outbox.extend(turn.effects);
    }

    fn maybe_sync(&mut self, id: u64) {
        if !self.random.once_in(4) {
            self.sync(id);
        }
    }

    /// The records are on disk: effects may leave, and an execution that ended is done.
    fn sync(&mut self, id: u64) {
        let Some(live) = self.live.get_mut(&id) else { return };
        live.disk.sync();
        for effect in std::mem::take(&mut live.outbox) {
            self.act(id, effect);
        }
        self.concerned = id;
        let Some(live) = self.live.get(&id) else { return };
        let is_closed = live.execution.close.is_some();
        if is_closed || self.random.once_in(50) {
            let kind = &self.kinds[live.machine];
            let known = Known {
                processor_of: None,
                may_stop: &[stop()],
                gathered: &live.gathered(),
                clock_went_back: false,
            };
            let told = told::check(&kind.reference, &live.execution.start, &live.history, known);
            let told = told.unwrap_or_else(|difference| panic!("{}", difference.0));
            self.report.retries += told.retries as u64;
            self.report.caught += told.caught as u64;
            self.report.evaluations_failed += told.evaluations_failed as u64;
        }
        if is_closed && self.redrive(id) {
            return self.sync(id);
        }
        let Some(live) = self.live.get(&id) else { return };
        if is_closed {
            let is_well =
                live.execution.close.as_ref().is_some_and(|close| close.status == Status::Succeeded);
            self.report.redriven_well += u64::from(is_well && live.execution.redrives.count > 0);
            no_answer_is_taken_twice(&live.history);
            self.report.executions += 1;
            self.report.executions_generated += u64::from(self.kinds[live.machine].is_generated);
            self.live.remove(&id);
        }
    }

    /// Lets an execution that has ended go on, perhaps; whether it does.
    fn redrive(&mut self, id: u64) -> bool {
        let Some(live) = self.live.get(&id) else { return false };
        let Some(close) = &live.execution.close else { return false };
        let is_wanted = live.execution.redrives.count < REDRIVES_MAX && self.random.once_in(2);
        if close.redrivable != Redrivable::Yes || !is_wanted {
            return false;
        }
        let changes = live.execution.has_one_failed_state() && self.random.once_in(4);
        let input = changes.then(|| Document::from_value(generator::input(&mut self.random)));
        self.now = self.now.plus_millis(self.random.below(60_000) as i64);
        self.report.redrives += 1;
        self.wake(id, Wakeup::Redriven { client_token: None, input });
        if self.random.once_in(8) {
            self.crash();
        }
        true
    }

    fn act(&mut self, id: u64, effect: Effect) {
        match effect {
            Effect::CallTask(call) => {
                let outcome = self.outcome();
                let answer = Wakeup::CallReturned { frame: call.frame, attempt: call.attempt, outcome };
                match call.resource.pattern() {
                    // What starts a job answers once: another answer would be the job's end.
                    Pattern::Sync | Pattern::Sync2 => self.plan(id, answer, None, 40_000),
                    Pattern::RequestResponse | Pattern::WaitForTaskToken => self.answer(id, answer, None),
                }
                if let Some(token) = token_in(&call.arguments) {
                    self.work(id, &token);
                }
            }
            Effect::OfferActivity { frame, attempt, token, .. } => {
                if self.random.once_in(12) {
                    return; // Nobody polls.
                }
                self.later(
                    id,
                    Wakeup::ActivityStarted { frame, attempt, worker_name: Some("w".into()) },
                    30_000,
                );
                self.work(id, &token);
            }
            Effect::SetTimer { frame, at } => {
                if let Some(live) = self.live.get_mut(&id) {
                    live.timers.insert(frame, at);
                }
            }
            Effect::CancelTimer { frame } => {
                if let Some(live) = self.live.get_mut(&id) {
                    live.timers.remove(&frame);
                }
            }
            Effect::CancelTask { .. } => {} // The world answers all the same: late answers must do no harm.
            Effect::AwaitJob { call, .. } => {
                self.report.jobs += 1;
                let outcome = self.outcome();
                let answer = Wakeup::CallReturned { frame: call.frame, attempt: call.attempt, outcome };
                self.plan(id, answer, None, 200_000);
            }
            Effect::StartMapRun(start) => {
                self.report.map_runs += 1;
                self.begin_map_run(id, start.frame, start.arn, start.items.unwrap_or(0));
            }
            Effect::RedriveMapRun { frame, map_run_arn } => {
                self.report.map_runs_redriven += 1;
                self.begin_map_run(id, frame, map_run_arn, 3);
            }
            Effect::StopMapRun { .. } => {} // Its end comes all the same, and must do no harm.
            Effect::WakeAgain => self.later(id, Wakeup::Again, 1),
        }
    }

    /// A Map Run, which has no children here: it comes to something after a while.
    fn begin_map_run(&mut self, id: u64, frame: FrameId, arn: Text, items: u64) {
        let outcome = match self.random.below(8) {
            0 | 1 => Err(Failure::new(THRESHOLD.0, THRESHOLD.1)),
            2 => Err(Failure::new("States.DataLimitExceeded", "too much for the world")),
            _ => {
                let results = (0..items).map(|item| answers::output(item).value().clone());
                Ok(Document::from_value(results.collect()))
            }
        };
        self.report.map_runs_failed += u64::from(outcome.is_err());
        if let Some(live) = self.live.get_mut(&id) {
            live.map_runs.insert(arn.clone(), (frame, outcome));
        }
        self.plan_end_of_map_run(id, &arn);
    }

    /// It ends once: nothing else of it may be under way.
    fn plan_end_of_map_run(&mut self, id: u64, arn: &Text) {
        self.agenda.retain(|_, planned| {
            !matches!(&planned.wakeup, Wakeup::MapRunEnded { map_run_arn, .. } if map_run_arn == arn)
        });
        let Some((frame, outcome)) = self.live.get(&id).and_then(|live| live.map_runs.get(arn)).cloned()
        else {
            return;
        };
        self.later(id, Wakeup::MapRunEnded { frame, map_run_arn: arn.clone(), outcome }, 100_000);
    }

    /// A worker that holds a token: heartbeats, then an answer, or silence.
    fn work(&mut self, id: u64, token: &str) {
        let Some(TaskToken { frame, attempt, nonce, .. }) = TaskToken::parse(token) else {
            panic!("a token that was handed out reads back")
        };
        for _ in 0..self.random.below(3) {
            self.report.heartbeats += 1;
            self.plan(id, Wakeup::Heartbeat { frame, attempt }, Some(nonce), 80_000);
        }
        if !self.random.once_in(10) {
            let outcome = self.outcome();
            self.answer(id, Wakeup::TokenAnswered { frame, attempt, outcome }, Some(nonce));
        }
    }

    fn outcome(&mut self) -> TaskOutcome {
        self.next_answer += 1;
        let outcome = answers::outcome(&mut self.random, self.next_answer);
        self.report.failed_calls += u64::from(matches!(outcome, TaskOutcome::Failed(_)));
        outcome
    }

    fn answer(&mut self, id: u64, wakeup: Wakeup, nonce: Option<u128>) {
        if self.random.once_in(10) {
            self.report.duplicate_answers += 1;
            self.plan(id, wakeup.clone(), nonce, 40_000);
        }
        self.plan(id, wakeup, nonce, 40_000);
    }

    fn later(&mut self, id: u64, wakeup: Wakeup, within_millis: u64) {
        self.plan(id, wakeup, None, within_millis);
    }

    fn plan(&mut self, execution: u64, wakeup: Wakeup, nonce: Option<u128>, within_millis: u64) {
        let at = self.now.plus_millis(self.random.below(within_millis) as i64);
        self.next_place += 1;
        self.agenda.insert((at, self.next_place), Planned { execution, wakeup, nonce });
    }

    /// The process dies: memory, timers and unsynced records are gone. Then it comes back.
    fn crash(&mut self) {
        self.report.crashes += 1;
        let moment = Moment { at: self.now, process: self.report.crashes as u32, round: self.report.turns };
        self.film.fault(moment, "the process dies", Detail::Nothing);
        let ids: Vec<u64> = self.live.keys().copied().collect();
        for id in ids {
            let serial = self.new_serial();
            let Some(live) = self.live.get_mut(&id) else { continue };
            let before = live.history.len();
            let (execution, history) = live.disk.crash(serial);
            self.report.turns_lost += u64::from(history.len() < before);
            live.execution = execution;
            live.history = history;
            live.timers.clear();
            live.outbox.clear();
            for effect in live.execution.outstanding(&self.machines[live.machine]) {
                match effect {
                    Effect::CallTask(call) => {
                        self.report.calls_unknown += 1;
                        let outcome = TaskOutcome::Failed(Failure::named("Lambda.SdkClientException"));
                        self.wake(
                            id,
                            Wakeup::CallReturned { frame: call.frame, attempt: call.attempt, outcome },
                        );
                        self.sync(id);
                    }
                    effect => self.act(id, effect),
                }
            }
            // The turns that took the ends of Map Runs in may be lost.
            let waits = |live: &Live| -> Vec<Text> {
                let frames = live.execution.frames.values();
                frames.filter_map(|frame| Some(frame.map_run()?.map_run_arn.clone())).collect()
            };
            for arn in self.live.get(&id).map(waits).unwrap_or_default() {
                self.plan_end_of_map_run(id, &arn);
            }
        }
    }

    fn new_serial(&mut self) -> u32 {
        self.serial += 1;
        self.serial
    }
}

/// For the film.
fn wakeup_name(wakeup: &Wakeup) -> &'static str {
    match wakeup {
        Wakeup::Started => "is started",
        Wakeup::TimerFired { .. } => "has a timer that fires",
        Wakeup::CallReturned { .. } => "has a call that returns",
        Wakeup::ActivityStarted { .. } => "has a task that is taken",
        Wakeup::TokenAnswered { .. } => "has a task that is answered",
        Wakeup::Heartbeat { .. } => "has a heartbeat",
        Wakeup::Stopped { .. } => "is stopped",
        Wakeup::Redriven { .. } => "is redriven",
        Wakeup::Again => "goes on",
        Wakeup::MapRunEnded { .. } => "has a Map Run that ends",
    }
}

/// How a Map Run fails of which too many children do.
const THRESHOLD: (&str, &str) =
    ("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded");

/// With what the world stops an execution.
fn stop() -> Failure {
    Failure::new("Stopped", "by the world")
}

fn token_in(arguments: &Document) -> Option<String> {
    let arguments = arguments.value();
    let payload = arguments.get("Payload").or_else(|| arguments.get("Input"))?;
    Some(payload.get("token")?.as_str()?.to_owned())
}
