//! The index as bytes, so that a start need not read the whole log; and how it is brought back.
//!
//! A snapshot is written while commits go on: a part that was written late may show what frames behind it say. Reading
//! those frames again changes nothing, because each entry says how things are, not how they change.

use std::io::{self, Write};
use std::sync::atomic::Ordering;

use store::Error;
use store::log::{Log, Place};

use crate::entry;
use crate::index::{At, Index};
use crate::ledger::Shared;

/// How much of the index is written under one lock.
const CHUNK: usize = 5_000;

/// The index as the log says it, and how many bytes of frames were read for it.
pub(crate) fn recover(log: &dyn Log) -> Result<(Index, u64), Error> {
    let mut index = Index::default();
    let mut from = 1;
    if let Some((seq, bytes)) = log.snapshot()? {
        from = seq;
        read(&bytes, &mut index).ok_or_else(|| corrupt("a snapshot", seq))?;
    }
    let mut appended = 0;
    log.frames(from, &mut |frame| {
        appended += frame.body.len() as u64;
        let mut offset = 0;
        while offset < frame.body.len() {
            let entry = entry::read(&frame.body[offset..]).ok_or_else(|| corrupt("a frame", frame.seq))?;
            let place = frame.place.plus(offset as u32);
            match entry.value {
                Some(_) => index.put(entry.key.into(), At { place, bytes: entry.bytes }),
                None => index.remove(entry.key),
            }
            offset += entry.bytes as usize;
        }
        Ok(())
    })?;
    index.until = log.next_seq();
    Ok((index, appended))
}

fn corrupt(what: &str, seq: u64) -> Error {
    Error::Corrupt {
        place: "the ledger".to_owned(),
        detail: format!("{what} (number {seq}) is not one of a ledger"),
    }
}

/// Writes a snapshot; its first frame that is not in it, and its size in bytes.
pub(crate) fn put(shared: &Shared) -> Result<(u64, u64), Error> {
    let seq = shared.read().until;
    let appended = shared.appended.load(Ordering::Relaxed);
    let bytes = shared.log.put_snapshot(seq, &mut |out| write(shared, out))?;
    shared.appended.fetch_sub(appended, Ordering::Relaxed);
    Ok((seq, bytes))
}

/// For each key: its length (2), the place (8) and the size (4) of its entry, and the key.
fn write(shared: &Shared, out: &mut dyn Write) -> io::Result<()> {
    let mut after: Option<Box<[u8]>> = None;
    let mut chunk = Vec::new();
    loop {
        chunk.clear();
        let mut last = None;
        for (number, (key, at)) in shared.read().range(&[], after.as_deref()).take(CHUNK).enumerate() {
            chunk.extend_from_slice(&(key.len() as u16).to_le_bytes());
            chunk.extend_from_slice(&at.place.to_bits().to_le_bytes());
            chunk.extend_from_slice(&at.bytes.to_le_bytes());
            chunk.extend_from_slice(key);
            last = (number + 1 == CHUNK).then(|| key.into());
        }
        out.write_all(&chunk)?;
        if last.is_none() {
            return Ok(());
        }
        after = last;
    }
}

pub(crate) fn read(mut bytes: &[u8], index: &mut Index) -> Option<()> {
    while !bytes.is_empty() {
        let (head, rest) = bytes.split_at_checked(14)?;
        let key_bytes = usize::from(u16::from_le_bytes(head[..2].try_into().ok()?));
        let place = Place::from_bits(u64::from_le_bytes(head[2..10].try_into().ok()?));
        let size = u32::from_le_bytes(head[10..].try_into().ok()?);
        let (key, rest) = rest.split_at_checked(key_bytes)?;
        index.put(key.into(), At { place, bytes: size });
        bytes = rest;
    }
    Some(())
}
