//! What one does not notice of another: floods, slow functions, polling clients.

use std::time::Duration;

use crate::bench::figure::Figure;
use crate::bench::load::{End, Load, Measured, Work};
use crate::bench::plan::{BATCH, BATCH_CLIENTS, Plan, fill, measure_together};
use crate::bench::process::{self, Server};
use crate::bench::{CLIENTS, Refused, api, reference};

use super::machines::{self, FIVE_PASSES, INPUT, WAIT_SECONDS};

const FLOOD: &str = "One client of a machine with five Pass states starts and polls, rests 1 ms after each, alone and \
                     while another machine is flooded: 4 connections start batches of 500, and 100,000 of its timers \
                     become due meanwhile.";
const SLOW: &str = "8 clients of a machine with one Task start and poll while its function answers at once, alone and \
                    while 2,000 executions of another machine call a function of the same endpoint that takes 1 s, \
                    again and again.";
const POLLERS: &str = "64 clients start executions of five Pass states, alone and while 64 other clients call \
                       DescribeExecution, and every tenth time ListExecutions (a page of 100), each resting 20 ms after \
                       each answer, or not at all.";
/// Of ours: who is alone notices a flood, but keeps being served.
const FLOODED_MILLIS_MAX: f64 = 100.0;
/// Of ours: the slow calls take processor time, too.
const BESIDE_SLOW_PERCENT_MIN: f64 = 70.0;
/// Of ours: so do three thousand polls a second.
const BESIDE_POLLERS_PERCENT_MIN: f64 = 85.0;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    flood(plan, &plan.server("fairness", "")?, figures)?;
    let functions = process::start_reference()?;
    slow_function(plan, &plan.server("fairness", &functions.settings())?, figures)?;
    pollers(plan, &plan.server("fairness", "")?, figures)
}

fn flood(plan: &Plan, server: &Server, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let create = |name, definition| api::create_machine(server.port, name, "STANDARD", definition);
    let (quiet, flooded) = (create("quiet", FIVE_PASSES)?, create("flooded", FIVE_PASSES)?);
    let ticking = create("ticking", WAIT_SECONDS)?;
    let start = api::start_request("StartExecution", &quiet, INPUT);
    let one = Load::new(server.port, 1, Work::StartAndPoll(start), End::After(plan.load))
        .with_pause(Duration::from_millis(1));
    plan.say("one client alone");
    let alone = plan.measure(&server.process, &one)?;

    plan.say("one client beside a flood");
    let seconds = plan.load.as_secs().max(1);
    let inputs: Vec<String> = (1..=seconds).map(|after| format!("{{\"seconds\":{}}}", after + 2)).collect();
    fill(server.port, &ticking, &inputs, plan.many(100_000, 500))?;
    let batch = api::batch_request(&flooded, &[INPUT.to_owned()], BATCH);
    let work = Work::Batch { request: batch, size: BATCH as u64 };
    let batches = Load::new(server.port, BATCH_CLIENTS, work, End::After(plan.load));
    let (measured, how) = match measure_together(&server.process, &[one.clone(), batches]) {
        Err(error) if error.downcast_ref::<Refused>().is_some() => {
            let starts = api::start_request("StartExecution", &flooded, INPUT);
            let singles = Load::repeat(server.port, CLIENTS, starts, plan.load);
            (measure_together(&server.process, &[one, singles])?, "64 clients that start one by one")
        }
        measured => (measured?, "batches"),
    };
    let [beside, others] = measured.as_slice() else { unreachable!("two loads have two results") };
    for (name, share, bound) in [("p50", 0.5, None), ("p99", 0.99, Some(FLOODED_MILLIS_MAX))] {
        let figure = Figure::new(format!("beside a flood, {name}"), beside.percentile(share), "ms", FLOOD);
        let beside =
            format!("alone {:.2} ms; {:.0}/s others started ({how})", alone.percentile(share), others.rate());
        let figure = figure.beside(beside);
        figures.push(bound.into_iter().fold(figure, Figure::at_most));
    }
    Ok(())
}

fn slow_function(plan: &Plan, server: &Server, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let create = |name, definition: &str| api::create_machine(server.port, name, "STANDARD", definition);
    let quick = create("quick", &machines::tasks(1, "fast"))?;
    // A task for each second of the load, and some for what it takes to begin.
    let tasks = usize::try_from(plan.load.as_secs())? + 4;
    let slow = create("slow", &machines::tasks(tasks, reference::SLOW_NAME))?;
    let start = api::start_request("StartExecution", &quick, INPUT);
    let load = Load::new(server.port, 8, Work::StartAndPoll(start), End::After(plan.load));
    plan.say("a function alone");
    let alone = plan.measure(&server.process, &load)?;
    plan.say("a function beside a slow one");
    let slow = fill(server.port, &slow, &[INPUT.to_owned()], plan.many(2_000, 50))?;
    let beside = plan.measure(&server.process, &load)?;
    let slow = slow.measured.arns.first().map(|arn| {
        api::call(server.port, "DescribeExecution", &json::value!({ "executionArn": (arn.as_str()) }))
    });
    if let Some(slow) = slow.transpose()? {
        let status = slow.get("status").and_then(json::Value::as_str).unwrap_or_default().to_owned();
        anyhow::ensure!(status == "RUNNING", "the slow executions did not outlast the load: {status}");
    }
    figures.push(
        Figure::new(
            "beside slow calls: executions of what they were alone",
            share(&beside, &alone),
            "%",
            SLOW,
        )
        .at_least(BESIDE_SLOW_PERCENT_MIN)
        .beside(format!(
            "{:.0}/s of {:.0}/s; p99 {:.2} ms, alone {:.2} ms",
            beside.rate(),
            alone.rate(),
            beside.percentile(0.99),
            alone.percentile(0.99)
        )),
    );
    Ok(())
}

fn pollers(plan: &Plan, server: &Server, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let arn = api::create_machine(server.port, "five-passes", "STANDARD", FIVE_PASSES)?;
    let start = api::start_request("StartExecution", &arn, INPUT);
    let first = api::send(server.port, &start)?;
    let first = first.get("executionArn").and_then(json::Value::as_str).unwrap_or_default();
    let writers = Load::repeat(server.port, CLIENTS, start, plan.load);
    let mut polls = vec![api::describe_request(first); 9];
    polls.push(api::list_request(&arn, None, 100));
    let pollers = Load::new(server.port, CLIENTS, Work::Repeat(polls), End::After(plan.load));
    plan.say("writers alone");
    let alone = plan.measure(&server.process, &writers)?;
    let rests = [
        ("beside 64 clients that poll", Duration::from_millis(20), Some(BESIDE_POLLERS_PERCENT_MIN)),
        ("beside 64 clients that poll without a rest", Duration::ZERO, None),
    ];
    for (name, rest, bound) in rests {
        plan.say(format_args!("writers {name}"));
        let loads = [writers.clone(), pollers.clone().with_pause(rest)];
        let measured = measure_together(&server.process, &loads)?;
        let [beside, others] = measured.as_slice() else { unreachable!("two loads have two results") };
        let name = format!("{name}: starts of what they were alone");
        let figure = Figure::new(name, share(beside, &alone), "%", POLLERS).beside(format!(
            "{:.0}/s of {:.0}/s; {:.0} polls/s; start p99 {:.2} ms, alone {:.2} ms",
            beside.rate(),
            alone.rate(),
            others.rate(),
            beside.percentile(0.99),
            alone.percentile(0.99)
        ));
        figures.push(bound.into_iter().fold(figure, Figure::at_least));
    }
    Ok(())
}

/// In percent.
fn share(beside: &Measured, alone: &Measured) -> f64 {
    beside.rate() / alone.rate() * 100.0
}
