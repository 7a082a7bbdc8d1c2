//! `GET /v1/server`: which server this is, how it is, and what it was told.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use engine::Engine;

use super::query::Query;
use super::{Console, ShownSetting};
use crate::answer;
use crate::error::ApiError;
use crate::metrics::Metrics;

/// All of it.
pub(super) fn answer(
    engine: &Engine,
    metrics: &Metrics,
    console: &Console,
    query: Option<&str>,
) -> Result<String, ApiError> {
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
