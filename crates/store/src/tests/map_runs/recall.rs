//! Inputs of EXPRESS children that begin again.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;

use super::*;
use crate::{Recall, RecalledInput};

/// An EXPRESS Map Run whose children all failed, so many of them told of by each record.
fn failed_run(bench: &mut Bench, children: u32, of_a_record: usize) -> Held {
    bench.put_machine("Orders");
    let (mut held, record) = bench.map_run("one", true);
    held.begin(children);
    bench.queue(vec![record]);
    let all: Vec<u32> = (0..children).collect();
    for some in all.chunks(of_a_record) {
        for &child in some {
            held.end(child, Status::Failed, bench.now);
        }
        let turn = held.turn(bench.now);
        bench.commit(vec![turn]);
    }
    held
}

fn recall(bench: &Bench, wanted: impl IntoIterator<Item = u32>) -> Recall {
    bench.store.recall(&map_run_arn("one"), wanted.into_iter().collect()).unwrap().unwrap()
}

/// The children of a piece; each has its own input.
fn piece(recall: &mut Recall) -> Vec<u32> {
    let told = |RecalledInput { child, input, items }: RecalledInput| {
        assert_eq!((input, items), (input_of(child), items_of(child)));
        child
    };
    recall.next().unwrap().into_iter().map(told).collect()
}

#[test]
fn each_record_is_read_once_however_many_children_begin_again() {
    const OF_A_RECORD: u32 = 100;
    let reads = [1_000, 10_000, 100_000].map(|children| {
        let log = fake::Fake::new();
        let mut bench = Bench::on(log.clone(), Fault::default());
        failed_run(&mut bench, children, OF_A_RECORD as usize);
        let before = log.reads.load(Relaxed);
        let (mut recall, mut recalled) = (recall(&bench, 0..children), 0);
        loop {
            let some = piece(&mut recall);
            if some.is_empty() {
                break;
            }
            recalled += some.len() as u32;
        }
        assert_eq!(recalled, children);
        log.reads.load(Relaxed) - before
    });
    // Where each record is, its beginning, and the rest of it; the start has a place, too.
    let of_records = |children: u32| 3 * (children / OF_A_RECORD) + 1;
    assert_eq!(reads, [1_000, 10_000, 100_000].map(of_records));
}

#[test]
fn pieces_go_on_where_they_were_and_have_what_is_wanted_only() {
    let mut bench = Bench::on(fake::Fake::new(), Fault::default());
    failed_run(&mut bench, 12, 2);
    let mut all = recall(&bench, 0..12);
    let pieces: Vec<_> = (0..4).map(|_| piece(&mut all)).collect();
    assert_eq!(pieces, [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9, 10, 11], vec![]]);
    let mut some = recall(&bench, [11, 3, 2, 99]);
    assert_eq!(piece(&mut some), [2, 3, 11]);
    assert!(piece(&mut some).is_empty(), "of 99 nothing is recorded");
    let wanted = BTreeSet::from([0]);
    assert!(bench.store.recall(&map_run_arn("other"), wanted).unwrap().is_none());
}

#[test]
fn a_child_that_ended_twice_comes_once_and_what_was_lost_with_its_process_does_not_count() {
    let mut bench = Bench::on(fake::Fake::new(), Fault::default());
    let mut held = failed_run(&mut bench, 1, 1);
    held.begin(2);
    // Its input is not known: `{}` stands in the record.
    held.run.lose(1);
    held.end(2, Status::TimedOut, bench.now);
    let close = held.close(Status::Failed, bench.now);
    bench.commit(vec![close]);
    assert!(bench.writer.reopen_map_run(held.key));
    held.run.redrive(bench.now);
    for child in 0..3 {
        held.run.begin_again(child);
        held.end(child, Status::Failed, bench.now);
    }
    let turn = held.turn(bench.now);
    bench.commit(vec![turn]);
    let mut all = recall(&bench, 0..3);
    assert_eq!(piece(&mut all), [0, 2, 1]);
    assert!(piece(&mut all).is_empty());
}

#[test]
fn it_goes_on_although_the_records_are_moved_meanwhile() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(10), 4_096);
    children::express_run(&mut bench, &[&[4, 3, 2, 1], &[0, 5]]);
    let mut all = recall(&bench, 0..6);
    assert_eq!(piece(&mut all), [4, 3, 2, 1]);
    bench.move_what_is_kept();
    assert_eq!(piece(&mut all), [0, 5]);
}
