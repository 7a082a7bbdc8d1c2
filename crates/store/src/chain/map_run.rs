//! The records of one Map Run. There may be more of them than fit into memory: only their places are collected,
//! and they are read one at a time.

use std::sync::Arc;

use execution::map_run::{MapRunClose, MapRunStart, MapRunSummary, MapRunTurn};
use execution::{MapRun, codec};

use super::{RawRecord, damaged, is_of_chain, read_header, read_one};
use crate::log::{Log, Place};
use crate::record::ExecutionKey;
use crate::store::Error;
use crate::wire::Kind;

/// Where the records of a Map Run are.
#[derive(Debug)]
pub(crate) struct MapRunChain {
    key: ExecutionKey,
    /// The start's first, then those of the turns: 8 bytes each, for a thousand children or for one.
    places: Vec<Place>,
}

/// What the last record of a Map Run tells.
pub(crate) struct Latest {
    pub(crate) summary: MapRunSummary,
    pub(crate) close: Option<MapRunClose>,
}

impl MapRunChain {
    /// Finds them, from the last one backwards. Only headers are read, and they are verified when the records are.
    pub(crate) fn find(log: &dyn Log, key: ExecutionKey, last: Place) -> Result<MapRunChain, Error> {
        let (mut places, mut place) = (Vec::new(), last);
        loop {
            let header = read_header(log, place)?;
            if header.key != key || !is_of_chain(header.kind) {
                return Err(damaged(place, "a record of the Map Run should be there"));
            }
            places.push(place);
            if is_start(header.kind) {
                break;
            }
            let previous = header.previous_of(place);
            // Backwards only, so that damage cannot lead in a circle.
            if previous >= place || previous == Place::NONE {
                return Err(damaged(place, "it leads to no record before it"));
            }
            place = previous;
        }
        places.reverse();
        Ok(MapRunChain { key, places })
    }

    /// The place of the last record.
    pub(crate) fn last(&self) -> Place {
        *self.places.last().expect("a chain has a start")
    }

    /// How many turns there are. The number of a turn stays the same when the records are moved.
    pub(crate) fn turns(&self) -> usize {
        self.places.len() - 1
    }

    pub(crate) fn start(&self, log: &dyn Log) -> Result<Arc<MapRunStart>, Error> {
        let place = self.places[0];
        let record = read_one(log, place)?;
        if record.header.key != self.key || !is_start(record.header.kind) {
            return Err(damaged(place, "the start of the Map Run should be there"));
        }
        decode_start(&record, place).map(Arc::new)
    }

    /// The turn with this number, from 0, and how many bytes its record has.
    pub(crate) fn turn(&self, log: &dyn Log, number: usize) -> Result<(MapRunTurn, usize), Error> {
        let (before, place) = (self.places[number], self.places[number + 1]);
        let record = read_one(log, place)?;
        let header = record.header;
        let belongs = header.key == self.key && is_of_chain(header.kind) && !is_start(header.kind);
        if !belongs || header.previous_of(place) != before {
            return Err(damaged(place, "a turn of the Map Run should be there"));
        }
        let turn = codec::map_run_turn(record.body()).map_err(|_| unreadable(place))?;
        Ok((turn, record.bytes.len()))
    }
}

/// Brings a Map Run back from the log.
pub(crate) fn rebuild(log: &dyn Log, key: ExecutionKey, last: Place) -> Result<MapRun, Error> {
    let chain = MapRunChain::find(log, key, last)?;
    let mut run = MapRun::new(chain.start(log)?);
    for number in 0..chain.turns() {
        run.apply(&chain.turn(log, number)?.0);
    }
    Ok(run)
}

/// Reads the last record alone.
pub(crate) fn latest(log: &dyn Log, key: ExecutionKey, last: Place) -> Result<Latest, Error> {
    let record = read_one(log, last)?;
    if record.header.key != key || !is_of_chain(record.header.kind) {
        return Err(damaged(last, "a record of the Map Run should be there"));
    }
    if is_start(record.header.kind) {
        let start = Arc::new(decode_start(&record, last)?);
        return Ok(Latest { summary: MapRun::new(start).summary(), close: None });
    }
    let front = codec::map_run_front(record.body()).map_err(|_| unreadable(last))?;
    Ok(Latest { summary: front.summary, close: front.close })
}

fn is_start(kind: Kind) -> bool {
    matches!(kind, Kind::MapRunStart | Kind::MovedStart)
}

fn decode_start(record: &RawRecord, place: Place) -> Result<MapRunStart, Error> {
    codec::map_run_start(record.body()).map_err(|_| unreadable(place))
}

fn unreadable(place: Place) -> Error {
    damaged(place, "the Map Run's record there cannot be read")
}
