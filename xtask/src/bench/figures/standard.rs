//! STANDARD executions that wait for nothing: how many, how soon, at what cost.

use crate::bench::figure::Figure;
use crate::bench::load::{End, Load, Work};
use crate::bench::plan::Plan;
use crate::bench::{CLIENTS, api, disk, process};

use super::machines::{FIVE_PASSES, INPUT};

const WHOLE: &str = "Five Pass states, 64 clients over HTTP; each starts an execution, each start is answered after its \
                     fsync, and asks DescribeExecution until it has ended; CPU is the server's, polls included.";
const STARTS: &str = "The same machine and 64 clients; each only starts, one execution after the other.";
const SINGLE: &str = "One client starts executions of the same machine one after the other; a flush is 4 KiB and \
                      fdatasync, measured just before and just after.";

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let disk = disk::measure(&plan.folder("disk-alone"))?;
    let reference = process::start_reference()?;
    let request = api::request("StartExecution", INPUT);
    let empty =
        plan.measure(&reference.process, &Load::repeat(reference.port, CLIENTS, request, plan.load / 2))?;
    drop(reference);
    let empty = format!("empty handler {:.0} answers/s, {:.1} µs", empty.rate(), empty.cpu_micros());

    let server = plan.server("standard", "")?;
    let arn = api::create_machine(server.port, "five-passes", "STANDARD", FIVE_PASSES)?;
    let start = api::start_request("StartExecution", &arn, INPUT);

    plan.say("one client");
    let single =
        plan.measure(&server.process, &Load::repeat(server.port, 1, start.clone(), plan.load / 2))?;
    let flush = (disk.percentile(0.5) + disk::measure(&plan.folder("disk-alone"))?.percentile(0.5)) / 2.0;
    let over = single.percentile(0.5) - flush;
    let beside = format!("start {:.2} ms, flush {:.2} ms", single.percentile(0.5), flush);
    figures.push(
        Figure::new("one client: start over one flush, p50", over, "ms", SINGLE).at_most(0.3).beside(beside),
    );

    plan.say(format_args!("{CLIENTS} clients start"));
    let counted = |name| api::metric(server.port, name);
    let before = (counted("stepwell_executions_started_total")?, counted("stepwell_log_syncs_total")?);
    let starts =
        plan.measure(&server.process, &Load::repeat(server.port, CLIENTS, start.clone(), plan.load))?;
    let started = counted("stepwell_executions_started_total")? - before.0;
    let syncs = counted("stepwell_log_syncs_total")? - before.1;
    figures.push(
        Figure::new("durable starts", starts.rate(), "/s", STARTS).at_least(20_000.0).beside(empty.clone()),
    );
    figures.push(Figure::new("… CPU of a start", starts.cpu_micros(), "µs", STARTS));
    figures.push(
        Figure::new("… latency of a start, p99", starts.percentile(0.99), "ms", STARTS)
            .beside(format!("p50 {:.2} ms", starts.percentile(0.5))),
    );
    if syncs > 0.0 {
        figures.push(Figure::new("… starts for each fsync", started / syncs, "", STARTS));
    }

    plan.say(format_args!("{CLIENTS} clients start and poll"));
    let load = Load::new(server.port, CLIENTS, Work::StartAndPoll(start), End::After(plan.load));
    let whole = plan.measure(&server.process, &load)?;
    let aim = "16,000/s and 40 µs are aimed at; fakecloud (in memory) had 8,000/s at 160 µs, Restate 457/s at \
               2,330 µs, measured earlier on such a machine";
    figures.push(Figure::new("executions", whole.rate(), "/s", WHOLE).at_least(10_000.0).beside(aim));
    figures
        .push(Figure::new("transitions", whole.rate() * 5.0, "/s", WHOLE).at_least(50_000.0).beside(empty));
    figures.push(
        Figure::new("server CPU of an execution", whole.cpu_micros(), "µs", WHOLE)
            .at_most(60.0)
            .beside(format!("{:.2} polls each", whole.polls as f64 / whole.done.max(1) as f64)),
    );
    figures.push(
        Figure::new("start until seen ended, p99", whole.percentile(0.99), "ms", WHOLE).at_most(15.0).beside(
            format!(
                "p50 {:.2} ms; the start alone {:.2} ms (p99)",
                whole.percentile(0.5),
                whole.start_percentile(0.99)
            ),
        ),
    );
    let memory = server.process.rss_bytes()? as f64 / 1024.0 / 1024.0;
    let executions = counted("stepwell_executions_started_total")?;
    figures.push(
        Figure::new("memory after all that", memory, "MiB", "Resident memory (VmRSS) after the loads above.")
            .beside(format!("{executions:.0} executions kept")),
    );
    Ok(())
}
