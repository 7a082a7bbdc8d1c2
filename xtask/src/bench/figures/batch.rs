//! StartExecutionBatch: many executions with one request.

use std::time::{Duration, Instant};

use crate::bench::api;
use crate::bench::figure::Figure;
use crate::bench::load::{End, Load, Measured, Work};
use crate::bench::plan::{BATCH, BATCH_CLIENTS, Plan, measure_together};
use crate::bench::process::{Server, wait_until};

use super::machines::{FIVE_PASSES, INPUT};

const METHOD: &str = "Five Pass states; 4 connections send POST /v1/start-execution-batch with 500 executions each over \
                      HTTP, every result is read and must be an execution; the time ends when the last of them has \
                      ended, as /metrics counts.";
/// After the last answer, for executions that still run.
const DRAIN_PATIENCE: Duration = Duration::from_secs(60);

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let server = plan.server("batch", "")?;
    for (kind, bound) in [("STANDARD", 50_000.0), ("EXPRESS", 100_000.0)] {
        plan.say(format_args!("{kind} by batches of {BATCH}"));
        let name = format!("{kind} starts by batches");
        match by_batches(plan, &server, kind) {
            Ok((measured, rate)) => {
                let beside = format!(
                    "{:.1} µs of server CPU each; a batch takes {:.1} ms (p50), {:.1} ms (p99)",
                    measured.cpu_micros(),
                    measured.percentile(0.5),
                    measured.percentile(0.99)
                );
                figures.push(Figure::new(name, rate, "/s", METHOD).at_least(bound).beside(beside));
            }
            Err(error) if error.downcast_ref::<crate::bench::Refused>().is_some() => {
                figures.push(Figure::not_available(name, format!("{error:#}")).at_least(bound));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What was measured, and executions/s until the last has ended.
fn by_batches(plan: &Plan, server: &Server, kind: &str) -> anyhow::Result<(Measured, f64)> {
    let arn = api::create_machine(server.port, &format!("five-passes-{kind}"), kind, FIVE_PASSES)?;
    let request = api::batch_request(&arn, &[INPUT.to_owned()], BATCH);
    let work = Work::Batch { request, size: BATCH as u64 };
    let load = Load::new(server.port, BATCH_CLIENTS, work, End::After(plan.load));
    Load { end: End::Count(8), ..load.clone() }.run()?;
    wait_until("draining", DRAIN_PATIENCE, || Ok(open(server)? <= 0.0))?;
    let began = Instant::now();
    let measured = measure_together(&server.process, &[load])?.remove(0);
    wait_until("draining", DRAIN_PATIENCE, || Ok(open(server)? <= 0.0))?;
    let rate = measured.done as f64 / began.elapsed().as_secs_f64();
    Ok((measured, rate))
}

/// How many executions have started and not ended, as far as the server counts them.
fn open(server: &Server) -> anyhow::Result<f64> {
    let both = |what: &str| {
        let standard = api::metric(server.port, &format!("stepwell_executions_{what}_total"))?;
        Ok::<f64, anyhow::Error>(
            standard + api::metric(server.port, &format!("stepwell_express_executions_{what}_total"))?,
        )
    };
    Ok(both("started")? - both("closed")?)
}
