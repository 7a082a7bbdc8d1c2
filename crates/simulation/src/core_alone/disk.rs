//! The simulated disk of one execution: records in order, some of which are not synced yet.

use execution::codec::{Reader, Writer};
use execution::execution::Start;
use execution::{Event, Execution, Turn};

/// Records as bytes, exactly as the log would hold them.
pub struct Disk {
    start: Vec<u8>,
    turns: Vec<Vec<u8>>,
    /// So many turns survive a crash.
    synced: usize,
    writer: Writer,
}

impl Disk {
    pub fn new(serial: u32, start: &Start) -> Self {
        let mut writer = Writer::new(serial);
        let mut bytes = Vec::new();
        writer.start(start, &mut bytes);
        Disk { start: bytes, turns: Vec::new(), synced: 0, writer }
    }

    pub fn append(&mut self, turn: &Turn) {
        let mut bytes = Vec::new();
        self.writer.turn(turn, &mut bytes);
        self.turns.push(bytes);
    }

    pub fn sync(&mut self) {
        self.synced = self.turns.len();
    }

    /// Forgets what was not synced and reads the rest back: the execution and its whole history.
    pub fn crash(&mut self, serial: u32) -> (Execution, Vec<Event>) {
        self.turns.truncate(self.synced);
        let mut reader = Reader::default();
        let start = reader.start(&self.start).expect("the start reads back");
        let mut execution = Execution::new(start);
        let mut history = Vec::new();
        for bytes in &self.turns {
            let turn = reader.turn(bytes).expect("a synced turn reads back");
            execution.apply(&turn);
            history.extend(turn.history);
        }
        self.writer = Writer::resume(serial, &reader);
        (execution, history)
    }
}
