//! Callers, workers and called services: what they ask, and what they are told.

use std::collections::BTreeSet;
use std::sync::Arc;

use asl::{Failure, Timestamp};
use engine::driven::{Awaited, Deed};
use engine::request::{
    ActivityTask, CreateActivity, CreateStateMachine, Created, StartExecution, Started, UpdateStateMachine,
    Updated,
};
use engine::{Refusal, UnknownCalls};
use execution::{FrameId, TaskCall, TaskOutcome};
use json::{Document, Text, Value};
use store::{ExecutionKey, MachineType};

use super::promises::Expected;
use super::world::World;
use super::{history, promises::Machine};
use crate::machines;

/// How many executions live at once.
const EXECUTIONS_AT_ONCE: usize = 12;

/// How many workers poll at once, at the most; sometimes there is none.
const WORKERS_MAX: u64 = 3;

const ACTIVITY: &str = "work";

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
    Say {
        said: Said,
        answer: Awaited<()>,
    },
    Poll {
        answer: Awaited<Option<ActivityTask>>,
    },
    Create {
        machine: usize,
        answer: Awaited<Created>,
    },
    Update {
        machine: usize,
        answer: Awaited<Updated>,
    },
    Delete {
        machine: usize,
        answer: Awaited<()>,
    },
    CreateActivity {
        answer: Awaited<Created>,
    },
}

/// What a worker says about its task.
#[derive(Clone, Debug)]
pub struct Said {
    arn: Text,
    token: String,
    /// Whether it is an activity's task, rather than a callback.
    is_activity: bool,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
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
        for _ in 0..=self.random.below(4) {
            let Some(planned) = self.next_planned() else { break };
            self.happen(planned);
        }
        if self.random.once_in(20) {
            self.workers = self.random.below(WORKERS_MAX + 1) as usize;
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
        if open < EXECUTIONS_AT_ONCE && self.random.once_in(2) {
            self.start_new();
        }
        if self.random.once_in(20) {
            self.start_again();
        }
        if self.random.once_in(150) {
            self.stop();
        }
        if machines_too && self.random.once_in(25) {
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
                self.digest(&format!("call {} {:?} {}", caller.arn, call.resource, call.idempotency_token));
                self.call(key, &caller.arn, &call);
            }
            // The answer may be on its way: it must do no harm.
            Deed::Cancel { .. } => {}
        }
    }

    /// Reads the answers that have come.
    pub fn collect_answers(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            if let Some(waiting) = self.collect(pending) {
                self.pending.push(waiting);
            }
        }
    }

    /// The connection broke: nobody knows what became of the request. Reads tell, and some try again.
    pub fn find_out(&mut self, pending: Pending) {
        self.report.requests_in_doubt += 1;
        match pending {
            Pending::Start { arn, .. } => {
                if let Some(expected) = self.promises.executions.get_mut(&arn) {
                    expected.asked -= 1;
                }
                if self.observe(&arn) {
                    self.report.requests_done_unanswered += 1;
                } else {
                    self.report.requests_lost += 1;
                }
                if self.random.once_in(2) && !self.is_ending {
                    self.plan(Planned::Start(arn), 5_000);
                } else {
                    self.give_up_if_never_started(&arn);
                }
            }
            Pending::Stop { arn, .. } => {
                self.observe(&arn);
            }
            // A worker that hears nothing says it again.
            Pending::Say { said, .. } => self.plan(Planned::Say(said), 3_000),
            Pending::Poll { .. } => {}
            Pending::Create { machine, .. }
            | Pending::Update { machine, .. }
            | Pending::Delete { machine, .. } => {
                let store = self.engine().store().clone();
                self.promises.machines[machine].find_out(&store);
            }
            Pending::CreateActivity { .. } => unreachable!("it was answered before the first crash"),
        }
    }

    /// Starts that have no answer.
    pub fn pending_starts(&self) -> Vec<&Text> {
        let starts = self.pending.iter().filter_map(|pending| match pending {
            Pending::Start { arn, .. } => Some(arn),
            _ => None,
        });
        starts.collect()
    }

    fn happen(&mut self, planned: Planned) {
        match planned {
            Planned::Return { process, key, frame, attempt, outcome } => {
                if process == self.process {
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
        }
    }

    fn start_new(&mut self) {
        let machine = self.random.below(self.promises.machines.len() as u64) as usize;
        let n = self.random.below(40) as i64;
        let items: Value = (0..self.random.below(9) as i64).map(Value::from).collect();
        let padding = if self.random.once_in(6) { self.random.below(20_000) as usize } else { 0 };
        let input = json::value!({ "n": n, "items": items, "padding": "x".repeat(padding) });
        let name: Text = format!("e{}", self.next_name).into();
        self.next_name += 1;
        let Machine { arn: machine_arn, name: machine_name, .. } = &self.promises.machines[machine];
        let arn: Text = self.settings.scope.execution(machine_name, &name).into();
        let request = StartExecution {
            state_machine_arn: machine_arn.clone(),
            name: Some(name),
            input: Document::from_value(input),
            trace_header: None,
        };
        let expected = Expected {
            machine,
            request: request.clone(),
            started_at: None,
            asked: 0,
            seen: vec![],
            is_closed: false,
            stopped_at: None,
            definitions: BTreeSet::new(),
            accepted: vec![],
            calls: 0,
            tasks_given: 0,
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
        let half = self.settings.store.retention.as_millis() as i64 / 2;
        // One that retention may remove could be started anew.
        let is_young =
            expected.started_at.is_some_and(|at| self.wall().0.max(self.promises.latest.0) - at.0 < half);
        if is_young {
            let mut request = expected.request.clone();
            if self.random.once_in(3) {
                request.input = Document::from_value(json::value!({ "other": true }));
            }
            self.report.starts_repeated += 1;
            self.start(arn, request);
        }
    }

    fn start(&mut self, arn: Text, request: StartExecution) {
        let Some(expected) = self.promises.executions.get_mut(&arn) else { return };
        expected.asked += 1;
        expected.definitions.extend(self.promises.machines[expected.machine].possible());
        let differs = request.input != expected.request.input;
        let must_be_refused = expected.started_at.is_some() && (differs || expected.is_closed);
        let answer = self.engine().start_execution(request.clone());
        self.pending.push(Pending::Start { arn, request, must_be_refused, answer });
    }

    fn stop(&mut self) {
        let live = self.promises.live();
        if !live.is_empty() {
            let arn = self.random.pick(&live).clone();
            let answer = self.engine().stop_execution(arn.clone(), Failure::new("Stopped", "by the world"));
            self.pending.push(Pending::Stop { arn, answer });
        }
    }

    fn change_a_machine(&mut self) {
        let machine = self.random.below(self.promises.machines.len() as u64) as usize;
        let Machine { arn, asked, definition, comes_and_goes, .. } = &self.promises.machines[machine];
        if asked.is_some() {
            return;
        }
        let arn = arn.clone();
        if definition.is_none() {
            return self.create_machine(machine);
        }
        if *comes_and_goes && self.random.once_in(3) {
            self.promises.machines[machine].asked = Some(None);
            let answer = self.engine().delete_state_machine(arn);
            return self.pending.push(Pending::Delete { machine, answer });
        }
        let definition = self.new_definition(machine);
        let request = UpdateStateMachine {
            state_machine_arn: arn,
            definition: Some(definition.to_string()),
            ..UpdateStateMachine::default()
        };
        let answer = self.engine().update_state_machine(request).expect("the machine is there");
        self.pending.push(Pending::Update { machine, answer });
    }

    fn create_machine(&mut self, machine: usize) {
        let definition = self.new_definition(machine);
        let request = CreateStateMachine {
            name: self.promises.machines[machine].name.clone(),
            definition: definition.to_string(),
            role_arn: "arn:aws:iam::123456789012:role/r".into(),
            machine_type: MachineType::Standard,
            logging: Value::Null,
            tracing: Value::Null,
            encryption: Value::Null,
            tags: vec![],
        };
        let answer = self.engine().create_state_machine(request).expect("the definition is good");
        self.pending.push(Pending::Create { machine, answer });
    }

    /// One that was never used before, asked for.
    fn new_definition(&mut self, machine: usize) -> Arc<str> {
        self.next_name += 1;
        let text = machines::definition(self.promises.machines[machine].kind);
        let definition: Arc<str> =
            text.replacen('{', &format!("{{\"Comment\":\"{}\",", self.next_name), 1).into();
        self.promises.machines[machine].asked = Some(Some(definition.clone()));
        definition
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
        let token = &said.token;
        let engine = self.engine();
        let answer = match said.what {
            What::Success(number) => {
                let output = Document::from_value(json::value!({ "ok": true, "answer": number as i64 }));
                engine.send_task_success(token, output)
            }
            What::Failure(number) => engine.send_task_failure(token, failure("Flaky", number)),
            What::Heartbeat => engine.send_task_heartbeat(token),
        };
        self.pending.push(Pending::Say { said, answer });
    }

    fn call(&mut self, key: ExecutionKey, arn: &Text, call: &TaskCall) {
        self.report.calls += 1;
        let earlier = self.promises.calls.insert(call.idempotency_token.clone(), self.process);
        if let Some(process) = earlier {
            assert_eq!(self.settings.unknown_calls, UnknownCalls::Resend, "a call of {arn} was made twice");
            assert!(process < self.process, "a call of {arn} was made twice without a crash between");
            self.report.calls_resent += 1;
        }
        let page = self.engine().store().history(arn, 0, usize::MAX, false);
        let scheduled = page.expect("it can be read").map_or(0, |page| history::calls(&page.events));
        if let Some(expected) = self.promises.executions.get_mut(arn).filter(|_| earlier.is_none()) {
            expected.calls += 1;
            assert!(expected.calls <= scheduled, "{arn} made a call that is not durable");
        }
        let outcome = self.outcome();
        let (process, frame, attempt) = (self.process, call.frame, call.attempt);
        for _ in 0..=u64::from(self.random.once_in(20)) {
            let outcome = outcome.clone();
            self.plan(Planned::Return { process, key, frame, attempt, outcome }, 40_000);
        }
        if let Some(token) = token_in(&call.arguments) {
            self.work(arn.clone(), token, false);
        }
    }

    /// A worker that holds a token: heartbeats, then an answer, or silence.
    fn work(&mut self, arn: Text, token: String, is_activity: bool) {
        for _ in 0..self.random.below(3) {
            let said = Said { arn: arn.clone(), token: token.clone(), is_activity, what: What::Heartbeat };
            self.plan(Planned::Say(said), 80_000);
        }
        let machine = self.promises.executions.get(&arn).map(|expected| expected.machine);
        let is_patient = machine
            .is_some_and(|machine| self.promises.machines[machine].kind == machines::DEFINITIONS.len());
        if !is_patient && self.random.once_in(10) {
            return;
        }
        self.next_answer += 1;
        let number = self.next_answer;
        let what = if self.random.once_in(4) { What::Failure(number) } else { What::Success(number) };
        let said = Said { arn, token, is_activity, what };
        for _ in 0..=u64::from(self.random.once_in(5)) {
            self.plan(Planned::Say(said.clone()), 100_000);
        }
    }

    fn outcome(&mut self) -> TaskOutcome {
        self.next_answer += 1;
        let number = self.next_answer;
        if !self.random.once_in(4) {
            let output = json::value!({ "ok": true, "answer": number as i64 });
            return TaskOutcome::Succeeded(Document::from_value(output));
        }
        let error = *self.random.pick(&["Flaky", "Broken", "Lambda.ServiceException"]);
        TaskOutcome::Failed(failure(error, number))
    }

    /// Gives a request back that has no answer yet.
    fn collect(&mut self, pending: Pending) -> Option<Pending> {
        match pending {
            Pending::Start { arn, request, must_be_refused, mut answer } => {
                let Some(answered) = answer.take() else {
                    return Some(Pending::Start { arn, request, must_be_refused, answer });
                };
                self.digest(&format!("start {arn} {answered:?}"));
                self.started(&arn, must_be_refused, answered);
            }
            Pending::Stop { arn, mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::Stop { arn, answer }) };
                self.digest(&format!("stop {arn} {answered:?}"));
                self.stopped(&arn, answered);
            }
            Pending::Say { said, mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::Say { said, answer }) };
                self.digest(&format!("{said:?} {answered:?}"));
                self.said(said, answered);
            }
            Pending::Poll { mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::Poll { answer }) };
                self.digest(&format!("poll {answered:?}"));
                match answered.expect("the activity is there") {
                    None => self.report.polls_empty += 1,
                    Some(task) => self.given(task),
                }
            }
            Pending::Create { machine, mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::Create { machine, answer }) };
                self.changed(machine, answered.map(drop));
            }
            Pending::Update { machine, mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::Update { machine, answer }) };
                self.report.machines_updated += 1;
                self.changed(machine, answered.map(drop));
            }
            Pending::Delete { machine, mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::Delete { machine, answer }) };
                self.report.machines_deleted += 1;
                self.changed(machine, answered);
            }
            Pending::CreateActivity { mut answer } => {
                let Some(answered) = answer.take() else { return Some(Pending::CreateActivity { answer }) };
                answered.expect("the activity is created");
            }
        }
        None
    }

    fn started(&mut self, arn: &Text, must_be_refused: bool, answered: Result<Started, Refusal>) {
        let Some(expected) = self.promises.executions.get_mut(arn) else { return };
        expected.asked -= 1;
        match answered {
            Ok(started) => {
                assert!(!must_be_refused, "{arn} was started again");
                assert_eq!(started.execution_arn, *arn);
                let earlier = expected.started_at.replace(started.started_at);
                assert!(earlier.is_none_or(|at| at == started.started_at), "{arn} was started twice");
                expected.definitions.extend(self.promises.machines[expected.machine].possible());
                assert!(self.observe(arn), "{arn} was acknowledged and cannot be read");
            }
            Err(refusal) => {
                self.report.starts_refused += 1;
                let comes_and_goes = self.promises.machines[expected.machine].comes_and_goes;
                let is_known = expected.started_at.is_some() || self.observe(arn);
                match refusal {
                    Refusal::ExecutionAlreadyExists { .. } => assert!(is_known, "{arn} was never started"),
                    Refusal::StateMachineDoesNotExist { .. } => assert!(comes_and_goes),
                    Refusal::ServiceUnavailable { .. } => self.report.refused_when_full += 1,
                    other => panic!("{arn}: {other}"),
                }
                self.give_up_if_never_started(arn);
            }
        }
    }

    fn give_up_if_never_started(&mut self, arn: &Text) {
        let never = |expected: &Expected| expected.asked == 0 && expected.started_at.is_none();
        if self.promises.executions.get(arn).is_some_and(never) {
            let store = self.engine().store().clone();
            assert!(
                store.execution(arn).expect("it can be read").is_none(),
                "{arn} was refused, and is there"
            );
            self.promises.executions.remove(arn);
        }
    }

    fn stopped(&mut self, arn: &Text, answered: Result<Timestamp, Refusal>) {
        self.report.stops += 1;
        let at = answered.expect("what was started can be stopped");
        let Some(expected) = self.promises.executions.get_mut(arn) else { return };
        assert!(expected.stopped_at.is_none_or(|earlier| earlier == at), "{arn} was stopped twice");
        expected.stopped_at = Some(at);
        self.observe(arn);
        let closed = self.promises.executions.get(arn).is_none_or(|expected| expected.is_closed);
        assert!(closed, "{arn} goes on after its stop was acknowledged");
    }

    fn said(&mut self, said: Said, answered: Result<(), Refusal>) {
        let Said { arn, token, is_activity, what } = said;
        match answered {
            Ok(()) => {}
            Err(Refusal::TaskTimedOut | Refusal::InvalidToken) => {
                self.report.answers_late += 1;
                return;
            }
            Err(other) => panic!("{arn}: {other}"),
        }
        let number = match what {
            What::Heartbeat => {
                self.report.heartbeats += 1;
                assert!(!self.promises.answered.contains(&token), "{arn}: an ended task has a heartbeat");
                return;
            }
            What::Success(number) | What::Failure(number) => number,
        };
        self.report.answers_accepted += 1;
        assert!(self.promises.answered.insert(token), "{arn}: a task was answered twice");
        if let Some(expected) = self.promises.executions.get_mut(&arn).filter(|expected| !expected.is_closed)
        {
            expected.accepted.push(number);
        }
        self.observe(&arn);
        let Some(expected) = self.promises.executions.get(&arn) else { return };
        if !history::has_answer(&expected.seen, number) {
            assert!(!is_activity, "{arn}: the accepted answer {number} is not in the history");
            self.report.answers_early += 1;
        }
    }

    fn given(&mut self, task: ActivityTask) {
        self.report.tasks_given += 1;
        let token = execution::TaskToken::parse(&task.token).expect("a token that was handed out reads back");
        assert!(self.promises.given.insert(task.token.clone()), "a task was given to two workers");
        if let Some(expected) = self.promises.executions.get_mut(&token.execution_arn) {
            expected.tasks_given += 1;
        }
        self.work(token.execution_arn, task.token, true);
    }

    /// A task that was on its way to a worker when the process died or the worker hung up has nobody
    /// who answers it: that is what timeouts are for. Where a machine has none, somebody stops it.
    pub fn stop_if_a_task_is_lost(&mut self, arn: &Text) {
        let open = self.promises.executions.get(arn).filter(|expected| !expected.is_closed);
        let Some(expected) = open else { return };
        if history::tasks_taken(&expected.seen) > expected.tasks_given && self.random.once_in(4) {
            self.report.tasks_lost_on_the_way += 1;
            let failure = Failure::new("Lost", "a task reached no worker");
            let answer = self.engine().stop_execution(arn.clone(), failure);
            self.pending.push(Pending::Stop { arn: arn.clone(), answer });
        }
    }

    fn changed(&mut self, machine: usize, answered: Result<(), Refusal>) {
        let known = &mut self.promises.machines[machine];
        let asked = known.asked.take().expect("somebody asked");
        match answered {
            Ok(()) => known.definition = asked,
            Err(Refusal::ServiceUnavailable { .. }) => self.report.refused_when_full += 1,
            Err(other) => panic!("{}: {other}", known.arn),
        }
        let is_gone = known.definition.is_none();
        let store = self.engine().store().clone();
        self.promises.machines[machine].check(&store);
        let of_machine = |(_, expected): &(&Text, &Expected)| expected.machine == machine && is_gone;
        let arns = self.promises.executions.iter().filter(of_machine).map(|(arn, _)| arn.clone());
        for arn in arns.collect::<Vec<_>>() {
            self.observe(&arn);
            let expected = &self.promises.executions[&arn];
            assert!(
                expected.is_closed || expected.started_at.is_none(),
                "{arn} goes on though its machine's end was acknowledged"
            );
        }
    }
}

fn failure(error: &str, number: u64) -> Failure {
    Failure::new(error, format!("answer {number}"))
}

fn token_in(arguments: &Document) -> Option<String> {
    Some(arguments.value().get("Payload")?.get("token")?.as_str()?.to_owned())
}
