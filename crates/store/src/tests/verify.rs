//! Every bit that counts is looked at: a folder in which one is wrong is said to be damaged, at the
//! right place, and never gives an answer that differs.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::*;
use crate::log::look;
use crate::verify::{Report, verify};

const SEGMENT_BYTES: u64 = 2_048;
const LONG: Duration = Duration::from_secs(1_000_000);

/// A folder with everything that a store writes: several segments, two snapshots, a catalog, removed
/// and moved executions, open and closed ones, a Map Run.
fn written() -> testing::Folder {
    let folder = testing::Folder::new();
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(10), SEGMENT_BYTES);
    bench.put_machine("Orders");
    bench.settle();
    let (old, records) = bench.start("old", r#"{"a":1}"#);
    bench.commit(records);
    let (mut held, record) = bench.map_run("run", true);
    bench.commit(vec![record]);
    for n in 0..30 {
        bench.now = Timestamp(n * 1_000);
        bench.writer.tick(bench.now);
        bench.run(&format!("e{n:02}"));
        if n % 10 == 3 {
            let turn = bench.turn(old, &n.to_string());
            held.begin(2);
            held.end(n as u32 / 10, Status::Succeeded, bench.now);
            let map_turn = held.turn(bench.now);
            bench.commit(vec![turn, map_turn]);
        }
        bench.settle();
    }
    let (_, records) = bench.start("open", "{}");
    bench.commit(records);
    bench.settle();
    drop(bench);
    folder
}

fn look_at(folder: &Path) -> Report {
    verify(folder, &mut |_, _| {}).unwrap()
}

/// Everything that can be read; an execution that cannot be read has no entry.
fn readable(bench: &Bench) -> BTreeMap<String, Option<String>> {
    let filter =
        ExecutionFilter { machine_arn: MACHINE.into(), limit: usize::MAX, ..ExecutionFilter::default() };
    let names = bench.store.executions(&filter).unwrap().executions.into_iter();
    let map_run = bench.store.express_children(&map_runs::map_run_arn("run"), None, None, 9).ok();
    let map_run = map_run.map(|page| format!("{page:?} {:?}", bench.recovered.map_runs));
    let described = names.map(|row| {
        let view = bench.store.execution(&row.arn()).ok();
        let page = bench.store.history(&row.arn(), 0, usize::MAX, false).ok();
        let text = view.zip(page).map(|(view, page)| format!("{view:?} {page:?}"));
        (row.name.to_string(), text)
    });
    described.chain([("a Map Run".to_owned(), map_run)]).collect()
}

/// For each file, which of its bytes carry something, and where what they belong to begins.
fn carrying(folder: &Path) -> Vec<(PathBuf, Vec<Option<u64>>)> {
    let listing = look::list(folder).unwrap();
    let mut files = Vec::new();
    for (&number, path) in &listing.segments {
        let bytes = fs::read(path).unwrap();
        let mut map = vec![None; bytes.len()];
        map[..look::HEADER_BYTES].fill(Some(0));
        let salt = look::salt(path, number, &bytes).unwrap();
        let mut walk = look::Walk::new(salt, number, &bytes, 0, 0);
        let mut begin = look::HEADER_BYTES;
        while let look::Piece::Frame(frame) = walk.step() {
            let end = frame.place.offset() as usize + frame.body.len();
            map[begin..end].fill(Some(begin as u64));
            begin = end;
        }
        files.push((path.clone(), map));
    }
    for path in listing.snapshots.values() {
        files.push((path.clone(), vec![Some(0); fs::read(path).unwrap().len()]));
    }
    files
}

fn copy_of(folder: &Path) -> testing::Folder {
    let copy = testing::Folder::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    copy
}

#[test]
fn a_sound_folder_is_sound() {
    let folder = written();
    let report = look_at(folder.path());
    assert!(report.is_sound(), "{report:#?}");
    assert!(report.segments > 3 && report.snapshots == 2 && report.frames > 20, "{report:#?}");
    assert_eq!((report.open, report.map_runs, report.machines, report.activities), (2, 1, 1, 0));
    assert!(report.closed > 0 && report.notes.is_empty(), "{report:#?}");
    let bench = Bench::open_with(folder.path(), LONG, SEGMENT_BYTES);
    let everything = readable(&bench);
    assert_eq!(everything.len(), report.open + report.closed + report.map_runs);
    assert!(everything.values().all(Option::is_some));
}

#[test]
fn every_flipped_bit_is_named_or_carries_nothing() {
    let folder = written();
    let (mut named, mut nothing) = (0, 0);
    for (path, map) in carrying(folder.path()) {
        let whole = fs::read(&path).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        let is_segment = path.extension().unwrap() == "log";
        for (at, belongs_to) in map.iter().enumerate() {
            file.write_all_at(&[whole[at] ^ 1 << (at % 8)], at as u64).unwrap();
            let report = match verify(folder.path(), &mut |_, _| {}) {
                Ok(report) => report,
                Err(error) => panic!("{} at {at}: {error}", path.display()),
            };
            match belongs_to {
                Some(begin) => {
                    named += 1;
                    let offset = is_segment.then_some(*begin);
                    let is_it =
                        |damage: &crate::verify::Damage| damage.file == path && damage.offset == offset;
                    assert!(report.damages.iter().any(is_it), "{} at {at}: {report:#?}", path.display());
                    assert_eq!(report.damage_count, 1, "{} at {at}: {report:#?}", path.display());
                }
                None => {
                    nothing += 1;
                    assert!(report.is_sound(), "{} at {at}: {report:#?}", path.display());
                    assert!(report.notes[0].file == path, "{} at {at}: {report:#?}", path.display());
                }
            }
            file.write_all_at(&[whole[at]], at as u64).unwrap();
        }
    }
    assert!(named > 5_000 && nothing > 1_000, "{named} {nothing}");
    assert!(look_at(folder.path()).is_sound());
}

#[test]
fn a_store_with_a_flipped_bit_gives_the_same_answers_or_none() {
    let folder = written();
    let copy = copy_of(folder.path());
    let expected = readable(&Bench::open_with(copy.path(), LONG, SEGMENT_BYTES));
    let (mut opened, mut refused, mut withheld) = (0, 0, 0);
    for (path, map) in carrying(folder.path()) {
        let whole = fs::read(&path).unwrap();
        // Everything near the ends of frames, and a part of the rest.
        let is_edge = |at: usize| (1..8).any(|by| map.get(at + by) != map.get(at));
        for at in (0..whole.len()).filter(|&at| at % 23 == 0 || is_edge(at)) {
            let copy = copy_of(folder.path());
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(copy.path().join(path.file_name().unwrap()), &bytes).unwrap();
            let is_said = !look_at(copy.path()).is_sound();
            match Bench::try_open(copy.path(), LONG, SEGMENT_BYTES) {
                Ok(bench) => {
                    opened += 1;
                    let answers = readable(&bench);
                    assert!(answers.keys().eq(expected.keys()), "{} at {at}", path.display());
                    for (name, answer) in answers {
                        match answer {
                            Some(answer) => assert_eq!(Some(answer), expected[&name], "{name}, at {at}"),
                            None => {
                                withheld += 1;
                                assert!(is_said, "{} at {at}", path.display());
                            }
                        }
                    }
                }
                Err(Error::Corrupt { .. } | Error::Format { .. }) => {
                    refused += 1;
                    assert!(is_said, "{} at {at}", path.display());
                }
                Err(error) => panic!("{} at {at}: {error}", path.display()),
            }
        }
    }
    assert!(opened > 100 && refused > 100 && withheld > 0, "{opened} {refused} {withheld}");
}

#[test]
fn what_cannot_be_judged_is_an_error() {
    let folder = testing::Folder::new();
    let judge = || verify(folder.path(), &mut |_, _| {}).unwrap_err();
    assert!(matches!(judge(), Error::NoData(_)));
    let bench = Bench::open_with(folder.path(), LONG, SEGMENT_BYTES);
    assert!(matches!(judge(), Error::Locked(_)));
    drop(bench);
    assert!(look_at(folder.path()).is_sound());
    let path = folder.path().join("segment-00000001.log");
    let mut bytes = fs::read(&path).unwrap();
    bytes[8..12].copy_from_slice(&77_u32.to_le_bytes());
    let crc = crc32c::crc32c(&bytes[..28]).to_le_bytes();
    bytes[28..32].copy_from_slice(&crc);
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(judge(), Error::Format { found: 77, .. }));
}

#[test]
fn a_missing_file_is_damage() {
    let folder = written();
    let (mut whole, mut damaged) = (0, 0);
    for path in look::list(folder.path()).unwrap().segments.values() {
        let copy = copy_of(folder.path());
        fs::remove_file(copy.path().join(path.file_name().unwrap())).unwrap();
        let report = look_at(copy.path());
        let opened = Bench::try_open(copy.path(), LONG, SEGMENT_BYTES);
        match opened.map(|bench| readable(&bench)) {
            Ok(answers) if answers.values().all(Option::is_some) => {
                whole += 1;
                // It held nothing, being made ready for later; or only what a damaged snapshot would need.
                assert_eq!(report.unreadable_count, 0, "{path:?} {report:#?}");
                let is_missed = report.damages.iter().all(|damage| damage.detail.contains("is missing"));
                assert!(is_missed, "{path:?} {report:#?}");
            }
            Ok(_) | Err(_) => {
                damaged += 1;
                assert!(!report.is_sound(), "{path:?} {report:#?}");
            }
        }
    }
    assert!(whole > 0 && damaged > 1, "{whole} {damaged}");
}

#[test]
fn what_a_damage_means_is_said() {
    let folder = written();
    let segments: Vec<_> = look::list(folder.path()).unwrap().segments.into_values().collect();
    let mut bytes = fs::read(&segments[0]).unwrap();
    bytes[300] ^= 1;
    fs::write(&segments[0], &bytes).unwrap();
    let report = look_at(folder.path());
    assert!(report.damages[0].detail.contains("wrong checksum"), "{report:#?}");
    assert!(report.damages[0].meaning.starts_with("a server "), "{report:#?}");
}
