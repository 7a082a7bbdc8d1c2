//! `cargo xtask kill`: servers that are killed under load, each by a test of `crates/server/tests`.
//!
//! Never here: what is checked.

use clap::{Args, ValueEnum};

use crate::shell;

/// The `kill` verb.
#[derive(Args)]
pub struct Kill {
    /// How often each server is killed.
    #[arg(default_value_t = 50)]
    times: u32,
    /// Under which load.
    #[arg(long, value_enum, default_value_t)]
    of: Load,
}

/// What a server is doing when it is killed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Load {
    /// Executions: STANDARD, EXPRESS, and a Map Run of a million rows, which five kills are enough for.
    #[default]
    Executions,
    /// What stands around them: all of those below.
    Services,
    /// Messages are sent to queues, received and deleted.
    Queues,
    /// Messages are published to topics.
    Topics,
    /// Events are put onto a bus.
    Events,
    /// Schedules are made that are due within seconds.
    Schedules,
    /// REST, GraphQL and event APIs are made and asked.
    Apis,
    /// Everything.
    All,
}

impl Load {
    fn tests(self) -> &'static [&'static str] {
        match self {
            Load::Executions => &["kill", "express_kill", "map_run_kill"],
            Load::Services => &["queues_kill", "topics_kill", "events_kill", "schedules_kill", "apis_kill"],
            Load::Queues => &["queues_kill"],
            Load::Topics => &["topics_kill"],
            Load::Events => &["events_kill"],
            Load::Schedules => &["schedules_kill"],
            Load::Apis => &["apis_kill"],
            Load::All => &[
                "kill",
                "express_kill",
                "map_run_kill",
                "queues_kill",
                "topics_kill",
                "events_kill",
                "schedules_kill",
                "apis_kill",
            ],
        }
    }
}

impl Kill {
    /// Runs the tests, one after the other: the machine is each one's alone.
    pub fn run(self) -> anyhow::Result<()> {
        let tests = self.of.tests().iter().flat_map(|test| ["--test", test]);
        shell::cargo(["test", "--release", "--package", "server"])
            .args(tests)
            .args(["--", "--nocapture"])
            .env("STEPWELL_KILLS", self.times.to_string())
            .env("STEPWELL_ROWS", "1000000")
            .env("STEPWELL_MAP_KILLS", "5")
            .run()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A test of kills that no load names would never be run here.
    #[test]
    fn every_test_of_kills_is_run() {
        let folder = shell::root().join("crates/server/tests");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: std::path::PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut there: Vec<_> = entries.map(name).filter(|name| name.ends_with("kill")).collect();
        let mut known: Vec<_> = Load::All.tests().to_vec();
        let mut parts = [Load::Executions.tests(), Load::Services.tests()].concat();
        there.sort();
        known.sort();
        parts.sort();
        assert_eq!(known, there);
        assert_eq!(parts, known);
    }
}
