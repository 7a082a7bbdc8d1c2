//! Archives, tended: events that are past their retention go, and so do those of archives that are gone.

use std::sync::{Arc, Weak};

use ledger::Batch;
use tokio::sync::watch;

use super::Inner;
use super::archive::{self, Place};
use crate::spaces;

/// How often retention is looked at, in milliseconds. AWS removes such events within a day.
const PAUSE: i64 = 3_600_000;

/// When the disk is busy, this many milliseconds later.
const PAUSE_OF_TROUBLE: i64 = 10_000;

pub(super) async fn run(inner: Weak<Inner>, mut changes: watch::Receiver<u64>) {
    // Ends with the service.
    loop {
        let Some(strong) = inner.upgrade() else { return };
        changes.mark_unchanged();
        let pause = match tend(&strong).await {
            Ok(()) => PAUSE,
            Err(refused) => {
                tracing::warn!("archives are not tended: {refused}");
                PAUSE_OF_TROUBLE
            }
        };
        let clock = strong.clock.clone();
        drop(strong);
        let due = clock.now() + pause;
        tokio::select! {
            () = clock.until(due) => {}
            changed = changes.changed() => if changed.is_err() { return },
        }
    }
}

async fn tend(inner: &Arc<Inner>) -> Result<(), ledger::Refused> {
    let state = inner.state();
    let mut after: Option<Vec<u8>> = None;
    // Each turn removes something or goes on to the next archive.
    while let Some(archive) = next_archive(inner, after.as_deref()) {
        let known = state.archives.values().find(|known| known.id == archive);
        let before = match known {
            Some(known) => known.keeps_from(inner.clock.now()),
            None => Some(i64::MAX),
        };
        let mut batch = Batch::new();
        let (events, bytes) = match before {
            Some(before) => archive::forget(&inner.ledger, archive, Some(before), &mut batch),
            None => (0, 0),
        };
        if events == 0 {
            after = Some([&archive.to_be_bytes()[..], &[0xff; 28]].concat());
            continue;
        }
        inner.ledger.commit(batch).await?;
        if let Some(known) = known {
            known.kept.add(-events, -bytes);
        }
    }
    Ok(())
}

/// The archive that the next event belongs to.
fn next_archive(inner: &Inner, after: Option<&[u8]>) -> Option<u128> {
    let keys = inner.ledger.keys(spaces::ARCHIVES, b"", after, 1);
    Some(Place::read(keys.first()?)?.archive)
}
