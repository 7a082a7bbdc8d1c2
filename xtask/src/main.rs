//! The toolbox: `cargo xtask` lists what there is.
//!
//! Never here: anything that the binary `stepwell` needs to work.

mod bench;
mod conformance;
mod console;
mod end_to_end;
mod fuzz;
mod javascript;
mod kill;
mod models;
mod prerequisites;
mod python;
mod requests;
mod shell;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The toolbox of Stepwell", arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Format, lints, and every test that a fresh machine can pass.
    Test(test::Test),
    /// What the build server runs: test, the API's shapes, conformance, a quick bench.
    Ci,
    /// Replay the recorded cases of ../shared against a real server; fail below the floor.
    Conformance(conformance::Conformance),
    /// Kill a loaded server again and again, and check that nothing acknowledged is lost.
    Kill(kill::Kill),
    /// The core alone, and the engine over the store, on a simulated world with crashes and faults.
    Simulate {
        /// Repeat this seed. Without it: new seeds, 10,000,000 transitions in all.
        seed: Option<u64>,
        /// Another number of transitions.
        #[arg(long, conflicts_with = "seed")]
        transitions: Option<u64>,
    },
    /// Texts that nobody would write, for panics, time and memory.
    Fuzz(fuzz::Fuzz),
    /// A real server from outside: the README's tour, every shape of the service model violated, a
    /// scenario by three AWS clients.
    E2e(end_to_end::EndToEnd),
    /// One report of all figures, in docs/bench/.
    Bench(bench::Bench),
    /// The server that the benchmark compares with: an empty handler. Prints its port.
    #[command(hide = true)]
    BenchReference,
    /// Build the web console's files anew, check them, or drive them with a browser.
    Console(console::Console),
    /// Make the table of AWS's service models anew, from the pinned botocore.
    Models(models::Models),
    /// Compare how requests are built and responses read with botocore, for every operation of AWS.
    Requests(requests::Requests),
    /// Build and open the documentation of all crates.
    Docs {
        /// Only build it.
        #[arg(long)]
        no_open: bool,
    },
    /// Run the dragons, or another project: cargo xtask run [DIR] [INPUT]
    Run {
        /// A definition or a project folder.
        #[arg(default_value = "examples/dragons")]
        path: String,
        /// Its input.
        #[arg(default_value = "examples/dragons/inputs/new-dragon.json")]
        input: String,
    },
}

fn main() -> ExitCode {
    match run(CommandLine::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> anyhow::Result<()> {
    std::env::set_current_dir(shell::root())?;
    match verb {
        Verb::Test(verb) => verb.run(),
        Verb::Ci => {
            test::Test::default().run()?;
            end_to_end::EndToEnd::shapes().run()?;
            models::Models { check: true }.run()?;
            requests::Requests::default().run()?;
            conformance::Conformance::default().run()?;
            bench::Bench::quick().run()
        }
        Verb::Conformance(verb) => verb.run(),
        Verb::Kill(verb) => verb.run(),
        Verb::Simulate { seed, transitions } => {
            shell::cargo(["run", "--release", "--package", "simulation", "--example", "simulate", "--"])
                .args(seed.map(|seed| seed.to_string()))
                .args(
                    transitions.into_iter().flat_map(|count| ["--transitions".to_owned(), count.to_string()]),
                )
                .run()
        }
        Verb::E2e(verb) => verb.run(),
        Verb::Console(verb) => verb.run(),
        Verb::Models(verb) => verb.run(),
        Verb::Requests(verb) => verb.run(),
        Verb::Fuzz(verb) => verb.run(),
        Verb::Bench(verb) => verb.run(),
        Verb::BenchReference => bench::reference::serve(),
        Verb::Docs { no_open } => {
            let docs = shell::cargo(["doc", "--workspace", "--no-deps"]);
            if no_open { docs.run() } else { docs.args(["--open"]).run() }
        }
        Verb::Run { path, input } => shell::cargo(["run", "--release", "--package", "server", "--", "run"])
            .args([path.as_str(), "--input", input.as_str()])
            .run(),
    }
}
