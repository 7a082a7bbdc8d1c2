//! Many timers that are due in the same second: none early, all soon.

use std::time::{Duration, SystemTime};

use json::Value;

use crate::bench::api;
use crate::bench::figure::{Figure, number_text};
use crate::bench::plan::{Plan, fill};
use crate::bench::process::wait_until;

use super::machines::WAIT_UNTIL;

const METHOD: &str = "STANDARD executions in a Wait state whose TimestampPath names the same second for all, started \
                      before it; when they ended is read from ListExecutions (stopDate), when the last end was durable \
                      from /metrics.";
/// Far more than any server that works needs.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let count = plan.many(100_000, 1_000);
    let server = plan.server("timers", "")?;
    let arn = api::create_machine(server.port, "until", "STANDARD", WAIT_UNTIL)?;
    // Long enough to start them all, even one by one.
    let due = now() as u64 + plan.many(15, 3);
    plan.say(format_args!("{count} executions wait for {}", timestamp(due)));
    let filled = fill(server.port, &arn, &[format!("{{\"at\":\"{}\"}}", timestamp(due))], count)?;
    let left = due as f64 - now();
    anyhow::ensure!(left > 0.0, "the executions were not all started before their timers were due");

    let count = filled.measured.done;
    let closed = || api::metric(server.port, "stepwell_executions_closed_total");
    wait_until("firing the timers", PATIENCE, || Ok(closed()? >= count as f64))?;
    let durable = now() - due as f64;

    let (mut stops, mut waiting) = (Vec::new(), 0_u32);
    api::every_execution(server.port, &arn, None, |execution| {
        match execution.get("stopDate").and_then(Value::as_f64) {
            Some(stop) => stops.push(stop - due as f64),
            None => waiting += 1,
        }
    })?;
    anyhow::ensure!(
        waiting == 0 && stops.len() as u64 == count,
        "of {count} executions {} have ended and {waiting} have not",
        stops.len()
    );
    stops.sort_by(f64::total_cmp);
    let early = stops.iter().filter(|stop| **stop < 0.0).count();
    let last = stops.last().copied().unwrap_or_default();
    let name = |what: &str| format!("{} timers due at once: {what}", number_text(count as f64));
    figures.push(Figure::new(name("fired early"), early as f64, "timers", METHOD).at_most(0.0));
    figures.push(Figure::new(name("the last fired"), last, "s after", METHOD).at_most(5.0).beside(format!(
        "first {:.3} s, half {:.3} s after",
        stops[0],
        stops[stops.len() / 2]
    )));
    figures.push(
        Figure::new(name("all ends durable"), durable, "s after", METHOD).at_most(5.0).beside(filled.how),
    );
    Ok(())
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |elapsed| elapsed.as_secs_f64())
}

/// RFC 3339 in UTC. (The civil calendar repeats every 400 years of 146,097 days; years begin in March here.)
fn timestamp(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_of_the_civil_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_740_787_200, "2025-03-01T00:00:00Z"),
        ] {
            assert_eq!(timestamp(seconds), text);
        }
    }
}
