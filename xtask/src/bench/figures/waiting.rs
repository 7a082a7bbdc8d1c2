//! A million executions that wait: memory, a restart, and what others notice of them.

use std::time::{Duration, Instant};

use anyhow::Context;

use crate::bench::api;
use crate::bench::figure::Figure;
use crate::bench::load::{End, Load, Work};
use crate::bench::plan::{Filled, Plan, fill, measure_together};
use crate::bench::process::{self, Process, Reference, Server, wait_until};

use super::machines::{self, CALLBACK, INPUT, WAIT_A_DAY, WAIT_SECONDS};

const OPEN: &str = "STANDARD executions that wait: two fifths in a Wait state of a day, two fifths for an activity without \
                    a worker, one fifth in lambda:invoke.waitForTaskToken whose function has answered; resident memory \
                    (VmRSS) once it no longer changes, and its peak (VmHWM).";
const RESTART: &str = "kill -9, the same command again, time until /readyz answers 200; then every open execution is \
                       counted by paging through ListExecutions with statusFilter RUNNING.";
const READS: &str = "Beside the waiting executions, timers of other executions fire all the while; two clients for each \
                     kind of request, each rests 5 ms after each answer; pages of 100.";

/// A server that goes on changing after so long is not waiting.
const SETTLE_PATIENCE: Duration = Duration::from_secs(30);
/// For the calls of a chunk of callbacks.
const CALLS_PATIENCE: Duration = Duration::from_secs(60);
/// So many callbacks have their calls under way at once: each takes a socket.
const CALLS_MAX: u64 = 1_000;
const REST: Duration = Duration::from_millis(5);
const GIBIBYTE: f64 = 1024.0 * 1024.0 * 1024.0;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let functions = process::start_reference()?;
    let server = plan.server("waiting", &functions.settings())?;
    let total = plan.many(1_000_000, 2_000);
    let machines = Machines::create(server.port)?;
    let before = server.process.rss_bytes()?;

    let began = Instant::now();
    plan.say(format_args!("{total} executions come to wait"));
    let filled = fill(server.port, &machines.wait, &[INPUT.to_owned()], total * 2 / 5)?;
    fill(server.port, &machines.activity, &[INPUT.to_owned()], total * 2 / 5)?;
    let callbacks = fill_callbacks(server.port, &machines.callback, &functions, total / 5)?;
    let took = began.elapsed().as_secs_f64();
    let closed = api::metric(server.port, "stepwell_executions_closed_total")?;
    anyhow::ensure!(closed == 0.0, "{closed} executions ended that should wait");

    plan.say("memory settles");
    let rss = settled_rss(&server.process)?;
    let peak = server.process.rss_peak_bytes()? as f64 / GIBIBYTE;
    let each = (rss.saturating_sub(before)) as f64 / total as f64;
    let gibibytes = rss as f64 / GIBIBYTE;
    let name = format!("memory with {total} executions open");
    let beside = format!("peak {peak:.2} GiB, {each:.0} bytes each; {} in {took:.0} s", filled.how);
    figures.push(Figure::new(name, gibibytes, "GiB", OPEN).at_most(1.0).beside(beside));

    plan.say("kill -9 and start");
    let (server, ready) = server.kill_and_start()?;
    let data = server.data_bytes() as f64 / GIBIBYTE;
    figures.push(
        Figure::new("ready after a restart", ready.as_secs_f64(), "s", RESTART)
            .at_most(10.0)
            .beside(format!("{data:.2} GiB of data")),
    );
    let rss = settled_rss(&server.process)? as f64 / GIBIBYTE;
    let peak = server.process.rss_peak_bytes()? as f64 / GIBIBYTE;
    figures.push(
        Figure::new("memory after the restart", rss, "GiB", OPEN)
            .at_most(1.0)
            .beside(format!("peak {peak:.2} GiB")),
    );
    plan.say("counting what is open");
    let mut open = 0;
    for arn in [&machines.wait, &machines.activity, &machines.callback] {
        api::every_execution(server.port, arn, Some("RUNNING"), |_| open += 1)?;
    }
    figures.push(
        Figure::new("open after the restart", f64::from(open), "executions", RESTART).at_least(total as f64),
    );

    plan.say("reads, while timers fire");
    reads(plan, &server, &machines, &[filled, callbacks], figures)
}

struct Machines {
    wait: String,
    activity: String,
    callback: String,
    /// Its executions end after seconds.
    ticking: String,
}

impl Machines {
    fn create(port: u16) -> anyhow::Result<Machines> {
        let activity = api::call(port, "CreateActivity", &json::value!({ "name": "nobody" }))?;
        let activity = activity.get("activityArn").and_then(json::Value::as_str);
        let activity = machines::activity(activity.context("CreateActivity gave no ARN")?);
        let create = |name, definition| api::create_machine(port, name, "STANDARD", definition);
        Ok(Machines {
            wait: create("wait", WAIT_A_DAY)?,
            activity: create("activity", &activity)?,
            callback: create("callback", CALLBACK)?,
            ticking: create("ticking", WAIT_SECONDS)?,
        })
    }
}

/// A chunk after the other, so that calls, and with them sockets, do not pile up.
fn fill_callbacks(port: u16, arn: &str, functions: &Reference, count: u64) -> anyhow::Result<Filled> {
    let before = functions.calls()?;
    let mut started = 0;
    loop {
        let chunk = CALLS_MAX.min(count - started);
        let filled = fill(port, arn, &[INPUT.to_owned()], chunk)?;
        started += filled.measured.done;
        wait_until("calling the functions", CALLS_PATIENCE, || Ok(functions.calls()? - before >= started))?;
        if started >= count {
            return Ok(filled);
        }
    }
}

/// Once it has changed by less than a hundredth for a second.
fn settled_rss(process: &Process) -> anyhow::Result<u64> {
    let mut last = 0;
    wait_until("settling", SETTLE_PATIENCE, || {
        let rss = process.rss_bytes()?;
        let settled = rss.abs_diff(last) < last / 100;
        last = rss;
        if !settled {
            std::thread::sleep(Duration::from_secs(1));
        }
        Ok(settled)
    })?;
    Ok(last)
}

fn reads(
    plan: &Plan,
    server: &Server,
    machines: &Machines,
    filled: &[Filled],
    figures: &mut Vec<Figure>,
) -> anyhow::Result<()> {
    // They begin to fire when the loads below run, and go on for longer.
    let inputs: Vec<String> = (2..14).map(|seconds| format!("{{\"seconds\":{seconds}}}")).collect();
    let ticking = fill(server.port, &machines.ticking, &inputs, plan.many(60_000, 500))?;
    let arns = filled.iter().chain([&ticking]).flat_map(|filled| &filled.measured.arns);
    let mut describes: Vec<Vec<u8>> = arns.map(|arn| api::describe_request(arn)).collect();
    if describes.is_empty() {
        // Executions that were started one by one: any page names some.
        api::every_execution(server.port, &machines.ticking, None, |execution| {
            if let Some(arn) = execution.get("executionArn").and_then(json::Value::as_str) {
                describes.push(api::describe_request(arn));
            }
        })?;
    }
    let list = |arn: &str, status| vec![api::list_request(arn, status, 100)];
    let kinds = [
        ("DescribeExecution", describes),
        ("ListExecutions", list(&machines.wait, None)),
        ("ListExecutions, RUNNING", list(&machines.activity, Some("RUNNING"))),
        ("ListExecutions, SUCCEEDED, of many that run", list(&machines.wait, Some("SUCCEEDED"))),
        ("ListExecutions, SUCCEEDED, of those whose timers fire", list(&machines.ticking, Some("SUCCEEDED"))),
    ];
    let load = |requests: &Vec<Vec<u8>>| {
        Load::new(server.port, 2, Work::Repeat(requests.clone()), End::After(plan.load)).with_pause(REST)
    };
    let loads: Vec<Load> = kinds.iter().map(|(_, requests)| load(requests)).collect();
    let fired = || api::metric(server.port, "stepwell_executions_closed_total");
    let before = fired()?;
    let measured = measure_together(&server.process, &loads)?;
    let fired = (fired()? - before) / plan.load.as_secs_f64();
    for ((name, _), measured) in kinds.iter().zip(measured) {
        let beside = format!(
            "p50 {:.2} ms, {} answers; {fired:.0} timers/s fired",
            measured.percentile(0.5),
            measured.done
        );
        figures.push(
            Figure::new(format!("{name}, p99"), measured.percentile(0.99), "ms", READS)
                .at_most(5.0)
                .beside(beside),
        );
    }
    Ok(())
}
