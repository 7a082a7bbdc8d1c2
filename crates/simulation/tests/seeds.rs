//! A few seeds in every test run; `cargo xtask simulate` runs more.

#[test]
fn every_promise_holds_and_every_fault_happens() {
    for seed in 1..=5 {
        let report = simulation::run(seed, 4_000);
        let faults = [
            report.crashes,
            report.turns_lost,
            report.calls_unknown,
            report.duplicate_answers,
            report.late_answers,
            report.failed_calls,
            report.timers_fired,
            report.heartbeats,
            report.stops,
        ];
        assert!(faults.iter().all(|&count| count > 0), "seed {seed}: a fault never happened: {report:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    assert_eq!(simulation::run(99, 500), simulation::run(99, 500));
    assert_ne!(simulation::run(98, 500).digest, simulation::run(99, 500).digest);
}
