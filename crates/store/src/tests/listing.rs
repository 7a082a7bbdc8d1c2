//! ListExecutions' order and pages.

use super::*;

fn page(
    bench: &Bench,
    status: Option<Status>,
    after: Option<u64>,
    limit: usize,
) -> (Vec<String>, Option<u64>) {
    let filter = ExecutionFilter { machine_arn: MACHINE.into(), status, after, limit };
    let page = bench.store.executions(&filter).unwrap();
    (page.executions.iter().map(|row| row.name.to_string()).collect(), page.next)
}

#[test]
fn newest_first_running_by_start_and_closed_by_end() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let mut keys = Vec::new();
    for (second, name) in ["a", "b", "c", "d"].iter().enumerate() {
        bench.now = Timestamp(second as i64 * 1_000);
        let (key, records) = bench.start(name, "{}");
        keys.push(key);
        bench.queue(records);
    }
    for (second, key, status) in [(10, 1, Status::Failed), (11, 0, Status::Succeeded)] {
        bench.now = Timestamp(second * 1_000);
        let end = bench.end(keys[key], status);
        bench.queue(vec![end]);
    }
    bench.settle();
    assert_eq!(page(&bench, None, None, 10), (vec!["a".into(), "b".into(), "d".into(), "c".into()], None));
    assert_eq!(page(&bench, Some(Status::Running), None, 10).0, ["d", "c"]);
    assert_eq!(page(&bench, Some(Status::Failed), None, 10).0, ["b"]);
    assert_eq!(page(&bench, Some(Status::TimedOut), None, 10), (vec![], None));
    let other = ExecutionFilter { machine_arn: "arn:other".into(), limit: 10, ..ExecutionFilter::default() };
    assert!(bench.store.executions(&other).unwrap().executions.is_empty());
}

#[test]
fn pages_follow_one_another_whatever_starts_between_them() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    // All in the same millisecond.
    for n in 0..25 {
        bench.run(&format!("e{n:02}"));
    }
    bench.settle();
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let (more, next) = page(&bench, Some(Status::Succeeded), after, 10);
        assert!(more.len() == 10 || next.is_none());
        names.extend(more);
        let Some(next) = next else { break };
        after = Some(next);
        bench.now = bench.now.plus_seconds(1);
        bench.run(&format!("later{next}"));
        bench.settle();
    }
    assert_eq!(names, (0..25).rev().map(|n| format!("e{n:02}")).collect::<Vec<_>>());
}
