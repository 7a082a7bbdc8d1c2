//! Closed executions whose retention ends: the space comes back, and others do not notice.

use std::time::Duration;

use crate::bench::api;
use crate::bench::figure::{Figure, number_text};
use crate::bench::load::{End, Load, Work};
use crate::bench::plan::{Plan, fill};
use crate::bench::process::Server;

use super::machines::{FIVE_PASSES, INPUT};

const STALL: &str = "STANDARD executions of five Pass states end and expire after [data] retention_seconds; four clients \
                     start executions of another machine all the while, each rests 2 ms after each answer.";
const SPACE: &str =
    "Disk blocks of the data folder, the most while executions were there, and after they had expired.";
const REST: Duration = Duration::from_millis(2);
const GIBIBYTE: f64 = 1024.0 * 1024.0 * 1024.0;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let count = plan.many(1_000_000, 2_000);
    // Longer than it takes to start them all, so that few expire before the last is there.
    let retention = Duration::from_secs(plan.many(45, 4));
    let settings = format!("[data]\nretention_seconds = {}\n", retention.as_secs());
    let server = plan.server("expiry", &settings)?;
    let bulk = api::create_machine(server.port, "bulk", "STANDARD", FIVE_PASSES)?;
    let other = api::create_machine(server.port, "other", "STANDARD", FIVE_PASSES)?;
    plan.say(format_args!("{count} executions end"));
    let filled = fill(server.port, &bulk, &[INPUT.to_owned()], count)?;
    let took = filled.measured.elapsed;
    let (bytes_before, rss_before) = (server.data_bytes(), server.process.rss_bytes()?);

    let start = api::start_request("StartExecution", &other, INPUT);
    let load = |duration| {
        Load::new(server.port, 4, Work::Repeat(vec![start.clone()]), End::After(duration)).with_pause(REST)
    };
    // Nothing expires before the retention of the first ends.
    let quiet = retention.saturating_sub(took).min(plan.load);
    let alone = if quiet.is_zero() { None } else { Some(load(quiet).run()?) };
    plan.say("they expire");
    // The last ends its retention now; what follows is for the compactor.
    let rest = retention.saturating_sub(quiet) + Duration::from_secs(plan.many(25, 4));
    let (beside, bytes_most) = watched(&server, &load(rest))?;

    let longest = beside.percentile(1.0);
    let of_alone = alone.map_or("nothing to compare with".to_owned(), |alone| {
        format!("before: longest {:.1} ms, p99 {:.2} ms", alone.percentile(1.0), alone.percentile(0.99))
    });
    figures.push(
        Figure::new(
            format!("longest stall of others while {} executions expire", number_text(count as f64)),
            longest,
            "ms",
            STALL,
        )
        .at_most(50.0)
        .beside(format!(
            "p99 {:.2} ms of {} starts; {of_alone}",
            beside.percentile(0.99),
            beside.done
        )),
    );
    let mut left = 0;
    api::every_execution(server.port, &bulk, None, |_| left += 1)?;
    figures.push(Figure::new("executions left", f64::from(left), "", SPACE).at_most(0.0));
    let bytes_before = bytes_before.max(bytes_most) as f64;
    let bytes_after = server.data_bytes() as f64;
    figures.push(
        Figure::new("space given back", (1.0 - bytes_after / bytes_before) * 100.0, "%", SPACE)
            .at_least(80.0)
            .beside(format!(
                "{:.2} GiB before, {:.2} GiB after",
                bytes_before / GIBIBYTE,
                bytes_after / GIBIBYTE
            )),
    );
    let rss_after = server.process.rss_bytes()? as f64 / GIBIBYTE;
    figures.push(
        Figure::new(
            "memory after",
            rss_after,
            "GiB",
            "Resident memory (VmRSS) of the server, at the same moments.",
        )
        .beside(format!(
            "{:.2} GiB before; {} in {:.0} s",
            rss_before as f64 / GIBIBYTE,
            filled.how,
            took.as_secs_f64()
        )),
    );
    Ok(())
}

/// Runs a load, and says how many bytes the data took up at most meanwhile.
fn watched(server: &Server, load: &Load) -> anyhow::Result<(crate::bench::load::Measured, u64)> {
    std::thread::scope(|scope| {
        let running = scope.spawn(|| load.run());
        let mut most = 0;
        while !running.is_finished() {
            most = most.max(server.data_bytes());
            std::thread::sleep(Duration::from_millis(500));
        }
        let measured = running.join().map_err(|_| anyhow::anyhow!("the load panicked"))??;
        Ok((measured, most))
    })
}
