//! Who uses the server: starters, activity workers, whoever answers callbacks; and what they were told.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use json::Value;

use crate::check::{Complaint, Verdict};
use crate::dice::Dice;
use crate::harness::{CallError, Client, Folder, Server, history, text};
use crate::loads::{LOADS, Load};
use crate::map_loads::MAP_LOADS;

/// Activity tasks whose worker never heard of them and calls whose outcome is unknown run into their
/// timeouts of a few seconds and are retried; after that everything has long ended.
const ALL_ENDED_WITHIN: Duration = Duration::from_secs(120);

/// How many of the newest starts are looked at after a kill: those before them were looked at earlier or
/// will be at the end.
const RECENT_MAX: usize = 50;

/// How many executions stand through the whole run.
const STANDING: usize = 10;

/// Threads that look at everything at the end.
const LOOKERS: usize = 4;

/// An acknowledged start.
#[derive(Clone)]
pub struct Started {
    pub arn: String,
    pub load: &'static Load,
    pub input: Value,
    pub at: Instant,
}

/// What the workers share.
pub struct World {
    pub port: AtomicU16,
    pub starting: AtomicBool,
    pub working: AtomicBool,
    pub retention: Option<Duration>,
    work: String,
    stand: String,
    /// With the ARN of each one's machine.
    loads: Vec<(&'static Load, String)>,
    tokens: PathBuf,
    calls: PathBuf,
    /// Where the folders are that stand in for S3's buckets.
    pub buckets: PathBuf,
    started: Mutex<Vec<Started>>,
    /// How many of them were looked at after a kill.
    looked: AtomicUsize,
    /// Acknowledged answers of activity tasks and callbacks: id of the execution → outputs.
    answered: Mutex<BTreeMap<String, Vec<String>>>,
    /// ARN of an execution → how often it was redriven, as far as that was acknowledged.
    redriven: Mutex<BTreeMap<String, i64>>,
}

impl World {
    pub fn new(folder: &Folder, server: &Server, with_functions: bool, retention: Option<Duration>) -> World {
        let mut client = server.client();
        let mut activity = |name: &str| {
            let created = client.ok("CreateActivity", &json::value!({ "name": name }));
            text(&created, "activityArn").to_owned()
        };
        let (work, stand) = (activity("work"), activity("stand"));
        let usable = LOADS.iter().chain(&MAP_LOADS).filter(|load| with_functions || !load.needs_functions);
        let loads = usable.map(|load| {
            let quoted = |arn: &str| format!("\"{arn}\"");
            let definition = load.definition.replace("\"WORK\"", &quoted(&work));
            let definition = definition.replace("\"STAND\"", &quoted(&stand));
            let body = json::value!({
                "name": (load.name), "definition": (definition.as_str()), "type": (load.machine_type),
                "roleArn": "arn:aws:iam::123456789012:role/kill",
            });
            (load, text(&client.ok("CreateStateMachine", &body), "stateMachineArn").to_owned())
        });
        let loads: Vec<_> = loads.collect();
        let mut started = Vec::new();
        for (load, machine) in loads.iter().filter(|(load, _)| load.share == 0) {
            for number in 0..STANDING {
                let id = format!("{}-{number}", load.name);
                let input = json::value!({ "id": (id.as_str()) });
                let wanted = [(id, input.clone())];
                let arns = (load.start)(&mut client, machine, &wanted).expect("it is acknowledged");
                let at = Instant::now();
                started.extend(arns.into_iter().map(|arn| Started { arn, load, input: input.clone(), at }));
            }
        }
        World {
            port: AtomicU16::new(server.port),
            starting: AtomicBool::new(true),
            working: AtomicBool::new(true),
            retention,
            work,
            stand,
            loads,
            tokens: folder.0.join("tokens"),
            calls: folder.0.join("calls"),
            buckets: folder.0.join("buckets"),
            started: Mutex::new(started),
            looked: AtomicUsize::new(0),
            answered: Mutex::default(),
            redriven: Mutex::default(),
        }
    }

    pub fn start_workers(self: &Arc<World>, dice: &mut Dice) -> Vec<JoinHandle<()>> {
        let mut workers = Vec::new();
        for starter in 0..6 {
            let (world, dice) = (self.clone(), Dice(dice.next()));
            workers.push(spawn(move || world.start_executions(starter, dice)));
        }
        for _ in 0..3 {
            let world = self.clone();
            workers.push(spawn(move || world.work()));
        }
        let world = self.clone();
        workers.push(spawn(move || world.call_back()));
        let world = self.clone();
        workers.push(spawn(move || world.redrive()));
        workers
    }

    /// Starts executions with names of their own. A start whose answer got lost may or may not exist.
    fn start_executions(&self, starter: u32, mut dice: Dice) {
        let mut client = self.client();
        for number in 0.. {
            if !self.starting.load(SeqCst) {
                return;
            }
            let (load, machine) = self.draw(&mut dice);
            let wanted = (0..load.at_once).map(|item| {
                let id = format!("{}-{starter}-{number}-{item}", load.name);
                let input = json::value!({ "id": (id.as_str()), "seconds": (1 + dice.below(3)) });
                (id, input)
            });
            let wanted: Vec<_> = wanted.collect();
            let at = Instant::now();
            match (load.start)(&mut client, machine, &wanted) {
                Ok(arns) => {
                    assert_eq!(arns.len(), wanted.len(), "an answer for each");
                    let started = arns.into_iter().zip(wanted);
                    let started = started.map(|(arn, (_, input))| Started { arn, load, input, at });
                    self.started.lock().unwrap().extend(started);
                    sleep(Duration::from_millis(dice.below(4)));
                }
                Err(error) => self.pause(&mut client, error, &["ServiceUnavailable"]),
            }
        }
    }

    /// One of the loads that are there, by their shares.
    fn draw(&self, dice: &mut Dice) -> (&'static Load, &str) {
        let all = self.loads.iter().map(|(load, _)| load.share).sum();
        let mut at = dice.below(all);
        for (load, machine) in &self.loads {
            if at < load.share {
                return (load, machine);
            }
            at -= load.share;
        }
        unreachable!("a number below the sum of the shares lies in one of them");
    }

    /// An activity worker.
    fn work(&self) {
        let mut client = self.client();
        while self.working.load(SeqCst) {
            let body = json::value!({ "activityArn": (self.work.as_str()) });
            match client.call("GetActivityTask", &body) {
                Ok(task) => {
                    self.do_task(&mut client, &task);
                }
                Err(error) => self.pause(&mut client, error, &["ServiceUnavailable"]),
            }
        }
    }

    /// Whether there was a task.
    fn do_task(&self, client: &mut Client, task: &Value) -> bool {
        let Some(token) = task.get("taskToken").and_then(Value::as_str) else { return false };
        let input = Value::parse(text(task, "input")).unwrap();
        self.answer(client, text(&input, "id"), token);
        true
    }

    /// Answers the tokens that the function wrote down.
    fn call_back(&self) {
        let mut client = self.client();
        while self.working.load(SeqCst) {
            for entry in std::fs::read_dir(&self.tokens).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_none_or(|ending| ending != "json") {
                    continue;
                }
                let event = Value::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
                if self.answer(&mut client, text(&event, "id"), text(&event, "token")) {
                    std::fs::remove_file(path).unwrap();
                }
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Redrives what has failed, with a client token: repeated after a kill, it is the same redrive.
    fn redrive(&self) {
        let mut client = self.client();
        while self.working.load(SeqCst) {
            if let Err(error) = self.redrive_those_that_failed(&mut client) {
                // It may have gone, or another look was late.
                let expected = ["ExecutionDoesNotExist", "ExecutionNotRedrivable", "ServiceUnavailable"];
                self.pause(&mut client, error, &expected);
            }
            sleep(Duration::from_millis(5));
        }
    }

    fn redrive_those_that_failed(&self, client: &mut Client) -> Result<(), CallError> {
        for (_, machine) in self.loads.iter().filter(|(load, _)| load.is_redriven) {
            let failed = self.list(client, machine, "FAILED")?;
            for arn in &failed {
                let execution =
                    client.call("DescribeExecution", &json::value!({ "executionArn": (arn.as_str()) }))?;
                let redrives = execution.get("redriveCount").and_then(Value::as_i64).expect("it has a count");
                let token = redrives.to_string();
                let body = json::value!({ "executionArn": (arn.as_str()), "clientToken": (token.as_str()) });
                client.call("RedriveExecution", &body)?;
                self.redriven.lock().unwrap().insert(arn.clone(), redrives + 1);
            }
        }
        Ok(())
    }

    /// The ARNs of some executions of a machine with this status.
    fn list(&self, client: &mut Client, machine: &str, status: &str) -> Result<Vec<String>, CallError> {
        let body = json::value!({ "stateMachineArn": machine, "statusFilter": status });
        let listed = client.call("ListExecutions", &body)?;
        let listed = listed.get("executions").and_then(Value::as_array).expect("a list");
        Ok(listed.iter().map(|execution| text(execution, "executionArn").to_owned()).collect())
    }

    /// Sends a result; `true` when the server said yes or no.
    fn answer(&self, client: &mut Client, id: &str, token: &str) -> bool {
        let output = json::value!({ "id": id, "token": token }).to_text();
        let body = json::value!({ "taskToken": token, "output": (output.as_str()) });
        match client.call("SendTaskSuccess", &body) {
            Ok(_) => {
                self.answered.lock().unwrap().entry(id.to_owned()).or_default().push(output);
                true
            }
            Err(error) => {
                let answered = matches!(error, CallError::Refused { .. });
                // An attempt that ran into its timeout, or an answer that had arrived before the kill.
                self.pause(client, error, &["TaskTimedOut", "TaskDoesNotExist", "ServiceUnavailable"]);
                answered
            }
        }
    }

    fn pause(&self, client: &mut Client, error: CallError, expected: &[&str]) {
        if let CallError::Refused { code, message } = &error {
            assert!(expected.contains(&code.as_str()), "{code}: {message}");
        }
        sleep(Duration::from_millis(5));
        *client = self.client();
    }

    fn client(&self) -> Client {
        Client::new(self.port.load(SeqCst))
    }

    pub fn started_count(&self) -> usize {
        self.started.lock().unwrap().len()
    }

    pub fn answered_count(&self) -> usize {
        self.answered.lock().unwrap().values().map(Vec::len).sum()
    }

    /// The answer to an execution that was acknowledged.
    pub fn answer_to(&self, id: &str) -> Result<Option<String>, Complaint> {
        match self.answered.lock().unwrap().get(id).map(Vec::as_slice) {
            None => Ok(None),
            Some([answer]) => Ok(Some(answer.clone())),
            Some(answers) => Err(Complaint::Doubled(format!("{id}: accepted were {answers:?}"))),
        }
    }

    /// How often an execution was redriven, as far as that was acknowledged.
    pub fn redriven(&self, arn: &str) -> i64 {
        self.redriven.lock().unwrap().get(arn).copied().unwrap_or(0)
    }

    pub fn redriven_count(&self) -> i64 {
        self.redriven.lock().unwrap().values().sum()
    }

    /// How often the function was called for an execution.
    pub fn calls(&self, id: &str) -> usize {
        std::fs::metadata(self.calls.join(id)).map_or(0, |calls| calls.len() as usize)
    }

    /// Looks at what was acknowledged last before a kill, and at those that stand.
    pub fn look_at_recent_ones(&self) -> Vec<Verdict> {
        let recent: Vec<Started> = {
            let started = self.started.lock().unwrap();
            let from = self.looked.swap(started.len(), SeqCst).max(started.len().saturating_sub(RECENT_MAX));
            let standing = started.iter().take_while(|started| started.load.share == 0);
            standing.chain(&started[from..]).cloned().collect()
        };
        let mut client = self.client();
        recent.iter().map(|started| (started.load.look)(self, &mut client, started, false)).collect()
    }

    /// Answers those that stand, and waits for all others; also for those whose start was never
    /// acknowledged but happened.
    pub fn wait_until_all_ended(&self) {
        let mut client = self.client();
        for _ in 0..STANDING {
            let task = client.ok("GetActivityTask", &json::value!({ "activityArn": (self.stand.as_str()) }));
            assert!(self.do_task(&mut client, &task), "one that stood has no task any more");
        }
        let began = Instant::now();
        for (load, machine) in self.loads.iter().filter(|(load, _)| load.machine_type == "STANDARD") {
            // One that was redriven between two lists is in the third.
            let statuses: &[&str] =
                if load.is_redriven { &["FAILED", "RUNNING", "FAILED"] } else { &["RUNNING"] };
            loop {
                let mut list = |status: &&str| self.list(&mut client, machine, status).expect("it is listed");
                let open: Vec<String> = statuses.iter().flat_map(&mut list).collect();
                let Some(first) = open.first() else { break };
                assert!(
                    began.elapsed() < ALL_ENDED_WITHIN,
                    "{} executions of {} do not end, such as {first}: {:#?}",
                    open.len(),
                    load.name,
                    history(&mut client, first)
                );
                sleep(Duration::from_millis(100));
            }
        }
    }

    /// Looks at everything that was acknowledged.
    pub fn look_at_all(&self) -> Vec<Verdict> {
        let started = self.started.lock().unwrap().clone();
        let share = started.len().div_ceil(LOOKERS).max(1);
        std::thread::scope(|scope| {
            let lookers: Vec<_> = started
                .chunks(share)
                .map(|share| {
                    scope.spawn(move || {
                        let mut client = self.client();
                        let look = |started: &Started| (started.load.look)(self, &mut client, started, true);
                        share.iter().map(look).collect::<Vec<_>>()
                    })
                })
                .collect();
            lookers.into_iter().flat_map(|looker| looker.join().expect("a look found a defect")).collect()
        })
    }
}
