//! What became of the children of a Map Run.

use super::*;

/// The names of EXPRESS children are long; tests speak of their numbers.
fn express(
    bench: &Bench,
    status: Option<Status>,
    after: Option<u64>,
    limit: usize,
) -> (Vec<u32>, Option<u64>) {
    let page = bench.store.express_children(&map_run_arn("one"), status, after, limit).unwrap().unwrap();
    (page.children.iter().map(|child| child.child).collect(), page.next)
}

/// All of them, page by page.
fn all_express(bench: &Bench, status: Option<Status>, limit: usize) -> Vec<u32> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = express(bench, status, after, limit);
        assert!(page.len() <= limit);
        all.extend(page);
        if next.is_none() {
            return all;
        }
        assert_ne!(next, after, "a page leads on");
        after = next;
    }
}

/// All children that have ended: their numbers, statuses, outputs and redrives.
fn in_order(bench: &Bench) -> Vec<(u32, Status, Option<String>, u64)> {
    rest_of(&mut bench.store.children_of(&map_run_arn("one")).unwrap().unwrap())
}

fn rest_of(children: &mut Children) -> Vec<(u32, Status, Option<String>, u64)> {
    let mut rest = Vec::new();
    while let Some(ChildView { child, status, input, output, redrives, .. }) = children.next().unwrap() {
        assert_eq!(input, input_of(child));
        rest.push((child, status, output.map(|output| output.text().to_owned()), redrives));
    }
    rest
}

fn output(child: u32) -> Option<String> {
    Some(child.to_string())
}

/// An EXPRESS Map Run: 0 to 5 begin, and those given end, those of a group in one turn, odd ones badly.
pub(super) fn express_run(bench: &mut Bench, groups: &[&[u32]]) -> Held {
    bench.put_machine("Orders");
    let (mut held, record) = bench.map_run("one", true);
    held.begin(6);
    let turn = held.turn(bench.now);
    bench.queue(vec![record, turn]);
    for group in groups {
        for &child in *group {
            bench.now = Timestamp(bench.now.0 + 1);
            let status = if child % 2 == 0 { Status::Succeeded } else { Status::Failed };
            held.end(child, status, bench.now);
        }
        let turn = held.turn(bench.now);
        bench.queue(vec![turn]);
    }
    bench.settle();
    held
}

/// It ends badly and is redriven; those given begin again.
fn redrive(bench: &mut Bench, held: &mut Held, begin: usize) {
    let close = held.close(Status::Failed, bench.now);
    bench.commit(vec![close]);
    assert!(bench.writer.reopen_map_run(held.key));
    held.run.redrive(bench.now);
    for _ in 0..begin {
        let child = held.run.next_again().expect("one waits to begin again");
        held.run.begin_again(child);
    }
    let turn = held.turn(bench.now);
    bench.commit(vec![turn]);
}

#[test]
fn express_children_are_listed_newest_end_first_in_pages() {
    let mut bench = Bench::on(fake::Fake::new(), Fault::default());
    let held = express_run(&mut bench, &[&[3], &[1, 0], &[5, 4]]);
    assert_eq!(express(&bench, None, None, 9), (vec![4, 5, 0, 1, 3], None));
    for limit in 1..7 {
        assert_eq!(all_express(&bench, None, limit), [4, 5, 0, 1, 3]);
        assert_eq!(all_express(&bench, Some(Status::Failed), limit), [5, 1, 3]);
        assert_eq!(all_express(&bench, Some(Status::Succeeded), limit), [4, 0]);
        assert!(all_express(&bench, Some(Status::TimedOut), limit).is_empty());
    }
    assert_eq!(express(&bench, None, None, 5).1, None, "nothing is behind the last one");
    let page = bench.store.express_children(&map_run_arn("one"), None, None, 2).unwrap().unwrap();
    let child = &page.children[1];
    assert_eq!((child.status, child.items, child.input.clone()), (Status::Failed, 3, input_of(5)));
    assert_eq!((child.stopped_at, child.started_at), (Timestamp(1_000_004), Timestamp(999_994)));
    assert_eq!((&child.output, &child.failure), (&None, &Some(Failure::new("Broken", "because"))));
    assert_eq!((&child.arn, &child.name), (&held.run.start.child_arn(5), &held.run.start.child_name(5)));
    assert!(bench.store.express_children(&map_run_arn("other"), None, None, 2).unwrap().is_none());
}

#[test]
fn pages_go_on_where_they_were_whatever_ends_between_them() {
    let mut bench = Bench::on(fake::Fake::new(), Fault::default());
    let mut held = express_run(&mut bench, &[&[3], &[1, 0]]);
    let (page, next) = express(&bench, None, None, 2);
    assert_eq!(page, [0, 1]);
    held.end(5, Status::Failed, bench.now);
    let turn = held.turn(bench.now);
    bench.commit(vec![turn]);
    assert_eq!(express(&bench, None, next, 2), (vec![3], None));
}

#[test]
fn a_page_ends_after_so_many_bytes_and_leads_on() {
    let mut bench = Bench::on(fake::Fake::new(), Fault::default());
    bench.put_machine("Orders");
    let (mut held, record) = bench.map_run("one", true);
    held.begin(180);
    bench.queue(vec![record]);
    // Single ones, then more than a page may have in one record, then single ones.
    for child in 0..180 {
        held.end(child, Status::Succeeded, bench.now);
        if !(60..119).contains(&child) {
            let turn = held.turn(bench.now);
            bench.queue(vec![turn]);
        }
    }
    bench.settle();
    let (page, next) = express(&bench, Some(Status::Failed), None, 10);
    assert!(page.is_empty() && next.is_some());
    assert!(all_express(&bench, Some(Status::Failed), 10).is_empty());
    for limit in [1, 7, 1_000] {
        assert_eq!(all_express(&bench, None, limit), (0..180).rev().collect::<Vec<_>>(), "{limit}");
    }
    redrive(&mut bench, &mut held, 0);
    assert_eq!(all_express(&bench, None, 7), (0..180).rev().collect::<Vec<_>>());
}

#[test]
fn an_express_child_that_began_again_shows_its_last_end_only() {
    let mut bench = Bench::on(fake::Fake::new(), Fault::default());
    let mut held = express_run(&mut bench, &[&[3, 1], &[0, 5, 2, 4]]);
    redrive(&mut bench, &mut held, 2);
    // 1 and 3 run again, 5 waits for that.
    assert_eq!(all_express(&bench, None, 1), [4, 2, 5, 0]);
    bench.now = bench.now.plus_seconds(1);
    held.end(3, Status::Succeeded, bench.now);
    let turn = held.turn(bench.now);
    bench.commit(vec![turn]);
    for limit in 1..6 {
        assert_eq!(all_express(&bench, None, limit), [3, 4, 2, 5, 0]);
        assert_eq!(all_express(&bench, Some(Status::Failed), limit), [5]);
    }
    let start = held.run.start.clone();
    let found = |child: u32| bench.store.express_child(&start.child_arn(child)).unwrap();
    let (child, its_map_run) = found(3).unwrap();
    assert_eq!((child.child, child.status, child.stopped_at), (3, Status::Succeeded, bench.now));
    assert_eq!(its_map_run, map_run_arn("one"));
    assert_eq!((child.redrives, found(5).unwrap().0.redrives), (1, 0));
    for limit in [1, 3, 9] {
        let page = bench.store.express_children(&map_run_arn("one"), None, None, limit).unwrap().unwrap();
        let redrives = page.children.iter().map(|child| (child.child, child.redrives));
        assert_eq!(redrives.collect::<Vec<_>>(), [(3, 1), (4, 0), (2, 0), (5, 0), (0, 0)][..limit.min(5)]);
    }
    assert_eq!(found(5).unwrap().0.status, Status::Failed);
    assert!(found(1).is_none(), "it runs");
    assert!(found(6).is_none(), "it has not begun");
    let wrong =
        ["", ":express:", "arn:express:a:b", &*start.child_arn(3).replace(":express:", ":execution:")];
    for wrong in wrong.into_iter().chain([&*start.child_arn(3).replace("Label", "Other"), &*start.arn]) {
        assert!(bench.store.express_child(wrong).unwrap().is_none(), "{wrong}");
    }
    assert_eq!(
        in_order(&bench),
        [
            (0, Status::Succeeded, output(0), 0),
            (2, Status::Succeeded, output(2), 0),
            (3, Status::Succeeded, output(3), 1),
            (4, Status::Succeeded, output(4), 0),
            (5, Status::Failed, None, 0),
        ]
    );
}

#[test]
fn express_children_come_in_the_order_of_numbers_however_they_ended() {
    let mut bench = Bench::on(fake::Fake::new(), Fault::default());
    bench.put_machine("Orders");
    let (mut held, record) = bench.map_run("one", true);
    const ALL: u32 = 400;
    held.begin(ALL);
    bench.queue(vec![record]);
    // Far apart, so that records are read, left and read again.
    for at in 0..ALL {
        held.end(at * 171 % ALL, Status::Succeeded, bench.now);
        if at % 3 == 0 {
            let turn = held.turn(bench.now);
            bench.queue(vec![turn]);
        }
    }
    bench.settle();
    let expected: Vec<_> = (0..ALL).map(|child| (child, Status::Succeeded, output(child), 0)).collect();
    assert_eq!(in_order(&bench), expected);
}

#[test]
fn children_are_read_on_although_their_records_are_moved_meanwhile() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(10), 4_096);
    let held = express_run(&mut bench, &[&[4, 3, 2], &[0, 5]]);
    let mut children = bench.store.children_of(&map_run_arn("one")).unwrap().unwrap();
    assert_eq!(children.next().unwrap().unwrap().child, 0);
    bench.move_what_is_kept();
    let rest: Vec<u32> = rest_of(&mut children).iter().map(|(child, ..)| *child).collect();
    assert_eq!(rest, [2, 3, 4, 5]);
    assert_eq!(bench.store.read_map_run(&held.run.start.arn).unwrap(), Some(held.run));
}

#[test]
fn standard_children_are_executions_with_their_map_run() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let (mut held, record) = bench.map_run("one", false);
    held.begin(4);
    let turn = held.turn(bench.now);
    bench.queue(vec![record, turn]);
    bench.run("other");
    let mut keys = Vec::new();
    for child in 0..4 {
        let (key, records) = bench.start_child(&held, child);
        bench.queue(records);
        keys.push(key);
        bench.now = bench.now.plus_seconds(1);
    }
    for (child, status) in [(2, Status::Failed), (0, Status::Succeeded), (3, Status::Succeeded)] {
        let end = bench.end(keys[child], status);
        bench.queue(vec![end]);
        held.end(child as u32, status, bench.now);
        bench.now = bench.now.plus_seconds(1);
    }
    let turn = held.turn(bench.now);
    bench.commit(vec![turn]);
    let start = held.run.start.clone();
    // What is at hand says the same as what is read.
    for _ in 0..2 {
        let list = |status| {
            let machine_arn = map_run_arn("one");
            let filter = ExecutionFilter { machine_arn, status, limit: 9, ..ExecutionFilter::default() };
            let page = bench.store.executions(&filter).unwrap();
            let told = |row: &ExecutionRow| (start.child_of_name(&row.name, 4).unwrap(), row.items.unwrap());
            page.executions.iter().map(told).collect::<Vec<_>>()
        };
        assert_eq!(list(None), [(3, 1), (0, 1), (2, 3), (1, 2)]);
        assert_eq!(list(Some(Status::Running)), [(1, 2)]);
        let view = bench.store.execution(&start.child_arn(2)).unwrap().unwrap();
        assert_eq!((view.map_run_arn, view.items), (Some(map_run_arn("one")), Some(3)));
        let text = |child| Some(input_of(child).text().to_owned());
        let expected = [
            (0, Status::Succeeded, text(0), 0),
            (2, Status::Failed, None, 0),
            (3, Status::Succeeded, text(3), 0),
        ];
        assert_eq!(in_order(&bench), expected);
        let mut children = bench.store.children_of(&map_run_arn("one")).unwrap().unwrap();
        children.next().unwrap();
        let child = children.next().unwrap().unwrap();
        assert_eq!((child.arn, child.name), (start.child_arn(2), start.child_name(2)));
        assert_eq!((child.started_at, child.stopped_at), (Timestamp(1_002_000), Timestamp(1_004_000)));
        assert_eq!(child.failure, Some(Failure::new("Broken", "because")));
        let (page, next) = express(&bench, None, None, 9);
        assert!(page.is_empty() && next.is_none(), "they are not EXPRESS");
        assert!(bench.store.express_child(&start.child_arn(2)).unwrap().is_none());
        let other = bench.store.execution(&arn("other")).unwrap().unwrap();
        assert_eq!((other.map_run_arn, other.items), (None, None));
        drop((bench, children));
        bench = Bench::open(folder.path());
        assert_eq!(bench.recovered_keys(), [keys[1]]);
    }
}
