//! What every log does.

use std::path::Path;

use super::{AppendError, Disk, Log, Memory, Place};
use crate::testing::Folder;

#[test]
fn memory() {
    suite(|_| Box::new(Memory::new(SEGMENT_BYTES)));
}

#[test]
fn disk() {
    suite(|folder| Box::new(Disk::open(folder, SEGMENT_BYTES).unwrap()));
}

const SEGMENT_BYTES: u64 = 400;

fn suite(make: fn(&Path) -> Box<dyn Log>) {
    for test in [
        frames_come_back_in_order,
        a_wrong_epoch_or_number_appends_nothing,
        bodies_can_be_read_in_part,
        segments_end_and_can_be_dropped,
        the_last_two_snapshots_are_kept,
        a_frame_may_be_larger_than_a_segment,
    ] {
        let folder = Folder::new();
        test(&*make(folder.path()));
    }
}

fn frames_come_back_in_order(log: &dyn Log) {
    let epoch = log.acquire().unwrap();
    assert_eq!(log.next_seq(), 1);
    let places: Vec<Place> = (1..=40).map(|seq| log.append(epoch, seq, &body(seq)).unwrap()).collect();
    assert!(places.is_sorted() && places[0] < places[39]);
    assert_eq!(log.next_seq(), 41);
    for from in [1, 2, 20, 40, 41] {
        let read = frames(log, from);
        assert_eq!(read.iter().map(|(seq, ..)| *seq).collect::<Vec<_>>(), (from..=40).collect::<Vec<_>>());
        assert!(
            read.iter()
                .all(|(seq, place, bytes)| *place == places[*seq as usize - 1] && *bytes == body(*seq))
        );
    }
}

fn a_wrong_epoch_or_number_appends_nothing(log: &dyn Log) {
    let earlier = log.acquire().unwrap();
    let epoch = log.acquire().unwrap();
    assert!(epoch > earlier);
    assert!(matches!(log.append(earlier, 1, b"x"), Err(AppendError::Fenced)));
    assert!(matches!(log.append(epoch, 2, b"x"), Err(AppendError::Fenced)));
    log.append(epoch, 1, b"x").unwrap();
    assert!(matches!(log.append(epoch, 1, b"x"), Err(AppendError::Fenced)));
    assert_eq!(frames(log, 1).len(), 1);
}

fn bodies_can_be_read_in_part(log: &dyn Log) {
    let epoch = log.acquire().unwrap();
    let place = log.append(epoch, 1, b"one two three").unwrap();
    assert_eq!(log.read(place, 3).unwrap(), b"one");
    assert_eq!(log.read(place.plus(4), 3).unwrap(), b"two");
    assert!(log.read(place.plus(8), 5_000).unwrap().starts_with(b"three"));
    assert!(log.read(Place::new(9, 0), 1).is_err());
}

fn segments_end_and_can_be_dropped(log: &dyn Log) {
    let epoch = log.acquire().unwrap();
    let places: Vec<Place> = (1..=40).map(|seq| log.append(epoch, seq, &body(seq)).unwrap()).collect();
    let segments = log.segments();
    assert!(segments.len() > 3);
    assert_eq!(segments.last().unwrap().ends_before, None);
    for segment in &segments[..segments.len() - 1] {
        let last = places.iter().rposition(|place| place.segment() == segment.number).unwrap() as u64 + 1;
        assert_eq!(segment.ends_before, Some(last + 1));
    }
    let first_kept = segments[0].ends_before.unwrap();
    log.drop_segment(segments[0].number).unwrap();
    assert_eq!(log.segments(), segments[1..]);
    assert!(log.read(places[0], 1).is_err());
    assert_eq!(frames(log, first_kept).len() as u64, 41 - first_kept);
    assert!(log.frames(first_kept - 1, &mut |_| Ok(())).is_err());
}

fn the_last_two_snapshots_are_kept(log: &dyn Log) {
    assert!(log.snapshot().unwrap().is_none());
    assert_eq!(log.covered(), 1);
    for (seq, covered) in [(5, 1), (9, 5), (12, 9)] {
        log.put_snapshot(seq, &mut |out| out.write_all(format!("state {seq}").as_bytes())).unwrap();
        assert_eq!(log.snapshot().unwrap(), Some((seq, format!("state {seq}").into_bytes())));
        assert_eq!(log.covered(), covered);
    }
    let failed = log.put_snapshot(20, &mut |out| {
        out.write_all(b"half")?;
        Err(std::io::Error::other("no more"))
    });
    assert!(failed.is_err());
    assert_eq!(log.snapshot().unwrap().unwrap().0, 12);
}

fn a_frame_may_be_larger_than_a_segment(log: &dyn Log) {
    let epoch = log.acquire().unwrap();
    for (seq, size) in [(1, 10), (2, 5_000), (3, 10), (4, 70_000), (5, 5_000)] {
        let place = log.append(epoch, seq, &vec![seq as u8; size]).unwrap();
        assert_eq!(log.read(place, size).unwrap(), vec![seq as u8; size]);
    }
    assert_eq!(
        frames(log, 1).iter().map(|(.., body)| body.len()).collect::<Vec<_>>(),
        [10, 5_000, 10, 70_000, 5_000]
    );
}

fn body(seq: u64) -> Vec<u8> {
    format!("frame {seq} {}", "x".repeat(seq as usize % 7 * 10)).into_bytes()
}

fn frames(log: &dyn Log, from: u64) -> Vec<(u64, Place, Vec<u8>)> {
    let mut frames = Vec::new();
    log.frames(from, &mut |frame| {
        frames.push((frame.seq, frame.place, frame.body.to_vec()));
        Ok(())
    })
    .unwrap();
    frames
}
