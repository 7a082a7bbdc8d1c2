//! EXPRESS executions: over HTTP beside an empty handler, with logs, and inside the process.

use crate::bench::figure::Figure;
use crate::bench::load::{End, Load, Measured, Work};
use crate::bench::plan::Plan;
use crate::bench::{CLIENTS, api, example, process};
use crate::shell;

use super::machines::{FIVE_PASSES, INPUT};

const SYNC: &str = "Five Pass states, 64 clients over HTTP, StartSyncExecution one after the other; each answer must say \
                    SUCCEEDED; measured in turn with the empty handler (empty, ours, empty, ours), the sum of both \
                    rounds.";
const ASYNC: &str = "The same machine and clients, StartExecution.";
const LOGS: &str = "The same machine and clients, StartSyncExecution of a machine whose loggingConfiguration has level \
                    ALL with execution data, over the rate without it in the same run.";
const INSIDE: &str = "The engine's example `express`: executions inside the process, without HTTP.";
/// Half a load each.
const ROUNDS: u32 = 2;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    inside(plan, figures)?;
    let server = plan.server("express", "")?;
    let reference = process::start_reference()?;
    let arn = api::create_machine(server.port, "five-passes", "EXPRESS", FIVE_PASSES)?;
    let sync = Load::new(server.port, CLIENTS, sync_work(&arn), End::After(plan.load / ROUNDS));
    // It is asked the same, so that it reads the same.
    let request = api::start_request("StartSyncExecution", &arn, INPUT);
    let empty = Load::repeat(reference.port, CLIENTS, request, plan.load / ROUNDS);
    let (mut of_empty, mut of_sync) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        plan.say(format_args!("an empty handler, round {round}"));
        of_empty.push(plan.measure(&reference.process, &empty)?);
        plan.say(format_args!("StartSyncExecution, round {round}"));
        of_sync.push(plan.measure(&server.process, &sync)?);
    }
    drop(reference);
    let (sync_rate, empty_rate) = (rate(&of_sync), rate(&of_empty));
    let rounds = of_sync.iter().map(|round| format!("{:.0}", round.rate())).collect::<Vec<_>>().join(", ");
    figures.push(
        Figure::new("StartSyncExecution", sync_rate, "/s", SYNC)
            .at_least(40_000.0)
            .beside(format!("rounds {rounds}; empty handler {empty_rate:.0}")),
    );
    figures.push(
        Figure::new("… of what an empty handler answers", sync_rate / empty_rate * 100.0, "%", SYNC)
            .at_least(60.0),
    );
    let worst = of_sync.iter().map(|round| round.percentile(0.99)).fold(0.0, f64::max);
    figures.push(Figure::new("… p99", worst, "ms", SYNC));
    let cpu = of_sync.iter().map(Measured::cpu_micros).sum::<f64>() / of_sync.len() as f64;
    let empty_cpu = of_empty.iter().map(Measured::cpu_micros).sum::<f64>() / of_empty.len() as f64;
    figures.push(
        Figure::new("… server CPU", cpu, "µs", SYNC).beside(format!("empty handler {empty_cpu:.1} µs")),
    );

    plan.say("StartExecution");
    let start = api::start_request("StartExecution", &arn, INPUT);
    let start = plan.measure(&server.process, &Load::repeat(server.port, CLIENTS, start, plan.load))?;
    figures.push(
        Figure::new("asynchronous starts", start.rate(), "/s", ASYNC).at_least(40_000.0).beside(format!(
            "p99 {:.2} ms, {:.1} µs of server CPU",
            start.percentile(0.99),
            start.cpu_micros()
        )),
    );

    plan.say("StartSyncExecution with logs");
    let logging = json::value!({
        "level": "ALL", "includeExecutionData": true,
        "destinations": [{ "cloudWatchLogsLogGroup": {
            "logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/bench:*" } }]
    });
    let logged = api::create_machine_with(server.port, "logged", "EXPRESS", FIVE_PASSES, logging)?;
    let load = Load::new(server.port, CLIENTS, sync_work(&logged), End::After(plan.load));
    let logged = plan.measure(&server.process, &load)?;
    figures.push(
        Figure::new(
            "StartSyncExecution with logs, of that without",
            logged.rate() / sync_rate * 100.0,
            "%",
            LOGS,
        )
        .at_least(90.0)
        .beside(format!("{:.0}/s", logged.rate())),
    );
    Ok(())
}

fn sync_work(arn: &str) -> Work {
    let request = api::start_request("StartSyncExecution", arn, INPUT);
    Work::Expect { request, answer: "\"status\":\"SUCCEEDED\"" }
}

fn rate(rounds: &[Measured]) -> f64 {
    let done: f64 = rounds.iter().map(|round| round.done as f64).sum();
    done / rounds.iter().map(|round| round.elapsed.as_secs_f64()).sum::<f64>()
}

fn inside(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    if !shell::root().join("crates/engine/examples/express.rs").is_file() {
        figures.push(
            Figure::not_available("inside the process", "the engine has no example `express`")
                .at_least(100_000.0),
        );
        return Ok(());
    }
    // The example takes seconds to build and to run, and has its own check.
    if plan.quick {
        return Ok(());
    }
    plan.say("inside the process");
    let folder = plan.folder("express-inside");
    std::fs::create_dir_all(&folder)?;
    figures.extend(example("engine", "express", &[&folder])?.lines().filter_map(inside_figure));
    Ok(())
}

/// `name<TAB>value<TAB>unit`
fn inside_figure(line: &str) -> Option<Figure> {
    let mut cells = line.split('\t');
    let (name, value, unit) = (cells.next()?, cells.next()?.trim().parse().ok()?, cells.next()?.trim());
    let figure =
        Figure::new(format!("inside the process: {}", name.trim().replace('_', " ")), value, unit, INSIDE);
    Some(if unit.starts_with("executions/s") { figure.at_least(100_000.0) } else { figure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_example_become_figures() {
        let figure = inside_figure("five_passes\t123456.7\texecutions/s a core").unwrap();
        assert_eq!((&*figure.name, figure.met()), ("inside the process: five passes", Some(true)));
        assert_eq!(inside_figure("memory\t12\tMiB").unwrap().met(), None);
        assert!(inside_figure("a note").is_none());
    }
}
