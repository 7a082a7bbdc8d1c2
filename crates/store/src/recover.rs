//! Bringing back what was there: the newest snapshot, the log behind it, every open execution and Map Run.

use std::sync::Arc;

use execution::Status;
use execution::codec::{self, Reader};

use crate::bytes::{Malformed, TakeBytes};
use crate::catalog::decode_activity;
use crate::chain::{self, damaged};
use crate::commit::Change;
use crate::compact::LastSnapshot;
use crate::express;
use crate::index::{Entry, Index, TurnEnd};
use crate::log::{Frame, Log, Place};
use crate::published::Publication;
use crate::record::ExecutionKey;
use crate::snapshot;
use crate::store::{Error, OpenExecution, OpenMapRun};
use crate::wire::{self, Header, Kind};

/// Everything that the log says.
pub(crate) struct Recovery {
    pub(crate) index: Index,
    /// By key.
    pub(crate) open: Vec<OpenExecution>,
    /// By key.
    pub(crate) map_runs: Vec<OpenMapRun>,
    pub(crate) snapshot: LastSnapshot,
    /// How many bytes of the log are not in the snapshot.
    pub(crate) bytes_since: u64,
}

/// Reads everything that the log says.
pub(crate) fn recover(log: &dyn Log) -> Result<Recovery, Error> {
    let (mut index, from, snapshot) = match log.snapshot()? {
        None => (Index::new(), 1, LastSnapshot::default()),
        Some((seq, bytes)) => {
            let index = snapshot::read(&bytes).map_err(|Malformed| Error::Corrupt {
                place: format!("the snapshot of frame {seq}"),
                detail: "its checksum is right, but it cannot be read".to_owned(),
            })?;
            let snapshot = LastSnapshot::new(seq, bytes.len() as u64, index.len());
            (index, seq, snapshot)
        }
    };
    let next = log.next_seq();
    if next < from {
        return Err(Error::Corrupt {
            place: "the log".to_owned(),
            detail: format!("it ends before frame {next}, and the snapshot of frame {from} shows more"),
        });
    }
    let mut bytes_since = 0;
    log.frames(from, &mut |frame| {
        bytes_since += frame.body.len() as u64;
        apply_frame(&mut index, frame)
    })?;
    index.complete();
    let is_open = |(_, entry): &(ExecutionKey, &Entry)| entry.status == Status::Running;
    let (mut open, mut map_runs) = (Vec::new(), Vec::new());
    for (key, entry) in index.after(None).filter(is_open) {
        if entry.is_map_run() {
            map_runs.push(OpenMapRun { key, run: chain::map_run::rebuild(log, key, entry.last)? });
        } else {
            let (revision, standing) = (entry.family.revision, entry.standing.clone());
            open.push(OpenExecution { key, revision, standing });
        }
    }
    Ok(Recovery { index, open, map_runs, snapshot, bytes_since })
}

/// Does to the index what a frame says.
pub(crate) fn apply_frame(index: &mut Index, frame: Frame<'_>) -> Result<(), Error> {
    let mut rest = frame.body;
    while !rest.is_empty() {
        let place = frame.place.plus((frame.body.len() - rest.len()) as u32);
        let (header, body) =
            wire::take(rest).ok_or_else(|| damaged(place, "the record there has a wrong checksum"))?;
        apply(index, &header, body, place)
            .map_err(|Malformed| damaged(place, "the record there cannot be read"))?;
        rest = &rest[header.record_bytes() as usize..];
    }
    Ok(())
}

fn apply(index: &mut Index, header: &Header, body: &[u8], place: Place) -> Result<(), Malformed> {
    let (key, bytes) = (header.key, header.record_bytes());
    let mut content = TakeBytes(body);
    let change = match header.kind {
        // One that is known already need not be read.
        Kind::Start | Kind::MapRunStart if index.get(key).is_some() => return Ok(()),
        Kind::Start => {
            let start = Reader::default().start(body).map_err(|_| Malformed)?;
            Change::Start { key, start: Arc::new(start) }
        }
        Kind::MapRunStart => {
            let start = codec::map_run_start(body).map_err(|_| Malformed)?;
            Change::MapRunStart { key, start: Arc::new(start) }
        }
        Kind::MapRunTurn => Change::map_run_turn(header),
        Kind::Turn | Kind::Redrive => {
            let redriven_at = (header.kind == Kind::Redrive).then_some(header.stopped_at);
            index.redrive(key, place, redriven_at);
            match header.status {
                Status::Running => {
                    let standing = codec::standing(body).map_err(|_| Malformed)?;
                    index.turn(key, place, bytes, TurnEnd::Open(standing));
                }
                status => {
                    index.turn(key, place, bytes, TurnEnd::Closed(status, header.stopped_at));
                    index.keep_close(key, None);
                }
            }
            return Ok(());
        }
        Kind::Checkpoint | Kind::MovedTurn | Kind::MovedCheckpoint => {
            index.more_records(key, place, bytes);
            return Ok(());
        }
        Kind::MovedStart => {
            index.moved_start(key, place, bytes);
            return Ok(());
        }
        Kind::Expire => {
            while !content.0.is_empty() {
                index.remove(ExecutionKey(content.u64()?));
            }
            return Ok(());
        }
        Kind::ExpressStart => express::start_change(header, body)?,
        Kind::ExpressEnd => express::end_change(body)?,
        // What the catalog has already may refer to what it has no longer.
        Kind::PutMachine | Kind::Publish | Kind::RemoveMachine | Kind::PutActivity | Kind::RemoveActivity
            if place <= index.catalog_until =>
        {
            return Ok(());
        }
        Kind::PutMachine => Change::PutMachine(Arc::new(index.catalog.decode_machine(&mut content)?)),
        Kind::Publish => {
            let machine_arn = content.text()?;
            index.catalog.machine(&machine_arn).ok_or(Malformed)?;
            let known = |number| index.catalog.revision(number).cloned();
            Change::Publish { machine_arn, publication: Publication::decode(&mut content, known)? }
        }
        Kind::RemoveMachine => Change::RemoveMachine(content.text()?),
        Kind::PutActivity => Change::PutActivity(Arc::new(decode_activity(&mut content)?)),
        Kind::RemoveActivity => Change::RemoveActivity(content.text()?),
    };
    change.apply(index, place, bytes);
    Ok(())
}
