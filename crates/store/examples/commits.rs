//! How fast commits are, beside the bare disk, and how fast a store comes back.
//!
//! `cargo run --release -p store --example commits [folder [executions]]`. The folder must be on the
//! disk that is to be measured; a new one under it is used and removed.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use asl::{StateId, Timestamp};
use execution::execution::{Close, Start};
use execution::frame::{Frame, FrameId, Waiting};
use execution::{Change, Event, EventKind, Execution, MachineType, Redrivable, Status, Turn};
use json::Document;
use store::{ExecutionKey, Record, Settings, Store, Writer};

/// Turns of one execution: a start, three tasks' ends, and an end.
const TURNS: usize = 5;
const BATCH: usize = 64;
const EXECUTIONS: usize = 100_000;
const OPEN: usize = 1_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, reopen, folder] = &arguments[..]
        && reopen == "reopen"
    {
        return come_back(Path::new(folder));
    }
    let executions =
        arguments.get(2).map_or(EXECUTIONS, |count| count.parse().expect("a number of executions"));
    let base = arguments.get(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = base.join(format!("stepwell-commits-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder can be made");
    one_at_a_time(&folder.join("single"));
    let bytes = batches(&folder.join("batches"));
    bare(&folder.join("bare"), bytes);
    recovery(&folder.join("recovery"), executions);
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}

/// A lone client: one execution's turn, durable, then the next.
fn one_at_a_time(folder: &Path) {
    let mut load = Load::open(folder);
    let count = 2_000;
    let mut times = Vec::new();
    for n in 0..count {
        let records = load.start(n);
        let begun = Instant::now();
        load.commit(records);
        load.wait();
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    println!("one start at a time: p50 {:?}, p99 {:?}", times[count / 2], times[count * 99 / 100]);
}

/// 64 turns for each commit, and the next batch is made while the last one is on its way. Returns the
/// size of a commit in the log.
fn batches(folder: &Path) -> usize {
    let mut load = Load::open(folder);
    let (begun, cpu) = (Instant::now(), cpu_time());
    let executions = EXECUTIONS / 2;
    let mut commits = 0;
    for first in (0..executions).step_by(BATCH) {
        for turn in 0..TURNS {
            let records = (first..first + BATCH).flat_map(|n| load.turn(n, turn)).collect();
            load.commit(records);
            commits += 1;
            // One batch is being made, one is queued, one is on its way.
            while load.outstanding > 2 {
                load.wait();
            }
        }
    }
    while load.outstanding > 0 {
        load.wait();
    }
    let (took, cpu) = (begun.elapsed().as_secs_f64(), cpu_time() - cpu);
    let turns = (commits * BATCH) as f64;
    drop(load);
    let written: u64 = log_bytes(folder);
    let each = written as usize / commits;
    println!(
        "batches of {BATCH}: {:.0} commits/s, {:.0} turns/s, {:.2} µs of CPU each, {:.0} bytes in the log each",
        commits as f64 / took,
        turns / took,
        cpu * 1e6 / turns,
        written as f64 / turns,
    );
    each
}

/// The same bytes, written and synced by hand into a file that is there already.
fn bare(path: &Path, bytes: usize) {
    let count = 2_000;
    let file = fs::File::create(path).expect("the file can be made");
    file.write_all_at(&vec![0; bytes * count], 0).expect("there is room");
    file.sync_all().expect("the disk works");
    let body = vec![7; bytes];
    let begun = Instant::now();
    for n in 0..count {
        file.write_all_at(&body, (n * bytes) as u64).expect("there is room");
        file.sync_data().expect("the disk works");
    }
    let took = begun.elapsed().as_secs_f64();
    println!("bare write and fdatasync of {bytes} bytes: {:.0}/s", count as f64 / took);
}

/// Fills a store with closed executions and some open ones, and opens it again.
fn recovery(folder: &Path, executions: usize) {
    let mut load = Load::open(folder);
    for first in (0..executions).step_by(BATCH) {
        let records = (0..TURNS).flat_map(|turn| (first..first + BATCH).map(move |n| (n, turn)));
        let records =
            records.collect::<Vec<_>>().into_iter().flat_map(|(n, turn)| load.turn(n, turn)).collect();
        load.commit(records);
        load.wait();
    }
    for n in executions * 2..executions * 2 + OPEN {
        let records = (0..3).flat_map(|turn| load.turn(n, turn)).collect();
        load.commit(records);
        load.wait();
    }
    drop(load);
    println!(
        "{executions} closed and {OPEN} open executions: {} MiB of log, {} MiB of snapshots",
        log_bytes(folder) >> 20,
        bytes_of(folder, "snapshot-") >> 20,
    );
    // In a process of its own, whose memory is only what the store takes.
    let program = std::env::current_exe().expect("the system knows this program");
    let ended = std::process::Command::new(program).arg("reopen").arg(folder).status();
    assert!(ended.expect("this program can be run").success());
}

/// Opens what [`recovery`] wrote.
fn come_back(folder: &Path) {
    let (begun, before) = (Instant::now(), resident());
    let mut load = Load::open(folder);
    let took = begun.elapsed();
    println!("  ready in {took:?}, {} MiB resident, {} MiB before", resident() >> 20, before >> 20);
    let arn = arn(EXECUTIONS / 2);
    let begun = Instant::now();
    let view = load.store.execution(&arn).expect("the log is whole").expect("it is there");
    assert_eq!(view.status, Status::Succeeded);
    println!("  one closed execution, read from the log: {:?}", begun.elapsed());
    let records = load.start(usize::MAX >> 20);
    load.commit(records);
    load.wait();
}

struct Load {
    store: Store,
    writer: Writer<()>,
    durable: Receiver<()>,
    outstanding: usize,
    keys: std::collections::HashMap<usize, ExecutionKey>,
}

impl Load {
    fn open(folder: &Path) -> Load {
        let (send, durable) = channel();
        let settings = Settings { data_dir: Some(folder.to_owned()), ..Settings::default() };
        let opened = store::open(settings, Timestamp(0), move |()| send.send(()).unwrap_or_default());
        let (store, writer, _) = opened.expect("the folder can be opened");
        Load { store, writer, durable, outstanding: 0, keys: Default::default() }
    }

    fn commit(&mut self, records: Vec<Record>) {
        self.writer.commit(records, ());
        self.outstanding += 1;
    }

    fn wait(&mut self) {
        self.durable.recv_timeout(Duration::from_secs(60)).expect("the disk works");
        self.outstanding -= 1;
    }

    fn turn(&mut self, n: usize, turn: usize) -> Vec<Record> {
        match turn {
            0 => self.start(n),
            turn if turn < TURNS - 1 => self.go_on(n),
            _ => self.end(n),
        }
    }

    fn start(&mut self, n: usize) -> Vec<Record> {
        let input = format!(
            r#"{{"order":{n},"customer":"somebody","lines":[{{"item":"book","count":2}},{{"item":"pen","count":12}}]}}"#
        );
        let start = Start {
            arn: arn(n).into(),
            name: name(n).into(),
            state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:Orders".into(),
            state_machine_name: "Orders".into(),
            machine_type: MachineType::Standard,
            revision: 1,
            version_arn: None,
            alias_arn: None,
            test_case: None,
            role_arn: "arn:aws:iam::123456789012:role/orders".into(),
            region: "us-east-1".into(),
            input: Document::from_valid_text(input),
            trace_header: None,
            parent: None,
            child_of: None,
            started_at: now(n),
        };
        let key = self.writer.new_execution_key();
        self.keys.insert(n, key);
        self.writer.insert(key, Execution::new(start.clone()));
        let kind = EventKind::ExecutionStarted {
            input: start.input.clone(),
            role_arn: start.role_arn.clone(),
            version_arn: None,
            alias_arn: None,
        };
        let turn = Turn {
            history: vec![event(1, n, kind)],
            changes: vec![Change::Put(frame(n, &start.input))],
            ..Turn::default()
        };
        vec![Record::Start { key, start: Arc::new(start) }, self.apply(key, turn)]
    }

    fn go_on(&mut self, n: usize) -> Vec<Record> {
        let key = self.keys[&n];
        let next = self.writer.load(key).expect("it is open").next_event;
        let output = Document::from_valid_text(format!(
            r#"{{"step":{next},"result":"a result of some length","n":{n}}}"#
        ));
        let resource = ("lambda".into(), "invoke".into());
        let kind = EventKind::TaskSucceeded {
            resource_type: resource.0,
            resource: resource.1,
            output: output.clone(),
        };
        let changes = vec![Change::Put(frame(n, &output))];
        let turn = Turn { history: vec![event(next, n, kind)], changes, ..Turn::default() };
        vec![self.apply(key, turn)]
    }

    fn end(&mut self, n: usize) -> Vec<Record> {
        let key = self.keys.remove(&n).expect("it was started");
        let execution = self.writer.load(key).expect("it is open");
        let output = execution.frames[&FrameId::TOP].input.clone();
        let kind = EventKind::ExecutionSucceeded { output: output.clone() };
        let turn = Turn {
            history: vec![event(execution.next_event, n, kind)],
            changes: vec![Change::Remove(FrameId::TOP)],
            close: Some(Close {
                status: Status::Succeeded,
                at: now(n),
                output: Some(output),
                failure: None,
                redrivable: Redrivable::NotKept,
            }),
            ..Turn::default()
        };
        let record = self.apply(key, turn);
        self.writer.remove(key);
        vec![record]
    }

    fn apply(&mut self, key: ExecutionKey, turn: Turn) -> Record {
        self.writer.load(key).expect("it is open").apply(&turn);
        Record::Turn { key, turn: Arc::new(turn) }
    }
}

fn event(id: u64, n: usize, kind: EventKind) -> Event {
    Event { id, previous: id - 1, timestamp: now(n), kind }
}

fn frame(n: usize, input: &Document) -> Frame {
    Frame {
        id: FrameId::TOP,
        parent: None,
        state: StateId(0),
        entered_at: now(n),
        entered_event: 1,
        last_event: 1,
        input: input.clone(),
        variables: Arc::default(),
        retries: Vec::new(),
        attempt: 0,
        waiting: Waiting::Until(now(n)),
    }
}

fn now(n: usize) -> Timestamp {
    Timestamp(1_700_000_000_000 + n as i64 / 10)
}

/// As long as a UUID.
fn name(n: usize) -> String {
    format!("01234567-89ab-cdef-0123-{n:012}")
}

fn arn(n: usize) -> String {
    format!("arn:aws:states:us-east-1:123456789012:execution:Orders:{}", name(n))
}

/// The part of the segments that is not preallocated zeros.
fn log_bytes(folder: &Path) -> u64 {
    let files =
        fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("it can be read").path());
    let segments = files.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
    let used = segments.map(|path| fs::read(path).expect("it can be read"));
    used.map(|bytes| bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last as u64 + 1)).sum()
}

fn bytes_of(folder: &Path, prefix: &str) -> u64 {
    let files = fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("it can be read"));
    let wanted = files.filter(|file| file.file_name().to_string_lossy().starts_with(prefix));
    wanted.map(|file| file.metadata().map_or(0, |metadata| metadata.len())).sum()
}

/// Seconds of CPU that this process has used, where the system says so.
fn cpu_time() -> f64 {
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else { return 0.0 };
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn resident() -> u64 {
    let Ok(statm) = fs::read_to_string("/proc/self/statm") else { return 0 };
    statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4_096
}
