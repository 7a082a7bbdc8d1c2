//! A few seeds in every test run; `cargo xtask simulate` runs more.

use std::path::PathBuf;

use simulation::whole_engine::{Medium, Report};
use simulation::{core_alone, whole_engine};

#[test]
fn the_core_keeps_every_promise_and_every_fault_happens() {
    for seed in 1..=5 {
        let report = core_alone::run(seed, 3_000);
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
fn the_engine_keeps_every_promise_and_every_fault_happens() {
    let reports: Vec<Report> = (1..=6).map(|seed| whole_engine::run(seed, 600, Medium::Memory)).collect();
    type Count = fn(&Report) -> u64;
    let faults: [(&str, Count); 30] = [
        ("crashes", |report| report.crashes),
        ("crashes before acting", |report| report.crashes_before_acting),
        ("crashes in recovery", |report| report.crashes_in_recovery),
        ("crashes while full", |report| report.crashes_while_full),
        ("frames that survived", |report| report.frames_survived),
        ("frames that were torn", |report| report.frames_torn),
        ("frames that were lost", |report| report.frames_lost),
        ("failed syncs", |report| report.syncs_failed),
        ("stalls", |report| report.stalls),
        ("times full", |report| report.times_full),
        ("refused when full", |report| report.refused_when_full),
        ("jumps forward", |report| report.jumps_forward),
        ("jumps back", |report| report.jumps_back),
        ("starts repeated", |report| report.starts_repeated),
        ("starts refused", |report| report.starts_refused),
        ("requests in doubt", |report| report.requests_in_doubt),
        ("requests lost", |report| report.requests_lost),
        ("requests done unanswered", |report| report.requests_done_unanswered),
        ("stops", |report| report.stops),
        ("answers accepted", |report| report.answers_accepted),
        ("answers before their call returned", |report| report.answers_early),
        ("late answers", |report| report.answers_late),
        ("heartbeats", |report| report.heartbeats),
        ("polls without a task", |report| report.polls_empty),
        ("tasks given", |report| report.tasks_given),
        ("tasks lost on the way", |report| report.tasks_lost_on_the_way),
        ("calls sent again", |report| report.calls_resent),
        ("calls forgotten", |report| report.calls_forgotten),
        ("machines updated", |report| report.machines_updated),
        ("machines deleted", |report| report.machines_deleted),
    ];
    for (name, count) in faults {
        assert!(reports.iter().map(count).sum::<u64>() > 0, "no {name}: {reports:#?}");
    }
}

#[test]
fn a_torn_frame_in_a_real_folder_is_as_if_it_had_not_been_written() {
    let reports = [7, 8, 9].map(|seed| {
        let folder = Folder::new("torn");
        whole_engine::run(seed, 200, Medium::Folder(folder.0.clone()))
    });
    assert!(reports.iter().any(|report| report.frames_torn > 0), "{reports:#?}");
}

#[test]
fn the_same_seed_gives_the_same_run() {
    assert_eq!(core_alone::run(99, 500), core_alone::run(99, 500));
    assert_ne!(core_alone::run(98, 500).digest, core_alone::run(99, 500).digest);
    let run = |seed| whole_engine::run(seed, 150, Medium::Memory);
    assert_eq!(run(99), run(99));
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
