//! What every database must do, as tests: each promise of [`Database`] has one here that breaks
//! when it is broken. A crate that brings a database turns on the feature `database-suite` and calls
//! [`suite`] from a test of its own.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use json::Text;

use super::{Acquired, Database, Row, RowKind, Verdict};
use crate::shard::Shard;

/// An empty database, and the passing of its time.
pub trait World {
    /// The database.
    fn database(&self) -> &dyn Database;

    /// So much time passes by its clock.
    fn pass(&self, time: Duration);
}

/// Runs every test, each in a world of its own. Panics at the first promise that is broken.
pub fn suite(make: impl Fn() -> Box<dyn World>) {
    for test in [
        every_epoch_is_greater_than_those_before_it,
        a_lease_keeps_others_out_until_it_ends,
        a_lease_is_renewed_by_the_newest_epoch_only,
        a_renewal_never_shortens_a_lease,
        a_released_shard_is_free_at_once,
        holders_are_those_whose_lease_runs,
        a_log_begins_with_an_opening,
        a_frame_follows_a_row_of_its_own_epoch,
        an_opening_follows_a_row_of_a_lower_epoch,
        nothing_is_written_behind_a_gap,
        of_frames_that_are_under_way_at_a_takeover_those_before_the_opening_stay,
        a_number_is_given_once,
        of_two_at_the_same_time_one_gets_the_number,
        the_lease_has_no_say_in_insertions,
        rows_come_back_as_they_were,
        shards_do_not_see_each_other,
        a_forgotten_body_leaves_its_row,
        truncated_rows_are_gone_and_their_numbers_stay_taken,
        the_last_row_stays,
        sizes_are_of_bodies_that_are_kept,
        the_two_newest_snapshots_are_kept,
        only_the_newest_epoch_changes_what_is_kept,
    ] {
        test(&*make());
    }
}

const SHARD: Shard = Shard::new(200);
const TTL: Duration = Duration::from_secs(10);
const OPEN: RowKind = RowKind::Open;
const FRAME: RowKind = RowKind::Frame;

fn every_epoch_is_greater_than_those_before_it(world: &dyn World) {
    let mut last = 0;
    for owner in ["a", "a", "b", "a", "a"] {
        if owner == "b" {
            world.pass(TTL);
        }
        match acquire(world, owner) {
            Some(epoch) => {
                assert!(epoch > last, "{epoch} came after {last}");
                last = epoch;
            }
            None => world.pass(TTL),
        }
    }
    release(world, last);
    assert!(acquire(world, "b").unwrap() > last);
}

fn a_lease_keeps_others_out_until_it_ends(world: &dyn World) {
    acquire(world, "a").unwrap();
    let held = Acquired::Held { by: "a".into() };
    assert_eq!(world.database().acquire(SHARD, &"b".into(), TTL).unwrap(), held);
    world.pass(TTL - Duration::from_secs(1));
    assert_eq!(world.database().acquire(SHARD, &"b".into(), TTL).unwrap(), held);
    world.pass(Duration::from_secs(1));
    assert!(acquire(world, "b").is_some());
    assert_eq!(acquire(world, "a"), None);
}

fn a_lease_is_renewed_by_the_newest_epoch_only(world: &dyn World) {
    let first = acquire(world, "a").unwrap();
    world.pass(TTL - Duration::from_secs(1));
    assert_eq!(renew(world, first, TTL), Verdict::Done);
    world.pass(TTL - Duration::from_secs(1));
    assert_eq!(acquire(world, "b"), None);
    // It has ended, and nobody took it.
    world.pass(TTL);
    assert_eq!(renew(world, first, TTL), Verdict::Done);
    assert_eq!(acquire(world, "b"), None);
    // The same owner, as another process.
    let second = acquire(world, "a").unwrap();
    assert_eq!(renew(world, first, TTL), Verdict::Refused);
    assert_eq!(renew(world, second + 1, TTL), Verdict::Refused);
    assert_eq!(renew(world, second, TTL), Verdict::Done);
    world.pass(TTL);
    let third = acquire(world, "b").unwrap();
    assert_eq!(renew(world, second, TTL), Verdict::Refused);
    assert_eq!(renew(world, third, TTL), Verdict::Done);
}

fn a_renewal_never_shortens_a_lease(world: &dyn World) {
    let epoch = acquire(world, "a").unwrap();
    assert_eq!(renew(world, epoch, TTL * 3), Verdict::Done);
    assert_eq!(renew(world, epoch, TTL), Verdict::Done);
    world.pass(TTL * 2);
    assert_eq!(acquire(world, "b"), None);
}

fn a_released_shard_is_free_at_once(world: &dyn World) {
    let first = acquire(world, "a").unwrap();
    assert_eq!(release(world, first + 1), Verdict::Refused);
    assert_eq!(acquire(world, "b"), None);
    assert_eq!(release(world, first), Verdict::Done);
    assert_eq!(release(world, first), Verdict::Refused);
    assert_eq!(renew(world, first, TTL), Verdict::Refused);
    let second = acquire(world, "b").unwrap();
    assert_eq!(release(world, first), Verdict::Refused);
    assert_eq!(acquire(world, "a"), None);
    assert_eq!(release(world, second), Verdict::Done);
}

fn holders_are_those_whose_lease_runs(world: &dyn World) {
    let database = world.database();
    let other = Shard::new(201);
    assert_eq!(database.holders().unwrap(), []);
    acquire(world, "a").unwrap();
    world.pass(TTL / 2);
    database.acquire(other, &"b".into(), TTL).unwrap();
    let mut holders = database.holders().unwrap();
    holders.sort();
    assert_eq!(holders, [(SHARD, Text::from("a")), (other, "b".into())]);
    world.pass(TTL / 2);
    assert_eq!(database.holders().unwrap(), [(other, Text::from("b"))]);
}

fn a_log_begins_with_an_opening(world: &dyn World) {
    assert_eq!(world.database().last(SHARD).unwrap(), None);
    assert_eq!(insert(world, FRAME, 1, 1), Verdict::Refused);
    assert_eq!(insert(world, OPEN, 2, 1), Verdict::Refused);
    assert_eq!(insert(world, OPEN, 1, 1), Verdict::Done);
    assert_eq!(world.database().last(SHARD).unwrap(), Some((1, 1)));
}

fn a_frame_follows_a_row_of_its_own_epoch(world: &dyn World) {
    log(world, &[(OPEN, 5), (FRAME, 5)]);
    for epoch in [4, 6] {
        assert_eq!(insert(world, FRAME, 3, epoch), Verdict::Refused);
    }
    assert_eq!(insert(world, FRAME, 3, 5), Verdict::Done);
    assert_eq!(insert(world, OPEN, 4, 6), Verdict::Done);
    // What the owner before had still on its way.
    assert_eq!(insert(world, FRAME, 4, 5), Verdict::Refused);
    assert_eq!(insert(world, FRAME, 5, 5), Verdict::Refused);
    assert_eq!(insert(world, FRAME, 5, 6), Verdict::Done);
    assert_eq!(world.database().last(SHARD).unwrap(), Some((5, 6)));
}

fn an_opening_follows_a_row_of_a_lower_epoch(world: &dyn World) {
    log(world, &[(OPEN, 5), (FRAME, 5)]);
    for epoch in [4, 5] {
        assert_eq!(insert(world, OPEN, 3, epoch), Verdict::Refused);
    }
    assert_eq!(insert(world, OPEN, 3, 8), Verdict::Done);
    // One that was overtaken opens nothing.
    assert_eq!(insert(world, OPEN, 4, 7), Verdict::Refused);
    // Epochs that came to nothing leave no trace.
    assert_eq!(insert(world, OPEN, 4, 12), Verdict::Done);
}

fn nothing_is_written_behind_a_gap(world: &dyn World) {
    log(world, &[(OPEN, 1)]);
    // Three are on their way at once, and the first one comes last.
    assert_eq!(insert(world, FRAME, 3, 1), Verdict::Refused);
    assert_eq!(insert(world, FRAME, 4, 1), Verdict::Refused);
    assert_eq!(insert(world, FRAME, 2, 1), Verdict::Done);
    assert_eq!(insert(world, OPEN, 4, 2), Verdict::Refused);
    assert_eq!(sequence(world), [1, 2]);
    // In order they all get there.
    assert_eq!(insert(world, FRAME, 3, 1), Verdict::Done);
    assert_eq!(insert(world, FRAME, 4, 1), Verdict::Done);
    assert_eq!(sequence(world), [1, 2, 3, 4]);
}

fn of_frames_that_are_under_way_at_a_takeover_those_before_the_opening_stay(world: &dyn World) {
    let (mut last, mut epoch) = (1, 1);
    log(world, &[(OPEN, epoch)]);
    for in_time in 0..=4 {
        // Four are sent without waiting for an answer; the opening of the next owner comes in between.
        let arrive = |seqs: std::ops::RangeInclusive<u64>| {
            seqs.map(|offset| insert(world, FRAME, last + offset, epoch)).collect::<Vec<_>>()
        };
        assert_eq!(arrive(1..=in_time), vec![Verdict::Done; in_time as usize]);
        assert_eq!(insert(world, OPEN, last + in_time + 1, epoch + 1), Verdict::Done);
        assert_eq!(arrive(in_time + 1..=4), vec![Verdict::Refused; 4 - in_time as usize]);
        // Nor does any of them find a place when the next owner has gone on.
        let first = last + in_time + 2;
        (first..first + 4).for_each(|seq| assert_eq!(insert(world, FRAME, seq, epoch + 1), Verdict::Done));
        assert_eq!(arrive(1..=6), [Verdict::Refused; 6]);
        (last, epoch) = (first + 3, epoch + 1);
    }
    assert_eq!(sequence(world), (1..=last).collect::<Vec<_>>());
}

fn a_number_is_given_once(world: &dyn World) {
    log(world, &[(OPEN, 1), (FRAME, 1)]);
    let other = Row { seq: 2, epoch: 1, kind: FRAME, format: 1, check: 77, body: b"another" };
    assert_eq!(world.database().insert(SHARD, &other).unwrap(), Verdict::Refused);
    assert_eq!(insert(world, FRAME, 2, 1), Verdict::Refused);
    assert_eq!(insert(world, OPEN, 1, 9), Verdict::Refused);
    assert_eq!(world.database().row(SHARD, 2).unwrap(), Some((1, 2)));
    assert_eq!(world.database().read(SHARD, 2, 0, 100).unwrap().unwrap(), body(2, 1));
}

fn of_two_at_the_same_time_one_gets_the_number(world: &dyn World) {
    log(world, &[(OPEN, 1)]);
    let database = world.database();
    let mut epoch = 1;
    for seq in 2..22 {
        let start = Barrier::new(2);
        let insert = |kind, epoch| {
            start.wait();
            let body = body(seq, epoch);
            database.insert(SHARD, &Row { seq, epoch, kind, format: 1, check: 0, body: &body }).unwrap()
        };
        let verdicts = thread::scope(|scope| {
            let frame = scope.spawn(|| insert(FRAME, epoch));
            let open = scope.spawn(|| insert(OPEN, epoch + 1));
            [frame.join().unwrap(), open.join().unwrap()]
        });
        let (its_epoch, _) = database.row(SHARD, seq).unwrap().expect("one of them got the number");
        let expected = match its_epoch == epoch {
            true => [Verdict::Done, Verdict::Refused],
            false => [Verdict::Refused, Verdict::Done],
        };
        assert_eq!(verdicts, expected);
        epoch = its_epoch;
    }
}

fn the_lease_has_no_say_in_insertions(world: &dyn World) {
    let epoch = acquire(world, "a").unwrap();
    assert_eq!(insert(world, OPEN, 1, epoch), Verdict::Done);
    world.pass(TTL);
    let next = acquire(world, "b").unwrap();
    // The new owner has not written: this one is still in time.
    assert_eq!(insert(world, FRAME, 2, epoch), Verdict::Done);
    assert_eq!(insert(world, OPEN, 2, next), Verdict::Refused);
    assert_eq!(insert(world, OPEN, 3, next), Verdict::Done);
    assert_eq!(insert(world, FRAME, 3, epoch), Verdict::Refused);
    assert_eq!(insert(world, FRAME, 4, epoch), Verdict::Refused);
}

fn rows_come_back_as_they_were(world: &dyn World) {
    let database = world.database();
    let large: Vec<u8> = (0..3_000_000_u32).map(|byte| (byte % 251) as u8).collect();
    let rows = [
        Row { seq: 1, epoch: 3, kind: OPEN, format: 0, check: u32::MAX, body: b"" },
        Row { seq: 2, epoch: 3, kind: FRAME, format: u32::MAX, check: 0, body: b"\0one\xff" },
        Row { seq: 3, epoch: 3, kind: FRAME, format: 2, check: 7, body: &large },
    ];
    for row in &rows {
        assert_eq!(database.insert(SHARD, row).unwrap(), Verdict::Done);
    }
    for from in 1..=4 {
        let mut visited = 0;
        let visit = &mut |row: Row<'_>| {
            assert_eq!(row, rows[from + visited - 1]);
            visited += 1;
            Ok(())
        };
        database.rows(SHARD, from as u64, visit).unwrap();
        assert_eq!(visited, 4 - from);
    }
    let read = |seq, offset, length| database.read(SHARD, seq, offset, length).unwrap();
    assert_eq!(read(2, 0, 2).unwrap(), b"\0o");
    assert_eq!(read(2, 3, 500).unwrap(), b"e\xff");
    assert_eq!(read(2, 5, 500).unwrap(), b"");
    assert_eq!(read(3, 2_999_998, 9).unwrap(), large[2_999_998..]);
    assert_eq!(read(4, 0, 1), None);
    assert_eq!(database.row(SHARD, 1).unwrap(), Some((3, u32::MAX)));
    assert_eq!(database.row(SHARD, 4).unwrap(), None);
    let failed = || crate::Error::Owned { shard: SHARD, owner: String::new() };
    assert!(database.rows(SHARD, 1, &mut |_| Err(failed())).is_err());
}

fn shards_do_not_see_each_other(world: &dyn World) {
    let database = world.database();
    let other = Shard::new(0);
    let epoch = acquire(world, "a").unwrap();
    log(world, &[(OPEN, epoch), (FRAME, epoch)]);
    assert!(matches!(database.acquire(other, &"b".into(), TTL).unwrap(), Acquired::Yes { .. }));
    assert_eq!(database.last(other).unwrap(), None);
    let opening = Row { seq: 1, epoch: 1, kind: OPEN, format: 1, check: 0, body: b"b" };
    assert_eq!(database.insert(other, &opening).unwrap(), Verdict::Done);
    assert_eq!(database.put_snapshot(SHARD, epoch, 2, b"state").unwrap(), Verdict::Done);
    assert_eq!(database.snapshots(other).unwrap(), []);
    assert_eq!(database.snapshot(other, 2).unwrap(), None);
    assert_eq!(database.sizes(other, 64).unwrap(), [(0, 1)]);
    assert_eq!(database.truncate(SHARD, epoch, 2).unwrap(), Verdict::Done);
    assert_eq!(database.last(other).unwrap(), Some((1, 1)));
}

fn a_forgotten_body_leaves_its_row(world: &dyn World) {
    let database = world.database();
    let epoch = acquire(world, "a").unwrap();
    log(world, &[(OPEN, epoch), (FRAME, epoch), (FRAME, epoch), (FRAME, epoch), (FRAME, epoch)]);
    assert_eq!(database.forget(SHARD, epoch, 2..4).unwrap(), Verdict::Done);
    assert_eq!(sequence(world), [1, 4, 5]);
    assert_eq!(database.read(SHARD, 2, 0, 9).unwrap(), None);
    // A late copy finds its place taken.
    for seq in [2, 3] {
        assert_eq!(insert(world, FRAME, seq, epoch), Verdict::Refused);
        assert_eq!(database.row(SHARD, seq).unwrap(), Some((epoch, seq as u32)));
    }
    assert_eq!(database.forget(SHARD, epoch, 2..100).unwrap(), Verdict::Done);
    assert_eq!(sequence(world), [1]);
    assert_eq!(database.last(SHARD).unwrap(), Some((5, epoch)));
    assert_eq!(insert(world, FRAME, 6, epoch), Verdict::Done);
}

fn truncated_rows_are_gone_and_their_numbers_stay_taken(world: &dyn World) {
    let database = world.database();
    let first = acquire(world, "a").unwrap();
    log(world, &[(OPEN, first), (FRAME, first)]);
    let second = acquire(world, "a").unwrap();
    let rows = [(OPEN, second), (FRAME, second), (FRAME, second)];
    rows.iter().zip(3..).for_each(|(&(kind, epoch), seq)| {
        assert_eq!(insert(world, kind, seq, epoch), Verdict::Done);
    });
    assert_eq!(database.truncate(SHARD, second, 5).unwrap(), Verdict::Done);
    assert_eq!(sequence(world), [5]);
    assert_eq!(database.row(SHARD, 4).unwrap(), None);
    // Everything that was ever sent comes once more, and what was never sent comes late.
    for seq in 1..=5 {
        for epoch in [first, second, second + 1] {
            assert_eq!(insert(world, FRAME, seq, epoch), Verdict::Refused, "frame {seq}");
            assert_eq!(insert(world, OPEN, seq, epoch), Verdict::Refused, "opening {seq}");
        }
    }
    assert_eq!(insert(world, FRAME, 6, second), Verdict::Done);
}

fn the_last_row_stays(world: &dyn World) {
    let database = world.database();
    let epoch = acquire(world, "a").unwrap();
    assert_eq!(database.truncate(SHARD, epoch, 1).unwrap(), Verdict::Refused);
    log(world, &[(OPEN, epoch), (FRAME, epoch), (FRAME, epoch)]);
    assert_eq!(database.truncate(SHARD, epoch, 4).unwrap(), Verdict::Refused);
    assert_eq!(sequence(world), [1, 2, 3]);
    assert_eq!(database.truncate(SHARD, epoch, 3).unwrap(), Verdict::Done);
    assert_eq!(database.truncate(SHARD, epoch, 2).unwrap(), Verdict::Done);
    assert_eq!(sequence(world), [3]);
}

fn sizes_are_of_bodies_that_are_kept(world: &dyn World) {
    let database = world.database();
    let epoch = acquire(world, "a").unwrap();
    for seq in 1..=10 {
        let kind = if seq == 1 { OPEN } else { FRAME };
        let body = vec![1; seq as usize];
        let row = Row { seq, epoch, kind, format: 1, check: 0, body: &body };
        assert_eq!(database.insert(SHARD, &row).unwrap(), Verdict::Done);
    }
    assert_eq!(database.sizes(SHARD, 4).unwrap(), [(0, 1 + 2 + 3), (1, 4 + 5 + 6 + 7), (2, 8 + 9 + 10)]);
    database.forget(SHARD, epoch, 4..8).unwrap();
    assert_eq!(database.sizes(SHARD, 4).unwrap(), [(0, 6), (2, 27)]);
    database.truncate(SHARD, epoch, 9).unwrap();
    assert_eq!(database.sizes(SHARD, 4).unwrap(), [(2, 19)]);
}

fn the_two_newest_snapshots_are_kept(world: &dyn World) {
    let database = world.database();
    let epoch = acquire(world, "a").unwrap();
    let large = vec![9; 2_000_000];
    for (seq, bytes, kept) in [
        (5, &b"five"[..], &[5][..]),
        (9, &large, &[5, 9]),
        (12, b"", &[9, 12]),
        // One that comes late pushes none out.
        (5, b"five", &[9, 12]),
        (12, b"twelve", &[9, 12]),
    ] {
        assert_eq!(database.put_snapshot(SHARD, epoch, seq, bytes).unwrap(), Verdict::Done);
        assert_eq!(database.snapshots(SHARD).unwrap(), kept);
        if kept.contains(&seq) {
            assert_eq!(database.snapshot(SHARD, seq).unwrap().unwrap(), bytes);
        }
    }
    assert_eq!(database.snapshot(SHARD, 9).unwrap().unwrap(), large);
    assert_eq!(database.snapshot(SHARD, 5).unwrap(), None);
}

fn only_the_newest_epoch_changes_what_is_kept(world: &dyn World) {
    let database = world.database();
    let first = acquire(world, "a").unwrap();
    log(world, &[(OPEN, first), (FRAME, first), (FRAME, first)]);
    world.pass(TTL);
    // It has not written anything yet, and counts already.
    let second = acquire(world, "b").unwrap();
    for epoch in [first, second + 1] {
        assert_eq!(database.put_snapshot(SHARD, epoch, 3, b"state").unwrap(), Verdict::Refused);
        assert_eq!(database.forget(SHARD, epoch, 1..3).unwrap(), Verdict::Refused);
        assert_eq!(database.truncate(SHARD, epoch, 2).unwrap(), Verdict::Refused);
    }
    assert_eq!(database.snapshots(SHARD).unwrap(), []);
    assert_eq!(sequence(world), [1, 2, 3]);
    assert_eq!(database.put_snapshot(SHARD, second, 3, b"state").unwrap(), Verdict::Done);
    assert_eq!(database.forget(SHARD, second, 1..2).unwrap(), Verdict::Done);
    assert_eq!(database.truncate(SHARD, second, 2).unwrap(), Verdict::Done);
}

fn acquire(world: &dyn World, owner: &str) -> Option<u64> {
    match world.database().acquire(SHARD, &owner.into(), TTL).unwrap() {
        Acquired::Yes { epoch } => {
            assert!(epoch > 0, "0 is nobody's epoch");
            Some(epoch)
        }
        Acquired::Held { by } => {
            assert_ne!(by, owner);
            None
        }
    }
}

fn renew(world: &dyn World, epoch: u64, ttl: Duration) -> Verdict {
    world.database().renew(SHARD, epoch, ttl).unwrap()
}

fn release(world: &dyn World, epoch: u64) -> Verdict {
    world.database().release(SHARD, epoch).unwrap()
}

/// Rows from number 1 on.
fn log(world: &dyn World, rows: &[(RowKind, u64)]) {
    for (&(kind, epoch), seq) in rows.iter().zip(1..) {
        assert_eq!(insert(world, kind, seq, epoch), Verdict::Done);
    }
}

fn insert(world: &dyn World, kind: RowKind, seq: u64, epoch: u64) -> Verdict {
    let body = body(seq, epoch);
    world
        .database()
        .insert(SHARD, &Row { seq, epoch, kind, format: 1, check: seq as u32, body: &body })
        .unwrap()
}

fn body(seq: u64, epoch: u64) -> Vec<u8> {
    format!("{seq} of {epoch}").into_bytes()
}

/// The numbers of all rows that have a body.
fn sequence(world: &dyn World) -> Vec<u64> {
    let mut seqs = Vec::new();
    let visit = &mut |row: Row<'_>| {
        seqs.push(row.seq);
        Ok(())
    };
    world.database().rows(SHARD, 1, visit).unwrap();
    seqs
}
