//! Turns as bytes, and back: the body of the log's records.
//!
//! A document that an execution has written before is written as its number (see
//! [`json::Document::mark`]), so that a payload which repeats from event to event is stored once.

use json::Document;

use crate::execution::Start;
use crate::turn::Turn;

/// Numbers the documents of one execution while its records are written, in their order.
#[derive(Debug)]
pub struct Writer {
    /// Tells this writer's marks from others': unique among the writers of a process.
    serial: u32,
    next_document: u32,
}

/// Collects the documents of one execution while its records are read, in the order they were written.
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
        todo!("{serial} {reader:?}")
    }

    /// Appends the record of the start.
    pub fn start(&mut self, start: &Start, out: &mut Vec<u8>) {
        todo!("{start:?} {out:?} {} {}", self.serial, self.next_document)
    }

    /// Appends the record of a turn: history, changes, close. Effects are not recorded.
    pub fn turn(&mut self, turn: &Turn, out: &mut Vec<u8>) {
        todo!("{turn:?} {out:?}")
    }
}

impl Reader {
    /// Reads what [`Writer::start`] wrote.
    pub fn start(&mut self, bytes: &[u8]) -> Result<Start, Malformed> {
        todo!("{bytes:?} {:?}", self.documents)
    }

    /// Reads what [`Writer::turn`] wrote.
    pub fn turn(&mut self, bytes: &[u8]) -> Result<Turn, Malformed> {
        todo!("{bytes:?}")
    }
}
