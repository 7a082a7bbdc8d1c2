//! `GET /v1/server`: which server this is, how it is, and what it was told.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use store::{Sizes, Store};

use super::ShownSetting;
use super::query::Query;
use super::views::Asked;
use crate::answer::{self, ObjectWriter};
use crate::error::ApiError;

/// All of it.
pub(super) fn answer(asked: &Asked<'_>) -> Result<String, ApiError> {
    let &Asked { engine, metrics, console, stopping, query, .. } = asked;
    Query::read(query, &[])?;
    let (scope, store, statistics) = (engine.scope(), engine.store(), engine.statistics());
    let of = |counter: &AtomicU64| counter.load(Relaxed);
    Ok(answer::object(|answer| {
        answer.text("version", env!("CARGO_PKG_VERSION"));
        answer.text("region", &scope.region);
        answer.text("account", &scope.account);
        answer.number("uptimeSeconds", metrics.uptime().as_secs());
        answer.time("date", engine.now());
        answer.truth("diskIsFull", store.is_full());
        answer.truth("isStopping", stopping.has_begun());
        answer.object("storage", |storage| write_storage(store, storage));
        answer.optional_number("memoryBytes", resident_bytes());
        answer.number("connections", metrics.connections.load(Relaxed) as u64);
        answer.object("counters", |counters| {
            counters.number("executionsStarted", of(&statistics.started));
            counters.number("executionsSucceeded", of(&statistics.succeeded));
            counters.number("executionsFailed", of(&statistics.failed));
            counters.number("executionsTimedOut", of(&statistics.timed_out));
            counters.number("executionsAborted", of(&statistics.aborted));
            counters.number("executionsRedriven", of(&statistics.redriven));
            counters.number("expressStarted", of(&statistics.express.started));
            counters.number("expressUnderWay", statistics.express.under_way.load(Relaxed) as u64);
            counters.number("turns", of(&statistics.turns));
            counters.number("historyEvents", of(&statistics.events));
            counters.number("logSyncs", store.log_syncs());
        });
        answer.objects("settings", &console.settings, |item, setting| {
            let ShownSetting { name, value, origin } = setting;
            item.text("name", name);
            item.text("value", value);
            item.text("origin", origin);
        });
    }))
}

/// Where nothing is kept, these are sizes in memory.
fn write_storage(store: &Store, storage: &mut ObjectWriter<'_>) {
    let Sizes { segments, segment_bytes, needed_bytes, snapshots, snapshot_bytes, executions } =
        store.sizes();
    storage.truth("isKept", store.is_kept());
    storage.number("segments", segments as u64);
    storage.number("segmentBytes", segment_bytes);
    storage.number("neededBytes", needed_bytes);
    storage.number("snapshots", snapshots as u64);
    storage.number("snapshotBytes", snapshot_bytes);
    storage.number("executions", executions as u64);
}

/// What this process has in memory; `None` where the system does not say it as Linux does.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
