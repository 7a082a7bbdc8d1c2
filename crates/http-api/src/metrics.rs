//! What the server counts about itself, in Prometheus' text form.
//!
//! Never here: anything per execution or per state machine, whose number has no bound.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use engine::Statistics;

use crate::actions::Action;

/// The counters of one server. All are relaxed: each stands for itself.
pub(crate) struct Metrics {
    started: Instant,
    /// Answered calls, by the action's number.
    answered: [AtomicU64; Action::ALL.len()],
    /// Refused calls, by the action's name (empty if there is none) and the error's.
    refused: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    /// Open connections.
    pub connections: AtomicUsize,
}

impl Metrics {
    /// All at 0.
    pub fn new() -> Metrics {
        Metrics {
            started: Instant::now(),
            answered: std::array::from_fn(|_| AtomicU64::new(0)),
            refused: Mutex::default(),
            connections: AtomicUsize::new(0),
        }
    }

    /// Counts a call. `code` is the error's name.
    pub fn count(&self, action: Option<Action>, code: Option<&'static str>) {
        match (action, code) {
            (Some(action), None) => {
                self.answered[action as usize].fetch_add(1, Ordering::Relaxed);
            }
            (action, code) => {
                let key = (action.map_or("", Action::name), code.unwrap_or_default());
                // A panic elsewhere while counting leaves nothing half done.
                let mut refused = self.refused.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                *refused.entry(key).or_default() += 1;
            }
        }
    }

    /// Counts a call of something else than the API of Step Functions, by its name. They come too seldom for
    /// counters of their own.
    pub fn count_other(&self, name: &'static str, code: Option<&'static str>) {
        let key = (name, code.unwrap_or("OK"));
        let mut refused = self.refused.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *refused.entry(key).or_default() += 1;
    }

    /// How long this server has been serving.
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// The page that Prometheus reads.
    pub fn page(&self, engine: &Statistics, log_syncs: u64) -> String {
        let mut page = String::with_capacity(2048);
        page.push_str(
            "# HELP stepwell_requests_total API requests by action and error name; no error is OK.\n",
        );
        page.push_str("# TYPE stepwell_requests_total counter\n");
        for action in Action::ALL {
            let count = self.answered[action as usize].load(Ordering::Relaxed);
            if count > 0 {
                sample(&mut page, action.name(), "OK", count);
            }
        }
        let refused = self.refused.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for ((action, code), count) in refused.iter() {
            sample(&mut page, action, code, *count);
        }
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (started, turns, events) = (of(&engine.started), of(&engine.turns), of(&engine.events));
        let redriven = of(&engine.redriven);
        let (succeeded, failed) = (of(&engine.succeeded), of(&engine.failed));
        let (timed_out, aborted) = (of(&engine.timed_out), of(&engine.aborted));
        let (express_started, express_succeeded) =
            (of(&engine.express.started), of(&engine.express.succeeded));
        let (express_failed, express_timed_out) = (of(&engine.express.failed), of(&engine.express.timed_out));
        let express_under_way = engine.express.under_way.load(Ordering::Relaxed);
        let log_events_dropped = of(&engine.log_events_dropped);
        let connections = self.connections.load(Ordering::Relaxed);
        let uptime = self.started.elapsed().as_secs_f64();
        let version = env!("CARGO_PKG_VERSION");
        let rest = format_args!(
            "# HELP stepwell_executions_started_total STANDARD executions started.\n\
             # TYPE stepwell_executions_started_total counter\n\
             stepwell_executions_started_total {started}\n\
             # HELP stepwell_executions_redriven_total Redrives of STANDARD executions.\n\
             # TYPE stepwell_executions_redriven_total counter\n\
             stepwell_executions_redriven_total {redriven}\n\
             # HELP stepwell_executions_closed_total STANDARD executions ended, by status.\n\
             # TYPE stepwell_executions_closed_total counter\n\
             stepwell_executions_closed_total{{status=\"SUCCEEDED\"}} {succeeded}\n\
             stepwell_executions_closed_total{{status=\"FAILED\"}} {failed}\n\
             stepwell_executions_closed_total{{status=\"TIMED_OUT\"}} {timed_out}\n\
             stepwell_executions_closed_total{{status=\"ABORTED\"}} {aborted}\n\
             # HELP stepwell_express_executions_started_total EXPRESS executions started.\n\
             # TYPE stepwell_express_executions_started_total counter\n\
             stepwell_express_executions_started_total {express_started}\n\
             # HELP stepwell_express_executions_closed_total EXPRESS executions ended, by status.\n\
             # TYPE stepwell_express_executions_closed_total counter\n\
             stepwell_express_executions_closed_total{{status=\"SUCCEEDED\"}} {express_succeeded}\n\
             stepwell_express_executions_closed_total{{status=\"FAILED\"}} {express_failed}\n\
             stepwell_express_executions_closed_total{{status=\"TIMED_OUT\"}} {express_timed_out}\n\
             # HELP stepwell_express_executions_under_way EXPRESS executions that run or wait.\n\
             # TYPE stepwell_express_executions_under_way gauge\n\
             stepwell_express_executions_under_way {express_under_way}\n\
             # HELP stepwell_log_events_dropped_total Events that execution logs lack because their queue was full.\n\
             # TYPE stepwell_log_events_dropped_total counter\n\
             stepwell_log_events_dropped_total {log_events_dropped}\n\
             # HELP stepwell_turns_total Turns committed.\n\
             # TYPE stepwell_turns_total counter\n\
             stepwell_turns_total {turns}\n\
             # HELP stepwell_history_events_total History events made.\n\
             # TYPE stepwell_history_events_total counter\n\
             stepwell_history_events_total {events}\n\
             # HELP stepwell_log_syncs_total Times that the log was made durable; each may carry many turns.\n\
             # TYPE stepwell_log_syncs_total counter\n\
             stepwell_log_syncs_total {log_syncs}\n\
             # HELP stepwell_connections Open HTTP connections.\n\
             # TYPE stepwell_connections gauge\n\
             stepwell_connections {connections}\n\
             # HELP stepwell_uptime_seconds Seconds since the server began to listen.\n\
             # TYPE stepwell_uptime_seconds gauge\n\
             stepwell_uptime_seconds {uptime:.3}\n\
             # HELP stepwell_build_info The version that runs.\n\
             # TYPE stepwell_build_info gauge\n\
             stepwell_build_info{{version=\"{version}\"}} 1\n"
        );
        page.write_fmt(rest).expect("writing to a String");
        page
    }
}

fn sample(page: &mut String, action: &str, code: &str, count: u64) {
    writeln!(page, "stepwell_requests_total{{action=\"{action}\",code=\"{code}\"}} {count}")
        .expect("writing to a String");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_action_and_code() {
        let metrics = Metrics::new();
        metrics.count(Some(Action::StartExecution), None);
        metrics.count(Some(Action::StartExecution), None);
        metrics.count(Some(Action::StartExecution), Some("InvalidName"));
        metrics.count(None, Some("UnknownOperationException"));
        let engine = Statistics::default();
        engine.aborted.store(3, Ordering::Relaxed);
        let page = metrics.page(&engine, 7);
        let samples: Vec<&str> =
            page.lines().filter(|line| line.starts_with("stepwell_requests_total{")).collect();
        assert_eq!(
            samples,
            [
                r#"stepwell_requests_total{action="StartExecution",code="OK"} 2"#,
                r#"stepwell_requests_total{action="",code="UnknownOperationException"} 1"#,
                r#"stepwell_requests_total{action="StartExecution",code="InvalidName"} 1"#,
            ]
        );
        for sample in ["stepwell_connections 0\n", "stepwell_executions_closed_total{status=\"ABORTED\"} 3\n"]
        {
            assert!(page.contains(sample), "{page}");
        }
        // Every line is a comment, or a name and a number.
        let number =
            |line: &str| line.rsplit_once(' ').is_some_and(|(_, number)| number.parse::<f64>().is_ok());
        assert!(page.lines().all(|line| line.starts_with("# ") || number(line)), "{page}");
    }
}
