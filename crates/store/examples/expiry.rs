//! What a million executions leave on disk when their retention ends, and how long a commit of others takes meanwhile.
//!
//! `cargo run --release -p store --example expiry [folder [executions]]`. The folder must be on the disk that is to be
//! measured; a new one under it is used and removed.

mod load;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use load::{Load, TURNS, now};

const EXECUTIONS: usize = 1_000_000;
/// In one commit.
const BATCH: usize = 500;
/// Others go on like this for so long, once all have expired.
const PAUSE: Duration = Duration::from_millis(2);
const AFTERWARDS: Duration = Duration::from_secs(15);
const RETENTION: Duration = Duration::from_secs(45);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let count = arguments.get(2).map_or(EXECUTIONS, |count| count.parse().expect("a number of executions"));
    let base = arguments.get(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = base.join(format!("stepwell-expiry-{}", std::process::id()));
    let mut load = Load::open(&folder, RETENTION);
    for first in (0..count).step_by(BATCH) {
        let records = (first..first + BATCH).flat_map(|n| whole(&mut load, n)).collect();
        load.commit(records);
        while load.outstanding > 2 {
            load.wait();
        }
    }
    while load.outstanding > 0 {
        load.wait();
    }
    let before = tell("before", &folder);

    // By their own clock, on which ten executions are a millisecond.
    let expired = now(count).plus_seconds(RETENTION.as_secs());
    load.writer.tick(expired);
    let (mut longest, mut n, mut most) = (Duration::ZERO, count, before);
    let mut left_at = None;
    while left_at.is_none_or(|left: Instant| left.elapsed() < AFTERWARDS) {
        let begun = Instant::now();
        let records = whole(&mut load, n);
        load.commit(records);
        load.wait();
        longest = longest.max(begun.elapsed());
        n += 1;
        if n % 100 == 0 {
            most = most.max(blocks(&folder).values().sum());
            if left_at.is_none() && load.store.sizes().executions <= n - count {
                left_at = Some(Instant::now());
            }
        }
        std::thread::sleep(PAUSE);
    }
    let after = tell("after", &folder);
    println!(
        "given back: {:.1} % of {} MiB; the longest commit of {} others took {longest:?}",
        (1.0 - after as f64 / most as f64) * 100.0,
        most >> 20,
        n - count,
    );
    drop(load);
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}

/// All records of an execution.
fn whole(load: &mut Load, n: usize) -> Vec<store::Record> {
    [0, TURNS - 1].into_iter().flat_map(|turn| load.turn(n, turn)).collect()
}

/// Says what the folder holds; its bytes.
fn tell(when: &str, folder: &Path) -> u64 {
    let blocks = blocks(folder);
    let all = blocks.values().sum::<u64>();
    println!("{when}: {} MiB", all >> 20);
    blocks
        .iter()
        .for_each(|(name, bytes)| println!("  {:>6.1} MiB  {name}", *bytes as f64 / f64::from(1 << 20)));
    all
}

/// What each file takes up on disk, in bytes.
fn blocks(folder: &Path) -> BTreeMap<String, u64> {
    let files = fs::read_dir(folder).expect("the folder is there").filter_map(Result::ok);
    // One that is removed meanwhile takes up nothing.
    let size = |file: fs::DirEntry| {
        Some((file.file_name().into_string().ok()?, file.metadata().ok()?.blocks() * 512))
    };
    files.filter_map(size).collect()
}
