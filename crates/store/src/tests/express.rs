//! The journal of EXPRESS executions: what was started is known again until its end is noted.

use super::fake::{Fake, Mode};
use super::*;

fn start(bench: &Bench, journal: &Journal<u64>, name: &str) -> ExpressStart {
    ExpressStart {
        version_arn: None,
        alias_arn: None,
        test_case: None,
        key: journal.new_key(),
        revision: bench.store.machine(MACHINE).unwrap().current.number,
        machine_name: "Orders".into(),
        name: name.into(),
        uuid: 7 << 100 | 9,
        input: Document::parse(r#"{"of":"an order"}"#).unwrap(),
        trace_header: Some("Root=1".into()),
        started_at: bench.now,
    }
}

/// Commits starts; they are durable when it returns.
fn commit(bench: &mut Bench, journal: &Journal<u64>, starts: &[ExpressStart]) {
    assert!(journal.try_commit(journal.entry(starts, 0)).is_ok());
    bench.settle();
}

fn with_machine(log: Arc<dyn Log>) -> (Bench, Journal<u64>) {
    let mut bench = Bench::on(log, Fault::default());
    bench.put_machine("Orders");
    bench.settle();
    let journal = bench.writer.journal();
    (bench, journal)
}

#[test]
fn what_has_no_end_comes_back_and_what_has_ended_does_not() {
    let log = Fake::new();
    let (mut bench, journal) = with_machine(log.clone());
    let starts: Vec<_> = (0..5).map(|n| start(&bench, &journal, &format!("e{n}"))).collect();
    commit(&mut bench, &journal, &starts);
    journal.ended(starts[1].key);
    journal.ended(starts[3].key);
    // The note goes along with the next frame.
    let syncs = bench.store.log_syncs();
    bench.run("a STANDARD one");
    bench.settle();
    assert_eq!(bench.store.log_syncs(), syncs + 1);
    drop(bench);

    let (bench, journal) = with_machine(log.clone());
    assert_eq!(bench.recovered.express, [starts[0].clone(), starts[2].clone(), starts[4].clone()]);
    let next = start(&bench, &journal, "next");
    assert!(starts.iter().all(|start| start.key < next.key), "a number is used twice");
    bench.recovered.express.iter().for_each(|start| journal.ended(start.key));
    // An orderly end notes what no frame has taken along.
    drop(bench);
    let (bench, _) = with_machine(log);
    assert_eq!(bench.recovered.express, []);
}

#[test]
fn the_tick_notes_ends_where_nothing_is_committed() {
    let log = Fake::new();
    let (mut bench, journal) = with_machine(log.clone());
    let one = start(&bench, &journal, "one");
    commit(&mut bench, &journal, std::slice::from_ref(&one));
    let live = |bench: &Bench| bench.store.shared.read().express_pending().count();
    assert_eq!(live(&bench), 1);
    journal.ended(one.key);
    bench.now = bench.now.plus_seconds(2);
    bench.writer.tick(bench.now);
    wait_until(|| live(&bench) == 0);
}

#[test]
fn a_start_survives_snapshots_and_dropped_segments_and_keeps_its_revision() {
    let log = Fake::new();
    let (mut bench, journal) = with_machine(log.clone());
    let first = bench.store.machine(MACHINE).unwrap().current.number;
    let long = start(&bench, &journal, "long");
    commit(&mut bench, &journal, std::slice::from_ref(&long));
    bench.put_machine("Orders");
    bench.settle();
    assert!(bench.store.revision(first).is_some(), "it is needed for another run");
    // The segments after that of `long` are dropped as their starts end.
    let segments = || log.segments().into_iter().map(|segment| segment.number).collect::<Vec<_>>();
    let kept = segments()[0];
    while !(segments().len() < 8 && segments().last().unwrap() > &(kept + 40)) {
        let starts: Vec<_> = (0..10).map(|n| start(&bench, &journal, &format!("e{n}"))).collect();
        commit(&mut bench, &journal, &starts);
        starts.iter().for_each(|start| journal.ended(start.key));
    }
    assert_eq!(segments()[0], kept, "its record is still needed");
    assert!(log.covered() > 0, "there was a snapshot");
    let summary = |bench: &Bench| bench.store.shared.read().summary();
    bench.run("notes the last ends");
    bench.settle();
    let before = summary(&bench);
    drop(bench);

    let mut bench = Bench::on(log.clone(), Fault::default());
    assert_eq!(summary(&bench), before);
    assert_eq!(bench.recovered.express, std::slice::from_ref(&long));
    assert!(bench.store.revision(first).is_some());
    bench.writer.journal().ended(long.key);
    bench.run("notes that end");
    bench.settle();
    assert!(bench.store.revision(first).is_none(), "nobody needs it any more");
    assert_eq!(bench.store.shared.read().live_bytes(kept), 0);
}

#[test]
fn a_queue_at_its_bound_gives_entries_back_and_an_ended_store_drops_them() {
    let log = Fake::new();
    let (bench, journal) = with_machine(log.clone());
    log.set(Mode::Held);
    let one = start(&bench, &journal, "one");
    let mut taken = 0;
    let given_back = loop {
        match journal.try_commit(journal.entry([&one], taken)) {
            Ok(()) => taken += 1,
            Err(entry) => break entry,
        }
        assert!(taken < 100_000, "there is no bound");
    };
    log.set(Mode::Open);
    let mut waiting = Some(given_back);
    wait_until(|| bench.durable.try_iter().any(|after| after == taken - 1));
    assert!(journal.try_commit(waiting.take().unwrap()).is_ok());
    drop(bench);
    // Nobody commits it any more, so nobody must wait for it.
    assert!(journal.try_commit(journal.entry([&one], 0)).is_ok());
}

#[test]
fn the_catalog_version_changes_with_machines_only() {
    let log = Fake::new();
    let (mut bench, journal) = with_machine(log);
    let version = bench.store.catalog_version();
    let one = start(&bench, &journal, "one");
    commit(&mut bench, &journal, &[one]);
    bench.run("a STANDARD one");
    bench.settle();
    assert_eq!(bench.store.catalog_version(), version);
    bench.put_machine("Orders");
    bench.settle();
    assert_ne!(bench.store.catalog_version(), version);
}
