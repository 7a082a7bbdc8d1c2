//! Ten thousand calls that a slow target does not answer: what they cost while they wait.

use std::time::Duration;

use crate::bench::api;
use crate::bench::figure::{Figure, number_text};
use crate::bench::plan::{Plan, fill};
use crate::bench::process::{self, wait_until};
use crate::bench::reference::STUCK_NAME;

use super::machines::{self, INPUT, WAIT_A_DAY};

const IN_LINE: &str = "STANDARD executions of one Task each, which calls a function by the Lambda Invoke API over HTTP on \
                       the same machine; the function does not answer. By default 1,000 calls are under way and the \
                       others wait in the line. Resident memory (VmRSS) less what it was before the first start, \
                       less the same for as many executions in a Wait state.";
const AT_ONCE: &str = "The same with [engine] calls_per_target = 10,000: each call has its connection.";
const THREADS: &str = "Threads of the process by /proc, meanwhile.";
/// For all calls to arrive.
const PATIENCE: Duration = Duration::from_secs(120);
const MEBIBYTE: f64 = 1024.0 * 1024.0;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let calls = plan.many(10_000, 200);
    let bound = plan.many(1_000, 20);
    let executions = executions_alone(plan, calls)?;
    let in_line = under_way(plan, calls, bound)?;
    let all = under_way(plan, calls, calls)?;
    for (measured, at_once, method) in [(&in_line, bound, IN_LINE), (&all, calls, AT_ONCE)] {
        let more = measured.memory.saturating_sub(executions);
        let (calls, at_once) = (number_text(calls as f64), number_text(at_once as f64));
        let beside = format!("{:.0} MiB more for the executions", executions as f64 / MEBIBYTE);
        let name = format!("memory of {calls} calls that wait, {at_once} of them under way");
        figures.push(Figure::new(name, more as f64 / MEBIBYTE, "MiB", method).at_most(100.0).beside(beside));
    }
    let name = format!("threads, {} calls under way", number_text(calls as f64));
    let before = all.threads_before as f64;
    figures.push(
        Figure::new(name, all.threads as f64, "threads", THREADS)
            .at_most(before)
            .beside(format!("{before} before")),
    );
    Ok(())
}

struct UnderWay {
    memory: u64,
    threads_before: u64,
    threads: u64,
}

/// What as many executions take that call nobody.
fn executions_alone(plan: &Plan, count: u64) -> anyhow::Result<u64> {
    let server = plan.server("calls", "")?;
    let arn = api::create_machine(server.port, "wait", "STANDARD", WAIT_A_DAY)?;
    let before = server.process.rss_bytes()?;
    fill(server.port, &arn, &[INPUT.to_owned()], count)?;
    Ok(server.process.rss_bytes()?.saturating_sub(before))
}

fn under_way(plan: &Plan, calls: u64, at_once: u64) -> anyhow::Result<UnderWay> {
    let functions = process::start_reference()?;
    let settings = format!("{}[engine]\ncalls_per_target = {at_once}\n", functions.settings());
    let server = plan.server("calls", &settings)?;
    let arn = api::create_machine(server.port, "stuck", "STANDARD", &machines::tasks(1, STUCK_NAME))?;
    let (before, threads_before) = (server.process.rss_bytes()?, server.process.threads()?);
    plan.say(format_args!("{calls} calls of a function that does not answer, {at_once} at once"));
    fill(server.port, &arn, &[INPUT.to_owned()], calls)?;
    wait_until("the calls arrive", PATIENCE, || Ok(functions.arrived()? >= at_once))?;
    let memory = server.process.rss_bytes()?.saturating_sub(before);
    Ok(UnderWay { memory, threads_before, threads: server.process.threads()? })
}
