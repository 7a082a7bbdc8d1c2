//! The only code here that knows the API. A script goes in, line by line; everything that the
//! execution says comes out.
//!
//! A line is `<time> <what> [@frame[#attempt]] [more]`:
//! `start <input>` · `express <input>` · `timer` · `returns <result>` · `fails <error> [cause]` · `timedout` · `polled [worker]` ·
//! `answers <result>` · `refuses [error [cause]]` · `heartbeat` · `stop [error [cause]]` · `redrive [input]` ·
//! `mapped <result>` · `unmapped <error> [cause]` · `again` · `restart` · `mocks <responses by state>`, which the test case `Case` has from now on.
//! Without `@frame` it is the top level, without `#attempt` the frame's latest.
//!
//! After every turn it also checks what must always hold: ids and predecessors in order, records
//! that read back, and a replay that gives the same execution.

use std::collections::BTreeMap;

use asl::resource::Pattern;
use asl::{Failure, Kind, Resource, StateMachine, Timestamp};
use execution::codec::{Reader, Writer};
use execution::{
    Effect, Execution, FrameId, MachineType, Mocks, Outside, Standing, Start, TaskCall, TaskOutcome,
    TaskToken, Turn, Wakeup,
};
use expect_test::Expect;
use json::{Document, Object, Text, Value};

use crate::print;

/// 2025-01-01T00:00:00Z
pub const START: i64 = 1_735_689_600_000;

/// Runs a script and compares all that came of it.
///
/// `states` is a `States` object (it starts at its first state), or a whole definition; a `Resource`
/// may be short: `function:f`, `activity:a`, `sqs:sendMessage`. The activity `gone` was deleted.
pub fn check(states: &str, script: &[&str], expect: Expect) {
    let machine = machine(states);
    let said = Stage::new(&machine).run(script);
    // Again with nothing but the same news and seeds: the same words.
    assert_eq!(Stage::new(&machine).run(script), said);
    expect.assert_eq(&said);
}

/// Runs a script in the test case `Case`, whose responses by state are these.
pub fn check_mocked(states: &str, responses: &str, script: &[&str], expect: Expect) {
    let machine = machine(states);
    let said = || Stage::new(&machine).mocked(mocks(responses)).run(script);
    assert_eq!(said(), said());
    expect.assert_eq(&said());
}

/// A file with one test case: each state has the response of its own name.
pub fn mocks(responses: &str) -> Mocks {
    let responses = Value::parse(responses).expect("the responses are JSON");
    let states: Object =
        responses.as_object().expect("by state").keys().map(|name| (name.clone(), name.clone())).collect();
    let file = json::value!({
        "StateMachines": { "machine": { "TestCases": { "Case": (Value::Object(states)) } } },
        "MockedResponses": (responses)
    });
    Mocks::parse(&file.to_text()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Compiles what `check` is given.
pub fn machine(states: &str) -> StateMachine {
    let mut states = states.to_owned();
    for (short, long) in [
        ("function:", "arn:aws:lambda:us-east-1:123456789012:function:"),
        ("activity:", "arn:aws:states:us-east-1:123456789012:activity:"),
        ("sqs:", "arn:aws:states:::sqs:"),
        ("states:", "arn:aws:states:::states:"),
        ("lambda:", "arn:aws:states:::lambda:"),
    ] {
        states = states.replace(&format!(r#""Resource": "{short}"#), &format!(r#""Resource": "{long}"#));
    }
    let value = Value::parse(&states).expect("the test's machine is JSON");
    let whole = if value.get("States").is_some() {
        value
    } else {
        let first = value.as_object().and_then(|states| states.keys().next().cloned()).expect("a state");
        let mut whole = Object::new();
        whole.insert("StartAt", first);
        whole.insert("States", value);
        Value::Object(whole)
    };
    try_machine(&whole.to_text()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// Compiles a whole definition, or says why it is refused. Any integration is taken: the core knows
/// of their patterns only, and which of them exist is not its business.
pub fn try_machine(definition: &str) -> Result<StateMachine, String> {
    let mut definition = Value::parse(definition).map_err(|error| error.to_string())?;
    let mut integrations = BTreeMap::new();
    stand_in(&mut definition, &mut integrations);
    let compiled = asl::compile(&definition.to_text(), asl::Options::default());
    let Some(mut machine) = compiled.machine else {
        let lines: Vec<String> = compiled.diagnostics.iter().map(ToString::to_string).collect();
        return Err(lines.join("\n"));
    };
    for state in &mut machine.states {
        if let (Kind::Task(task), Some(resource)) = (&mut state.kind, integrations.remove(&state.name)) {
            task.resource = resource;
        }
    }
    Ok(machine)
}

/// Puts a function in the place of every integration, and remembers whose it was.
fn stand_in(states: &mut Value, integrations: &mut BTreeMap<Text, Resource>) {
    match states {
        Value::Array(items) => items.make_mut().iter_mut().for_each(|item| stand_in(item, integrations)),
        Value::Object(members) => {
            let names: Vec<Text> = members.keys().cloned().collect();
            for name in names {
                // What a Map reads and writes is no Task.
                if ["ItemReader", "ResultWriter"].contains(&name.as_str()) {
                    continue;
                }
                let Some(member) = members.get_mut(&name) else { continue };
                let resource = member.get("Resource").and_then(Value::as_str).and_then(integration);
                if let (Some(resource), Some(state)) = (resource, member.as_object_mut()) {
                    state.insert("Resource", "arn:aws:lambda:us-east-1:123456789012:function:stand-in");
                    integrations.insert(name, resource);
                } else {
                    stand_in(member, integrations);
                }
            }
        }
        _ => {}
    }
}

fn integration(arn: &str) -> Option<Resource> {
    let rest = arn.strip_prefix("arn:aws:states:::")?;
    let (rest, pattern) = [
        (".sync:2", Pattern::Sync2),
        (".sync", Pattern::Sync),
        (".waitForTaskToken", Pattern::WaitForTaskToken),
        ("", Pattern::RequestResponse),
    ]
    .into_iter()
    .find_map(|(suffix, pattern)| Some((rest.strip_suffix(suffix)?, pattern)))?;
    let (service, action) = rest.rsplit_once(':')?;
    Some(Resource::Integration { service: service.into(), action: action.into(), pattern })
}

pub fn start(input: &str) -> Start {
    Start {
        arn: "arn:aws:states:us-east-1:123456789012:execution:machine:run".into(),
        name: "run".into(),
        state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:machine".into(),
        state_machine_name: "machine".into(),
        machine_type: MachineType::Standard,
        revision: 1,
        version_arn: None,
        alias_arn: None,
        test_case: None,
        role_arn: "arn:aws:iam::123456789012:role/role".into(),
        region: "us-east-1".into(),
        input: Document::parse(input).expect("the input is JSON"),
        trace_header: None,
        parent: None,
        child_of: None,
        started_at: Timestamp(START),
    }
}

/// The start of an EXPRESS execution.
pub fn express(input: &str) -> Start {
    Start {
        arn: "arn:aws:states:us-east-1:123456789012:express:machine:run:uuid".into(),
        machine_type: MachineType::Express,
        ..start(input)
    }
}

/// An execution with all its records.
pub struct Stage<'m> {
    machine: &'m StateMachine,
    pub execution: Execution,
    writer: Writer,
    reader: Reader,
    replayed: Execution,
    /// Of the test case, if it runs one.
    mocks: Option<Mocks>,
    turns: u32,
    pub said: String,
    /// The encoded length of each turn.
    pub sizes: Vec<usize>,
}

impl<'m> Stage<'m> {
    pub fn new(machine: &'m StateMachine) -> Self {
        Stage::with_input(machine, "{}")
    }

    pub fn with_input(machine: &'m StateMachine, input: &str) -> Self {
        Stage::with_start(machine, start(input))
    }

    pub fn with_start(machine: &'m StateMachine, start: Start) -> Self {
        Stage {
            machine,
            execution: Execution::new(start.clone()),
            writer: Writer::new(next_serial()),
            reader: Reader::default(),
            replayed: Execution::new(start),
            mocks: None,
            turns: 0,
            said: String::new(),
            sizes: Vec::new(),
        }
    }

    /// The same in the test case `Case`.
    pub fn mocked(self, mocks: Mocks) -> Self {
        let start = Start { test_case: Some("Case".into()), ..Start::clone(&self.execution.start) };
        Stage { mocks: Some(mocks), said: self.said, ..Stage::with_start(self.machine, start) }
    }

    /// Begins anew, in the same test case.
    fn begun_with(self, start: Start) -> Self {
        let begun = Stage { said: self.said, ..Stage::with_start(self.machine, start) };
        match self.mocks {
            Some(mocks) => begun.mocked(mocks),
            None => begun,
        }
    }

    fn run(mut self, script: &[&str]) -> String {
        for line in script {
            let (time, rest) = line.split_once(' ').unwrap_or((line, ""));
            let now = Timestamp(START + millis(time));
            let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            match verb {
                "start" => {
                    self = self.begun_with(start(if rest.is_empty() { "{}" } else { rest }));
                    self.wake(Wakeup::Started, now);
                }
                "express" => {
                    self = self.begun_with(express(if rest.is_empty() { "{}" } else { rest }));
                    self.wake(Wakeup::Started, now);
                }
                "restart" => self.restart(),
                "mocks" => self.mocks = Some(mocks(rest)),
                _ => {
                    self.said.push_str(&format!("— {line}\n"));
                    let wakeup = self.wakeup(verb, rest);
                    self.wake(wakeup, now);
                }
            }
        }
        self.said
    }

    /// Wakes, checks what must always hold, and writes down what was said.
    pub fn wake(&mut self, wakeup: Wakeup, now: Timestamp) -> Turn {
        self.turns += 1;
        let first = self.execution.next_event;
        let activity_exists = |arn: &str| !arn.ends_with(":gone");
        let outside = Outside {
            now,
            seed: u128::from(self.turns),
            activity_exists: &activity_exists,
            mocks: self.mocks.as_ref().unwrap_or(Mocks::none()),
        };
        let turn = self.execution.wake(self.machine, wakeup, outside);
        for (event, id) in turn.history.iter().zip(first..) {
            assert_eq!(event.id, id, "ids follow each other");
            assert!(event.previous < event.id, "{event:?} follows an earlier one");
        }
        self.check_records(&turn);
        self.check_standing(&turn);
        self.said.push_str(&print::turn(&turn));
        turn
    }

    fn check_records(&mut self, turn: &Turn) {
        let mut bytes = Vec::new();
        self.writer.turn(turn, &mut bytes);
        self.sizes.push(bytes.len());
        let read = self.reader.turn(&bytes).expect("what was written can be read");
        assert_eq!(read, Turn { effects: Vec::new(), ..turn.clone() });
        self.replayed.apply(&read);
        assert_eq!(self.replayed, self.execution, "a replay gives the same execution");
        let mut checkpoint = Vec::new();
        Writer::new(u32::MAX - self.turns).checkpoint(&self.execution, &mut checkpoint);
        let restored = Reader::default().checkpoint(&checkpoint).expect("a checkpoint can be read");
        let is_recorded = self.execution.start.machine_type == MachineType::Standard;
        if is_recorded && self.execution.close.is_none() {
            assert_eq!(restored, self.execution, "a checkpoint gives the same execution");
        }
    }

    /// A standing asks for what the execution itself would ask for after a restart.
    fn check_standing(&self, turn: &Turn) {
        let Standing::Waits(waits) = &turn.standing else { return };
        let mut by_standing = Vec::new();
        for wait in waits {
            by_standing.extend(wait.timer.map(|at| (wait.frame, Some(at))));
            by_standing.extend(wait.offer.map(|_| (wait.frame, None)));
            if let Some(offer) = wait.offer {
                assert!(self.execution.offered(wait.frame, offer.attempt).is_some());
            }
        }
        let mut by_execution = Vec::new();
        for effect in self.execution.outstanding(self.machine) {
            match effect {
                Effect::SetTimer { frame, at } => by_execution.push((frame, Some(at))),
                Effect::OfferActivity { frame, .. } => by_execution.push((frame, None)),
                other => panic!("{other:?} is missing in {:?}", turn.standing),
            }
        }
        by_standing.sort();
        by_execution.sort();
        assert_eq!(by_standing, by_execution);
    }

    /// Goes on with the replayed execution, as after a crash.
    fn restart(&mut self) {
        self.execution = self.replayed.clone();
        self.said.push_str("— restart\n");
        for effect in self.execution.outstanding(self.machine) {
            self.said.push_str(&print::effect(&effect));
        }
    }

    fn wakeup(&self, verb: &str, rest: &str) -> Wakeup {
        let (whom, rest) = match rest.strip_prefix('@') {
            Some(rest) => rest.split_once(' ').unwrap_or((rest, "")),
            None => ("1", rest),
        };
        let (frame, attempt) = whom.split_once('#').unwrap_or((whom, ""));
        let frame = FrameId(frame.parse().expect("a frame's number"));
        let latest = self.execution.frames.get(&frame).map_or(0, |frame| frame.attempt);
        let attempt = attempt.parse().unwrap_or(latest);
        let succeeded = || TaskOutcome::Succeeded(Document::parse(rest).expect("a result is JSON"));
        match verb {
            "timer" => Wakeup::TimerFired { frame },
            "returns" => Wakeup::CallReturned { frame, attempt, outcome: succeeded() },
            "fails" => Wakeup::CallReturned { frame, attempt, outcome: TaskOutcome::Failed(failure(rest)) },
            "timedout" => Wakeup::CallReturned { frame, attempt, outcome: TaskOutcome::TimedOut },
            "polled" => {
                let worker_name = Some(rest).filter(|name| !name.is_empty()).map(Into::into);
                Wakeup::ActivityStarted { frame, attempt, worker_name }
            }
            "answers" => Wakeup::TokenAnswered { frame, attempt, outcome: succeeded() },
            "refuses" => {
                Wakeup::TokenAnswered { frame, attempt, outcome: TaskOutcome::Failed(failure(rest)) }
            }
            "heartbeat" => Wakeup::Heartbeat { frame, attempt },
            "mapped" => Wakeup::MapRunEnded {
                frame,
                map_run_arn: self.map_run_arn(frame),
                outcome: Ok(Document::parse(rest).expect("a result is JSON")),
            },
            "unmapped" => Wakeup::MapRunEnded {
                frame,
                map_run_arn: self.map_run_arn(frame),
                outcome: Err(failure(rest)),
            },
            "stop" => Wakeup::Stopped { failure: failure(rest) },
            "redrive" => {
                let input = Some(rest).filter(|input| !input.is_empty());
                let input = input.map(|input| Document::parse(input).expect("an input is JSON"));
                Wakeup::Redriven { client_token: None, input }
            }
            "again" => Wakeup::Again,
            _ => panic!("what is `{verb}`?"),
        }
    }

    /// The Map Run that the frame waits for.
    fn map_run_arn(&self, frame: FrameId) -> Text {
        let pending = self.execution.frames.get(&frame).and_then(execution::Frame::map_run);
        pending.expect("it waits for a Map Run").map_run_arn.clone()
    }
}

fn failure(text: &str) -> Failure {
    let (error, cause) = text.split_once(' ').unwrap_or((text, ""));
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Failure { error: filled(error).map(Into::into), cause: filled(cause) }
}

fn millis(time: &str) -> i64 {
    match time.strip_suffix("ms") {
        Some(millis) => millis.parse().expect("milliseconds"),
        None => time.trim_end_matches('s').parse::<i64>().expect("seconds") * 1000,
    }
}

/// Marks of documents tell writers apart, so every writer of this process has its own number.
pub fn next_serial() -> u32 {
    static SERIAL: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    SERIAL.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// The token in a call or an offer.
pub fn token_of(effects: &[Effect]) -> Option<TaskToken> {
    effects.iter().find_map(|effect| match effect {
        Effect::OfferActivity { token, .. } => TaskToken::parse(token),
        Effect::CallTask(TaskCall { arguments, .. }) => {
            print::words(arguments.text()).find_map(TaskToken::parse)
        }
        _ => None,
    })
}
