//! The README's table: the figures that a reader wants first, out of the report and nowhere else.
//!
//! Never here: measuring.

use std::path::Path;

use anyhow::Context;

use super::figure::{Figure, Outcome, number_text};
use super::report::Report;

const BEGIN: &str = "<!-- bench: from docs/bench/latest.md -->\n";
const END: &str = "<!-- /bench -->";

/// Group, how the figure's name begins there, and what the README calls it.
const ROWS: [(&str, &str, &str); 33] = [
    ("standard", "executions", "STANDARD executions of five Pass states, 64 clients start and poll"),
    ("standard", "transitions", "… transitions"),
    ("standard", "server CPU of an execution", "… server CPU of each, polls included"),
    ("standard", "start until seen ended", "… from the start until seen ended, p99"),
    ("standard", "durable starts", "durable starts, 64 clients"),
    ("standard", "one client: start over one flush", "one client: a start beyond one flush of the disk, p50"),
    ("tasks", "Stepwell: executions", "STANDARD executions of five Tasks that call an HTTP function"),
    ("tasks", "Stepwell : Restate", "… times Restate's in the same run"),
    ("express", "StartSyncExecution", "StartSyncExecution, five Pass states, 64 clients"),
    ("express", "… of what an empty handler", "… of what the same HTTP stack answers with an empty handler"),
    ("express", "inside the process", "EXPRESS executions inside the process"),
    ("batch", "STANDARD", "durable STANDARD starts by batches of 500"),
    ("batch", "EXPRESS", "EXPRESS starts by batches of 500"),
    ("map", "10,000 items, STANDARD", "Distributed Map: 10,000 items, STANDARD children"),
    ("map", "10,000 items, EXPRESS", "… EXPRESS children"),
    ("map", "1,000,000 CSV rows", "… 1,000,000 rows of a CSV file, EXPRESS children, batches of 100"),
    ("map", "memory with 10,000,000", "… memory with 10,000,000 rows"),
    ("graphql", "queries, code", "GraphQL: 20 objects of 3 fields by a JavaScript resolver, 64 clients"),
    ("graphql", "… of async-graphql's rate", "… of what async-graphql on hyper answers without any"),
    ("graphql", "queries, plain", "… from the cache"),
    ("graphql", "10,000 idle subscriptions", "10,000 idle subscriptions: memory"),
    ("graphql", "a mutation to 10,000 subscribers", "… a mutation is heard by the last of them"),
    ("waiting", "memory with", "memory with so many executions waiting: 1,000,000"),
    ("waiting", "ready after a restart", "… ready after kill -9 and a restart"),
    ("waiting", "DescribeExecution", "… DescribeExecution meanwhile, p99"),
    ("waiting", "ListExecutions, p99", "… ListExecutions meanwhile, p99"),
    (
        "timers",
        "100,000 timers due at once: the last",
        "100,000 timers due in the same second: the last fired",
    ),
    ("expiry", "longest stall", "the longest stall of others while 1,000,000 executions expire"),
    ("expiry", "space given back", "… of their space given back"),
    (
        "curves",
        "executions: the last",
        "a transition's cost with 1,000,000 executions open over that with few",
    ),
    ("machine", "the core: 5 × Pass", "the core alone, five Pass states with 1 KB of data"),
    ("machine", "cold start", "cold start to ready"),
    ("machine", "idle memory", "idle memory"),
];

/// Puts the table between the marks.
pub fn update(readme: &Path, report: &Report) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(readme)?;
    let updated = replaced(&text, report).context("the README has no place for the benchmark's table")?;
    Ok(std::fs::write(readme, updated)?)
}

fn replaced(text: &str, report: &Report) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{}{END}{after}", table(report)))
}

/// What could not be measured is left out: it is no claim. So is what another machine did.
fn table(report: &Report) -> String {
    let Some(machine) = report.newest().map(|origin| origin.machine.as_str()) else { return String::new() };
    let mut table = format!("| on {machine} | figure | target |\n| --- | ---: | ---: |\n");
    for (group, name, label) in ROWS {
        let group = report.groups.iter().filter(|here| here.name == group && here.origin.machine == machine);
        let figure = group.flat_map(|group| &group.figures).find(|figure| figure.name.starts_with(name));
        if let Some(figure) = figure
            && let Outcome::Measured(number) = figure.outcome
        {
            table.push_str(&row(label, number, figure));
        }
    }
    table
}

fn row(label: &str, number: f64, figure: &Figure) -> String {
    let missed = if figure.met() == Some(false) { " (missed)" } else { "" };
    let target = figure.target.map(|target| target.text()).unwrap_or_default();
    format!("| {label} | {} {} | {target}{missed} |\n", number_text(number), figure.unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::{Group, Origin};

    #[test]
    fn the_table_has_what_was_measured_and_nothing_around_it_changes() {
        let origin = Origin { date: "1".to_owned(), machine: "M".to_owned(), revision: "r".to_owned() };
        let figures = vec![
            Figure::new("durable starts", 27_000.0, "/s", "").at_least(20_000.0),
            Figure::new("executions", 9_000.0, "/s", "").at_least(10_000.0),
            Figure::not_available("start until seen ended, p99", "why"),
        ];
        let group = Group { name: "standard".to_owned(), title: String::new(), origin, figures };
        let mut elsewhere = group.clone();
        (elsewhere.name, elsewhere.origin.machine, elsewhere.origin.date) =
            ("batch".to_owned(), "another".to_owned(), "0".to_owned());
        elsewhere.figures = vec![Figure::new("EXPRESS starts by batches", 1.0, "/s", "")];
        let report = Report { groups: vec![group, elsewhere] };
        let text = format!("# A\n\n{BEGIN}old\n{END}\n\nB\n");
        let updated = replaced(&text, &report).unwrap();
        let table = "| on M | figure | target |\n| --- | ---: | ---: |\n\
            | STANDARD executions of five Pass states, 64 clients start and poll | 9,000 /s | ≥ 10,000 (missed) |\n\
            | durable starts, 64 clients | 27,000 /s | ≥ 20,000 |\n";
        assert_eq!(updated, format!("# A\n\n{BEGIN}{table}{END}\n\nB\n"));
        assert_eq!(replaced("# A\n", &report), None);
    }
}
