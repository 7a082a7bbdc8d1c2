//! A million executions that wait: memory, a restart, and what others notice of them.

use std::time::{Duration, Instant};

use anyhow::Context;

use crate::bench::api;
use crate::bench::figure::{Figure, number_text};
use crate::bench::load::{End, Load, Work};
use crate::bench::plan::{Plan, fill, measure_together};
use crate::bench::process::{self, Process, Reference, Server, wait_until};

use super::machines::{self, CALLBACK, INPUT, WAIT_A_DAY, WAIT_SECONDS};

const OPEN: &str = "STANDARD executions that wait: two fifths in a Wait state of a day, two fifths for an activity without \
                    a worker, one fifth in lambda:invoke.waitForTaskToken whose function has answered; resident memory \
                    (VmRSS) once it no longer changes, and its peak (VmHWM).";
const RESTART: &str = "kill -9, the same command again, time until /readyz answers 200; then every open execution is \
                       counted by paging through ListExecutions with statusFilter RUNNING.";
const READS: &str = "Beside the waiting executions, timers of other executions fire all the while; two clients for each \
                     kind of request, each rests 5 ms after each answer; pages of 100.";

/// What still changes after so long is the figure.
const SETTLE_SECONDS_MAX: u32 = 30;
/// For the calls of all callbacks, of which there are many more than are under way at once.
const CALLS_PATIENCE: Duration = Duration::from_secs(180);
/// So many of the waiting executions, spread over all, are asked for.
const DESCRIBED: u64 = 1_000;
const REST: Duration = Duration::from_millis(5);
const GIBIBYTE: f64 = 1024.0 * 1024.0 * 1024.0;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let functions = process::start_reference()?;
    let server = plan.server("waiting", &functions.settings())?;
    let total = plan.many(1_000_000, 2_500);
    let machines = Machines::create(server.port)?;
    let before = server.process.rss_bytes()?;

    let began = Instant::now();
    plan.say(format_args!("{total} executions come to wait"));
    let filled = fill(server.port, &machines.wait, &[INPUT.to_owned()], total * 2 / 5)?;
    fill(server.port, &machines.activity, &[INPUT.to_owned()], total * 2 / 5)?;
    fill_callbacks(server.port, &machines.callback, &functions, total / 5)?;
    let took = began.elapsed().as_secs_f64();
    let closed = api::metric(server.port, "stepwell_executions_closed_total")?;
    anyhow::ensure!(closed == 0.0, "{closed} executions ended that should wait");

    plan.say("memory settles");
    let rss = settled_rss(&server.process)?;
    let peak = server.process.rss_peak_bytes()? as f64 / GIBIBYTE;
    let each = (rss.saturating_sub(before)) as f64 / total as f64;
    let gibibytes = rss as f64 / GIBIBYTE;
    let name = format!("memory with {} executions open", number_text(total as f64));
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
    let (mut open, mut some) = (0, Vec::new());
    for machine in [&machines.wait, &machines.activity, &machines.callback] {
        api::every_execution(server.port, machine, Some("RUNNING"), |execution| {
            let arn = execution.get("executionArn").and_then(json::Value::as_str);
            some.extend(arn.filter(|_| open % (total / DESCRIBED).max(1) == 0).map(api::describe_request));
            open += 1;
        })?;
    }
    figures.push(
        Figure::new("open after the restart", open as f64, "executions", RESTART).at_least(total as f64),
    );

    plan.say("reads, while timers fire");
    reads(plan, &server, &machines, some, figures)
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

/// They wait for their tokens once their functions have answered.
fn fill_callbacks(port: u16, arn: &str, functions: &Reference, count: u64) -> anyhow::Result<()> {
    let before = functions.calls()?;
    let filled = fill(port, arn, &[INPUT.to_owned()], count)?;
    wait_until("calling the functions", CALLS_PATIENCE, || {
        Ok(functions.calls()? - before >= filled.measured.done)
    })?;
    Ok(())
}

/// Once it has changed by less than a hundredth in a second, or what it is when patience ends.
fn settled_rss(process: &Process) -> anyhow::Result<u64> {
    let mut last = process.rss_bytes()?;
    for _ in 0..SETTLE_SECONDS_MAX {
        std::thread::sleep(Duration::from_secs(1));
        let before = std::mem::replace(&mut last, process.rss_bytes()?);
        if last.abs_diff(before) < last / 100 {
            break;
        }
    }
    Ok(last)
}

fn reads(
    plan: &Plan,
    server: &Server,
    machines: &Machines,
    describes: Vec<Vec<u8>>,
    figures: &mut Vec<Figure>,
) -> anyhow::Result<()> {
    // They begin to fire when the loads below run, and go on for longer.
    let inputs: Vec<String> = (2..14).map(|seconds| format!("{{\"seconds\":{seconds}}}")).collect();
    fill(server.port, &machines.ticking, &inputs, plan.many(60_000, 500))?;
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
