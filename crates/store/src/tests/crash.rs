//! A store whose files were cut is one that ended earlier; one whose files were changed says so.

use std::fs;
use std::path::PathBuf;

use super::*;

/// Where the log ended, and everything that could be read then.
type State = (usize, BTreeMap<String, String>);

/// The segment file, and the state after each commit.
fn five_commits(folder: &testing::Folder) -> (PathBuf, Vec<State>) {
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(3_600), 64 << 10);
    let mut states = vec![(0, BTreeMap::new())];
    bench.put_machine("Orders");
    bench.settle();
    let (key, records) = bench.start("open", r#"{"a":"b"}"#);
    bench.commit(records);
    let mut commits = vec![vec![bench.turn(key, "[1,2,3]")], vec![bench.end(key, Status::Failed)]];
    commits.insert(1, bench.start("second", "{}").1);
    let path = folder.path().join("segment-00000001.log");
    states.push((end(&bench), bench.everything()));
    for records in commits {
        bench.commit(records);
        states.push((end(&bench), bench.everything()));
    }
    (path, states)
}

/// Where the last frame ends.
fn end(bench: &Bench) -> usize {
    let mut end = 0;
    let visit = &mut |frame: crate::log::Frame<'_>| {
        end = frame.place.offset() as usize + frame.body.len();
        Ok(())
    };
    bench.store.shared.log.frames(1, visit).unwrap();
    end
}

#[test]
fn a_file_cut_anywhere_gives_an_earlier_state() {
    let folder = testing::Folder::new();
    let (path, states) = five_commits(&folder);
    let whole = fs::read(&path).unwrap();
    let from = states[1].0;
    for cut in from..=states.last().unwrap().0 {
        let mut bytes = whole.clone();
        bytes[cut..].fill(0);
        fs::write(&path, &bytes).unwrap();
        let bench = Bench::open_with(folder.path(), Duration::from_secs(3_600), 64 << 10);
        // A frame that loses nothing but zeros is whole.
        let expected = states.iter().rev().find(|(end, _)| bytes[..*end] == whole[..*end]).unwrap();
        assert_eq!(bench.everything(), expected.1, "cut at {cut}");
    }
}

#[test]
fn a_changed_byte_is_refused_in_the_last_frame_as_in_any_other() {
    let folder = testing::Folder::new();
    let (path, states) = five_commits(&folder);
    let whole = fs::read(&path).unwrap();
    for at in 0..states.last().unwrap().0 {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        fs::write(&path, bytes).unwrap();
        match Bench::try_open(folder.path(), Duration::from_secs(3_600), 64 << 10) {
            Ok(_) => panic!("the change at {at} was not noticed"),
            Err(Error::Corrupt { .. } | Error::Format { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_record_that_goes_bad_while_the_store_is_open_is_an_error_not_an_answer() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(3_600), 64 << 10);
    bench.put_machine("Orders");
    bench.run("one");
    bench.settle();
    let before = bench.history("one").unwrap();
    let path = folder.path().join("segment-00000001.log");
    let (whole, end) = (fs::read(&path).unwrap(), end(&bench));
    let (mut noticed, mut same) = (0, 0);
    for at in 60..end {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x08;
        fs::write(&path, bytes).unwrap();
        match bench.store.history(&arn("one"), 0, 100, false) {
            Ok(page) => {
                same += 1;
                assert_eq!(page.unwrap().events, before);
            }
            Err(error) => {
                noticed += 1;
                assert!(matches!(error, Error::Corrupt { .. }), "{error}");
            }
        }
    }
    assert!(noticed > 300 && same > 300, "{noticed} {same}");
}
