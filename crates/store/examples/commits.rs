//! How fast commits are, beside the bare disk, and how fast a store comes back.
//!
//! `cargo run --release -p store --example commits [folder [executions]]`. The folder must be on the
//! disk that is to be measured; a new one under it is used and removed.

mod load;

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use execution::Status;

use load::{Load, TURNS, arn};

const BATCH: usize = 64;
const EXECUTIONS: usize = 100_000;
const OPEN: usize = 1_000;
/// Longer than any of this.
const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, reopen, folder] = &arguments[..]
        && reopen == "reopen"
    {
        return come_back(Path::new(folder));
    }
    let executions =
        arguments.get(2).map_or(EXECUTIONS, |count| count.parse().expect("a number of executions"));
    let base = arguments.get(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = base.join(format!("stepwell-commits-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder can be made");
    one_at_a_time(&folder.join("single"));
    let bytes = batches(&folder.join("batches"));
    bare(&folder.join("bare"), bytes);
    recovery(&folder.join("recovery"), executions);
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}

/// A lone client: one execution's turn, durable, then the next.
fn one_at_a_time(folder: &Path) {
    let mut load = Load::open(folder, KEPT);
    let count = 2_000;
    let mut times = Vec::new();
    for n in 0..count {
        let records = load.start(n);
        let begun = Instant::now();
        load.commit(records);
        load.wait();
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    println!("one start at a time: p50 {:?}, p99 {:?}", times[count / 2], times[count * 99 / 100]);
}

/// 64 turns for each commit, and the next batch is made while the last one is on its way. Returns the
/// size of a commit in the log.
fn batches(folder: &Path) -> usize {
    let mut load = Load::open(folder, KEPT);
    let (begun, cpu) = (Instant::now(), cpu_time());
    let executions = EXECUTIONS / 2;
    let mut commits = 0;
    for first in (0..executions).step_by(BATCH) {
        for turn in 0..TURNS {
            let records = (first..first + BATCH).flat_map(|n| load.turn(n, turn)).collect();
            load.commit(records);
            commits += 1;
            // One batch is being made, one is queued, one is on its way.
            while load.outstanding > 2 {
                load.wait();
            }
        }
    }
    while load.outstanding > 0 {
        load.wait();
    }
    let (took, cpu) = (begun.elapsed().as_secs_f64(), cpu_time() - cpu);
    let turns = (commits * BATCH) as f64;
    drop(load);
    let written: u64 = log_bytes(folder);
    let each = written as usize / commits;
    println!(
        "batches of {BATCH}: {:.0} commits/s, {:.0} turns/s, {:.2} µs of CPU each, {:.0} bytes in the log each",
        commits as f64 / took,
        turns / took,
        cpu * 1e6 / turns,
        written as f64 / turns,
    );
    each
}

/// The same bytes, written and synced by hand into a file that is there already.
fn bare(path: &Path, bytes: usize) {
    let count = 2_000;
    let file = fs::File::create(path).expect("the file can be made");
    file.write_all_at(&vec![0; bytes * count], 0).expect("there is room");
    file.sync_all().expect("the disk works");
    let body = vec![7; bytes];
    let begun = Instant::now();
    for n in 0..count {
        file.write_all_at(&body, (n * bytes) as u64).expect("there is room");
        file.sync_data().expect("the disk works");
    }
    let took = begun.elapsed().as_secs_f64();
    println!("bare write and fdatasync of {bytes} bytes: {:.0}/s", count as f64 / took);
}

/// Fills a store with closed executions and some open ones, and opens it again.
fn recovery(folder: &Path, executions: usize) {
    let mut load = Load::open(folder, KEPT);
    for first in (0..executions).step_by(BATCH) {
        let records = (0..TURNS).flat_map(|turn| (first..first + BATCH).map(move |n| (n, turn)));
        let records =
            records.collect::<Vec<_>>().into_iter().flat_map(|(n, turn)| load.turn(n, turn)).collect();
        load.commit(records);
        load.wait();
    }
    for n in executions * 2..executions * 2 + OPEN {
        let records = (0..3).flat_map(|turn| load.turn(n, turn)).collect();
        load.commit(records);
        load.wait();
    }
    drop(load);
    println!(
        "{executions} closed and {OPEN} open executions: {} MiB of log, {} MiB of snapshots",
        log_bytes(folder) >> 20,
        bytes_of(folder, "snapshot-") >> 20,
    );
    // In a process of its own, whose memory is only what the store takes.
    let program = std::env::current_exe().expect("the system knows this program");
    let ended = std::process::Command::new(program).arg("reopen").arg(folder).status();
    assert!(ended.expect("this program can be run").success());
}

/// Opens what [`recovery`] wrote.
fn come_back(folder: &Path) {
    let (begun, before) = (Instant::now(), resident());
    let mut load = Load::open(folder, KEPT);
    let took = begun.elapsed();
    println!("  ready in {took:?}, {} MiB resident, {} MiB before", resident() >> 20, before >> 20);
    let arn = arn(EXECUTIONS / 2);
    let begun = Instant::now();
    let view = load.store.execution(&arn).expect("the log is whole").expect("it is there");
    assert_eq!(view.status, Status::Succeeded);
    println!("  one closed execution, read from the log: {:?}", begun.elapsed());
    let records = load.start(usize::MAX >> 20);
    load.commit(records);
    load.wait();
}

/// The part of the segments that is not preallocated zeros.
fn log_bytes(folder: &Path) -> u64 {
    let files =
        fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("it can be read").path());
    let segments = files.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
    let used = segments.map(|path| fs::read(path).expect("it can be read"));
    used.map(|bytes| bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last as u64 + 1)).sum()
}

fn bytes_of(folder: &Path, prefix: &str) -> u64 {
    let files = fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("it can be read"));
    let wanted = files.filter(|file| file.file_name().to_string_lossy().starts_with(prefix));
    wanted.map(|file| file.metadata().map_or(0, |metadata| metadata.len())).sum()
}

/// Seconds of CPU that this process has used, where the system says so.
fn cpu_time() -> f64 {
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else { return 0.0 };
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn resident() -> u64 {
    let Ok(statm) = fs::read_to_string("/proc/self/statm") else { return 0 };
    statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4_096
}
