//! Callers, workers and called services: what they ask, and what they answer.

use std::collections::BTreeSet;

use asl::Timestamp;
use asl::resource::Pattern;
use engine::driven::{Awaited, Deed};
use engine::request::{ActivityTask, CreateActivity, Created, RedriveExecution, StartExecution, Started};
use engine::{Gathering, MapRunNews, Reading, UnknownCalls};
use execution::{EventKind, FrameId, TaskCall, TaskOutcome};
use json::{Document, Text, Value};
use store::ExecutionKey;

use super::changes::Answer;
use super::history;
use super::machine::Change;
use super::promises::{Expected, Job};
use super::world::World;
use crate::film::Detail;
use crate::reference::Told;
use crate::{answers, generator};

const ACTIVITY: &str = "work";

/// How often one execution is asked to be redriven: one that always fails must end some day.
const REDRIVES_MAX: usize = 3;

/// A request that has no answer yet.
pub enum Pending {
    Start {
        arn: Text,
        request: StartExecution,
        /// Whether it had been answered for another input, or had been seen to end, before.
        must_be_refused: bool,
        answer: Awaited<Started>,
    },
    Stop {
        arn: Text,
        answer: Awaited<Timestamp>,
    },
    Redrive {
        arn: Text,
        answer: Awaited<Timestamp>,
    },
    Say {
        said: Said,
        answer: Awaited<()>,
    },
    Poll {
        answer: Awaited<Option<ActivityTask>>,
    },
    Change {
        machine: usize,
        change: Change,
        answer: Answer,
    },
    CreateActivity {
        answer: Awaited<Created>,
    },
}

/// What a worker says about its task.
#[derive(Clone, Debug)]
pub struct Said {
    pub arn: Text,
    pub token: String,
    /// Whether it is an activity's task, rather than a callback.
    pub is_activity: bool,
    pub what: What,
}

/// What it is about.
#[derive(Clone, Copy, Debug)]
pub enum What {
    Success(u64),
    Failure(u64),
    Heartbeat,
}

/// What will happen outside.
pub enum Planned {
    /// A call returns to the process that made it.
    Return { process: u32, key: ExecutionKey, frame: FrameId, attempt: u32, outcome: TaskOutcome },
    /// A worker says something.
    Say(Said),
    /// A poll's patience ends.
    EndPoll { process: u32, poll: u64 },
    /// A caller tries again.
    Start(Text),
    /// A piece of a Map Run's items is read.
    Read { process: u32, key: ExecutionKey, reading: Box<Reading> },
    /// A Map Run's results are gathered.
    Gather { process: u32, key: ExecutionKey, gathering: Box<Gathering> },
}

impl World {
    /// Everything that is there from the beginning.
    pub fn create_everything(&mut self) {
        let request = CreateActivity { name: ACTIVITY.into(), encryption: Value::Null, tags: vec![] };
        let answer = self.engine().create_activity(request);
        self.pending.push(Pending::CreateActivity { answer });
        for machine in 0..self.promises.machines.len() {
            self.create_machine(machine);
        }
        self.round();
        assert!(self.engine().wait_until_durable(), "the disk is well");
        self.let_deeds_be_done();
        self.collect_answers();
        assert!(self.pending.is_empty(), "everything is created");
    }

    /// Lets time pass if need be, and puts requests before the engine.
    pub fn gather(&mut self, machines_too: bool) {
        self.pass_time();
        // The more there is to happen, the more happens at once.
        let at_most = self.random.below(3 + 2 * self.mix.starts) as usize + self.planned() / 16;
        for _ in 0..=at_most {
            let Some(planned) = self.next_planned() else { break };
            self.happen(planned);
        }
        if self.random.once_in(20) {
            self.workers = self.random.below(self.mix.workers + 1) as usize;
        }
        let wanted = if self.is_ending { self.workers.max(1) } else { self.workers };
        let is_poll = |pending: &&Pending| matches!(pending, Pending::Poll { .. });
        for _ in self.pending.iter().filter(is_poll).count()..wanted {
            self.poll();
        }
        if self.is_ending {
            return;
        }
        let open = self.promises.executions.values().filter(|expected| !expected.is_closed).count();
        for _ in open..self.mix.at_once.min(open + self.random.below(self.mix.starts + 1) as usize) {
            self.start_new();
        }
        if self.random.once_in(20) {
            self.start_again();
        }
        if self.random.once_in(150) {
            self.stop();
        }
        if self.random.once_in(10) {
            self.redrive();
        }
        if machines_too && self.random.once_in(10) {
            self.change_a_machine();
        }
        if self.random.once_in(100) {
            // A worker hangs up.
            let place = self.pending.iter().position(|pending| matches!(pending, Pending::Poll { .. }));
            place.map(|place| self.pending.remove(place));
        }
    }

    /// Does what became durable asks for.
    pub fn carry_out(&mut self, deed: Deed) {
        match deed {
            Deed::Replied => {}
            Deed::Call { key, caller, call } => {
                self.digest.text(&caller.arn);
                self.digest.text(&call.idempotency_token);
                self.note("is called for", &caller.arn, Detail::Text(call.resource.resource_name()));
                self.call(key, &caller.arn, &call);
            }
            Deed::AwaitJob { key, caller, call, submitted } => {
                self.note("is waited with", &caller.arn, Detail::Text(call.resource.resource_name()));
                self.await_job(key, &caller.arn, &call, &submitted);
            }
            Deed::Forget { .. } => self.report.jobs_forgotten += 1,
            // The answer may be on its way: it must do no harm.
            Deed::Cancel { .. } | Deed::Closed { .. } => {}
            Deed::Read { key, reading } => {
                let process = self.process;
                // What is read late is for nobody any more, now and then.
                let within = *self.random.pick(&[2_000, 10_000, 200_000]);
                self.plan(Planned::Read { process, key, reading }, within);
            }
            Deed::ReadBack { key, redrive } => {
                let run = redrive.read(self.engine().store()).map(Box::new);
                self.engine().map_run_news(key, MapRunNews::IsBack { redrive, run });
            }
            Deed::Gather { key, gathering } => {
                let process = self.process;
                let within = *self.random.pick(&[2_000, 10_000, 200_000]);
                self.plan(Planned::Gather { process, key, gathering }, within);
            }
        }
    }

    fn happen(&mut self, planned: Planned) {
        match planned {
            Planned::Return { process, key, frame, attempt, outcome } => {
                if process == self.process {
                    let arn = self.promises.called.get(&key);
                    let expected = arn.and_then(|arn| self.promises.executions.get(arn));
                    // Of the children of Map Runs nobody knows here.
                    let is_late = expected.is_some_and(|expected| expected.is_closed);
                    self.report.replies_late += u64::from(is_late);
                    self.note("a call returns", &format!("to {key:?} {frame:?}").into(), Detail::Nothing);
                    self.engine().call_returned(key, frame, attempt, outcome);
                } else {
                    self.report.calls_forgotten += 1;
                }
            }
            Planned::Say(said) => self.say(said),
            Planned::EndPoll { process, poll } => {
                if process == self.process {
                    let arn = self.activity();
                    self.engine().end_poll(arn, poll);
                }
            }
            Planned::Start(arn) => {
                let Some(expected) = self.promises.executions.get(&arn) else { return };
                let request = expected.request.clone();
                self.report.starts_repeated += 1;
                self.start(arn, request);
            }
            Planned::Read { process, key, reading } => self.read_items(process, key, reading),
            Planned::Gather { process, key, gathering } => {
                if process == self.process {
                    let store = self.engine().store().clone();
                    let result = gathering.result(&store);
                    self.note("results are gathered", &format!("for {key:?}").into(), Detail::Nothing);
                    let news = MapRunNews::Gathered { redrives: gathering.redrives, result };
                    self.engine().map_run_news(key, news);
                }
            }
        }
    }

    /// One piece; the others follow.
    fn read_items(&mut self, process: u32, key: ExecutionKey, mut reading: Box<Reading>) {
        if process != self.process {
            return;
        }
        let wall = self.wall();
        let now = self.engine().now(wall);
        let read = reading.next_now(now).expect("no items are elsewhere");
        self.note("items are read", &format!("for {key:?}").into(), Detail::Nothing);
        let redrives = reading.redrives;
        let (is_all, news) = match read {
            Ok(inputs) => (inputs.all, MapRunNews::Read { redrives, inputs }),
            Err(failure) => (true, MapRunNews::NotRead { redrives, failure }),
        };
        self.engine().map_run_news(key, news);
        if !is_all {
            self.plan(Planned::Read { process, key, reading }, 1_000);
        }
    }

    fn start_new(&mut self) {
        let machine = match self.random.below(6) {
            _ if self.random.once_in(self.mix.busy) => self.promises.busy(),
            0 => self.often_changed(),
            _ => self.some_machine(),
        };
        let input = generator::input(&mut self.random);
        let name: Text = format!("e{}", self.next_name).into();
        self.next_name += 1;
        let machine_name = &self.promises.machines[machine].name;
        let arn: Text = self.settings.scope.execution(machine_name, &name).into();
        let request = StartExecution {
            state_machine_arn: self.some_name_of(machine),
            name: Some(name),
            input: Document::from_value(input),
            trace_header: None,
            test_case: None,
            parent: None,
        };
        let expected = Expected {
            machine,
            lowest: self.promises.latest.min(self.wall()),
            request: request.clone(),
            started_at: None,
            asked: 0,
            redrives_asked: 0,
            redrives_promised: 0,
            seen: vec![],
            is_closed: false,
            stopped_at: None,
            runs: BTreeSet::new(),
            accepted: vec![],
            calls: 0,
            tasks_given: 0,
            process: self.process,
            told: Told::default(),
        };
        self.promises.executions.insert(arn.clone(), expected);
        self.start(arn.clone(), request.clone());
        if self.random.once_in(12) {
            self.report.starts_repeated += 1;
            self.start(arn, request);
        }
    }

    /// A name that was used already, with the same input or another.
    fn start_again(&mut self) {
        let known: Vec<Text> = self.promises.executions.keys().cloned().collect();
        if known.is_empty() {
            return;
        }
        let arn = self.random.pick(&known).clone();
        let Some(expected) = self.promises.executions.get(&arn) else { return };
        if self.is_young(expected) {
            let mut request = expected.request.clone();
            if self.random.once_in(3) {
                request.input = Document::from_value(json::value!({ "other": true }));
            }
            self.report.starts_repeated += 1;
            self.start(arn, request);
        }
    }

    /// Whether it was started so lately that retention cannot have removed it: its name is taken.
    fn is_young(&self, expected: &Expected) -> bool {
        let half = self.settings.store.retention.as_millis() as i64 / 2;
        expected.started_at.is_some_and(|at| self.wall().0.max(self.promises.latest.0) - at.0 < half)
    }

    fn start(&mut self, arn: Text, request: StartExecution) {
        let is_young = self.promises.executions.get(&arn).is_some_and(|expected| self.is_young(expected));
        let Some(expected) = self.promises.executions.get_mut(&arn) else { return };
        // What retention may have removed would be another execution of the same name.
        if expected.started_at.is_some() && !is_young {
            return;
        }
        // What a start is answered while a redrive is under way depends on which is first.
        if expected.may_run() && expected.is_closed {
            return;
        }
        expected.asked += 1;
        self.film.note(self.moment, "is to start", &arn, Detail::Nothing);
        let machine = &self.promises.machines[expected.machine];
        expected.runs.extend(machine.runs(&request.state_machine_arn));
        let differs = request.input != expected.request.input;
        let must_be_refused = is_young && (differs || expected.is_closed);
        let answer = self.engine().start_execution(request.clone());
        self.pending.push(Pending::Start { arn, request, must_be_refused, answer });
    }

    fn stop(&mut self) {
        let live = self.promises.live();
        if !live.is_empty() {
            let arn = self.random.pick(&live).clone();
            let answer = self.engine().stop_execution(arn.clone(), super::promises::stop());
            self.pending.push(Pending::Stop { arn, answer });
        }
    }

    /// Something that has ended badly is to go on.
    fn redrive(&mut self) {
        let is_busy = |arn: &Text| {
            self.pending.iter().any(|pending| match pending {
                Pending::Start { arn: of, .. }
                | Pending::Stop { arn: of, .. }
                | Pending::Redrive { arn: of, .. } => of == arn,
                Pending::Say { .. }
                | Pending::Poll { .. }
                | Pending::Change { .. }
                | Pending::CreateActivity { .. } => false,
            })
        };
        let is_wanted = |(arn, expected): &(&Text, &Expected)| {
            expected.is_closed
                && expected.redrives_asked < REDRIVES_MAX
                && !matches!(
                    expected.seen.last().map(|last| &last.kind),
                    None | Some(EventKind::ExecutionSucceeded { .. })
                )
                && !is_busy(arn)
        };
        let ended = self.promises.executions.iter().filter(is_wanted);
        let ended: Vec<Text> = ended.map(|(arn, _)| arn.clone()).collect();
        if ended.is_empty() {
            return;
        }
        let arn = self.random.pick(&ended).clone();
        let Some(expected) = self.promises.executions.get_mut(&arn) else { return };
        expected.redrives_asked += 1;
        self.film.note(self.moment, "is to be redriven", &arn, Detail::Nothing);
        let request = RedriveExecution { execution_arn: arn.clone(), client_token: None, input: None };
        let answer = self.engine().redrive_execution(request);
        self.pending.push(Pending::Redrive { arn, answer });
    }

    fn activity(&self) -> Text {
        self.settings.scope.activity(ACTIVITY).into()
    }

    fn poll(&mut self) {
        let arn = self.activity();
        let (poll, answer) = self.engine().poll(arn, Some("w".into()));
        self.pending.push(Pending::Poll { answer });
        let process = self.process;
        self.plan(Planned::EndPoll { process, poll }, 60_000);
    }

    fn say(&mut self, said: Said) {
        let (what, number) = match said.what {
            What::Success(number) => ("a worker answers", number),
            What::Failure(number) => ("a worker fails", number),
            What::Heartbeat => ("a worker is alive", 0),
        };
        self.note(what, &said.arn, Detail::Number(number));
        let token = &said.token;
        let engine = self.engine();
        let answer = match said.what {
            What::Success(number) => engine.send_task_success(token, answers::output(number)),
            What::Failure(number) => engine.send_task_failure(token, answers::failure("Flaky", number)),
            What::Heartbeat => engine.send_task_heartbeat(token),
        };
        self.pending.push(Pending::Say { said, answer });
    }

    fn call(&mut self, key: ExecutionKey, arn: &Text, call: &TaskCall) {
        self.report.calls += 1;
        let earlier = self.promises.calls.insert(call.idempotency_token.clone(), self.process);
        if let Some(process) = earlier {
            let may_be = self.settings.unknown_calls == UnknownCalls::Resend
                || connectors::may_be_repeated(&call.resource);
            assert!(may_be, "a call of {arn} was made twice");
            assert!(process < self.process, "a call of {arn} was made twice without a crash between");
            self.report.calls_resent += 1;
        }
        self.promises.concerned = arn.clone();
        self.promises.called.insert(key, arn.clone());
        // One look in eight: at its end it is counted again.
        let scheduled = self.random.once_in(8).then(|| {
            let page = self.engine().store().history(arn, 0, usize::MAX, false);
            page.expect("it can be read").map_or(0, |page| history::calls(&page.events))
        });
        // Nobody looks now: turns that became durable together would show a later end already.
        let known =
            self.promises.executions.get(arn).map(|expected| (expected.is_closed, expected.may_run()));
        assert_ne!(known, Some((true, false)), "{arn} makes a call after its end was shown");
        if let Some(expected) = self.promises.executions.get_mut(arn) {
            expected.calls += usize::from(earlier.is_none());
            let calls = expected.calls;
            assert!(scheduled.is_none_or(|known| calls <= known), "{arn} made a call that is not durable");
        }
        self.next_answer += 1;
        let outcome = answers::outcome(&mut self.random, self.next_answer);
        let (process, frame, attempt) = (self.process, call.frame, call.attempt);
        // What starts a job answers once: another answer would be the job's end.
        let is_twice = !starts_job(call) && self.random.once_in(20);
        self.report.replies_duplicate += u64::from(is_twice);
        for _ in 0..=u64::from(is_twice) {
            let outcome = outcome.clone();
            self.plan(Planned::Return { process, key, frame, attempt, outcome }, 40_000);
        }
        if let Some(token) = token_in(&call.arguments) {
            let is_new = self.promises.tokens.insert(token.clone());
            assert!(is_new || earlier.is_some(), "{arn}: two tasks have one token");
            self.work(arn.clone(), token, false);
        }
    }

    /// A job of a `.sync` task: it ends as it ends, however often somebody begins to wait for it.
    fn await_job(&mut self, key: ExecutionKey, arn: &Text, call: &TaskCall, submitted: &Document) {
        self.promises.concerned = arn.clone();
        self.promises.called.insert(key, arn.clone());
        let token = &call.idempotency_token;
        assert!(self.promises.calls.contains_key(token), "{arn} waits for a job that nobody has started");
        let job = match self.promises.jobs.get(token).cloned() {
            Some(job) => {
                assert!(job.process < self.process, "{arn} waits twice for one job without a crash between");
                assert_eq!(job.submitted, *submitted, "{arn} waits for another job than it has started");
                self.report.jobs_waited_for_again += 1;
                Job { process: self.process, ..job }
            }
            None => {
                self.report.jobs += 1;
                self.next_answer += 1;
                let outcome = answers::outcome(&mut self.random, self.next_answer);
                Job { process: self.process, submitted: submitted.clone(), outcome }
            }
        };
        self.promises.jobs.insert(token.clone(), job.clone());
        let (process, frame, attempt, outcome) = (self.process, call.frame, call.attempt, job.outcome);
        self.plan(Planned::Return { process, key, frame, attempt, outcome }, 200_000);
    }

    /// A worker that holds a token: heartbeats, then an answer, or silence.
    pub fn work(&mut self, arn: Text, token: String, is_activity: bool) {
        for _ in 0..self.random.below(3) {
            let said = Said { arn: arn.clone(), token: token.clone(), is_activity, what: What::Heartbeat };
            self.plan(Planned::Say(said), 80_000);
        }
        let machine = self.promises.executions.get(&arn).map(|expected| expected.machine);
        let is_patient = machine.is_some_and(|machine| self.promises.kind(machine).is_patient);
        if !is_patient && self.random.once_in(10) {
            return;
        }
        self.next_answer += 1;
        let number = self.next_answer;
        let what = if self.random.once_in(4) { What::Failure(number) } else { What::Success(number) };
        let said = Said { arn, token, is_activity, what };
        let is_twice = self.random.once_in(5);
        self.report.answers_duplicate += u64::from(is_twice);
        for _ in 0..=u64::from(is_twice) {
            self.plan(Planned::Say(said.clone()), 100_000);
        }
    }
}

fn starts_job(call: &TaskCall) -> bool {
    matches!(call.resource.pattern(), Pattern::Sync | Pattern::Sync2)
}

fn token_in(arguments: &Document) -> Option<String> {
    let arguments = arguments.value();
    let payload = arguments.get("Payload").or_else(|| arguments.get("Input"))?;
    Some(payload.get("token")?.as_str()?.to_owned())
}
