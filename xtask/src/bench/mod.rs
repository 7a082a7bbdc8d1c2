//! `cargo xtask bench`: one report of all figures, each beside its target and beside a reference.
//!
//! Never here: a figure that makes a test fail. Machines differ; targets are for reading.

mod api;
mod connection;
mod disk;
mod figure;
mod figures;
mod load;
mod plan;
mod process;
mod readme;
pub mod reference;
mod report;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::Args;

use crate::shell;
use connection::Refused;
use figure::Figure;
use figures::{GROUPS, GroupOfFigures};
use plan::Plan;
use report::{Group, Origin, Report};

/// As many clients as design.md's budget names.
const CLIENTS: usize = 64;

#[derive(Args)]
pub struct Bench {
    /// Only these groups; the others keep the figures of the last report.
    #[arg(long, value_delimiter = ',', value_name = "GROUP", value_parser = groups())]
    only: Vec<String>,
    /// Everything small, to see that the benchmark works; judges nothing and leaves the report alone.
    #[arg(long)]
    quick: bool,
    /// Install restate-server with npm, if it is not yet there, and measure it in turn with ours.
    #[arg(long)]
    restate: bool,
    /// Seconds of each load.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Where the data goes; the disk that is measured.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

impl Bench {
    /// Everything small, to see that it works.
    pub fn quick() -> Bench {
        let folder = PathBuf::from("target/bench");
        Bench { only: Vec::new(), quick: true, restate: false, seconds: 1, folder }
    }

    pub fn run(self) -> anyhow::Result<()> {
        if cfg!(debug_assertions) {
            return self.run_optimized();
        }
        println!("building …");
        shell::cargo(["build", "--release", "--quiet", "--package", "server"]).run()?;
        let folder = shell::root().join(&self.folder);
        std::fs::create_dir_all(&folder)?;
        let plan = Plan::new(&folder, self.quick, self.seconds, self.restate);
        let mut report = self.earlier_report();
        // Once: what is written below changes the working tree.
        let origin = Origin::here();
        let names = GROUPS.map(|group| group.name);
        let mut broken = Vec::new();
        for group in GROUPS.iter().filter(|group| self.includes(group)) {
            let (measured, error) = measure(group, &plan, &origin);
            if let Some(error) = error {
                broken.push(format!("{}: {error:#}", group.name));
            }
            report.put(measured, &names);
            // After each group: what a later one breaks is not lost.
            let (markdown, json) = self.files(&folder);
            report.write(&markdown, &json)?;
        }
        // A table of some claims would read as if there were no others.
        if !self.quick && report.groups.len() == GROUPS.len() {
            readme::update(&shell::root().join("README.md"), &report)?;
        }
        println!("\n{}", report.to_markdown());
        println!("written to {}", self.files(&folder).0.display());
        anyhow::ensure!(broken.is_empty(), "not all was measured:\n{}", broken.join("\n"));
        Ok(())
    }

    /// The load generator shares the machine with the server: it must not be slow.
    fn run_optimized(&self) -> anyhow::Result<()> {
        let mut bench = shell::cargo(["run", "--release", "--quiet", "--package", "xtask", "--", "bench"]);
        for group in &self.only {
            bench = bench.args(["--only", group]);
        }
        bench = bench.args(self.quick.then_some("--quick")).args(self.restate.then_some("--restate"));
        bench.args(["--seconds", &self.seconds.to_string(), "--folder"]).args([&self.folder]).run()
    }

    fn includes(&self, group: &GroupOfFigures) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == group.name)
    }

    fn earlier_report(&self) -> Report {
        let earlier = if self.quick { None } else { Some(shell::root().join("docs/bench/latest.json")) };
        earlier.map_or(Report { groups: Vec::new() }, |file| Report::read(&file))
    }

    fn files(&self, folder: &std::path::Path) -> (PathBuf, PathBuf) {
        let place = if self.quick { folder.join("quick") } else { shell::root().join("docs/bench/latest") };
        (place.with_extension("md"), place.with_extension("json"))
    }
}

/// The names that `--only` takes.
fn groups() -> clap::builder::PossibleValuesParser {
    GROUPS.map(|group| clap::builder::PossibleValue::new(group.name).help(group.title)).into()
}

/// What a group measured before it ended or broke. A refusal of the server is no breakage but a figure.
fn measure(group: &GroupOfFigures, plan: &Plan, origin: &Origin) -> (Group, Option<anyhow::Error>) {
    let began = Instant::now();
    plan.say(format_args!("{}: {}", group.name, group.title));
    let mut figures = Vec::new();
    let error = (group.measure)(plan, &mut figures).err();
    if let Some(error) = &error {
        figures.push(Figure::not_available("the rest of this group", format!("{error:#}")));
    }
    if plan.quick {
        figures.iter_mut().for_each(|figure| figure.target = None);
    }
    plan.say(format_args!("{}: took {:.0} s", group.name, began.elapsed().as_secs_f64()));
    let group =
        Group { name: group.name.to_owned(), title: group.title.to_owned(), origin: origin.clone(), figures };
    (group, error.filter(|error| error.downcast_ref::<Refused>().is_none()))
}

/// The lines that an example prints, with this stack of crates alone and no server.
fn example(package: &str, name: &str, args: &[&std::path::Path]) -> anyhow::Result<String> {
    let example =
        shell::cargo(["run", "--release", "--quiet", "--package", package, "--example", name, "--"]);
    let mut example = example.args(args);
    let output = example.0.output().with_context(|| format!("cannot start {}", example.line()))?;
    anyhow::ensure!(
        output.status.success(),
        "{} failed: {}",
        example.line(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
