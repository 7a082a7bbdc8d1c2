//! What resolvers have done, in Prometheus' text form: a line for each that was called.
//!
//! A change of the API begins anew, which Prometheus takes for what it is.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Api;

/// One resolver's counters. All are relaxed: each stands for itself.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    calls: AtomicU64,
    errors: AtomicU64,
    micros: AtomicU64,
}

impl Meter {
    /// Counts a call.
    pub fn count(&self, took: Duration, has_failed: bool) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.errors.fetch_add(u64::from(has_failed), Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// More resolvers than this have no lines: pages have a bound.
const RESOLVERS_MAX: usize = 2_000;

/// Writes the lines of these APIs.
pub(crate) fn write<'a>(apis: impl Iterator<Item = &'a Api> + Clone, page: &mut String) {
    let names = [
        ("stepwell_resolver_calls_total", "counter", "Calls of resolvers."),
        ("stepwell_resolver_errors_total", "counter", "Calls of resolvers that ended with an error."),
        (
            "stepwell_resolver_seconds_total",
            "counter",
            "Time that resolvers took, what they waited for included.",
        ),
    ];
    for (place, (name, kind, help)) in names.into_iter().enumerate() {
        let meters = apis.clone().flat_map(|api| api.resolvers.values().map(move |resolver| (api, resolver)));
        let called = meters.filter(|(_, resolver)| resolver.meter.calls.load(Ordering::Relaxed) > 0);
        let mut lines = called.take(RESOLVERS_MAX).peekable();
        if lines.peek().is_none() {
            return;
        }
        let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (api, resolver) in lines {
            let Meter { calls, errors, micros } = &resolver.meter;
            let _ = write!(page, "{name}{{api=\"{}\",resolver=\"{}\"}} ", api.id, resolver.name);
            let _ = match place {
                0 => writeln!(page, "{}", calls.load(Ordering::Relaxed)),
                1 => writeln!(page, "{}", errors.load(Ordering::Relaxed)),
                _ => writeln!(page, "{}", micros.load(Ordering::Relaxed) as f64 / 1e6),
            };
        }
    }
}
