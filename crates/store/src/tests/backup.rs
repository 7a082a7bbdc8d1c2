//! A copy that was made while a store was at work is a store that ended at one moment.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use super::*;
use crate::backup::{Copied, CopyError, copy};
use crate::verify::verify;

const SEGMENT_BYTES: u64 = 16 << 10;

fn take(from: &Path, to: &Path) -> Result<Copied, CopyError> {
    copy(from, to, &[], &[], &mut |_, _| {})
}

#[test]
fn a_copy_has_everything_that_was_acknowledged_before_it_began() {
    const OLD: usize = 5;
    /// How many of the closed executions are kept, a second apart.
    const KEPT: u64 = 300;
    let folder = testing::Folder::new();
    let (is_over, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut bench = Bench::open_with(folder.path(), Duration::from_secs(KEPT), SEGMENT_BYTES);
            bench.put_machine("Orders");
            let mut old = Vec::new();
            for number in 0..OLD {
                let (key, records) = bench.start(&format!("old-{number}"), r#"{"a":1}"#);
                bench.queue(records);
                old.push(key);
            }
            // Each run adds a turn to an old execution: the compactor has to move those again and again.
            for number in 0.. {
                if is_over.load(SeqCst) {
                    break;
                }
                bench.now = bench.now.plus_seconds(1);
                bench.writer.tick(bench.now);
                bench.run(&format!("e{number:06}"));
                let turn = bench.turn(old[number % OLD], &number.to_string());
                bench.commit(vec![turn]);
                acknowledged.store(number as u64 + 1, SeqCst);
            }
        });
        // Also when the test fails: the scope waits for the other thread.
        let _over = Over(&is_over);
        let (mut copies, mut dropped) = (0, 0);
        while copies < 30 || dropped < 10 {
            let before = acknowledged.load(SeqCst);
            wait_until(|| acknowledged.load(SeqCst) > before + 10);
            let before = acknowledged.load(SeqCst);
            let base = testing::Folder::new();
            let to = base.path().join("copy");
            let copied = take(folder.path(), &to).unwrap();
            assert!(copied.report.is_sound() && copied.report.notes.is_empty());
            copies += 1;
            dropped += u64::from(!to.join("segment-00000001.log").exists());
            let bench = Bench::open_with(&to, Duration::from_secs(1_000_000), SEGMENT_BYTES);
            assert_eq!(bench.recovered.open.len(), OLD);
            for number in 0..OLD as u64 {
                let turns = bench.history(&format!("old-{number}")).unwrap().len() as u64 - 2;
                let expected = (before + OLD as u64 - 1 - number) / OLD as u64;
                assert!(turns >= expected, "{turns} of {expected} turns");
            }
            let closed = bench.everything();
            let newest: u64 =
                closed.keys().filter_map(|name| name.strip_prefix('e')?.parse().ok()).max().unwrap();
            for number in (newest + 2).saturating_sub(KEPT)..before {
                assert!(closed.contains_key(&format!("e{number:06}")), "{number}, {before} {newest}");
            }
        }
    });
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[test]
fn a_copy_goes_on_where_it_ended() {
    let (folder, base) = (testing::Folder::new(), testing::Folder::new());
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(3_600), SEGMENT_BYTES);
    bench.put_machine("Orders");
    let (key, records) = bench.start("one", "{}");
    bench.commit(records);
    let to = base.path().join("copy");
    take(folder.path(), &to).unwrap();
    let mut copied = Bench::open_with(&to, Duration::from_secs(3_600), SEGMENT_BYTES);
    assert_eq!(copied.recovered_keys(), [key]);
    let turn = copied.turn(key, "1");
    copied.commit(vec![turn]);
    drop(copied);
    let copied = Bench::open_with(&to, Duration::from_secs(3_600), SEGMENT_BYTES);
    assert_eq!(copied.history("one").unwrap().len(), 3);
    drop(copied);
    // A copy of the copy is as good.
    let again = base.path().join("again");
    fs::create_dir(&again).unwrap();
    take(&to, &again).unwrap();
    assert_eq!(Bench::open(&again).history("one").unwrap().len(), 3);
    // The source is as it was.
    drop(bench);
    assert_eq!(Bench::open(folder.path()).history("one").unwrap().len(), 2);
}

#[test]
fn a_store_to_which_nothing_was_written_can_be_copied() {
    let (folder, base) = (testing::Folder::new(), testing::Folder::new());
    drop(Bench::open(folder.path()));
    let to = base.path().join("copy");
    take(folder.path(), &to).unwrap();
    let mut bench = Bench::open(&to);
    bench.put_machine("Orders");
    bench.settle();
}

#[test]
fn a_copy_is_as_private_as_its_source_or_as_the_folder_that_was_made_for_it() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, base) = (testing::Folder::new(), testing::Folder::new());
    drop(Bench::open(folder.path()));
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    set(folder.path(), 0o700);
    take(folder.path(), &base.path().join("new")).unwrap();
    assert_eq!(mode(&base.path().join("new")), 0o700);
    let made = base.path().join("made");
    fs::create_dir(&made).unwrap();
    set(&made, 0o750);
    take(folder.path(), &made).unwrap();
    assert_eq!(mode(&made), 0o750);
}

#[test]
fn damage_is_not_copied() {
    let (folder, base) = (testing::Folder::new(), testing::Folder::new());
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(3_600), SEGMENT_BYTES);
    bench.put_machine("Orders");
    for number in 0..40 {
        bench.run(&format!("e{number}"));
        bench.settle();
    }
    drop(bench);
    let path = folder.path().join("segment-00000001.log");
    let whole = fs::read(&path).unwrap();
    let to = base.path().join("copy");
    for at in (0..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 2;
        fs::write(&path, &bytes).unwrap();
        let is_sound = verify(folder.path(), &mut |_, _| {}).unwrap().is_sound();
        match take(folder.path(), &to) {
            Ok(_) if is_sound => fs::remove_dir_all(&to).unwrap(),
            Ok(_) => panic!("the damage at {at} was copied"),
            Err(CopyError::Damaged(_) | CopyError::Store(Error::Corrupt { .. })) => {
                assert!(!is_sound, "at {at}");
            }
            Err(error) => panic!("{error}"),
        }
        assert!(fs::read_dir(base.path()).unwrap().next().is_none(), "something is left, at {at}");
    }
}

#[test]
fn a_place_that_cannot_be_used_is_refused() {
    let (folder, base) = (testing::Folder::new(), testing::Folder::new());
    let bench = Bench::open(folder.path());
    let refused = |from: &Path, to: &Path| take(from, to).unwrap_err();
    fs::write(base.path().join("file"), b"").unwrap();
    assert!(matches!(refused(folder.path(), base.path()), CopyError::NotEmpty(_)));
    assert!(matches!(refused(folder.path(), &base.path().join("file")), CopyError::NotEmpty(_)));
    assert!(matches!(refused(folder.path(), &base.path().join("no/where")), CopyError::NoParent(_)));
    assert!(matches!(refused(folder.path(), &folder.path().join("inside")), CopyError::Inside { .. }));
    let nothing = testing::Folder::new();
    let to = base.path().join("to");
    assert!(matches!(refused(nothing.path(), &to), CopyError::Store(Error::NoData(_))));
    // Another copy to the same place is being made.
    let unfinished = base.path().join("to.unfinished");
    fs::create_dir(&unfinished).unwrap();
    let lock = fs::File::create(unfinished.join("lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(refused(folder.path(), &to), CopyError::Store(Error::Locked(_))));
    // It ended in the middle.
    fs::write(unfinished.join("segment-00000009.log"), b"half").unwrap();
    drop(lock);
    take(folder.path(), &to).unwrap();
    assert!(!unfinished.exists() && !to.join("segment-00000009.log").exists());
    drop(bench);
}
