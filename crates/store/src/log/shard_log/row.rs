//! How a shard's log lies in its rows: places, segments, checksums.

use crate::log::database::RowKind;
use crate::log::segment::check_format;
use crate::log::{BODY_MAX, Place};
use crate::shard::Shard;
use crate::store::Error;

/// How many rows make a segment. A place is a row's number and an offset in its body, so that a row
/// is found by its key alone; the offset takes 26 bits, and what is above bit 32 counts as a segment.
pub(super) const SEGMENT_ROWS: u64 = 1 << (32 - OFFSET_BITS);
const OFFSET_BITS: u32 = 26;
const _: () = assert!(BODY_MAX == 1 << OFFSET_BITS, "an offset names every byte of a body");

/// Segments have 32 bits. At a thousand frames a second they last for more than eight years.
pub(super) const SEQ_MAX: u64 = (1 << 38) - 3 * SEGMENT_ROWS;

/// Covers everything that a row is, so that one which a database returned in another's place is noticed.
pub(super) fn check(shard: Shard, kind: RowKind, epoch: u64, seq: u64, body: &[u8]) -> u32 {
    let mut head = [0; 18];
    head[..8].copy_from_slice(&epoch.to_le_bytes());
    head[8..16].copy_from_slice(&seq.to_le_bytes());
    head[16] = shard.number();
    head[17] = match kind {
        RowKind::Open => 1,
        RowKind::Frame => 2,
    };
    crc32c::crc32c_append(crc32c::crc32c(&head), body)
}

/// What was put there, if it is whole.
pub(super) fn whole_snapshot(mut bytes: Vec<u8>, shard: Shard, seq: u64) -> Result<Option<Vec<u8>>, Error> {
    let u32_at = |bytes: &[u8], at: usize| bytes[at..at + 4].try_into().map(u32::from_le_bytes).ok();
    let Some(split) = bytes.len().checked_sub(8) else { return Ok(None) };
    if u32_at(&bytes, split + 4) != Some(crc32c::crc32c(&bytes[..split + 4])) {
        return Ok(None);
    }
    let found = u32_at(&bytes, split).unwrap_or(0);
    check_format(found, || format!("snapshot {seq} of shard {shard}"))?;
    bytes.truncate(split);
    Ok(Some(bytes))
}

/// Segments are numbered from 1.
pub(super) fn segment_of(seq: u64) -> u32 {
    (seq / SEGMENT_ROWS + 1) as u32
}

pub(super) fn first_seq_of(segment: u32) -> u64 {
    u64::from(segment - 1) * SEGMENT_ROWS
}

pub(super) fn place_of(seq: u64) -> Place {
    Place::from_bits((seq + SEGMENT_ROWS) << OFFSET_BITS)
}

pub(super) fn seq_and_offset_of(place: Place) -> Option<(u64, u32)> {
    let seq = (place.to_bits() >> OFFSET_BITS).checked_sub(SEGMENT_ROWS)?;
    Some((seq, place.offset() & ((1 << OFFSET_BITS) - 1)))
}
