//! The store as its users see it: what is committed is there, and is there again.

mod backup;
mod crash;
mod express;
mod fake;
mod full;
mod listing;
mod map_runs;
mod redrive;
mod reopen;
mod retention;
mod running;
mod search;
mod takeover;
mod verify;
mod versions;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use asl::{Failure, StateId, Timestamp};
use execution::execution::{Close, Start};
use execution::frame::{Frame, FrameId, Waiting};
use execution::{Change, Event, EventKind, Execution, MachineType, Redrivable, Status, Turn};
use json::{Document, Text, Value};

use crate::log::Log;
use crate::store::open_on;
use crate::*;

/// A store with a clock, and an engine's worth of bookkeeping.
struct Bench {
    store: Store,
    writer: Writer<u64>,
    recovered: Recovered,
    durable: Receiver<u64>,
    next_after: u64,
    now: Timestamp,
}

/// Few, so that executions leave memory and are read back in every test.
const OPEN_MAX: usize = 2;

const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:Orders";

impl Bench {
    fn open(folder: &Path) -> Bench {
        Bench::open_with(folder, Duration::from_secs(3_600), 1 << 20)
    }

    fn open_with(folder: &Path, retention: Duration, segment_bytes: u64) -> Bench {
        Bench::try_open(folder, retention, segment_bytes).unwrap()
    }

    fn try_open(folder: &Path, retention: Duration, segment_bytes: u64) -> Result<Bench, Error> {
        let settings = Settings {
            data_dir: Some(folder.to_owned()),
            retention,
            segment_bytes,
            open_max: OPEN_MAX,
            ..Settings::default()
        };
        let (send, durable) = channel();
        let opened = open(settings, Timestamp(0), move |after| send.send(after).unwrap_or_default())?;
        Ok(Bench::of(opened, durable))
    }

    fn on(log: Arc<dyn Log>, fault: Fault) -> Bench {
        let (send, durable) = channel();
        let settings = Settings { segment_bytes: 4_096, open_max: OPEN_MAX, ..Settings::default() };
        let opened =
            open_on(log, &settings, fault, Timestamp(0), move |after| send.send(after).unwrap_or_default());
        Bench::of(opened.unwrap(), durable)
    }

    fn of((store, writer, recovered): (Store, Writer<u64>, Recovered), durable: Receiver<u64>) -> Bench {
        Bench { store, writer, recovered, durable, next_after: 1, now: Timestamp(1_000_000) }
    }

    /// What was open, by key.
    fn recovered_keys(&self) -> Vec<ExecutionKey> {
        self.recovered.open.iter().map(|open| open.key).collect()
    }

    /// Commits without waiting.
    fn queue(&mut self, records: Vec<Record>) {
        self.writer.commit(records, self.next_after);
        self.next_after += 1;
    }

    /// Waits until everything that was queued is durable.
    fn settle(&mut self) {
        self.queue(Vec::new());
        while self.durable.recv_timeout(Duration::from_secs(20)).unwrap() < self.next_after - 1 {}
    }

    fn commit(&mut self, records: Vec<Record>) {
        self.queue(records);
        self.settle();
    }

    fn put_machine(&mut self, name: &str) -> Arc<Machine> {
        let number = self.writer.new_revision_number();
        let arn = Text::from(format!("arn:aws:states:us-east-1:123456789012:stateMachine:{name}"));
        let definition = format!("{{\"Comment\": \"{name} {number}\"}}").into();
        let (machine_arn, updated_at) = (arn.clone(), self.now);
        let revision = Revision { machine_arn, definition, updated_at, ..testing::revision(number) };
        let earlier = self.writer.machine(&arn);
        let published = earlier.map_or_else(Arc::default, |earlier| earlier.published.clone());
        let machine = Arc::new(Machine {
            arn,
            name: name.into(),
            machine_type: MachineType::Standard,
            status: MachineStatus::Active,
            created_at: self.now,
            current: Arc::new(revision),
            tags: vec![("team".into(), "blue".into())],
            published,
        });
        self.queue(vec![Record::PutMachine(machine.clone())]);
        machine
    }

    /// The records of a new execution and its first turn.
    fn start(&mut self, name: &str, input: &str) -> (ExecutionKey, Vec<Record>) {
        self.start_by(name, input, None)
    }

    /// The same, of a version, by the alias `live`.
    fn start_by(
        &mut self,
        name: &str,
        input: &str,
        version: Option<&Version>,
    ) -> (ExecutionKey, Vec<Record>) {
        let current = self.writer.machine(MACHINE).map_or(0, |machine| machine.current.number);
        let revision = version.map_or(current, |version| version.revision.number);
        let version_arn = version.map(|version| format!("{MACHINE}:{}", version.number).into());
        let alias_arn = version.map(|_| format!("{MACHINE}:live").into());
        let input = Document::parse(input).unwrap();
        let started_at = self.now;
        self.begin(Start { revision, version_arn, alias_arn, input, started_at, ..testing::start(name) })
    }

    /// The same, of whatever was started.
    fn begin(&mut self, start: Start) -> (ExecutionKey, Vec<Record>) {
        let key = self.writer.new_execution_key();
        let mut execution = Execution::new(start.clone());
        let turn = Turn {
            history: vec![
                event(
                    1,
                    self.now,
                    EventKind::ExecutionStarted {
                        input: start.input.clone(),
                        role_arn: start.role_arn.clone(),
                        version_arn: None,
                        alias_arn: None,
                    },
                ),
                event(2, self.now, EventKind::ParallelStateStarted),
            ],
            changes: vec![Change::Put(frame(&start.input, self.now))],
            ..Turn::default()
        };
        execution.apply(&turn);
        self.writer.insert(key, execution);
        (key, vec![Record::Start { key, start: Arc::new(start) }, Record::Turn { key, turn: Arc::new(turn) }])
    }

    /// A turn that goes on.
    fn turn(&mut self, key: ExecutionKey, payload: &str) -> Record {
        let now = self.now;
        let execution = self.writer.load(key).unwrap();
        let document = Document::parse(payload).unwrap();
        let turn = Turn {
            history: vec![event(
                execution.next_event,
                now,
                EventKind::TaskSucceeded {
                    resource_type: "sqs".into(),
                    resource: "sendMessage".into(),
                    output: document.clone(),
                },
            )],
            changes: vec![Change::Put(frame(&document, now))],
            ..Turn::default()
        };
        execution.apply(&turn);
        Record::Turn { key, turn: Arc::new(turn) }
    }

    /// The last turn.
    fn end(&mut self, key: ExecutionKey, status: Status) -> Record {
        let now = self.now;
        let execution = self.writer.load(key).unwrap();
        let input = execution.start.input.clone();
        let failure = (status == Status::Failed).then(|| Failure::new("Broken", "because"));
        let kind = match &failure {
            None => EventKind::ExecutionSucceeded { output: input.clone() },
            Some(failure) => EventKind::ExecutionFailed { failure: failure.clone() },
        };
        let output = (status == Status::Succeeded).then_some(input);
        let turn = Turn {
            history: vec![event(execution.next_event, now, kind)],
            changes: vec![Change::Remove(FrameId::TOP)],
            close: Some(Close { status, at: now, output, failure, redrivable: Redrivable::NotKept }),
            ..Turn::default()
        };
        execution.apply(&turn);
        self.writer.remove(key);
        Record::Turn { key, turn: Arc::new(turn) }
    }

    /// A whole execution in one commit.
    fn run(&mut self, name: &str) -> ExecutionKey {
        let (key, mut records) = self.start(name, &format!(r#"{{"order":"{name}"}}"#));
        records.push(self.turn(key, "[1,2,3]"));
        records.push(self.end(key, Status::Succeeded));
        self.queue(records);
        key
    }

    fn history(&self, name: &str) -> Option<Vec<Event>> {
        self.store.history(&arn(name), 0, usize::MAX, false).unwrap().map(|page| page.events)
    }

    /// Everything that can be read of the executions of a machine, as text.
    fn everything(&self) -> BTreeMap<String, String> {
        let filter =
            ExecutionFilter { machine_arn: MACHINE.into(), limit: usize::MAX, ..ExecutionFilter::default() };
        let names = self.store.executions(&filter).unwrap().executions.into_iter();
        // One that is removed between the list and the look at it is not there.
        let described = names.filter_map(|row| {
            let name = row.name.to_string();
            let view = self.store.execution(&row.arn()).unwrap()?;
            let description = format!("{view:?} {:?}", self.history(&name)?);
            Some((name, description))
        });
        described.collect()
    }
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(20), "waited too long");
        std::thread::yield_now();
    }
}

fn arn(name: &str) -> Text {
    format!("arn:aws:states:us-east-1:123456789012:execution:Orders:{name}").into()
}

fn event(id: u64, timestamp: Timestamp, kind: EventKind) -> Event {
    Event { id, previous: id - 1, timestamp, kind }
}

fn frame(input: &Document, now: Timestamp) -> Frame {
    Frame {
        id: FrameId::TOP,
        parent: None,
        state: StateId(0),
        entered_at: now,
        entered_event: 2,
        last_event: 2,
        input: input.clone(),
        variables: Arc::default(),
        retries: Vec::new(),
        attempt: 0,
        waiting: Waiting::Until(now.plus_seconds(1_000)),
    }
}

#[test]
fn what_is_committed_can_be_read_when_it_is_durable() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let (key, records) = bench.start("one", r#"{"a":1}"#);
    bench.commit(records);
    let view = bench.store.execution(&arn("one")).unwrap().unwrap();
    assert_eq!((view.status, view.stopped_at), (Status::Running, None));
    assert_eq!(view.start.input.text(), r#"{"a":1}"#);
    assert_eq!(bench.history("one").unwrap().len(), 2);
    bench.now = Timestamp(1_005_000);
    let end = bench.end(key, Status::Failed);
    bench.commit(vec![end]);
    let view = bench.store.execution(&arn("one")).unwrap().unwrap();
    assert_eq!((view.status, view.stopped_at), (Status::Failed, Some(Timestamp(1_005_000))));
    assert_eq!(view.failure, Some(Failure::new("Broken", "because")));
    assert_eq!(bench.store.execution(&arn("two")).unwrap().map(|view| view.status), None);
    assert!(bench.store.history(&arn("two"), 0, 10, false).unwrap().is_none());
    assert_eq!(bench.store.machine(MACHINE).unwrap().name, "Orders");
}

#[test]
fn a_history_is_read_in_pages_from_both_ends() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let (key, records) = bench.start("long", "{}");
    bench.queue(records);
    for n in 0..20 {
        let record = bench.turn(key, &n.to_string());
        bench.queue(vec![record]);
    }
    bench.settle();
    let page = |skip, limit, reverse| {
        let page = bench.store.history(&arn("long"), skip, limit, reverse).unwrap().unwrap();
        (page.events.iter().map(|event| event.id).collect::<Vec<_>>(), page.more)
    };
    assert_eq!(page(0, 3, false), (vec![1, 2, 3], true));
    assert_eq!(page(20, 3, false), (vec![21, 22], false));
    assert_eq!(page(0, 3, true), (vec![22, 21, 20], true));
    assert_eq!(page(19, 3, true), (vec![3, 2, 1], false));
    assert_eq!(page(30, 3, true), (vec![], false));
}

#[test]
fn the_writer_sees_what_is_not_yet_durable_and_readers_do_not() {
    let log = fake::Fake::new();
    let mut bench = Bench::on(log.clone(), Fault::default());
    log.set(fake::Mode::Held);
    bench.put_machine("Orders");
    assert!(bench.writer.machine(MACHINE).is_some() && bench.store.machine(MACHINE).is_none());
    assert!(bench.writer.revision(1).is_some() && bench.store.revision(1).is_none());
    let (key, records) = bench.start("one", r#"{"a":1}"#);
    assert_eq!(bench.writer.find(&arn("one")).map(|(key, _)| key), Some(key));
    assert_eq!(bench.writer.open_of_machine(MACHINE), [key]);
    bench.queue(records);
    assert_eq!(bench.writer.find(&arn("one")).unwrap().1.input.text(), r#"{"a":1}"#);
    assert!(bench.store.execution(&arn("one")).unwrap().is_none());
    let end = bench.end(key, Status::Succeeded);
    assert_eq!(bench.writer.closed_at(key), Some(bench.now));
    assert!(bench.writer.load(key).is_none() && bench.writer.open_of_machine(MACHINE).is_empty());
    bench.queue(vec![end, Record::RemoveMachine { arn: MACHINE.into() }]);
    assert_eq!(bench.writer.find(&arn("one")).map(|(key, _)| key), Some(key));
    assert!(bench.writer.machine(MACHINE).is_none());
    assert!(bench.durable.try_recv().is_err());
    log.set(fake::Mode::Open);
    bench.settle();
    assert_eq!(bench.store.execution(&arn("one")).unwrap().unwrap().status, Status::Succeeded);
    assert_eq!(bench.writer.find(&arn("one")).map(|(key, _)| key), Some(key));
    assert_eq!(bench.writer.closed_at(key), Some(bench.now));
    assert!(bench.store.machine(MACHINE).is_none());
    assert!(bench.store.revision(1).is_some(), "an execution ran it");
}

#[test]
fn commits_are_told_in_order_and_their_writes_can_be_read_then() {
    let folder = testing::Folder::new();
    let (store_is_here, store) = channel::<Store>();
    let (send, told) = channel();
    let mut reader = None;
    let settings = Settings { data_dir: Some(folder.path().to_owned()), ..Settings::default() };
    let opened = open(settings, Timestamp(0), move |after: u64| {
        let reader = reader.get_or_insert_with(|| store.recv().unwrap());
        let is_there = reader.execution(&arn(&format!("e{after}"))).unwrap().is_some();
        send.send((after, is_there)).unwrap();
    });
    let mut bench = Bench::of(opened.unwrap(), channel().1);
    store_is_here.send(bench.store.clone()).unwrap();
    for after in 1..=300 {
        let (_, records) = bench.start(&format!("e{after}"), "{}");
        bench.queue(records);
    }
    for after in 1..=300 {
        assert_eq!(told.recv_timeout(Duration::from_secs(20)).unwrap(), (after, true));
    }
}

#[test]
fn a_commit_larger_than_a_frame_takes_several() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let payload = format!("\"{}\"", "x".repeat(250_000));
    let mut records = Vec::new();
    for n in 0..60 {
        let (key, more) = bench.start(&format!("big{n}"), &payload);
        records.extend(more);
        records.push(bench.turn(key, &payload));
        records.push(bench.end(key, Status::Succeeded));
    }
    bench.commit(records);
    assert!(bench.store.shared.log.next_seq() > 5);
    let before = bench.everything();
    assert_eq!(before.len(), 60);
    drop(bench);
    assert_eq!(Bench::open(folder.path()).everything(), before);
}

#[test]
fn loading_an_execution_costs_no_more_however_long_its_history_is() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let keys = ["long", "a", "b"].map(|name| {
        let (key, records) = bench.start(name, r#"{"the":"input"}"#);
        bench.commit(records);
        key
    });
    let read = |bench: &Bench| {
        let last = bench.store.shared.read().get(keys[0]).unwrap().last;
        chain::rebuild(&*bench.store.shared.log, keys[0], last).unwrap().bytes
    };
    let mut most = 0;
    for n in 0..300 {
        // With the others between them it leaves memory after each turn.
        for key in keys {
            let record = bench.turn(key, &format!(r#"{{"turn":{n}}}"#));
            bench.commit(vec![record]);
        }
        most = most.max(read(&bench));
    }
    assert!(most < 3_000, "{most} bytes were read");
    let all = bench.store.shared.read().get(keys[0]).unwrap().extent.bytes();
    assert!(all > 30_000, "{all} bytes are too few to tell");
    let history = bench.history("long").unwrap();
    assert_eq!(history.len(), 302);
    drop(bench);
    let mut bench = Bench::open(folder.path());
    assert_eq!(bench.history("long").unwrap(), history);
    let end = bench.end(keys[0], Status::Succeeded);
    bench.commit(vec![end]);
    let view = bench.store.execution(&arn("long")).unwrap().unwrap();
    assert_eq!(view.output.unwrap().text(), r#"{"the":"input"}"#);
}

#[test]
fn machines_revisions_and_activities_come_and_go() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    for name in ["b", "a", "c"] {
        bench.put_machine(name);
        let activity = Activity {
            arn: format!("arn:{name}").into(),
            name: name.into(),
            created_at: bench.now,
            encryption: Value::Null,
            tags: Vec::new(),
        };
        bench.queue(vec![Record::PutActivity(Arc::new(activity))]);
    }
    bench.settle();
    let machines = |after, limit| {
        bench.store.machines(after, limit).iter().map(|machine| machine.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        (machines(None, 2), machines(Some("b"), 9)),
        (vec!["a".into(), "b".into()], vec!["c".to_owned()])
    );
    assert_eq!(bench.store.activities(Some("a"), 1)[0].name, "b");
    assert!(bench.store.activity("arn:a").is_some());
    bench.commit(vec![Record::RemoveActivity { arn: "arn:a".into() }]);
    assert!(bench.store.activity("arn:a").is_none());
    // A revision that nobody ran goes when it is replaced.
    let revision = bench.store.machines(None, 1)[0].current.number;
    bench.put_machine("a");
    bench.settle();
    assert!(bench.store.revision(revision).is_none());
}
