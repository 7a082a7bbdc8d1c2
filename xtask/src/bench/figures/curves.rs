//! What a transition costs as the number of executions, the length of a history and the size of a Map grow.

use json::Value;

use crate::bench::figure::{Figure, number_text};
use crate::bench::load::{End, Load, Work};
use crate::bench::plan::{Plan, fill, measure_together};
use crate::bench::process::{self, Server};
use crate::bench::{CLIENTS, api, example};

use super::machines::{COUNT, COUNT_CALLS, FIVE_PASSES, INPUT, MAP, WAIT_A_DAY};

const OPEN: &str = "64 clients start executions of five Pass states while so many others wait in a Wait state; server CPU \
                    over transitions.";
const HISTORY: &str = "Executions that count in a ring of a Pass and a Choice state until their history has so many \
                       events (AWS's limit is 25,000); 8 clients start and poll; server CPU over transitions.";
const CALLS: &str = "The same with a call of an HTTP function in each round, so that every round is made durable by \
                     itself; 12 executions at a time; server CPU over transitions.";
const ITEMS: &str = "An inline Map of one Pass state over so many items (6,000 are about AWS's limit of history \
                     events); 8 clients start and poll; server CPU over iterations.";
const CORE: &str = "The core's example `curves`: wake() alone on one thread, as an EXPRESS execution, which has no limit of \
                    history events; best of five.";
/// What costs the same may still differ by this much from one measurement to the next.
const GROWTH_MAX: f64 = 1.25;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let functions = process::start_reference()?;
    let server = plan.server("curves", &functions.settings())?;
    history(plan, &server, figures)?;
    calls(plan, &server, figures)?;
    items(plan, &server, figures)?;
    drop(server);
    if !plan.quick {
        plan.say("the core alone");
        core(&example("execution", "curves", &[])?, figures);
    }
    open(plan, &plan.server("curves", "")?, figures)
}

fn open(plan: &Plan, server: &Server, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let wait = api::create_machine(server.port, "wait", "STANDARD", WAIT_A_DAY)?;
    let five = api::create_machine(server.port, "five-passes", "STANDARD", FIVE_PASSES)?;
    let start = api::start_request("StartExecution", &five, INPUT);
    let (mut waiting, mut costs) = (0, Vec::new());
    let sizes = [100, plan.many(10_000, 200), plan.many(1_000_000, 400)];
    for size in sizes {
        plan.say(format_args!("{size} executions wait"));
        waiting += fill(server.port, &wait, &[INPUT.to_owned()], size - waiting)?.measured.done;
        let load = Load::repeat(server.port, CLIENTS, start.clone(), plan.load / 2);
        let measured = plan.measure(&server.process, &load)?;
        costs.push((format!("{} open", number_text(waiting as f64)), measured.cpu_micros() / 5.0));
    }
    curve("executions", &costs, "µs/transition", OPEN, figures);
    Ok(())
}

fn history(plan: &Plan, server: &Server, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let arn = api::create_machine(server.port, "count", "STANDARD", COUNT)?;
    let mut costs = Vec::new();
    // Four events a round, and six around them.
    for rounds in [24, plan.many(2_498, 100), plan.many(5_998, 200)] {
        let events = 4 * rounds + 6;
        plan.say(format_args!("histories of {events} events"));
        let start = api::start_request("StartExecution", &arn, &format!("{{\"rounds\":{rounds}}}"));
        let load = Load::new(server.port, 8, Work::StartAndPoll(start), End::After(plan.load / 2));
        let measured = plan.measure(&server.process, &load)?;
        check_events(server.port, &measured.arns, events)?;
        costs.push((
            format!("{} events", number_text(events as f64)),
            measured.cpu_micros() / (2 * rounds + 2) as f64,
        ));
    }
    curve("history", &costs, "µs/transition", HISTORY, figures);
    Ok(())
}

fn calls(plan: &Plan, server: &Server, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let arn = api::create_machine(server.port, "count-calls", "STANDARD", COUNT_CALLS)?;
    let mut costs = Vec::new();
    for (rounds, executions) in [(11, 2_400), (plan.many(1_110, 50), 24), (plan.many(2_660, 100), 12)] {
        let events = 9 * rounds + 6;
        plan.say(format_args!("histories of {events} events with calls"));
        let start = api::start_request("StartExecution", &arn, &format!("{{\"rounds\":{rounds}}}"));
        let executions = if plan.quick { 12 } else { executions };
        let load = Load::new(server.port, 12, Work::StartAndPoll(start), End::Count(executions));
        let measured = measure_together(&server.process, &[load])?.remove(0);
        check_events(server.port, &measured.arns, events)?;
        costs.push((
            format!("{} events", number_text(events as f64)),
            measured.cpu_micros() / (3 * rounds + 2) as f64,
        ));
    }
    curve("history with calls", &costs, "µs/transition", CALLS, figures);
    Ok(())
}

fn items(plan: &Plan, server: &Server, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let arn = api::create_machine(server.port, "map", "STANDARD", MAP)?;
    let mut costs = Vec::new();
    for items in [100, plan.many(1_000, 150), plan.many(6_000, 200)] {
        plan.say(format_args!("a Map of {items} items"));
        let input: Value = (0..items).map(|item| Value::from(item % 10)).collect();
        let start = api::start_request("StartExecution", &arn, &json::value!({ "items": input }).to_text());
        let load = Load::new(server.port, 8, Work::StartAndPoll(start), End::After(plan.load / 2));
        let measured = plan.measure(&server.process, &load)?;
        costs.push((format!("{} items", number_text(items as f64)), measured.cpu_micros() / items as f64));
    }
    curve("inline Map", &costs, "µs/iteration", ITEMS, figures);
    Ok(())
}

/// Of the core alone.
struct Curve<'l> {
    name: &'l str,
    of: &'l str,
    /// Size and nanoseconds.
    points: Vec<(String, f64)>,
}

/// Lines of `name<TAB>size<TAB>nanoseconds<TAB>of what`; others say what could not be measured.
fn core(lines: &str, figures: &mut Vec<Figure>) {
    let mut curves: Vec<Curve> = Vec::new();
    for line in lines.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        match cells.as_slice() {
            [name, size, nanoseconds, of] => {
                let Ok(nanoseconds) = nanoseconds.parse::<f64>() else { continue };
                let size = size.parse::<f64>().map_or_else(|_| (*size).to_owned(), number_text);
                let point = (size, nanoseconds);
                match curves.iter_mut().find(|curve| curve.name == *name) {
                    Some(curve) => curve.points.push(point),
                    None => curves.push(Curve { name, of, points: vec![point] }),
                }
            }
            _ => figures.push(Figure::not_available("the core", line)),
        }
    }
    for Curve { name, of, points } in curves {
        curve(&format!("the core, {name}"), &points, &format!("ns/{of}"), CORE, figures);
    }
}

/// The points, and the growth up to the last. The first may be dear for what each execution costs at least.
fn curve(name: &str, costs: &[(String, f64)], unit: &str, method: &str, figures: &mut Vec<Figure>) {
    for (size, cost) in costs {
        figures.push(Figure::new(format!("{name}: {size}"), *cost, unit, method));
    }
    let Some(((_, last), earlier)) = costs.split_last() else { return };
    let cheapest = earlier.iter().map(|(_, cost)| *cost).fold(f64::INFINITY, f64::min);
    let name = format!("{name}: the last over the cheapest before");
    figures.push(Figure::new(name, last / cheapest, "times", method).at_most(GROWTH_MAX));
}

/// The curve is of histories with this many events, or it is of something else.
fn check_events(port: u16, arns: &[String], events: u64) -> anyhow::Result<()> {
    let Some(arn) = arns.first() else { anyhow::bail!("no execution ended in time") };
    let body = json::value!({ "executionArn": (arn.as_str()), "maxResults": 1, "reverseOrder": true });
    let answer = api::call(port, "GetExecutionHistory", &body)?;
    let last = answer.get("events").and_then(|events| events.at(0)?.get("id")?.as_i64());
    anyhow::ensure!(last == Some(events as i64), "the history has {last:?} events instead of {events}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_example_become_curves() {
        let mut figures = Vec::new();
        let lines = "ring\t10\t200\tstep\nring\t100\t100\tstep\nring\t1000\t150\tstep\nring of 9: no\n";
        core(lines, &mut figures);
        let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
        let growth = "the core, ring: the last over the cheapest before";
        assert_eq!(
            names,
            ["the core", "the core, ring: 10", "the core, ring: 100", "the core, ring: 1,000", growth]
        );
        // 150 over 100.
        assert_eq!(figures[4].met(), Some(false));
    }
}
