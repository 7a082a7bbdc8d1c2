//! The records of one execution, read from the log. Those of a Map Run are read by `map_run.rs`.

pub(crate) mod map_run;

use execution::codec::Reader;
use execution::execution::Start;
use execution::{Execution, Turn};

use crate::log::{Log, Place};
use crate::record::ExecutionKey;
use crate::store::Error;
use crate::wire::{self, HEADER_BYTES, Header, Kind};

/// Most records are not longer, so that one read is enough.
const GUESS_BYTES: usize = 1_024;

/// A record as it is in the log: header and body.
#[derive(Debug)]
pub(crate) struct RawRecord {
    pub(crate) header: Header,
    pub(crate) bytes: Vec<u8>,
}

/// All records of an execution or a Map Run, the first one first, from the place of its last one.
pub(crate) fn read(log: &dyn Log, key: ExecutionKey, last: Place) -> Result<Vec<RawRecord>, Error> {
    read_until(log, key, last, |_| false)
}

/// An execution's records from its last checkpoint, or from its start where there is none.
fn read_latest(log: &dyn Log, key: ExecutionKey, last: Place) -> Result<Vec<RawRecord>, Error> {
    read_until(log, key, last, |kind| !matches!(kind, Kind::Turn | Kind::MovedTurn | Kind::Redrive))
}

fn read_until(
    log: &dyn Log,
    key: ExecutionKey,
    last: Place,
    is_first: impl Fn(Kind) -> bool,
) -> Result<Vec<RawRecord>, Error> {
    let mut records = Vec::new();
    let mut place = last;
    loop {
        let record = read_one(log, place)?;
        let Header { kind, key: its_key, .. } = record.header;
        let previous = record.header.previous_of(place);
        if its_key != key {
            return Err(damaged(place, "the record of another one is there"));
        }
        records.push(record);
        match kind {
            kind if is_of_chain(kind) && is_first(kind) => break,
            Kind::Start | Kind::MapRunStart | Kind::MovedStart => break,
            // Backwards only, so that damage cannot lead in a circle.
            kind if is_of_chain(kind) && previous < place && previous != Place::NONE => place = previous,
            _ => return Err(damaged(place, "it does not belong there")),
        }
    }
    records.reverse();
    Ok(records)
}

/// What the records say: the start, and every turn.
pub(crate) fn decode(records: &[RawRecord], last: Place) -> Result<(Start, Vec<Turn>), Error> {
    let mut reader = Reader::default();
    let unreadable = |_| damaged(last, "what leads there cannot be read");
    let (first, rest) = records.split_first().ok_or_else(|| damaged(last, "there is no record"))?;
    let start = reader.start(first.body()).map_err(unreadable)?;
    let mut turns = Vec::with_capacity(rest.len());
    for record in rest {
        match record.is_checkpoint() {
            // It says nothing new, but what follows refers to it.
            true => drop(reader.checkpoint(record.body()).map_err(unreadable)?),
            false => turns.push(reader.turn(record.body()).map_err(unreadable)?),
        }
    }
    Ok((start, turns))
}

/// An execution as of its last record.
pub(crate) struct Rebuilt {
    pub(crate) execution: Execution,
    /// What its next records go on from.
    pub(crate) reader: Reader,
    /// How many bytes had to be read, and how many of them a checkpoint has.
    pub(crate) bytes: usize,
    pub(crate) checkpoint_bytes: usize,
}

/// Brings an execution back from the log.
pub(crate) fn rebuild(log: &dyn Log, key: ExecutionKey, last: Place) -> Result<Rebuilt, Error> {
    let records = read_latest(log, key, last)?;
    let unreadable = |_| damaged(last, "what leads there cannot be read");
    let (first, rest) = records.split_first().ok_or_else(|| damaged(last, "there is no record"))?;
    let mut reader = Reader::default();
    let (mut execution, checkpoint_bytes) = match first.is_checkpoint() {
        true => (reader.checkpoint(first.body()).map_err(unreadable)?, first.bytes.len()),
        false => (Execution::new(reader.start(first.body()).map_err(unreadable)?), 0),
    };
    for record in rest {
        execution.apply(&reader.turn(record.body()).map_err(unreadable)?);
    }
    let bytes = records.iter().map(|record| record.bytes.len()).sum();
    Ok(Rebuilt { execution, reader, bytes, checkpoint_bytes })
}

impl RawRecord {
    fn body(&self) -> &[u8] {
        &self.bytes[HEADER_BYTES..]
    }

    fn is_checkpoint(&self) -> bool {
        matches!(self.header.kind, Kind::Checkpoint | Kind::MovedCheckpoint)
    }
}

fn is_of_chain(kind: Kind) -> bool {
    match kind {
        Kind::Start
        | Kind::MapRunStart
        | Kind::MapRunTurn
        | Kind::Turn
        | Kind::Redrive
        | Kind::Checkpoint
        | Kind::MovedStart
        | Kind::MovedTurn
        | Kind::MovedCheckpoint => true,
        Kind::PutMachine
        | Kind::Publish
        | Kind::RemoveMachine
        | Kind::PutActivity
        | Kind::RemoveActivity
        | Kind::Expire
        | Kind::ExpressStart
        | Kind::ExpressEnd => false,
    }
}

/// The header of the record there, not verified.
fn read_header(log: &dyn Log, place: Place) -> Result<Header, Error> {
    let bytes = log.read(place, HEADER_BYTES)?;
    wire::header(&bytes).ok_or_else(|| damaged(place, "there is no record"))
}

fn read_one(log: &dyn Log, place: Place) -> Result<RawRecord, Error> {
    let mut bytes = log.read(place, GUESS_BYTES)?;
    let header = wire::header(&bytes).ok_or_else(|| damaged(place, "there is no record"))?;
    let length = HEADER_BYTES + header.length as usize;
    if length > bytes.len() {
        if length > crate::log::BODY_MAX {
            return Err(damaged(place, "the record's length is wrong"));
        }
        bytes.extend(log.read(place.plus(GUESS_BYTES as u32), length.saturating_sub(GUESS_BYTES))?);
    }
    bytes.truncate(length);
    if bytes.len() < length || !wire::is_whole(&bytes) {
        return Err(damaged(place, "the record there has a wrong checksum"));
    }
    Ok(RawRecord { header, bytes })
}

pub(crate) fn damaged(place: Place, detail: &str) -> Error {
    let place = format!("segment-{:08}.log", place.segment()) + &format!(" at byte {}", place.offset());
    Error::Corrupt { place, detail: detail.to_owned() }
}
