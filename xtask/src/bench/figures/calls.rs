//! Ten thousand calls that a slow target does not answer: what they cost while they wait.

use std::time::Duration;

use crate::bench::api;
use crate::bench::figure::{Figure, number_text};
use crate::bench::plan::{Plan, fill};
use crate::bench::process::{self, wait_until};
use crate::bench::reference::STUCK_NAME;

use super::machines::{self, INPUT};

const METHOD: &str = "STANDARD executions of one Task each, which calls a function by the Lambda Invoke API over HTTP on \
                      the same machine; the function does not answer. [engine] calls_per_target allows all of them at \
                      once. Resident memory (VmRSS) less what it was before the first start, once all calls have arrived.";
const IN_LINE: &str =
    "The same with calls_per_target = 1,000: so many calls are under way, the others wait in the line.";
const THREADS: &str = "Threads of the process by /proc, meanwhile.";
/// For all calls to arrive.
const PATIENCE: Duration = Duration::from_secs(120);
const MEBIBYTE: f64 = 1024.0 * 1024.0;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let calls = plan.many(10_000, 200);
    let bound = plan.many(1_000, 20);
    under_way(plan, calls, calls, METHOD, figures)?;
    under_way(plan, calls, bound, IN_LINE, figures)
}

fn under_way(
    plan: &Plan,
    calls: u64,
    at_once: u64,
    method: &str,
    figures: &mut Vec<Figure>,
) -> anyhow::Result<()> {
    let functions = process::start_reference()?;
    let settings = format!("{}[engine]\ncalls_per_target = {at_once}\n", functions.settings());
    let server = plan.server("calls", &settings)?;
    let arn = api::create_machine(server.port, "stuck", "STANDARD", &machines::tasks(1, STUCK_NAME))?;
    let (before, threads_before) = (server.process.rss_bytes()?, server.process.threads()?);
    plan.say(format_args!("{calls} calls of a function that does not answer, {at_once} at once"));
    fill(server.port, &arn, &[INPUT.to_owned()], calls)?;
    wait_until("the calls arrive", PATIENCE, || Ok(functions.arrived()? >= at_once))?;
    let more = server.process.rss_bytes()?.saturating_sub(before);
    let name =
        format!("memory of {} calls, {} at once", number_text(calls as f64), number_text(at_once as f64));
    let each = more as f64 / calls as f64;
    figures.push(Figure::new(name, more as f64 / MEBIBYTE, "MiB", method).at_most(100.0).beside(format!(
        "{each:.0} bytes each, with their executions and, of those under way, their connections"
    )));
    let threads = server.process.threads()?;
    let name = format!("threads, {} calls at once", number_text(at_once as f64));
    let beside = format!("{threads_before} before");
    figures.push(
        Figure::new(name, threads as f64, "threads", THREADS).at_most(threads_before as f64).beside(beside),
    );
    Ok(())
}
