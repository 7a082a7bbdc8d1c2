//! The log in memory: for a store that forgets everything at its end, and for tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use super::{AppendError, Frame, Log, Place, Segment, WriteSnapshot, segment_size};
use crate::store::Error;

/// A log in memory.
#[derive(Debug)]
pub struct Memory {
    segment_bytes: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    segments: BTreeMap<u32, Bodies>,
    epoch: u64,
    /// Of the last frame.
    seq: u64,
    /// Bytes of all segments.
    held: u64,
    /// The newest two.
    snapshots: BTreeMap<u64, Vec<u8>>,
}

#[derive(Debug, Default)]
struct Bodies {
    bytes: Vec<u8>,
    frames: Vec<(u64, u64, std::ops::Range<usize>)>,
}

impl Memory {
    /// An empty log with segments of this size.
    pub fn new(segment_bytes: u64) -> Memory {
        Memory { segment_bytes, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }
}

impl Log for Memory {
    fn acquire(&self) -> Result<u64, Error> {
        let mut state = self.state();
        state.epoch += 1;
        Ok(state.epoch)
    }

    fn next_seq(&self) -> u64 {
        self.state().seq + 1
    }

    fn append(&self, epoch: u64, seq: u64, body: &[u8]) -> Result<Place, AppendError> {
        let mut state = self.state();
        if epoch != state.epoch || seq != state.seq + 1 {
            return Err(AppendError::Fenced);
        }
        let mut number = state.segments.last_key_value().map_or(1, |(&number, _)| number);
        let taken = state.segments.get(&number).map_or(0, |segment| segment.bytes.len());
        if taken > 0 && (taken + body.len()) as u64 > segment_size(state.held, self.segment_bytes) {
            number += 1;
        }
        let segment = state.segments.entry(number).or_default();
        let start = segment.bytes.len();
        segment.bytes.extend_from_slice(body);
        segment.frames.push((epoch, seq, start..start + body.len()));
        state.seq = seq;
        state.held += body.len() as u64;
        Ok(Place::new(number, start as u32))
    }

    fn read(&self, place: Place, length: usize) -> Result<Vec<u8>, Error> {
        let state = self.state();
        let bytes = state.segments.get(&place.segment()).and_then(|segment| {
            let from = place.offset() as usize;
            segment.bytes.get(from..segment.bytes.len().min(from + length))
        });
        bytes.map(<[u8]>::to_vec).ok_or_else(|| gone(place))
    }

    fn frames(&self, from: u64, visit: &mut dyn FnMut(Frame<'_>) -> Result<(), Error>) -> Result<(), Error> {
        let state = self.state();
        let mut next = from;
        for (&number, segment) in &state.segments {
            for (epoch, seq, range) in segment.frames.iter().filter(|(_, seq, _)| *seq >= from) {
                if *seq != next {
                    return Err(missing(next, *seq));
                }
                next += 1;
                let place = Place::new(number, range.start as u32);
                visit(Frame { epoch: *epoch, seq: *seq, place, body: &segment.bytes[range.clone()] })?;
            }
        }
        if next <= state.seq { Err(missing(next, state.seq + 1)) } else { Ok(()) }
    }

    fn put_snapshot(&self, seq: u64, write: WriteSnapshot<'_>) -> Result<u64, Error> {
        let mut bytes = Vec::new();
        write(&mut bytes).map_err(Error::io(|| "writing a snapshot".to_owned()))?;
        let size = bytes.len() as u64;
        let mut state = self.state();
        state.snapshots.insert(seq, bytes);
        while state.snapshots.len() > 2 {
            state.snapshots.pop_first();
        }
        Ok(size)
    }

    fn snapshot(&self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        Ok(self.state().snapshots.last_key_value().map(|(&seq, bytes)| (seq, bytes.clone())))
    }

    fn snapshot_sizes(&self) -> Vec<u64> {
        self.state().snapshots.values().map(|bytes| bytes.len() as u64).collect()
    }

    fn covered(&self) -> u64 {
        let state = self.state();
        if state.snapshots.len() < 2 {
            1
        } else {
            state.snapshots.first_key_value().map_or(1, |(&seq, _)| seq)
        }
    }

    fn segments(&self) -> Vec<Segment> {
        let state = self.state();
        let last = state.segments.last_key_value().map(|(&number, _)| number);
        let segment = |(&number, bodies): (&u32, &Bodies)| Segment {
            number,
            bytes: bodies.bytes.len() as u64,
            ends_before: (Some(number) != last)
                .then(|| bodies.frames.last().map_or(0, |(_, seq, _)| seq + 1)),
        };
        state.segments.iter().map(segment).collect()
    }

    fn drop_segment(&self, number: u32) -> Result<(), Error> {
        let mut state = self.state();
        assert!(
            state.segments.last_key_value().is_some_and(|(&last, _)| last != number),
            "the last segment is appended to"
        );
        if let Some(dropped) = state.segments.remove(&number) {
            state.held -= dropped.bytes.len() as u64;
        }
        Ok(())
    }

    fn is_short_of_room(&self) -> bool {
        false
    }
}

pub(super) fn gone(place: Place) -> Error {
    let place = format!("byte {} of segment {} of the log", place.offset(), place.segment());
    Error::Corrupt { place, detail: "something refers to it, but it is not there".to_owned() }
}

pub(super) fn missing(from: u64, to: u64) -> Error {
    Error::Corrupt {
        place: "the log".to_owned(),
        detail: format!("its frames {from} to {} are missing", to - 1),
    }
}
