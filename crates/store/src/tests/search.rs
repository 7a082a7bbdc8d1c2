//! Searches over all machines, and counts.

use super::*;
use crate::search::{Counts, Search};

/// Three executions, a second apart, of which the second one has failed.
fn bench(folder: &testing::Folder) -> Bench {
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    for (second, name) in ["alpha", "Beta", "gamma"].iter().enumerate() {
        bench.now = Timestamp(second as i64 * 1_000);
        let (key, records) = bench.start(name, "{}");
        bench.queue(records);
        if second == 1 {
            let end = bench.end(key, Status::Failed);
            bench.queue(vec![end]);
        }
    }
    bench.settle();
    bench
}

fn found(bench: &Bench, search: Search) -> String {
    let page = bench.store.search(&Search { limit: search.limit.max(1), ..search });
    let names: Vec<&str> = page.executions.iter().map(|row| &*row.name).collect();
    format!("{}{}", names.join(" "), if page.next.is_some() { " …" } else { "" })
}

#[test]
fn each_condition_narrows_the_search() {
    let folder = testing::Folder::new();
    let bench = bench(&folder);
    let all = || Search { limit: 10, ..Search::default() };
    let text = |text: &str| Search { text: Some(text.to_owned()), ..all() };
    assert_eq!(found(&bench, all()), "gamma Beta alpha");
    assert_eq!(found(&bench, Search { status: Some(Status::Failed), ..all() }), "Beta");
    assert_eq!(found(&bench, text("BET")), "Beta");
    assert_eq!(found(&bench, text("orders")), "gamma Beta alpha");
    assert_eq!(found(&bench, text("")), "gamma Beta alpha");
    assert_eq!(found(&bench, text("delta")), "");
    assert_eq!(found(&bench, Search { from: Some(Timestamp(1_000)), ..all() }), "gamma Beta");
    assert_eq!(found(&bench, Search { until: Some(Timestamp(2_000)), ..all() }), "Beta alpha");
    assert_eq!(found(&bench, Search { machine_arn: Some(MACHINE.into()), ..all() }), "gamma Beta alpha");
    assert_eq!(found(&bench, Search { machine_arn: Some("arn:other".into()), ..all() }), "");
}

#[test]
fn pages_follow_one_another() {
    let folder = testing::Folder::new();
    let bench = bench(&folder);
    let (mut after, mut pages) = (None, Vec::new());
    loop {
        let page = bench.store.search(&Search { after, limit: 2, ..Search::default() });
        pages.push(page.executions.iter().map(|row| row.name.to_string()).collect::<Vec<_>>());
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, [vec!["gamma", "Beta"], vec!["alpha"]]);
}

#[test]
fn executions_are_counted_by_status() {
    let folder = testing::Folder::new();
    let bench = bench(&folder);
    let expected = Counts { running: 2, failed: 1, ..Counts::default() };
    assert_eq!(bench.store.counts(MACHINE), expected);
    assert_eq!(bench.store.counts("arn:other"), Counts::default());
}
