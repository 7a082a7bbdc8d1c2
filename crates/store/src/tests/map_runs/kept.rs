//! Map Runs come back, go on, move and go.

use super::*;
use crate::verify::verify;
use crate::wire::{self, Kind};

#[test]
fn an_open_one_comes_back_and_goes_on_until_it_ends() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let (parent, records) = bench.start("parent", "{}");
    bench.queue(records);
    let (mut held, record) = bench.map_run("one", true);
    bench.queue(vec![record]);
    for child in 0..5 {
        held.begin(2);
        held.end(child, Status::Succeeded, bench.now);
        let turn = held.turn(bench.now);
        bench.queue(vec![turn]);
    }
    bench.settle();
    let told = bench.told("one");
    drop(bench);

    let mut bench = Bench::open(folder.path());
    assert_eq!(bench.recovered_keys(), [parent], "it is none of the executions");
    let recovered = std::mem::take(&mut bench.recovered.map_runs);
    assert_eq!(recovered, [OpenMapRun { key: held.key, run: held.run.clone() }]);
    assert_eq!(bench.told("one"), told);
    assert_eq!(bench.writer.find_map_run(&map_run_arn("one")), Some(held.key));
    assert!(bench.writer.new_execution_key() > held.key);
    held.end(7, Status::Failed, bench.now);
    let close = held.close(Status::Failed, bench.now);
    bench.commit(vec![close]);
    let view = bench.store.map_run(&map_run_arn("one")).unwrap().unwrap();
    assert_eq!((view.status, view.stopped_at), (Status::Failed, Some(bench.now)));
    assert_eq!(view.failure, Some(Failure::new("Broken", "as a whole")));
    assert_eq!(view.summary, held.run.summary());
    assert_eq!(view.child_machine_arn, held.run.start.child_machine_arn);
    assert_eq!(view.execution_arn, arn("parent"));
    let told = bench.told("one");
    drop(bench);

    let bench = Bench::open(folder.path());
    assert!(bench.recovered.map_runs.is_empty());
    assert_eq!(bench.told("one"), told);
    drop(bench);
    let report = verify(folder.path(), &mut |_, _| {}).unwrap();
    assert!(report.is_sound() && report.map_runs == 1 && report.open == 1, "{report:#?}");
}

#[test]
fn the_start_alone_tells_of_one_that_has_done_nothing() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let (held, record) = bench.map_run("one", false);
    bench.commit(vec![record]);
    let view = bench.store.map_run(&map_run_arn("one")).unwrap().unwrap();
    assert_eq!((view.status, view.started_at, view.stopped_at), (Status::Running, bench.now, None));
    assert_eq!(view.summary, held.run.summary());
    drop(bench);
    let bench = Bench::open(folder.path());
    assert_eq!(bench.recovered.map_runs, [OpenMapRun { key: held.key, run: held.run }]);
}

#[test]
fn a_file_cut_in_the_middle_of_a_frame_gives_an_earlier_state() {
    let folder = testing::Folder::new();
    let open = || Bench::open_with(folder.path(), Duration::from_secs(3_600), 64 << 10);
    let mut bench = open();
    bench.put_machine("Orders");
    bench.settle();
    let path = folder.path().join("segment-00000001.log");
    let end = || std::fs::read(&path).unwrap().iter().rposition(|&byte| byte != 0).unwrap() + 1;
    let from = end();
    // The Map Run after each commit.
    let mut states = Vec::new();
    let (mut held, record) = bench.map_run("one", true);
    bench.commit(vec![record]);
    states.push(held.run.clone());
    for child in 0..3 {
        held.begin(1);
        held.end(child, Status::Succeeded, bench.now);
        let turn = held.turn(bench.now);
        bench.commit(vec![turn]);
        states.push(held.run.clone());
    }
    drop(bench);
    let (whole, to) = (std::fs::read(&path).unwrap(), end());
    let mut seen = 0;
    // Each cut is a start, which takes its time.
    for cut in (from..to).step_by(3).chain([to]) {
        let mut bytes = whole.clone();
        bytes[cut..].fill(0);
        std::fs::write(&path, bytes).unwrap();
        let bench = open();
        match &bench.recovered.map_runs[..] {
            [] => assert_eq!((seen, bench.told("one").as_str()), (0, "None")),
            [open] => {
                let state = states.iter().position(|state| *state == open.run);
                let state = state.unwrap_or_else(|| panic!("no state when cut at {cut}"));
                assert!(state + 1 >= seen, "cut at {cut}");
                seen = state + 1;
                let view = bench.store.map_run(&map_run_arn("one")).unwrap().unwrap();
                assert_eq!(view.summary, open.run.summary());
            }
            more => panic!("{more:?}"),
        }
    }
    assert_eq!(seen, states.len());
}

#[test]
fn it_is_moved_and_in_snapshots_as_executions_are_and_goes_with_its_retention() {
    let folder = testing::Folder::new();
    let open = || Bench::open_with(folder.path(), Duration::from_secs(10), 4_096);
    let mut bench = open();
    let revision = bench.put_machine("Orders").current.number;
    let (mut held, record) = bench.map_run("old", true);
    held.begin(4);
    held.end(2, Status::Failed, bench.now);
    let turn = held.turn(bench.now);
    bench.commit(vec![record, turn]);
    bench.put_machine("Orders");
    let place = |bench: &Bench| bench.store.shared.read().get(held.key).unwrap().last;
    let (first, told) = (place(&bench), bench.told("old"));
    for filler in 0..2_000 {
        bench.now = bench.now.plus_seconds(1);
        bench.run(&format!("filler{filler}"));
        bench.writer.tick(bench.now);
        bench.settle();
        if place(&bench) != first && bench.store.shared.log.covered() > 1 {
            break;
        }
    }
    assert!(place(&bench) != first && bench.store.shared.log.covered() > 1, "it was not moved");
    wait_until(|| bench.store.shared.log.segments()[0].number > 1);
    assert_eq!(bench.told("old"), told);
    // What is written behind the copies leads to them.
    held.end(1, Status::Succeeded, bench.now);
    let turn = held.turn(bench.now);
    bench.commit(vec![turn]);
    let (shared, now) = (bench.store.shared.clone(), bench.now);
    drop(bench);
    let before = shared.read().summary();
    drop(shared);

    let mut bench = open();
    bench.now = now;
    assert_eq!(bench.store.shared.read().summary(), before);
    assert_eq!(bench.recovered.map_runs, [OpenMapRun { key: held.key, run: held.run.clone() }]);
    assert!(bench.store.revision(revision).is_some(), "its children run it");
    let close = held.close(Status::Aborted, bench.now);
    bench.commit(vec![close]);
    assert!(bench.store.map_run(&map_run_arn("old")).unwrap().is_some());
    bench.now = bench.now.plus_seconds(11);
    bench.writer.tick(bench.now);
    assert!(!bench.writer.reopen_map_run(held.key), "it is about to be forgotten");
    wait_until(|| bench.store.map_run(&map_run_arn("old")).unwrap().is_none());
    assert!(bench.store.map_runs(&arn("parent"), None, 10).map_runs.is_empty());
    wait_until(|| bench.store.revision(revision).is_none());
    assert_eq!(bench.writer.find_map_run(&map_run_arn("old")), None);
    drop(bench);
    assert!(verify(folder.path(), &mut |_, _| {}).unwrap().is_sound());
}

#[test]
fn the_writer_sees_what_is_not_yet_durable_and_readers_what_is() {
    let log = fake::Fake::new();
    let mut bench = Bench::on(log.clone(), Fault::default());
    bench.put_machine("Orders");
    bench.settle();
    log.set(fake::Mode::Held);
    let (mut held, record) = bench.map_run("one", false);
    assert_eq!(bench.writer.find_map_run(&map_run_arn("one")), None);
    bench.queue(vec![record]);
    assert_eq!(bench.writer.find_map_run(&map_run_arn("one")), Some(held.key));
    assert_eq!(bench.store.read_map_run(&map_run_arn("one")).unwrap(), None);
    assert!(bench.store.map_run(&map_run_arn("one")).unwrap().is_none());
    log.set(fake::Mode::Open);
    bench.settle();
    assert_eq!(bench.store.read_map_run(&map_run_arn("one")).unwrap().as_ref(), Some(&held.run));
    log.set(fake::Mode::Held);
    let durable = held.run.clone();
    held.begin(1);
    let turn = held.turn(bench.now);
    bench.queue(vec![turn]);
    assert_eq!(bench.store.read_map_run(&map_run_arn("one")).unwrap(), Some(durable));
    log.set(fake::Mode::Open);
    bench.settle();
    assert_eq!(bench.store.read_map_run(&map_run_arn("one")).unwrap(), Some(held.run));
}

#[test]
fn one_that_is_redriven_is_open_again() {
    let folder = testing::Folder::new();
    let open = || Bench::open_with(folder.path(), Duration::from_secs(10), 1 << 20);
    let mut bench = open();
    bench.put_machine("Orders");
    let (mut held, record) = bench.map_run("one", true);
    held.begin(2);
    held.end(0, Status::Failed, bench.now);
    let close = held.close(Status::Failed, bench.now);
    bench.commit(vec![record, close]);
    bench.now = bench.now.plus_seconds(10);
    assert_eq!(bench.store.read_map_run(&map_run_arn("one")).unwrap().as_ref(), Some(&held.run));

    let redriven_at = bench.now;
    assert!(bench.writer.reopen_map_run(held.key));
    held.run.redrive(redriven_at);
    let turn = held.turn(redriven_at);
    bench.queue(vec![turn]);
    // It would be forgotten now, had it not been redriven a moment ago.
    bench.now = bench.now.plus_seconds(5);
    bench.writer.tick(bench.now);
    bench.settle();
    for _ in 0..2 {
        let view = bench.store.map_run(&map_run_arn("one")).unwrap().unwrap();
        assert_eq!((view.status, view.stopped_at, view.failure), (Status::Running, None, None));
        assert_eq!((view.summary.redrives, view.summary.redriven_at), (1, Some(redriven_at)));
        assert_eq!(bench.store.read_map_run(&map_run_arn("one")).unwrap().as_ref(), Some(&held.run));
        drop(bench);
        bench = open();
        assert_eq!(bench.recovered.map_runs.len(), 1);
    }
    // Redriven and ended in one turn.
    bench.now = redriven_at.plus_seconds(20);
    let close = held.close(Status::Failed, bench.now);
    bench.commit(vec![close]);
    assert!(bench.writer.reopen_map_run(held.key));
    held.run.redrive(bench.now);
    let close = held.close(Status::Aborted, bench.now);
    bench.commit(vec![close]);
    for _ in 0..2 {
        let view = bench.store.map_run(&map_run_arn("one")).unwrap().unwrap();
        assert_eq!((view.status, view.summary.redrives), (Status::Aborted, 2));
        drop(bench);
        bench = open();
        assert!(bench.recovered.map_runs.is_empty());
    }
}

#[test]
fn a_map_run_is_not_taken_for_an_execution_nor_the_other_way() {
    let struck = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let strikes = struck.clone();
    let fault = Fault::new(move |_| strikes.store(true, std::sync::atomic::Ordering::SeqCst));
    let mut bench = Bench::on(fake::Fake::new(), fault);
    bench.put_machine("Orders");
    let (held, record) = bench.map_run("one", false);
    let (execution, mut records) = bench.start("e", "{}");
    records.push(record);
    bench.commit(records);
    let its_arn = map_run_arn("one");
    assert!(bench.store.execution(&its_arn).unwrap().is_none() && !bench.store.is_running(&its_arn));
    assert!(bench.store.history(&its_arn, 0, 10, false).unwrap().is_none());
    assert!(bench.writer.find(&its_arn).is_none() && bench.writer.load(held.key).is_none());
    assert!(bench.writer.start_of(held.key).is_none());
    assert!(bench.writer.read_closed(held.key, bench.now).unwrap().is_none());
    assert!(bench.store.map_run(&arn("e")).unwrap().is_none());
    assert!(bench.writer.find_map_run(&arn("e")).is_none());
    assert_eq!(bench.store.read_map_run(&arn("e")).unwrap(), None);
    assert!(bench.store.children_of(&arn("e")).unwrap().is_none());
    assert_eq!(bench.writer.open_of_machine(MACHINE), [execution]);
    for nothing in ["arn:aws:states:us-east-1:123456789012:mapRun:Orders/Label", &*arn("parent")] {
        let filter = ExecutionFilter { machine_arn: nothing.into(), limit: 9, ..ExecutionFilter::default() };
        assert!(bench.store.executions(&filter).unwrap().executions.is_empty(), "{nothing}");
    }
    assert!(bench.store.map_runs(MACHINE, None, 10).map_runs.is_empty());
    assert!(!struck.load(std::sync::atomic::Ordering::SeqCst));
}

#[test]
fn the_map_runs_of_an_execution_are_listed_newest_first_in_pages() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let names = |bench: &Bench, after, limit| {
        let page = bench.store.map_runs(&arn("parent"), after, limit);
        let name = |row: &MapRunRow| row.arn.rsplit(':').next().unwrap().to_owned();
        (page.map_runs.iter().map(name).collect::<Vec<_>>(), page.next)
    };
    let mut all = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let (mut held, record) = bench.map_run(name, false);
        held.begin(1);
        let turn = held.turn(bench.now);
        bench.queue(vec![record, turn]);
        bench.now = bench.now.plus_seconds(1);
        all.push(held);
    }
    let close = all[1].close(Status::Succeeded, bench.now);
    bench.commit(vec![close]);
    for _ in 0..2 {
        let (page, next) = names(&bench, None, 3);
        assert_eq!(page, ["b", "d", "c"]);
        assert_eq!(names(&bench, next, 3), (vec!["a".to_owned()], None));
        assert_eq!(bench.store.map_runs(&arn("other"), None, 3).map_runs, []);
        let row = bench.store.map_runs(&arn("parent"), None, 1).map_runs.remove(0);
        assert_eq!((row.status, row.stopped_at), (Status::Succeeded, Some(Timestamp(1_004_000))));
        assert_eq!((row.execution_arn, row.started_at), (arn("parent"), Timestamp(1_001_000)));
        assert_eq!(row.child_machine_arn, all[1].run.start.child_machine_arn);
        drop(bench);
        bench = Bench::open(folder.path());
    }
}

#[test]
fn a_start_and_an_end_are_in_one_frame_with_what_follows() {
    let log = fake::Fake::new();
    let mut bench = Bench::on(log.clone(), Fault::default());
    bench.put_machine("Orders");
    let (parent, records) = bench.start("parent", "{}");
    bench.commit(records);
    // So large that the frame would end behind it.
    let large = format!("\"{}\"", "x".repeat(crate::writer::FRAME_BYTES));
    let (mut held, mut record) = bench.map_run("one", true);
    let Record::MapRunStart { start, .. } = &mut record else { unreachable!("it is a start") };
    Arc::make_mut(start).role_arn = large.as_str().into();
    let follows = bench.turn(parent, "1");
    bench.commit(vec![record, follows]);
    assert_eq!(last_frame(&*log)[..2], [Kind::MapRunStart, Kind::Turn]);
    held.begin(2);
    for (child, closes) in [(0, false), (1, true)] {
        let output = Some(Document::parse(&large).unwrap());
        let (started_at, stopped_at) = (bench.now, bench.now);
        let end =
            ChildEnd { input: input_of(child), output, failure: None, items: 1, started_at, stopped_at };
        let express = Some(Box::new(end));
        held.run.ended(EndedChild { child, status: Status::Succeeded, is_redrivable: true, express });
        let turn = if closes { held.close(Status::Succeeded, bench.now) } else { held.turn(bench.now) };
        let follows = bench.turn(parent, "2");
        bench.commit(vec![turn, follows]);
        let expected = if closes { Kind::MapRunTurn } else { Kind::Turn };
        assert_eq!(last_frame(&*log)[0], expected);
    }
}

/// The kinds of the records in the log's last frame.
fn last_frame(log: &dyn Log) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let mut visit = |frame: crate::log::Frame<'_>| {
        kinds.clear();
        let mut rest = frame.body;
        while let Some((header, _)) = wire::take(rest) {
            kinds.push(header.kind);
            rest = &rest[header.record_bytes() as usize..];
        }
        Ok(())
    };
    log.frames(1, &mut visit).unwrap();
    kinds
}

#[test]
fn many_map_runs_of_one_state_are_one_family() {
    let mut bench = Bench::on(fake::Fake::new(), Fault::default());
    bench.put_machine("Orders");
    for n in 0..50 {
        let (mut held, record) = bench.map_run(&format!("run{n}"), false);
        held.begin(1);
        let turn = held.turn(bench.now);
        bench.queue(vec![record, turn]);
        if n == 0 {
            let (_, records) = bench.start_child(&held, 0);
            bench.queue(records);
        }
    }
    bench.settle();
    // One of the Map Runs, one of the children.
    assert_eq!(bench.store.shared.read().family_count(), 2);
}

#[test]
fn a_copy_has_them() {
    let (folder, base) = (testing::Folder::new(), testing::Folder::new());
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let (mut held, record) = bench.map_run("one", true);
    held.begin(3);
    held.end(1, Status::Succeeded, bench.now);
    let turn = held.turn(bench.now);
    bench.commit(vec![record, turn]);
    let to = base.path().join("copy");
    let copied = crate::backup::copy(folder.path(), &to, &[], &[], &mut |_, _| {}).unwrap();
    assert_eq!(copied.report.map_runs, 1);
    let copy = Bench::open(&to);
    assert_eq!(copy.recovered.map_runs, [OpenMapRun { key: held.key, run: held.run }]);
    assert_eq!(copy.told("one"), bench.told("one"));
}
