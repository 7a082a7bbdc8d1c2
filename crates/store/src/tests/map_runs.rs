//! Map Runs as the engine and the API see them: they are there again, and tell what became of their children.

mod children;
mod kept;
mod recall;

use execution::MapRun;
use execution::map_run::{ChildEnd, ChildOf, EndedChild, MapRunStart};

use super::*;

/// A Map Run as the engine holds it.
pub(super) struct Held {
    pub(super) key: ExecutionKey,
    pub(super) run: MapRun,
}

impl Bench {
    /// A new Map Run of the execution `parent`, and its record.
    pub(super) fn map_run(&mut self, name: &str, express: bool) -> (Held, Record) {
        let revision = self.writer.machine(MACHINE).map_or(0, |machine| machine.current.number);
        let start = MapRunStart { revision, started_at: self.now, ..testing::map_run_start(name, express) };
        let (key, start) = (self.writer.new_execution_key(), Arc::new(start));
        let record = Record::MapRunStart { key, start: start.clone() };
        (Held { key, run: MapRun::new(start) }, record)
    }

    /// The records of a STANDARD child's start and first turn.
    fn start_child(&mut self, held: &Held, child: u32) -> (ExecutionKey, Vec<Record>) {
        let start = &*held.run.start;
        let child_of = ChildOf {
            map_run_arn: start.arn.clone(),
            child,
            items: items_of(child),
            processor: start.processor,
        };
        self.begin(Start {
            arn: start.child_arn(child),
            name: start.child_name(child),
            state_machine_arn: start.child_machine_arn.clone(),
            state_machine_name: start.child_machine_name.clone(),
            revision: start.revision,
            input: input_of(child),
            child_of: Some(child_of),
            started_at: self.now,
            ..testing::start("")
        })
    }

    /// Lets so much else begin and end that the first segments go and what is kept of them is moved.
    fn move_what_is_kept(&mut self) {
        for filler in 0..2_000 {
            self.now = self.now.plus_seconds(1);
            self.run(&format!("filler{filler}"));
            self.writer.tick(self.now);
            self.settle();
            if self.store.shared.log.segments()[0].number > 2 {
                break;
            }
        }
        assert!(self.store.shared.log.segments()[0].number > 2, "its first place is still there");
    }

    /// All that can be read of a Map Run, as text.
    fn told(&self, name: &str) -> String {
        format!("{:?}", self.store.map_run(&map_run_arn(name)).unwrap())
    }
}

impl Held {
    /// So many children begin.
    pub(super) fn begin(&mut self, children: u32) {
        for _ in 0..children {
            self.run.begin(items_of(self.run.begun()));
        }
        self.run.read(1_000, self.run.begun(), false);
    }

    /// A child ends; an EXPRESS one with all that there is to tell.
    pub(super) fn end(&mut self, child: u32, status: Status, now: Timestamp) {
        let end = ChildEnd {
            input: input_of(child),
            output: (status == Status::Succeeded).then(|| Document::parse(&child.to_string()).unwrap()),
            failure: (status == Status::Failed).then(|| Failure::new("Broken", "because")),
            items: items_of(child),
            started_at: Timestamp(now.0 - 10),
            stopped_at: now,
        };
        let express = self.run.start.express.then(|| Box::new(end));
        self.run.ended(EndedChild { child, status, is_redrivable: true, express });
    }

    /// All that has changed since the last one.
    pub(super) fn turn(&mut self, now: Timestamp) -> Record {
        let turn = self.run.take_turn(now).expect("something has changed");
        Record::MapRunTurn { key: self.key, turn: Arc::new(turn) }
    }

    /// The last turn.
    pub(super) fn close(&mut self, status: Status, now: Timestamp) -> Record {
        let failure = (status == Status::Failed).then(|| Failure::new("Broken", "as a whole"));
        self.run.end(status, now, failure);
        self.turn(now)
    }
}

fn items_of(child: u32) -> u32 {
    child % 3 + 1
}

fn input_of(child: u32) -> Document {
    Document::parse(&format!(r#"{{"child":{child}}}"#)).unwrap()
}

pub(super) fn map_run_arn(name: &str) -> Text {
    testing::map_run_start(name, false).arn
}
