//! `cargo xtask test`: the command that the README names.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use anyhow::Context;
use clap::Args;

use crate::{prerequisites, shell};

#[derive(Args, Default)]
pub struct Test {
    /// Only tests: no formatting, no lints.
    #[arg(long)]
    only_tests: bool,
}

/// What runs the tests: each has a summary of its own.
#[derive(Clone, Copy)]
enum Runner {
    Nextest,
    Cargo,
}

/// How many passed and failed.
#[derive(Default)]
struct Count {
    passed: u64,
    failed: u64,
}

impl Test {
    pub fn run(self) -> anyhow::Result<()> {
        let mut count = Count::default();
        if !self.only_tests {
            if shell::exists("rustfmt") {
                count.step("format", shell::cargo(["fmt", "--all", "--check"]));
            } else {
                println!("left out: no rustfmt (rustup component add rustfmt)");
            }
            if shell::exists("cargo-clippy") {
                let clippy = shell::cargo(["clippy", "--workspace", "--all-targets", "--quiet"]);
                count.step("lints", clippy.args(["--", "--deny", "warnings"]));
            } else {
                println!("left out: no clippy (rustup component add clippy)");
            }
        }
        // The tests that talk to a server need its binary.
        shell::cargo(["build", "--package", "server"]).run()?;
        if shell::exists("cargo-nextest") {
            let tests = shell::cargo(["nextest", "run", "--workspace", "--no-fail-fast"]);
            let tests = tests.args(["--status-level", "fail", "--final-status-level", "fail"]);
            count.tests(Runner::Nextest, tests)?;
            let examples = shell::cargo(["test", "--workspace", "--doc", "--quiet", "--no-fail-fast"]);
            count.tests(Runner::Cargo, examples)?;
        } else {
            let tests = shell::cargo(["test", "--workspace", "--quiet", "--no-fail-fast"]);
            count.tests(Runner::Cargo, tests)?;
        }
        for line in prerequisites::left_out() {
            println!("left out: {line}");
        }
        println!("{} passed, {} failed", count.passed, count.failed);
        anyhow::ensure!(count.failed == 0, "tests failed");
        Ok(())
    }
}

impl Count {
    fn step(&mut self, name: &str, shell: shell::Shell) {
        println!("{name} …");
        match shell.run() {
            Ok(()) => self.passed += 1,
            Err(error) => {
                println!("{name}: {error}");
                self.failed += 1;
            }
        }
    }

    /// Runs tests and reads their summaries as they pass by.
    fn tests(&mut self, runner: Runner, mut shell: shell::Shell) -> anyhow::Result<()> {
        let line = shell.line();
        println!("{line} …");
        let mut child = shell
            .0
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {line}"))?;
        let stderr = child.stderr.take().expect("piped");
        let reader = std::thread::spawn(move || read(runner, stderr, &mut std::io::stderr()));
        let mut seen = read(runner, child.stdout.take().expect("piped"), &mut std::io::stdout());
        seen.add(reader.join().expect("reading does not panic"));
        let status = child.wait()?;
        if !status.success() && seen.failed == 0 {
            // It did not even come to testing: a build error, or a test that ended its process.
            println!("{line} failed ({status})");
            seen.failed = 1;
        }
        self.add(seen);
        Ok(())
    }

    fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

fn read(runner: Runner, from: impl std::io::Read, to: &mut impl Write) -> Count {
    let mut count = Count::default();
    for line in BufReader::new(from).lines().map_while(Result::ok) {
        if let Some((passed, failed)) = summary(runner, &line) {
            count.passed += passed;
            count.failed += failed;
        }
        let _ = writeln!(to, "{line}");
    }
    count
}

/// Reads `Summary [ 1.2s] 9 tests run: 8 passed, 1 failed, 0 skipped` of nextest and
/// `test result: ok. 8 passed; 1 failed; …` of the standard runner.
fn summary(runner: Runner, line: &str) -> Option<(u64, u64)> {
    // Nextest shows what a failed test printed, and that holds the standard runner's line.
    let mark = match runner {
        Runner::Nextest => "Summary [",
        Runner::Cargo => "test result: ",
    };
    if !line.contains(mark) {
        return None;
    }
    let words: Vec<&str> = line.split([' ', ',', ';', '(']).filter(|word| !word.is_empty()).collect();
    let number_before = |name: &str| {
        let at = words.iter().position(|word| *word == name)?;
        words.get(at.checked_sub(1)?)?.parse::<u64>().ok()
    };
    Some((number_before("passed")?, number_before("failed").unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::{Runner, summary};

    #[test]
    fn summaries_of_both_runners_are_read() {
        let nextest = |line| summary(Runner::Nextest, line);
        let cargo = |line| summary(Runner::Cargo, line);
        assert_eq!(
            nextest("     Summary [   0.1s] 12 tests run: 11 passed (1 slow), 1 failed, 3 skipped"),
            Some((11, 1))
        );
        assert_eq!(nextest("     Summary [   0.1s] 2 tests run: 2 passed, 0 skipped"), Some((2, 0)));
        let standard = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(cargo(standard), Some((3, 2)));
        assert_eq!((nextest(standard), cargo("5 passed, 1 failed")), (None, None));
    }
}
