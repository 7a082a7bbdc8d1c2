//! Turns as bytes, and back: the body of the log's records.
//!
//! A document that an execution has written before is written as its number (see
//! [`json::Document::mark`]), so that a payload which repeats from event to event is stored once.
//! Whole numbers are written with as few bytes as they need, ids and times as the difference from
//! the one before.

mod bytes;
mod checkpoint;
mod event;
mod frame;
mod map_run;
mod standing;
#[cfg(test)]
mod tests;

use asl::{Failure, StateId};
use json::Document;

pub use self::map_run::{map_run_front, map_run_start, map_run_turn, put_map_run_start, put_map_run_turn};
use crate::codec::bytes::{Input, Output};
use crate::execution::{Close, Execution, MachineType, Parent, Start, Status};
use crate::redrive::Redrivable;
use crate::standing::Standing;
use crate::turn::{Change, Turn};

/// The first byte of every record: how the rest is laid out.
const FORMAT: u8 = 6;

/// The oldest layout that can be read. (2 had no parents and no test cases, 3 kept nothing for redrives,
/// 4 had no Map Runs, 5 did not know which of their failures a redrive cannot let go on.)
const FORMAT_OLDEST: u8 = 2;

/// The first layout with redrives.
const FORMAT_OF_REDRIVES: u8 = 4;

/// The first layout with Map Runs.
const FORMAT_OF_MAP_RUNS: u8 = 5;

/// The first layout that counts failures which no redrive can let go on.
const FORMAT_OF_FINAL_FAILURES: u8 = 6;

/// Numbers the documents of one execution while its records are written, in their order.
#[derive(Debug)]
pub struct Writer {
    /// Tells this writer's marks from others': unique among the writers of a process.
    serial: u32,
    next_document: u32,
}

/// Collects the documents of one execution while its records are read, in the order they were
/// written. After a [`Malformed`] it knows no longer which number is whose: read nothing more with it.
#[derive(Debug, Default)]
pub struct Reader {
    documents: Vec<Document>,
}

/// The bytes are not what [`Writer`] wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Writer {
    /// A writer for a new execution.
    pub fn new(serial: u32) -> Self {
        Writer { serial, next_document: 0 }
    }

    /// A writer that goes on where `reader` stopped, so that what was read is not written again.
    pub fn resume(serial: u32, reader: &Reader) -> Self {
        let mut writer = Writer::new(serial);
        for document in &reader.documents {
            writer.number(document);
        }
        writer
    }

    /// Appends the record of the start.
    pub fn start(&mut self, start: &Start, out: &mut Vec<u8>) {
        let mut out = Output::new(self, out);
        out.byte(FORMAT);
        write_start(&mut out, start);
    }

    /// Appends a checkpoint: the execution as it is. The writer must be a new one; the records that
    /// follow go on from here and refer to nothing before.
    pub fn checkpoint(&mut self, execution: &Execution, out: &mut Vec<u8>) {
        let mut out = Output::new(self, out);
        out.byte(FORMAT);
        checkpoint::write(&mut out, execution);
    }

    /// Appends the record of a turn: standing, history, changes, close. Effects are not recorded.
    pub fn turn(&mut self, turn: &Turn, out: &mut Vec<u8>) {
        let mut out = Output::new(self, out);
        out.byte(FORMAT);
        standing::write(&mut out, &turn.standing);
        out.list(&turn.history, event::write);
        out.list(&turn.changes, write_change);
        out.optional(turn.close.as_ref(), write_close);
    }

    /// The number of a document that was written before, or else `None` and a number from now on.
    fn number(&mut self, document: &Document) -> Option<u32> {
        let mark = document.mark();
        if (mark >> 32) as u32 == self.serial && mark as u32 != 0 {
            return Some(mark as u32 - 1);
        }
        // Marks have room for four milliards of documents; an execution's history ends long before.
        self.next_document += 1;
        document.set_mark(u64::from(self.serial) << 32 | u64::from(self.next_document));
        None
    }
}

impl Reader {
    /// Reads what [`Writer::start`] wrote.
    pub fn start(&mut self, bytes: &[u8]) -> Result<Start, Malformed> {
        let mut input = Input::new(self, bytes);
        input.format()?;
        let start = read_start(&mut input)?;
        input.end()?;
        Ok(start)
    }

    /// Reads what [`Writer::checkpoint`] wrote, and forgets the documents of the records before it.
    pub fn checkpoint(&mut self, bytes: &[u8]) -> Result<Execution, Malformed> {
        self.documents.clear();
        let mut input = Input::new(self, bytes);
        input.format()?;
        let execution = checkpoint::read(&mut input)?;
        input.end()?;
        Ok(execution)
    }

    /// Reads what [`Writer::turn`] wrote.
    pub fn turn(&mut self, bytes: &[u8]) -> Result<Turn, Malformed> {
        let mut input = Input::new(self, bytes);
        input.format()?;
        let turn = Turn {
            standing: standing::read(&mut input)?,
            history: input.list(event::read)?,
            changes: input.list(read_change)?,
            close: input.optional(read_close)?,
            effects: Vec::new(),
        };
        input.end()?;
        Ok(turn)
    }
}

/// A standing on its own, for [`standing`] to read.
pub fn standing_to_bytes(standing: &Standing) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(0);
    let mut out = Output::new(&mut writer, &mut bytes);
    out.byte(FORMAT);
    standing::write(&mut out, standing);
    bytes
}

/// Reads a standing, also from the front of what [`Writer::turn`] wrote: a few bytes, however long the
/// turn is.
pub fn standing(bytes: &[u8]) -> Result<Standing, Malformed> {
    let mut reader = Reader::default();
    let mut input = Input::new(&mut reader, bytes);
    input.format()?;
    standing::read(&mut input)
}

fn write_start(out: &mut Output<'_>, start: &Start) {
    out.text(&start.arn);
    out.text(&start.name);
    out.text(&start.state_machine_arn);
    out.text(&start.state_machine_name);
    out.number(start.revision);
    out.optional(start.version_arn.as_ref(), |out, text| out.text(text));
    out.optional(start.alias_arn.as_ref(), |out, text| out.text(text));
    out.text(&start.role_arn);
    out.text(&start.region);
    out.document(&start.input);
    out.optional(start.trace_header.as_ref(), |out, text| out.text(text));
    out.optional(start.parent.as_ref(), |out, parent| {
        out.text(&parent.execution_arn);
        out.text(&parent.call);
    });
    out.time(start.started_at);
    out.optional(start.test_case.as_ref(), |out, text| out.text(text));
    out.optional(start.child_of.as_ref(), map_run::write_child_of);
}

fn read_start(input: &mut Input<'_>) -> Result<Start, Malformed> {
    Ok(Start {
        arn: input.text()?,
        name: input.text()?,
        state_machine_arn: input.text()?,
        state_machine_name: input.text()?,
        machine_type: MachineType::Standard,
        revision: input.number()?,
        version_arn: input.optional(Input::text)?,
        alias_arn: input.optional(Input::text)?,
        role_arn: input.text()?,
        region: input.text()?,
        input: input.document()?,
        trace_header: input.optional(Input::text)?,
        parent: match input.format {
            FORMAT_OLDEST => None,
            _ => input.optional(|input| Ok(Parent { execution_arn: input.text()?, call: input.text()? }))?,
        },
        started_at: input.time()?,
        test_case: match input.format {
            FORMAT_OLDEST => None,
            _ => input.optional(Input::text)?,
        },
        child_of: match input.format {
            ..FORMAT_OF_MAP_RUNS => None,
            _ => input.optional(map_run::read_child_of)?,
        },
    })
}

fn write_change(out: &mut Output<'_>, change: &Change) {
    match change {
        Change::Put(frame) => {
            out.byte(0);
            frame::write(out, frame);
        }
        Change::Remove(id) => {
            out.byte(1);
            out.number(u64::from(id.0));
        }
        Change::Result { frame, index, output } => {
            out.byte(2);
            out.number(u64::from(frame.0));
            out.number(u64::from(*index));
            out.document(output);
        }
        Change::Invocations { state, count } => {
            out.byte(3);
            out.number(u64::from(state.0));
            out.number(u64::from(*count));
        }
    }
}

fn read_change(input: &mut Input<'_>) -> Result<Change, Malformed> {
    Ok(match input.byte()? {
        0 => Change::Put(frame::read(input)?),
        1 => Change::Remove(input.frame_id()?),
        2 => Change::Result { frame: input.frame_id()?, index: input.small()?, output: input.document()? },
        3 => Change::Invocations { state: StateId(input.small()?), count: input.small()? },
        _ => return Err(Malformed),
    })
}

/// In the order of their numbers.
const STATUSES: [Status; 5] =
    [Status::Running, Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];

/// In the order of their numbers.
const REDRIVABLES: [Redrivable; 4] =
    [Redrivable::NotKept, Redrivable::Yes, Redrivable::HistoryFull, Redrivable::TimeExceeded];

fn write_close(out: &mut Output<'_>, close: &Close) {
    out.byte(close.status as u8);
    out.time(close.at);
    out.optional(close.output.as_ref(), |out, output| out.document(output));
    out.optional(close.failure.as_ref(), write_failure);
    out.byte(close.redrivable as u8);
}

fn read_close(input: &mut Input<'_>) -> Result<Close, Malformed> {
    Ok(Close {
        status: input.one_of(&STATUSES)?,
        at: input.time()?,
        output: input.optional(Input::document)?,
        failure: input.optional(read_failure)?,
        redrivable: match input.format {
            ..FORMAT_OF_REDRIVES => Redrivable::NotKept,
            _ => input.one_of(&REDRIVABLES)?,
        },
    })
}

fn write_failure(out: &mut Output<'_>, failure: &Failure) {
    out.optional(failure.error.as_ref(), |out, text| out.text(text));
    out.optional(failure.cause.as_ref(), |out, text| out.text(text));
}

fn read_failure(input: &mut Input<'_>) -> Result<Failure, Malformed> {
    Ok(Failure {
        error: input.optional(Input::text)?,
        cause: input.optional(|input| Ok(input.str()?.to_owned()))?,
    })
}
