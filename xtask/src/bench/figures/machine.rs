//! What the machine can do without us, and what the program takes up when it does nothing.

use crate::bench::figure::Figure;
use crate::bench::load::Load;
use crate::bench::plan::Plan;
use crate::bench::process::{self, Server};
use crate::bench::{CLIENTS, api, disk, example};

use super::machines::INPUT;

const DISK: &str = "4 KiB are written into a preallocated file and synced with fdatasync, for two seconds.";
const EMPTY: &str =
    "The HTTP stack of the server (hyper, tokio) reads each StartExecution and answers {}, 64 clients.";
const COLD: &str =
    "From the start of the process to the first 200 of /readyz, with an empty data folder; median.";
const IDLE: &str = "Resident memory (VmRSS), a second after an empty server was ready.";
const CORE: &str = "The core's example `transitions`: wake() alone, on one thread, with 1 KB of data.";

const MEBIBYTE: f64 = 1024.0 * 1024.0;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let disk = disk::measure(&plan.folder("disk-alone"))?;
    figures.push(Figure::new("one flush of the disk, p50", disk.percentile(0.5), "ms", DISK));
    figures.push(Figure::new("one flush of the disk, p99", disk.percentile(0.99), "ms", DISK));

    plan.say(format_args!("an empty handler, {CLIENTS} clients"));
    let reference = process::start_reference()?;
    let request = api::request("StartExecution", INPUT);
    let load = Load::repeat(reference.port, CLIENTS, request, plan.load);
    let empty = plan.measure(&reference.process, &load)?;
    drop(reference);
    figures.push(Figure::new("an empty handler", empty.rate(), "answers/s", EMPTY));
    figures.push(Figure::new("… its CPU", empty.cpu_micros(), "µs each", EMPTY));

    plan.say("cold start, memory, size");
    let folder = plan.folder("rest");
    let mut cold = Vec::new();
    for _ in 0..plan.many(9, 3) {
        cold.push(Server::start_timed(&folder, "")?.1.as_secs_f64() * 1000.0);
    }
    cold.sort_by(f64::total_cmp);
    figures.push(
        Figure::new("cold start to ready, empty store", cold[cold.len() / 2], "ms", COLD).at_most(50.0),
    );
    let server = Server::start(&folder, "")?;
    std::thread::sleep(std::time::Duration::from_secs(1));
    let idle = server.process.rss_bytes()? as f64 / MEBIBYTE;
    figures.push(Figure::new("idle memory", idle, "MiB", IDLE).at_most(30.0));
    drop(server);
    let binary = std::fs::metadata(process::binary())?.len() as f64 / MEBIBYTE;
    figures.push(Figure::new("the program", binary, "MiB", "The size of the stripped binary.").at_most(40.0));

    if !plan.quick {
        plan.say("the core alone");
        for line in example("execution", "transitions", &[])?.lines() {
            figures.extend(core_figure(line));
        }
    }
    Ok(())
}

/// `5 × Pass     148 ns/transition     6774911 transitions/s`
fn core_figure(line: &str) -> Option<Figure> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [name @ .., nanoseconds, "ns/transition", rate, "transitions/s"] = words.as_slice() else {
        return None;
    };
    let name = name.join(" ");
    let figure = Figure::new(format!("the core: {name}"), rate.parse().ok()?, "transitions/s", CORE)
        .beside(format!("{nanoseconds} ns each"));
    // The budget is for Pass and Choice states.
    Some(if name.contains("Pass") { figure.at_least(1_000_000.0) } else { figure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_example_become_figures() {
        let figure = core_figure("Pass/Choice ring    169 ns/transition     5904049 transitions/s").unwrap();
        assert_eq!((&*figure.name, figure.met()), ("the core: Pass/Choice ring", Some(true)));
        assert!(core_figure("data: 966 bytes").is_none());
    }
}
