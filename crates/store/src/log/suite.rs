//! What every log does.

use std::path::Path;

use std::sync::Arc;
use std::time::Duration;

use super::database::memory::MemoryDatabase;
use super::{AppendError, Disk, Log, Member, Memory, Place, SetClock, ShardLog};
use crate::shard::Shard;
use crate::testing::Folder;

#[test]
fn memory() {
    suite(|_| Box::new(Memory::new(SEGMENT_BYTES)));
}

#[test]
fn disk() {
    suite(|folder| Box::new(Disk::open(folder, SEGMENT_BYTES).unwrap()));
}

#[test]
fn shard() {
    suite(|_| {
        let clock = Arc::new(SetClock::default());
        let member = Member::new(MemoryDatabase::new(clock.clone()), clock, "a", Duration::from_secs(10));
        Box::new(ShardLog::new(member, Shard::new(7)))
    });
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
    let first = log.next_seq();
    let end = first + 40;
    let places: Vec<Place> = (first..end).map(|seq| log.append(epoch, seq, &body(seq)).unwrap()).collect();
    assert!(places.is_sorted() && places[0] < places[39]);
    assert_eq!(log.next_seq(), end);
    for from in [first, first + 1, first + 19, end - 1, end] {
        let read = frames(log, from);
        assert_eq!(read.iter().map(|(seq, ..)| *seq).collect::<Vec<_>>(), (from..end).collect::<Vec<_>>());
        assert!(
            read.iter()
                .all(|(seq, place, bytes)| *place == places[(seq - first) as usize] && *bytes == body(*seq))
        );
    }
}

fn a_wrong_epoch_or_number_appends_nothing(log: &dyn Log) {
    let earlier = log.acquire().unwrap();
    let epoch = log.acquire().unwrap();
    assert!(epoch > earlier);
    let next = log.next_seq();
    assert!(matches!(log.append(earlier, next, b"x"), Err(AppendError::Fenced)));
    assert!(matches!(log.append(epoch, next + 1, b"x"), Err(AppendError::Fenced)));
    log.append(epoch, next, b"x").unwrap();
    assert!(matches!(log.append(epoch, next, b"x"), Err(AppendError::Fenced)));
    assert_eq!(frames(log, 1).len(), 1);
}

fn bodies_can_be_read_in_part(log: &dyn Log) {
    let epoch = log.acquire().unwrap();
    let place = log.append(epoch, log.next_seq(), b"one two three").unwrap();
    assert_eq!(log.read(place, 3).unwrap(), b"one");
    assert_eq!(log.read(place.plus(4), 3).unwrap(), b"two");
    assert!(log.read(place.plus(8), 5_000).unwrap().starts_with(b"three"));
    assert!(log.read(Place::new(9, 0), 1).is_err());
}

fn segments_end_and_can_be_dropped(log: &dyn Log) {
    let epoch = log.acquire().unwrap();
    let (first, mut places) = (log.next_seq(), Vec::new());
    while log.segments().len() < 5 {
        assert!(places.len() < 1_000, "segments have an end");
        let next = log.next_seq();
        places.push(log.append(epoch, next, &body(next)).unwrap());
    }
    let end = log.next_seq();
    let segments = log.segments();
    assert_eq!(segments.last().unwrap().ends_before, None);
    for segment in &segments[..segments.len() - 1] {
        let last = places.iter().rposition(|place| place.segment() == segment.number).unwrap() as u64 + first;
        assert_eq!(segment.ends_before, Some(last + 1));
    }
    // One in the middle goes first, then what is before it.
    let middle = segments[1].ends_before.unwrap();
    log.drop_segment(segments[1].number).unwrap();
    assert_eq!(frames(log, middle).len() as u64, end - middle);
    assert!(log.frames(middle - 1, &mut |_| Ok(())).is_err());
    assert!(log.read(places[0], 1).is_ok());
    log.drop_segment(segments[0].number).unwrap();
    assert_eq!(log.segments(), segments[2..]);
    assert!(log.read(places[0], 1).is_err());
    assert_eq!(frames(log, middle).len() as u64, end - middle);
    assert!(log.frames(middle - 1, &mut |_| Ok(())).is_err());
    log.append(epoch, end, b"more").unwrap();
}

fn the_last_two_snapshots_are_kept(log: &dyn Log) {
    log.acquire().unwrap();
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
    let first = log.next_seq();
    for (seq, size) in (first..).zip([10, 5_000, 10, 70_000, 5_000]) {
        let place = log.append(epoch, seq, &vec![seq as u8; size]).unwrap();
        assert_eq!(log.read(place, size).unwrap(), vec![seq as u8; size]);
    }
    assert_eq!(
        frames(log, first).iter().map(|(.., body)| body.len()).collect::<Vec<_>>(),
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
