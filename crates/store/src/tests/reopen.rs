//! A store that was closed and opened again is the store that was closed.

use proptest::prelude::*;

use super::map_runs::Held;
use super::*;

#[test]
fn everything_is_there_again() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    for n in 0..50 {
        bench.run(&format!("closed{n}"));
    }
    bench.put_machine("Orders");
    let (open, records) = bench.start("open", r#"{"big":"document"}"#);
    bench.queue(records);
    for n in 0..5 {
        let record = bench.turn(open, &format!(r#"{{"turn":{n}}}"#));
        bench.queue(vec![record]);
    }
    bench.settle();
    let (everything, execution) = (bench.everything(), bench.writer.load(open).unwrap().clone());
    drop(bench);

    let mut bench = Bench::open(folder.path());
    assert_eq!(bench.recovered_keys(), [open]);
    assert_eq!(bench.writer.load(open), Some(&mut execution.clone()));
    assert_eq!(bench.everything(), everything);
    assert_eq!(bench.store.machine(MACHINE).unwrap().current.number, 2);
    assert!(bench.writer.revision(1).is_some(), "executions ran it");
    assert_eq!(bench.writer.find(&arn("open")).unwrap().0, open);
    assert_eq!(
        bench.writer.closed_at(bench.writer.find(&arn("closed7")).unwrap().0),
        Some(Timestamp(1_000_000))
    );
    // Numbers are not used again, and the open execution goes on.
    assert!(bench.writer.new_execution_key() > open);
    assert_eq!(bench.writer.new_revision_number(), 3);
    let record = bench.turn(open, r#"{"after":"restart"}"#);
    let end = bench.end(open, Status::Succeeded);
    bench.commit(vec![record, end]);
    let history = bench.history("open");
    assert_eq!(history.as_ref().unwrap().len(), 9);
    drop(bench);
    assert_eq!(Bench::open(folder.path()).history("open"), history);
}

#[test]
fn a_document_that_another_store_of_this_process_has_written_is_written_again() {
    let (first, second) = (testing::Folder::new(), testing::Folder::new());
    let input = Document::from_value(Value::from("the same document, not a copy of it"));
    for folder in [&first, &second] {
        let mut bench = Bench::open(folder.path());
        bench.put_machine("Orders");
        let (key, mut records) = bench.start("open", "{}");
        let Record::Start { start, .. } = &mut records[0] else { unreachable!("a start comes first") };
        Arc::make_mut(start).input = input.clone();
        bench.commit(records);
        drop(bench);
        let mut bench = Bench::open(folder.path());
        assert_eq!(bench.writer.load(key).unwrap().start.input, input);
    }
}

#[test]
fn a_snapshot_may_show_executions_that_are_younger_than_its_catalog() {
    let log = fake::Fake::new();
    let mut bench = Bench::on(log.clone(), Fault::default());
    bench.put_machine("Orders");
    log.set(fake::Mode::SnapshotHeld);
    // Until a segment ends, and with it a snapshot begins.
    let mut filler = 0;
    while log.snapshots.load(std::sync::atomic::Ordering::Relaxed) == 0 {
        filler += 1;
        bench.run(&format!("filler{filler}"));
        bench.settle();
    }
    // The catalog has been written down by now, the executions have not.
    let second = bench.put_machine("Orders").current.number;
    let (young, records) = bench.start("young", "{}");
    bench.queue(records);
    let third = bench.put_machine("Orders").current.number;
    bench.settle();
    log.set(fake::Mode::Open);
    wait_until(|| log.snapshot().unwrap().is_some());
    let before = bench.everything();
    let summary = |bench: &Bench| bench.store.shared.read().summary();
    let summary_before = summary(&bench);
    drop(bench);

    let mut bench = Bench::on(log, Fault::default());
    assert_eq!(bench.everything(), before);
    assert_eq!(summary(&bench), summary_before);
    assert!(bench.store.revision(second).is_some() && bench.store.revision(third).is_some());
    assert_eq!(bench.writer.load(young).unwrap().start.revision, second);
    let end = bench.end(young, Status::Succeeded);
    bench.commit(vec![end]);
}

#[test]
fn a_folder_is_locked_while_it_is_open() {
    let folder = testing::Folder::new();
    let bench = Bench::open(folder.path());
    let second = Bench::try_open(folder.path(), Duration::ZERO, 1_000);
    assert!(matches!(second, Err(Error::Locked(_))));
    drop(bench);
    assert!(Bench::try_open(folder.path(), Duration::ZERO, 1_000).is_ok());
}

#[test]
fn without_a_folder_nothing_is_kept() {
    let settings = Settings::default();
    let (send, durable) = channel();
    let opened = open(settings, Timestamp(0), move |after| send.send(after).unwrap_or_default());
    let mut bench = Bench::of(opened.unwrap(), durable);
    bench.put_machine("Orders");
    bench.run("one");
    bench.settle();
    assert_eq!(bench.history("one").unwrap().len(), 4);
}

/// What happens to a store, as numbers that pick from what there is.
#[derive(Clone, Debug)]
enum Step {
    Machine,
    RemoveMachine,
    Publish,
    Unpublish(u8),
    Alias(u8),
    Start(u8),
    Turn(u8, u8),
    End(u8, bool),
    MapRun,
    MapTurn(u8, u8),
    MapEnd(u8, bool),
    MapRedrive(u8),
    Wait(u8),
    Tick,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(Step::Machine),
        1 => Just(Step::RemoveMachine),
        2 => Just(Step::Publish),
        1 => any::<u8>().prop_map(Step::Unpublish),
        1 => any::<u8>().prop_map(Step::Alias),
        6 => any::<u8>().prop_map(Step::Start),
        8 => any::<(u8, u8)>().prop_map(|(which, size)| Step::Turn(which, size)),
        5 => any::<(u8, bool)>().prop_map(|(which, well)| Step::End(which, well)),
        2 => Just(Step::MapRun),
        4 => any::<(u8, u8)>().prop_map(|(which, child)| Step::MapTurn(which, child)),
        2 => any::<(u8, bool)>().prop_map(|(which, well)| Step::MapEnd(which, well)),
        1 => any::<u8>().prop_map(Step::MapRedrive),
        2 => any::<u8>().prop_map(Step::Wait),
        2 => Just(Step::Tick),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// With tiny segments, so that snapshots, moves and drops happen all the time.
    #[test]
    fn reopening_changes_nothing(steps in prop::collection::vec(step(), 1..250)) {
        let folder = testing::Folder::new();
        let open = || Bench::open_with(folder.path(), Duration::from_secs(20), 3_000);
        let mut bench = open();
        bench.put_machine("Orders");
        let (mut running, mut histories) = (Vec::<ExecutionKey>::new(), BTreeMap::<ExecutionKey, (String, usize)>::new());
        let (mut held, mut ended) = (Vec::<Held>::new(), Vec::<Held>::new());
        for (number, step) in steps.into_iter().chain([Step::Reopen]).enumerate() {
            match step {
                Step::Machine => drop(bench.put_machine("Orders")),
                // What runs is stopped before, by whoever removes a machine.
                Step::RemoveMachine if running.is_empty() => {
                    bench.queue(vec![Record::RemoveMachine { arn: MACHINE.into() }]);
                    bench.put_machine("Orders");
                }
                Step::RemoveMachine => {}
                Step::Publish => drop(bench.publish()),
                Step::Unpublish(which) => bench.unpublish(which),
                Step::Alias(which) => bench.alias(which),
                Step::Start(size) => {
                    let name = format!("e{number}");
                    let input = format!("\"{}\"", "i".repeat(size.into()));
                    let version = bench.a_version(size).filter(|_| size % 2 == 0);
                    let (key, records) = bench.start_by(&name, &input, version.as_deref());
                    bench.queue(records);
                    running.push(key);
                    histories.insert(key, (name, 2));
                }
                Step::Turn(which, size) if !running.is_empty() => {
                    let key = running[usize::from(which) % running.len()];
                    let record = bench.turn(key, &format!("\"{}\"", "t".repeat(size.into())));
                    bench.queue(vec![record]);
                    histories.get_mut(&key).unwrap().1 += 1;
                }
                Step::End(which, well) if !running.is_empty() => {
                    let key = running.remove(usize::from(which) % running.len());
                    let record = bench.end(key, if well { Status::Succeeded } else { Status::Failed });
                    bench.queue(vec![record]);
                    histories.get_mut(&key).unwrap().1 += 1;
                }
                Step::Turn(..) | Step::End(..) => {}
                Step::MapRun => {
                    let (run, record) = bench.map_run(&format!("run{number}"), number % 2 == 0);
                    bench.queue(vec![record]);
                    held.push(run);
                }
                Step::MapTurn(which, child) if !held.is_empty() => {
                    let at = usize::from(which) % held.len();
                    let run = &mut held[at];
                    run.begin(u32::from(child % 4) + 1);
                    run.end(u32::from(child), Status::Succeeded, bench.now);
                    let turn = run.turn(bench.now);
                    bench.queue(vec![turn]);
                }
                Step::MapEnd(which, well) if !held.is_empty() => {
                    let mut run = held.swap_remove(usize::from(which) % held.len());
                    let close = run.close(if well { Status::Succeeded } else { Status::Failed }, bench.now);
                    bench.queue(vec![close]);
                    ended.push(run);
                }
                Step::MapRedrive(which) if !ended.is_empty() => {
                    bench.settle();
                    let mut run = ended.swap_remove(usize::from(which) % ended.len());
                    // Unless it is about to be forgotten.
                    if bench.writer.reopen_map_run(run.key) {
                        let read = bench.store.read_map_run(&run.run.start.arn).unwrap();
                        prop_assert_eq!(read.as_ref(), Some(&run.run));
                        run.run.redrive(bench.now);
                        let turn = run.turn(bench.now);
                        bench.queue(vec![turn]);
                        held.push(run);
                    }
                }
                Step::MapTurn(..) | Step::MapEnd(..) | Step::MapRedrive(_) => {}
                Step::Wait(seconds) => bench.now = bench.now.plus_seconds(u64::from(seconds) / 16),
                Step::Tick => {
                    let now = bench.now;
                    bench.writer.tick(now);
                }
                Step::Reopen => {
                    bench.settle();
                    let now = bench.now;
                    let shared = bench.store.shared.clone();
                    let everything = bench.everything();
                    drop(bench);
                    let before = shared.read().summary();
                    drop(shared);
                    bench = open();
                    bench.now = now;
                    prop_assert_eq!(bench.recovered_keys(), running.clone());
                    held.sort_by_key(|run| run.key);
                    let expected = held.iter().map(|run| OpenMapRun { key: run.key, run: run.run.clone() });
                    prop_assert_eq!(&bench.recovered.map_runs, &expected.collect::<Vec<_>>());
                    // What the compactor was asked to do at the end may have been done after `everything` was read.
                    for (name, text) in bench.everything() {
                        prop_assert_eq!(everything.get(&name), Some(&text));
                    }
                    prop_assert_eq!(before, bench.store.shared.read().summary());
                }
            }
        }
        for (key, (name, events)) in histories {
            match bench.history(&name) {
                Some(history) => prop_assert_eq!(history.len(), events),
                None => prop_assert!(!running.contains(&key), "{} is open and not there", name),
            }
        }
    }
}
