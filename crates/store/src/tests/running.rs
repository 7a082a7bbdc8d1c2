//! Running executions, listed and read.

use super::*;
use crate::running::Running;

fn names(rows: &[Running]) -> Vec<&str> {
    rows.iter().filter_map(|row| row.arn.rsplit(':').next()).collect()
}

/// Three executions, a second apart, of which the second one has failed.
fn bench(folder: &testing::Folder) -> Bench {
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    for (second, name) in ["a", "b", "c"].iter().enumerate() {
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

#[test]
fn the_newest_come_first_and_pages_follow_one_another() {
    let folder = testing::Folder::new();
    let bench = bench(&folder);
    let all = bench.store.running(None, None, 10);
    assert_eq!(names(&all), ["c", "a"]);
    assert_eq!(bench.store.running(Some(MACHINE), None, 1), all[..1]);
    assert_eq!(bench.store.running(None, Some(all[0].place), 10), all[1..]);
    assert_eq!(bench.store.running(Some("arn:other"), None, 10), []);
}

#[test]
fn one_is_read_as_it_was_written() {
    let folder = testing::Folder::new();
    let bench = bench(&folder);
    let [newest, ..] = &bench.store.running(None, None, 1)[..] else { panic!("one runs") };
    let execution = bench.store.read_running(&newest.arn).unwrap().expect("it runs");
    assert_eq!((&*execution.start.name, execution.frames.len()), ("c", 1));
    let closed = newest.arn.replace(":c", ":b");
    assert_eq!(bench.store.read_running(&closed).unwrap(), None);
}

#[test]
fn sizes_are_those_of_the_files() {
    let folder = testing::Folder::new();
    let bench = bench(&folder);
    let sizes = bench.store.sizes();
    let on_disk = |begin: &str| {
        let files = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
        let files = files.filter(|file| file.file_name().to_string_lossy().starts_with(begin));
        files.map(|file| file.metadata().unwrap().len()).collect::<Vec<_>>()
    };
    // The next segment may have been made ready, and has nothing in it yet.
    assert!(on_disk("segment-").contains(&sizes.segment_bytes), "{sizes:?}");
    assert_eq!((sizes.segments, sizes.executions), (1, 3));
    assert!(sizes.needed_bytes > 0 && sizes.needed_bytes < sizes.segment_bytes, "{sizes:?}");
    assert_eq!(sizes.snapshot_bytes, on_disk("snapshot-").iter().sum::<u64>());
    assert!(bench.store.is_kept());
}
