//! The records of one execution, read from the log.

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

/// All records of an execution, the first one first, from the place of its last one.
pub(crate) fn read(log: &dyn Log, key: ExecutionKey, last: Place) -> Result<Vec<RawRecord>, Error> {
    let mut records = Vec::new();
    let mut place = last;
    loop {
        let record = read_one(log, place)?;
        let Header { kind, key: its_key, .. } = record.header;
        let previous = record.header.previous_of(place);
        if its_key != key {
            return Err(damaged(place, "another execution's record is there"));
        }
        records.push(record);
        match kind {
            Kind::Start | Kind::MovedStart => break,
            // Backwards only, so that damage cannot lead in a circle.
            Kind::Turn | Kind::MovedTurn if previous < place && previous != Place::NONE => place = previous,
            _ => return Err(damaged(place, "it does not belong there")),
        }
    }
    records.reverse();
    Ok(records)
}

/// What the records say: the start, and every turn.
pub(crate) fn decode(records: &[RawRecord], last: Place) -> Result<(Start, Vec<Turn>, Reader), Error> {
    let mut reader = Reader::default();
    let unreadable = |_| damaged(last, "what leads there cannot be read");
    let (first, rest) = records.split_first().ok_or_else(|| damaged(last, "there is no record"))?;
    let start = reader.start(&first.bytes[HEADER_BYTES..]).map_err(unreadable)?;
    let turns = rest.iter().map(|record| reader.turn(&record.bytes[HEADER_BYTES..]));
    let turns = turns.collect::<Result<_, _>>().map_err(unreadable)?;
    Ok((start, turns, reader))
}

/// An execution as of its last record, with the reader that its next records go on from.
pub(crate) fn rebuild(log: &dyn Log, key: ExecutionKey, last: Place) -> Result<(Execution, Reader), Error> {
    let records = read(log, key, last)?;
    let (start, turns, reader) = decode(&records, last)?;
    let mut execution = Execution::new(start);
    for turn in &turns {
        execution.apply(turn);
    }
    Ok((execution, reader))
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
