//! What is old is removed, and its space returns.

use super::*;

/// What two-second retentions of ten small executions may take up.
const BOUND: u64 = 300_000;

/// What the files of a folder take up.
fn disk_use(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().metadata().map_or(0, |metadata| metadata.len())).sum()
}

/// Runs thousands of executions past one old one that stays open; the most that was taken up once the
/// compactor, which has a thread of its own, has had its turn.
fn run_past_an_old_one(bench: &mut Bench, size: &dyn Fn(&Bench) -> u64) -> (ExecutionKey, u64) {
    bench.put_machine("Orders");
    let (old, records) = bench.start("old", r#"{"the":"oldest"}"#);
    bench.queue(records);
    let mut most = 0;
    for round in 0..300 {
        for n in 0..10 {
            bench.run(&format!("e{round}-{n}"));
        }
        if round % 30 == 0 {
            let record = bench.turn(old, &format!(r#"{{"round":{round}}}"#));
            bench.queue(vec![record]);
        }
        bench.now = bench.now.plus_seconds(2);
        let now = bench.now;
        bench.writer.tick(now);
        bench.settle();
        let begun = std::time::Instant::now();
        while size(bench) >= BOUND && begun.elapsed() < Duration::from_secs(20) {
            bench.settle();
        }
        most = most.max(size(bench));
    }
    (old, most)
}

#[test]
fn disk_use_is_bounded_by_retention_and_an_old_execution_stays_whole() {
    let folder = testing::Folder::new();
    let open = || Bench::open_with(folder.path(), Duration::ZERO, 16 << 10);
    let mut bench = open();
    let (old, most) = run_past_an_old_one(&mut bench, &|_| disk_use(folder.path()));
    let written = bench.store.shared.appended.load(std::sync::atomic::Ordering::Relaxed);
    assert!(written > 1_000_000, "{written} bytes are too few to tell");
    assert!(most < BOUND, "{most} bytes of {written} were on disk");
    // A chore waits for at most one commit: the last ten may still be there, but none before them.
    wait_until(|| bench.everything().len() <= 11);
    let history = bench.history("old").unwrap();
    assert_eq!(history.len(), 12);
    let segments = bench.store.shared.log.segments();
    assert!(segments[0].number > 1, "the first segment is still there");
    drop(bench);

    let mut bench = open();
    assert_eq!(bench.recovered_keys(), [old]);
    assert_eq!(bench.history("old").unwrap(), history);
    let end = bench.end(old, Status::Succeeded);
    bench.commit(vec![end]);
    assert_eq!(bench.history("old").unwrap().len(), 13);
}

#[test]
fn memory_is_bounded_by_retention_too() {
    let settings = Settings { retention: Duration::ZERO, segment_bytes: 16 << 10, ..Settings::default() };
    let (send, durable) = channel();
    let opened = open(settings, Timestamp(0), move |after| send.send(after).unwrap_or_default());
    let mut bench = Bench::of(opened.unwrap(), durable);
    let in_use = |bench: &Bench| bench.store.shared.log.segments().iter().map(|segment| segment.bytes).sum();
    let (_, most) = run_past_an_old_one(&mut bench, &in_use);
    assert!(most < BOUND, "{most} bytes were held");
    assert_eq!(bench.history("old").unwrap().len(), 12);
}

#[test]
fn what_has_expired_gives_its_space_back_and_nobody_else_need_do_anything() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(10), 32 << 10);
    bench.put_machine("Orders");
    // Snapshots are large while all of them are there.
    for n in 0..4_000 {
        bench.run(&format!("e{n}"));
    }
    bench.settle();
    let (old, records) = bench.start("old", "{}");
    bench.commit(records);
    let before = disk_use(folder.path());
    assert!(before > 2_000_000, "{before} bytes are too few to tell");
    bench.writer.tick(bench.now.plus_seconds(11));
    wait_until(|| disk_use(folder.path()) * 5 < before);
    assert_eq!(bench.history("old").unwrap().len(), 2);
    drop(bench);
    let bench = Bench::open_with(folder.path(), Duration::from_secs(10), 32 << 10);
    assert_eq!(bench.recovered_keys(), [old]);
    assert_eq!(bench.everything().len(), 1);
}

#[test]
fn only_what_is_older_than_the_retention_goes() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(10), 1 << 20);
    bench.put_machine("Orders");
    for second in 0..20 {
        bench.now = Timestamp(second * 1_000);
        bench.run(&format!("e{second:02}"));
    }
    bench.settle();
    bench.writer.tick(Timestamp(20_000));
    let names = |bench: &Bench| bench.everything().into_keys().collect::<Vec<_>>();
    let begun = std::time::Instant::now();
    while names(&bench).len() > 10 && begun.elapsed() < Duration::from_secs(20) {
        bench.settle();
    }
    assert_eq!(names(&bench), (10..20).map(|second| format!("e{second}")).collect::<Vec<_>>());
    assert!(bench.writer.find(&arn("e09")).is_none() && bench.writer.find(&arn("e10")).is_some());
    // The revision goes with the last execution that ran it.
    bench.put_machine("Orders");
    bench.settle();
    assert!(bench.store.revision(1).is_some());
    bench.writer.tick(Timestamp(60_000));
    while bench.store.revision(1).is_some() && begun.elapsed() < Duration::from_secs(20) {
        bench.settle();
    }
    assert!(bench.store.revision(1).is_none() && bench.store.revision(2).is_some());
}
