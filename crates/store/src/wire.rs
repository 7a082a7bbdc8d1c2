//! A record as bytes: a header with its own checksum, then what it holds.
//!
//! The records of an execution or a Map Run form a chain: each names the place of the one before it, so that a
//! history is read from its last record backwards without an index of its records. That place is
//! known once the frame is being put together: [`seal`] fills it in. Within a frame it is a distance,
//! because where a frame lies is known only when it has been appended.

use asl::Timestamp;
use execution::Status;

use crate::log::Place;
use crate::record::ExecutionKey;

/// Checksum, length, kind, status, key, previous, time.
pub(crate) const HEADER_BYTES: usize = 36;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `codec`'s start. The first of its chain.
    Start,
    /// `codec`'s turn.
    Turn,
    /// A copy of a start farther back, of an execution or a Map Run: the chain up to here is forgotten.
    MovedStart,
    /// A copy of a turn of either, in the same frame behind its `MovedStart`.
    MovedTurn,
    PutMachine,
    RemoveMachine,
    PutActivity,
    RemoveActivity,
    /// Keys of executions whose retention has ended.
    Expire,
    /// `codec`'s checkpoint, behind the turns that it sums up.
    Checkpoint,
    /// A copy of a checkpoint, in the same frame behind its `MovedStart`.
    MovedCheckpoint,
    /// An EXPRESS execution that was started without somebody waiting for its end.
    ExpressStart,
    /// Keys of such executions that have ended.
    ExpressEnd,
    /// A change of the versions or aliases of a machine.
    Publish,
    /// `codec`'s turn that begins with a redrive. The header's time is when that was, also where the turn ends
    /// the execution again: it does so at the same time.
    Redrive,
    /// `codec`'s start of a Map Run. The first of its chain.
    MapRunStart,
    /// `codec`'s turn of a Map Run. One that opens it again has the header's time for when that was.
    MapRunTurn,
}

const KINDS: [Kind; 17] = [
    Kind::Start,
    Kind::Turn,
    Kind::MovedStart,
    Kind::MovedTurn,
    Kind::PutMachine,
    Kind::RemoveMachine,
    Kind::PutActivity,
    Kind::RemoveActivity,
    Kind::Expire,
    Kind::Checkpoint,
    Kind::MovedCheckpoint,
    Kind::ExpressStart,
    Kind::ExpressEnd,
    Kind::Publish,
    Kind::Redrive,
    Kind::MapRunStart,
    Kind::MapRunTurn,
];

const STATUSES: [Status; 5] =
    [Status::Running, Status::Succeeded, Status::Failed, Status::TimedOut, Status::Aborted];

/// A record's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    /// 0 where the record is not of a chain.
    pub(crate) key: ExecutionKey,
    /// The status after the record, and when that of an execution or a Map Run became so by an end or a redrive;
    /// `Running` and 0 for all others.
    pub(crate) status: Status,
    pub(crate) stopped_at: Timestamp,
    /// The record of the chain before this one: see [`Header::previous_of`].
    pub(crate) previous: Place,
    /// Of what follows the header.
    pub(crate) length: u32,
}

impl Header {
    pub(crate) fn of(kind: Kind, key: ExecutionKey) -> Header {
        let (status, stopped_at) = (Status::Running, Timestamp(0));
        Header { kind, key, status, stopped_at, previous: Place::NONE, length: 0 }
    }

    /// Where the record of the chain before this one is, when this one is at `place`.
    pub(crate) fn previous_of(&self, place: Place) -> Place {
        match self.previous.segment() {
            0 if self.previous != Place::NONE => place.minus(self.previous.offset()),
            _ => self.previous,
        }
    }

    /// Header and body.
    pub(crate) fn record_bytes(&self) -> u32 {
        HEADER_BYTES as u32 + self.length
    }
}

/// Appends a record whose body is written by `body`; [`seal`] must follow.
pub(crate) fn put(header: Header, out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) -> Header {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER_BYTES]);
    body(out);
    let header = Header { length: (out.len() - start - HEADER_BYTES) as u32, ..header };
    write_header(&header, &mut out[start..]);
    header
}

/// Fills in the place of the record before this one, and the checksum. `record` is the whole record.
pub(crate) fn seal(record: &mut [u8], previous: Place) {
    record[18..26].copy_from_slice(&previous.to_bits().to_le_bytes());
    let crc = crc32c::crc32c(&record[4..]);
    record[..4].copy_from_slice(&crc.to_le_bytes());
}

/// A record before this one that begins so many bytes earlier in the same frame, for [`seal`].
pub(crate) fn distance(bytes: u32) -> Place {
    Place::new(0, bytes)
}

/// Reads a header; whether the record is whole is for [`is_whole`] to say.
pub(crate) fn header(bytes: &[u8]) -> Option<Header> {
    let bytes = bytes.get(..HEADER_BYTES)?;
    let u64_at = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
    Some(Header {
        length: u32::from_le_bytes(bytes[4..8].try_into().expect("4 bytes")),
        kind: *KINDS.get(bytes[8] as usize)?,
        status: *STATUSES.get(bytes[9] as usize)?,
        key: ExecutionKey(u64_at(10)),
        previous: Place::from_bits(u64_at(18)),
        stopped_at: Timestamp(u64_at(26) as i64),
    })
}

/// Whether the record's checksum is right.
pub(crate) fn is_whole(record: &[u8]) -> bool {
    record.get(..4).is_some_and(|crc| crc == crc32c::crc32c(&record[4..]).to_le_bytes())
}

/// The first record in `bytes`, verified: its header and its body.
pub(crate) fn take(bytes: &[u8]) -> Option<(Header, &[u8])> {
    let header = header(bytes)?;
    let record = bytes.get(..HEADER_BYTES + header.length as usize)?;
    is_whole(record).then(|| (header, &record[HEADER_BYTES..]))
}

/// A status as it is recorded.
pub(crate) fn status_number(status: Status) -> u8 {
    match status {
        Status::Running => 0,
        Status::Succeeded => 1,
        Status::Failed => 2,
        Status::TimedOut => 3,
        Status::Aborted => 4,
    }
}

/// What [`status_number`] gave.
pub(crate) fn status_of(number: u8) -> Option<Status> {
    STATUSES.get(number as usize).copied()
}

fn write_header(header: &Header, out: &mut [u8]) {
    let kind = KINDS.iter().position(|kind| *kind == header.kind).expect("KINDS has all kinds");
    out[4..8].copy_from_slice(&header.length.to_le_bytes());
    out[8] = kind as u8;
    out[9] = status_number(header.status);
    out[10..18].copy_from_slice(&header.key.0.to_le_bytes());
    out[18..26].copy_from_slice(&header.previous.to_bits().to_le_bytes());
    out[26..34].copy_from_slice(&(header.stopped_at.0 as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back() {
        let mut bytes = b"before".to_vec();
        let header = Header {
            status: Status::TimedOut,
            stopped_at: Timestamp(-5),
            ..Header::of(Kind::MovedTurn, ExecutionKey(77))
        };
        let header = put(header, &mut bytes, |out| out.extend_from_slice(b"body"));
        seal(&mut bytes[6..], Place::new(3, 9));
        let expected = Header { previous: Place::new(3, 9), length: 4, ..header };
        assert_eq!(take(&bytes[6..]), Some((expected, &b"body"[..])));
        for at in 6..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 4;
            assert_eq!(take(&changed[6..]), None, "byte {at}");
        }
    }
}
