//! Runs both simulations for one seed, or for ever new ones: `simulate [SEED]`.
//!
//! A seed that breaks a promise ends the run with its number; the same number breaks it again.

#![allow(clippy::disallowed_methods, reason = "the simulation takes no real time, whoever times it does")]

use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use simulation::whole_engine::Medium;
use simulation::{core_alone, whole_engine};

/// What one seed does.
const TURNS_OF_A_SEED: u64 = 20_000;
const ROUNDS_OF_A_SEED: u64 = 4_000;

/// So many seeds without a number; every eighth of them on a real folder.
const SEEDS: u64 = 24;
const FOLDER_EVERY: u64 = 8;

fn main() {
    match std::env::args().nth(1).map(|text| text.parse::<u64>().expect("a seed is a number")) {
        Some(seed) => simulate(seed, 1, true),
        None => {
            let first = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
            simulate(first, SEEDS, false);
        }
    }
}

fn simulate(first: u64, seeds: u64, is_told_in_full: bool) {
    let began = Instant::now();
    let (mut turns, mut events) = (0, 0);
    for seed in first..first + seeds {
        let report = core_alone::run(seed, TURNS_OF_A_SEED);
        (turns, events) = (turns + report.turns, events + report.events);
        if is_told_in_full {
            println!("the core alone: {report:#?}");
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "the core alone: {seeds} seeds, {turns} turns, {events} events in {seconds:.1} s: every promise held"
    );

    let began = Instant::now();
    let (mut executions, mut transitions, mut events, mut crashes) = (0, 0, 0, 0);
    for seed in first..first + seeds {
        // The same number takes the same way when it is repeated.
        let folder = seed.is_multiple_of(FOLDER_EVERY).then(|| Folder::new(seed));
        let medium = folder.as_ref().map_or(Medium::Memory, |folder| Medium::Folder(folder.0.clone()));
        let report = whole_engine::run(seed, ROUNDS_OF_A_SEED, medium);
        executions += report.executions;
        transitions += report.transitions;
        events += report.events;
        crashes += report.crashes;
        if is_told_in_full {
            println!("the whole engine: {report:#?}");
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "the whole engine: {seeds} seeds, {executions} executions, {transitions} transitions ({:.0} a second), \
         {events} events, {crashes} crashes in {seconds:.1} s: every promise held",
        transitions as f64 / seconds
    );
}

/// Gone when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(seed: u64) -> Self {
        let path = std::env::temp_dir().join(format!("stepwell-simulation-{seed}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
