//! What is kept, and what the next owner finds: formats, checksums, snapshots, segments.

use super::*;

#[test]
fn a_row_that_is_not_what_was_written_is_noticed() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    let (kind, body) = (RowKind::Frame, b"something");
    let row = Row { seq: 2, epoch, kind, format: FORMAT, check: 0, body };
    world.database.insert(SHARD, &row).unwrap();
    world.pass(TTL);
    world.b.log.acquire().unwrap();
    let read = world.b.log.frames(1, &mut |_| Ok(()));
    assert!(matches!(read, Err(Error::Corrupt { .. })), "{read:?}");
}

#[test]
fn frames_of_another_format_are_refused_and_openings_are_not() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    world.a.append(epoch, "one").unwrap();
    let insert = |seq, epoch, kind| {
        let (format, body) = (FORMAT + 1, b"something");
        let check = check(SHARD, kind, epoch, seq, body);
        let row = Row { seq, epoch, kind, format, check, body };
        assert_eq!(world.database.insert(SHARD, &row).unwrap(), Verdict::Done);
    };
    world.pass(TTL);
    let Acquired::Yes { epoch } = world.database.acquire(SHARD, &"c:1".into(), TTL).unwrap() else {
        panic!("the lease has ended")
    };
    insert(3, epoch, RowKind::Open);
    world.pass(TTL);
    let epoch = world.b.log.acquire().unwrap();
    assert_eq!(world.b.frames(), ["one"]);
    insert(5, epoch, RowKind::Frame);
    world.pass(TTL);
    world.a.log.acquire().unwrap();
    let read = world.a.log.frames(1, &mut |_| Ok(()));
    assert!(matches!(read, Err(Error::Format { .. })), "{read:?}");
}

#[test]
fn a_damaged_snapshot_gives_way_to_the_one_before_it() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    for seq in [3, 8] {
        world.a.log.put_snapshot(seq, &mut |out| out.write_all(b"the state")).unwrap();
    }
    let mut bytes = world.database.snapshot(SHARD, 8).unwrap().unwrap();
    bytes[2] ^= 1;
    world.database.put_snapshot(SHARD, epoch, 8, &bytes).unwrap();
    world.pass(TTL);
    world.b.log.acquire().unwrap();
    assert_eq!(world.b.log.snapshot().unwrap(), Some((3, b"the state".to_vec())));
}

#[test]
fn the_next_owner_knows_segments_and_snapshots() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    for number in 0..300 {
        world.a.append(epoch, &format!("frame {number}")).unwrap();
    }
    world.a.log.drop_segment(2).unwrap();
    for seq in [130, 200] {
        world.a.log.put_snapshot(seq, &mut |out| write!(out, "state {seq}")).unwrap();
    }
    let segments = world.a.log.segments();
    world.pass(TTL);
    world.b.log.acquire().unwrap();
    // The opening counts as bytes too once it is read from the database.
    let known = |segments: &[Segment]| segments.iter().map(|s| (s.number, s.ends_before)).collect::<Vec<_>>();
    assert_eq!(known(&world.b.log.segments()), known(&segments));
    assert_eq!(known(&segments), [(1, Some(64)), (3, Some(192)), (4, Some(256)), (5, None)]);
    assert_eq!(world.b.log.covered(), 130);
    assert_eq!(world.b.log.snapshot().unwrap(), Some((200, b"state 200".to_vec())));
    // What was forgotten in the middle goes with what is before it.
    world.b.log.drop_segment(1).unwrap();
    assert_eq!(world.database.chain(SHARD)[0].seq, 128);
}

#[test]
fn places_are_found_by_row_and_offset() {
    for seq in [1, 63, 64, 65, 1_000_000, SEQ_MAX] {
        let place = place_of(seq);
        assert_eq!(seq_and_offset_of(place), Some((seq, 0)));
        assert_eq!(place.segment(), segment_of(seq));
        let last = place.plus(BODY_MAX as u32 - 1);
        assert_eq!(seq_and_offset_of(last), Some((seq, BODY_MAX as u32 - 1)));
        assert_eq!(last.segment(), place.segment());
        assert!(last < place_of(seq + 1));
        assert!((first_seq_of(segment_of(seq))..first_seq_of(segment_of(seq) + 1)).contains(&seq));
    }
    assert_eq!(seq_and_offset_of(Place::NONE), None);
    assert!(matches!(World::new().a.log.read(Place::new(0, 5), 1), Err(Error::Corrupt { .. })));
}
