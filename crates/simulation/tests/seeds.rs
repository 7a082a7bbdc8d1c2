//! A few seeds in every test run; `cargo xtask simulate` runs more.

use std::path::PathBuf;

use simulation::whole_engine::{Length, Medium, Report};
use simulation::{core_alone, whole_engine};

#[test]
fn the_core_keeps_every_promise_and_every_fault_happens() {
    for seed in 1..=3 {
        let report = core_alone::run(seed, 2_000).unwrap();
        let counts = [
            report.crashes,
            report.turns_lost,
            report.calls_unknown,
            report.duplicate_answers,
            report.late_answers,
            report.failed_calls,
            report.timers_fired,
            report.heartbeats,
            report.stops,
            report.redrives,
            report.redriven_well,
            report.map_runs,
            report.map_runs_failed,
            report.retries,
            report.caught,
            report.evaluations_failed,
            report.executions_generated,
        ];
        assert!(counts.iter().all(|&count| count > 0), "seed {seed}: a fault never happened: {report:?}");
    }
}

/// Seeds, every third of them in a real folder, until everything has happened that can.
#[test]
fn the_engine_keeps_every_promise_and_every_fault_happens() {
    let mut all = Report::default();
    let never = |all: &Report| -> Vec<&str> {
        all.counters().into_iter().filter(|(_, count)| *count == 0).map(|(name, _)| name).collect()
    };
    for seed in 1..=24 {
        let folder = Folder::new("faults");
        let medium = match seed % 3 {
            0 => Medium::Folder(folder.0.clone()),
            _ => Medium::Memory,
        };
        all.add(&whole_engine::run(seed, Length::Rounds(300), medium).unwrap());
        if seed >= 3 && never(&all).is_empty() {
            return;
        }
    }
    panic!("these never happened: {:?} in {all:#?}", never(&all));
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let core = |seed| core_alone::run(seed, 500).unwrap();
    assert_eq!(core(99), core(99));
    assert_ne!(core(98).digest, core(99).digest);
    let run = |seed| whole_engine::run(seed, Length::Transitions(3_000), Medium::Memory).unwrap();
    for seed in [99, 100, 101] {
        let report = run(seed);
        assert!(report.executions_generated > 0, "the same must hold of generated machines: {report:?}");
        assert_eq!(report, run(seed));
    }
    assert_ne!(run(98).digest, run(99).digest);
}

/// A folder of this test's own, gone when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("stepwell-simulation-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
