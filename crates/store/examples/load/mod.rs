//! Executions of three tasks, committed as the engine does it.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use asl::{StateId, Timestamp};
use execution::execution::{Close, Start};
use execution::frame::{Frame, FrameId, Waiting};
use execution::{Change, Event, EventKind, Execution, MachineType, Redrivable, Status, Turn};
use json::Document;
use store::{ExecutionKey, Record, Settings, Store, Writer};

/// Turns of one execution: a start, three tasks' ends, and an end.
pub const TURNS: usize = 5;

/// A store, and an engine's worth of bookkeeping.
pub struct Load {
    pub store: Store,
    pub writer: Writer<()>,
    durable: Receiver<()>,
    /// Commits that are not durable yet.
    pub outstanding: usize,
    keys: std::collections::HashMap<usize, ExecutionKey>,
}

impl Load {
    /// Closed executions are kept for so long.
    pub fn open(folder: &Path, retention: Duration) -> Load {
        let (send, durable) = channel();
        let settings = Settings { data_dir: Some(folder.to_owned()), retention, ..Settings::default() };
        let opened = store::open(settings, Timestamp(0), move |()| send.send(()).unwrap_or_default());
        let (store, writer, _) = opened.expect("the folder can be opened");
        Load { store, writer, durable, outstanding: 0, keys: Default::default() }
    }

    pub fn commit(&mut self, records: Vec<Record>) {
        self.writer.commit(records, ());
        self.outstanding += 1;
    }

    pub fn wait(&mut self) {
        self.durable.recv_timeout(Duration::from_secs(60)).expect("the disk works");
        self.outstanding -= 1;
    }

    pub fn turn(&mut self, n: usize, turn: usize) -> Vec<Record> {
        match turn {
            0 => self.start(n),
            turn if turn < TURNS - 1 => self.go_on(n),
            _ => self.end(n),
        }
    }

    pub fn start(&mut self, n: usize) -> Vec<Record> {
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

    pub fn end(&mut self, n: usize) -> Vec<Record> {
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

pub fn now(n: usize) -> Timestamp {
    Timestamp(1_700_000_000_000 + n as i64 / 10)
}

/// As long as a UUID.
fn name(n: usize) -> String {
    format!("01234567-89ab-cdef-0123-{n:012}")
}

pub fn arn(n: usize) -> String {
    format!("arn:aws:states:us-east-1:123456789012:execution:Orders:{}", name(n))
}
