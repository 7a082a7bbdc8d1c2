//! An execution that had ended is open again, here and after a restart.

use execution::{FrameId, Redrivable};

use super::*;

/// The turn that ends an execution badly and keeps its frame.
fn fail(bench: &mut Bench, key: ExecutionKey) -> Record {
    let Record::Turn { turn, .. } = bench.end(key, Status::Failed) else { unreachable!("an end is a turn") };
    let mut turn = Turn::clone(&turn);
    turn.changes = vec![Change::Put(frame(&Document::from_valid_text("{}"), bench.now))];
    if let Some(close) = &mut turn.close {
        close.redrivable = Redrivable::Yes;
    }
    Record::Turn { key, turn: Arc::new(turn) }
}

/// The turn that opens it again.
fn redrive(bench: &mut Bench, key: ExecutionKey) -> Record {
    let now = bench.now;
    let closed = bench.writer.read_closed(key, now).unwrap().expect("it has ended");
    bench.writer.reopen(key, closed);
    let execution = bench.writer.load(key).expect("it is open");
    let (id, redrive_count) = (execution.next_event, execution.redrives.count + 1);
    let kind = EventKind::ExecutionRedriven { redrive_count, client_token: Some("t".into()) };
    let turn = Turn { history: vec![event(id, now, kind)], ..Turn::default() };
    execution.apply(&turn);
    assert!(execution.frames.contains_key(&FrameId::TOP));
    Record::Turn { key, turn: Arc::new(turn) }
}

fn names(bench: &Bench, status: Status) -> Vec<String> {
    let filter = ExecutionFilter {
        machine_arn: MACHINE.into(),
        status: Some(status),
        limit: usize::MAX,
        ..ExecutionFilter::default()
    };
    let page = bench.store.executions(&filter).unwrap();
    page.executions.into_iter().map(|row| row.name.to_string()).collect()
}

#[test]
fn it_is_open_for_readers_for_a_start_and_for_the_end_of_retentions() {
    let folder = testing::Folder::new();
    let open = || Bench::open_with(folder.path(), Duration::from_secs(10), 4_096);
    let mut bench = open();
    bench.put_machine("Orders");
    let (key, mut records) = bench.start("e", "{}");
    records.push(fail(&mut bench, key));
    bench.commit(records);
    let (other, mut records) = bench.start("other", "{}");
    records.push(fail(&mut bench, other));
    bench.commit(records);

    bench.now = bench.now.plus_seconds(5);
    let redriven_at = bench.now;
    let record = redrive(&mut bench, key);
    // It is open for the one that commits at once, and for readers when that is durable.
    assert_eq!(bench.writer.closed_at(key), None);
    bench.commit(vec![record]);
    assert_eq!(names(&bench, Status::Running), ["e"]);
    assert_eq!(names(&bench, Status::Failed), ["other"]);
    let view = bench.store.execution(&arn("e")).unwrap().unwrap();
    assert_eq!((view.status, view.stopped_at, view.failure), (Status::Running, None, None));
    assert_eq!(view.redriven, Some(Redriven { count: 1, at: redriven_at }));

    // So much that snapshots are written and segments given back.
    for round in 0..200 {
        bench.now = bench.now.plus_seconds(1);
        bench.run(&format!("filler{round}"));
        bench.writer.tick(bench.now);
        bench.settle();
    }
    wait_until(|| bench.writer.find(&arn("other")).is_none());
    assert!(bench.store.shared.log.covered() > 1, "no snapshot was written");
    let everything = |bench: &Bench| bench.everything().remove("e");
    let shown = everything(&bench);
    drop(bench);

    let mut bench = open();
    bench.now = redriven_at.plus_seconds(300);
    assert_eq!(bench.recovered_keys(), [key]);
    assert_eq!(everything(&bench), shown);
    let record = fail(&mut bench, key);
    bench.commit(vec![record]);
    let record = redrive(&mut bench, key);
    let end = bench.end(key, Status::Succeeded);
    bench.commit(vec![record, end]);
    let view = bench.store.execution(&arn("e")).unwrap().unwrap();
    assert_eq!((view.status, view.redriven.map(|redriven| redriven.count)), (Status::Succeeded, Some(2)));
    drop(bench);
    assert!(crate::verify::verify(folder.path(), &mut |_, _| {}).unwrap().is_sound());
    let bench = open();
    assert_eq!(
        bench.store.execution(&arn("e")).unwrap().unwrap().redriven.map(|redriven| redriven.count),
        Some(2)
    );
}

#[test]
fn what_is_about_to_be_forgotten_is_not_redriven() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(10), 1 << 20);
    bench.put_machine("Orders");
    let (key, mut records) = bench.start("e", "{}");
    records.push(fail(&mut bench, key));
    // Nobody can have heard of an end that is not durable.
    bench.queue(records);
    bench.settle();
    let ended = bench.now;
    assert!(bench.writer.read_closed(key, ended.plus_seconds(10)).unwrap().is_some());
    assert!(bench.writer.read_closed(key, ended.plus_seconds(11)).unwrap().is_none());
}
