//! STANDARD executions whose five tasks call an HTTP function, and the same in Restate, in turn.

use std::time::Duration;

use crate::bench::figure::Figure;
use crate::bench::load::{End, Load, Measured, Work};
use crate::bench::plan::Plan;
use crate::bench::{CLIENTS, api, process};

use super::machines::{self, INPUT};
use super::restate::Restate;

const OURS: &str = "Five Task states in a row, each calling a function by the Lambda Invoke API over HTTP on the same \
                    machine (it answers {} at once); 64 clients start an execution and ask DescribeExecution, after \
                    pauses of 1 to 16 ms, until it has ended.";
const THEIRS: &str = "restate-server with its own defaults, and a Node service with one handler of five ctx.run steps, \
                      each calling the same function server; 64 clients call the handler through the ingress and \
                      wait for its answer.";
const RATIO: &str = "Both as above in turn (ours, theirs, ours, theirs), the other one idle meanwhile; the quotient of \
                     the mean rates.";
/// How often each is measured.
const ROUNDS: u32 = 2;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let functions = process::start_reference()?;
    let server = plan.server("tasks", &functions.settings())?;
    let arn = api::create_machine(server.port, "five-tasks", "STANDARD", &machines::tasks(5, "fast"))?;
    let start = api::start_request("StartExecution", &arn, INPUT);
    let ours = Load::new(server.port, CLIENTS, Work::StartAndPoll(start), End::After(plan.load));
    let restate = Restate::start(plan, functions.port)?;

    // Compilers at run time and connections settle before the first round.
    Load { end: End::After(plan.load / 4), ..ours.clone() }.run()?;
    if let Ok(restate) = &restate {
        Load::repeat(restate.ingress_port, CLIENTS, restate.request(INPUT), plan.load / 4).run()?;
    }
    let (mut stepwell, mut other) = (Rounds::default(), Rounds::default());
    for round in 1..=ROUNDS {
        plan.say(format_args!("Stepwell, round {round}"));
        stepwell.rounds.push(plan.measure(&server.process, &ours)?);
        if let Ok(restate) = &restate {
            plan.say(format_args!("Restate, round {round}"));
            let theirs = Load::repeat(restate.ingress_port, CLIENTS, restate.request(INPUT), plan.load);
            let service_before = restate.service.cpu()?;
            other.rounds.push(plan.measure(&restate.server, &theirs)?);
            other.beside += restate.service.cpu()?.saturating_sub(service_before);
        }
    }
    stepwell.report("Stepwell", OURS, figures);
    match &restate {
        Ok(restate) => {
            other.report("Restate", THEIRS, figures);
            let node = other.beside.as_secs_f64() * 1e6 / other.done().max(1.0);
            if let Some(cpu) = figures.last_mut() {
                cpu.reference =
                    format!("restate-server {}; its Node service {node:.0} µs more", restate.version);
            }
            let ratio = stepwell.rate() / other.rate();
            figures.push(Figure::new("Stepwell : Restate", ratio, "times", RATIO).at_least(5.0));
        }
        Err(why) => figures.push(Figure::not_available("Stepwell : Restate", *why).at_least(5.0)),
    }
    Ok(())
}

/// The rounds of one contender.
#[derive(Default)]
struct Rounds {
    rounds: Vec<Measured>,
    /// Processor time of what works for its server.
    beside: Duration,
}

impl Rounds {
    fn done(&self) -> f64 {
        self.rounds.iter().map(|round| round.done as f64).sum()
    }

    fn rate(&self) -> f64 {
        self.done() / self.rounds.iter().map(|round| round.elapsed.as_secs_f64()).sum::<f64>()
    }

    fn report(&self, name: &str, method: &str, figures: &mut Vec<Figure>) {
        let each = |of: &dyn Fn(&Measured) -> f64, places: usize| {
            let each: Vec<String> =
                self.rounds.iter().map(|round| format!("{:.places$}", of(round))).collect();
            format!("rounds {}", each.join(", "))
        };
        let worst = |share| self.rounds.iter().map(|round| round.percentile(share)).fold(0.0, f64::max);
        let cpu: f64 = self.rounds.iter().map(|round| round.server_cpu.as_secs_f64() * 1e6).sum();
        figures.push(
            Figure::new(format!("{name}: executions"), self.rate(), "/s", method)
                .beside(each(&Measured::rate, 0)),
        );
        figures.push(
            Figure::new(format!("{name}: start until seen ended, p99"), worst(0.99), "ms", method)
                .beside(each(&|round| round.percentile(0.5), 1) + " ms (p50)"),
        );
        figures.push(Figure::new(
            format!("{name}: server CPU of an execution"),
            cpu / self.done().max(1.0),
            "µs",
            method,
        ));
    }
}
