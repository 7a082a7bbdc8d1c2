//! A snapshot: the index and the catalog as bytes.
//!
//! It is written in the background while commits go on, a few thousand executions under the lock at
//! a time, so it shows a different moment for each of them. Reading it back therefore begins with the
//! first frame that was not in the index when the snapshot was begun, and every change that a
//! snapshot shows already is passed over: `Index` knows it by the place of its last record.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use execution::codec;
use execution::{Standing, Status};

use crate::bytes::{Malformed, PutBytes, TakeBytes};
use crate::catalog::Catalog;
use crate::express;
use crate::index::{Entry, Extent, Family, Index, Rare, Redriven};
use crate::log::Place;
use crate::published::Published;
use crate::record::ExecutionKey;
use crate::store::{Error, Shared};
use crate::wire::{status_number, status_of};

/// How many executions are written down under one lock.
const CHUNK: usize = 2_000;

const END: u8 = 0;
const FAMILY: u8 = 1;
const EXECUTION: u8 = 2;
const EXPRESS: u8 = 3;
/// What a machine has published. Format 2 has none.
const PUBLISHED: u8 = 4;
/// How often the execution before it was redriven. Format 4 has none.
const REDRIVEN: u8 = 5;
/// Where the execution or Map Run before it is listed, too. Format 5 has none of this, nor what follows.
const LISTED: u8 = 6;
/// A family of Map Runs. They are written down as executions are.
const MAP_RUN_FAMILY: u8 = 7;

/// Writes a snapshot of everything before the frame `seq`, and perhaps a little more; its size.
pub(crate) fn put(shared: &Shared, seq: u64) -> Result<u64, Error> {
    shared.log.put_snapshot(seq, &mut |out| write(shared, out))
}

fn write(shared: &Shared, out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    {
        let index = shared.read();
        bytes.put_u64(index.next_key);
        bytes.put_u64(index.next_revision);
        bytes.put_u64(index.catalog_until.to_bits());
        index.catalog.encode(&mut bytes);
        for machine in index.catalog.publishers() {
            bytes.put_u8(PUBLISHED);
            bytes.put_text(&machine.arn);
            machine.published.encode(&mut bytes);
        }
        // All at once: they are few, as each is under way.
        for (key, pending) in index.express_pending() {
            bytes.put_u8(EXPRESS);
            express::put_key(key, &mut bytes);
            bytes.put_u64(pending.revision);
            bytes.put_u64(pending.place.to_bits());
            bytes.put_u32(pending.bytes);
        }
    }
    let mut families = Families::default();
    let mut last = None;
    loop {
        out.write_all(&bytes)?;
        bytes.clear();
        let mut written = 0;
        for (key, entry) in shared.read().after(last).take(CHUNK) {
            (written, last) = (written + 1, Some(key));
            encode(key, entry, &mut families, &mut bytes);
        }
        if written == 0 {
            break;
        }
    }
    out.write_all(&[END])
}

/// Reads a snapshot back.
pub(crate) fn read(bytes: &[u8]) -> Result<Index, Malformed> {
    let mut bytes = TakeBytes(bytes);
    let mut index = Index::new();
    index.next_key = bytes.u64()?;
    index.next_revision = bytes.u64()?;
    index.catalog_until = Place::from_bits(bytes.u64()?);
    index.catalog = Catalog::decode(&mut bytes)?;
    let mut families = Vec::new();
    loop {
        match bytes.u8()? {
            END => break,
            tag @ (FAMILY | MAP_RUN_FAMILY) => {
                let family = decode_family(&mut bytes, tag == MAP_RUN_FAMILY)?;
                families.push(index.share(family));
            }
            EXECUTION => decode(&mut bytes, &families, &mut index)?,
            REDRIVEN => {
                let key = ExecutionKey(bytes.u64()?);
                let redriven = Redriven { count: bytes.u64()?, at: bytes.time()? };
                index.restore_redriven(key, redriven).ok_or(Malformed)?;
            }
            LISTED => {
                let (key, under) = (ExecutionKey(bytes.u64()?), bytes.text()?);
                index.restore_listed(key, under, bytes.u32()?).ok_or(Malformed)?;
            }
            EXPRESS => {
                let (key, revision) = (express::take_key(&mut bytes)?, bytes.u64()?);
                index.express_start(key, revision, Place::from_bits(bytes.u64()?), bytes.u32()?);
            }
            PUBLISHED => {
                let machine_arn = bytes.text()?;
                let published =
                    Published::decode(&mut bytes, |number| index.catalog.revision(number).cloned())?;
                index.catalog.restore_published(&machine_arn, published);
            }
            _ => return Err(Malformed),
        }
    }
    bytes.end()?;
    Ok(index)
}

/// The families that were written down, with their numbers. Holding them keeps their addresses theirs.
#[derive(Default)]
struct Families {
    numbers: HashMap<*const Family, u32>,
    held: Vec<Arc<Family>>,
}

fn encode(key: ExecutionKey, entry: &Entry, families: &mut Families, out: &mut Vec<u8>) {
    let count = families.numbers.len() as u32;
    let number = *families.numbers.entry(Arc::as_ptr(&entry.family)).or_insert_with(|| {
        families.held.push(entry.family.clone());
        out.put_u8(if entry.is_map_run() { MAP_RUN_FAMILY } else { FAMILY });
        encode_family(&entry.family, out);
        count
    });
    out.put_u8(EXECUTION);
    out.put_u64(key.0);
    out.put_u32(number);
    out.put_text(&entry.name);
    out.put_u8(status_number(entry.status));
    out.put_time(entry.started_at);
    out.put_time(entry.stopped_at);
    out.put_u64(entry.last.to_bits());
    out.put_u32(entry.extent.parts().count() as u32);
    for (segment, bytes) in entry.extent.parts() {
        out.put_u32(segment);
        out.put_u32(bytes);
    }
    if entry.status == Status::Running {
        let standing = codec::standing_to_bytes(&entry.standing);
        out.put_u32(standing.len() as u32);
        out.extend_from_slice(&standing);
    }
    if let Some(redriven) = entry.redriven() {
        out.put_u8(REDRIVEN);
        out.put_u64(key.0);
        out.put_u64(redriven.count);
        out.put_time(redriven.at);
    }
    if let Some(Rare { listed_under: Some(under), items, .. }) = entry.rare.as_deref() {
        out.put_u8(LISTED);
        out.put_u64(key.0);
        out.put_text(under);
        out.put_u32(*items);
    }
}

fn decode(bytes: &mut TakeBytes<'_>, families: &[Arc<Family>], index: &mut Index) -> Result<(), Malformed> {
    let key = ExecutionKey(bytes.u64()?);
    let family = families.get(bytes.u32()? as usize).ok_or(Malformed)?.clone();
    let name = bytes.text()?;
    let status: Status = status_of(bytes.u8()?).ok_or(Malformed)?;
    let (started_at, stopped_at) = (bytes.time()?, bytes.time()?);
    let last = Place::from_bits(bytes.u64()?);
    let parts =
        (0..bytes.u32()?).map(|_| Ok((bytes.u32()?, bytes.u32()?))).collect::<Result<Vec<_>, Malformed>>()?;
    if parts.is_empty() || index.get(key).is_some() {
        return Err(Malformed);
    }
    let standing = match status {
        Status::Running => {
            let length = bytes.u32()? as usize;
            codec::standing(bytes.take(length)?).map_err(|_| Malformed)?
        }
        Status::Succeeded | Status::Failed | Status::TimedOut | Status::Aborted => Standing::ended(),
    };
    let extent = Extent::from_parts(parts);
    let (rare, hot) = (None, None);
    index.restore(
        key,
        Entry { name, family, status, started_at, stopped_at, rare, last, extent, standing, hot },
    );
    Ok(())
}

fn encode_family(family: &Family, out: &mut Vec<u8>) {
    out.put_text(&family.machine_arn);
    out.put_text(&family.machine_name);
    out.put_text(&family.arn_prefix);
    out.put_u64(family.revision);
    out.put_option(family.version_arn.as_deref());
    out.put_option(family.alias_arn.as_deref());
    out.put_text(&family.role_arn);
    out.put_text(&family.region);
}

fn decode_family(bytes: &mut TakeBytes<'_>, is_of_map_runs: bool) -> Result<Family, Malformed> {
    Ok(Family {
        is_of_map_runs,
        machine_arn: bytes.text()?,
        machine_name: bytes.text()?,
        arn_prefix: bytes.text()?,
        revision: bytes.u64()?,
        version_arn: bytes.option()?,
        alias_arn: bytes.option()?,
        role_arn: bytes.text()?,
        region: bytes.text()?,
    })
}
