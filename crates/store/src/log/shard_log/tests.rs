//! An owner among others: what it writes, when it stops, and what it finds out when answers get lost.

mod kept;

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::owner::PATIENCE;
use super::*;
use crate::log::database::Database;
use crate::log::database::connection::{Connection, Fault};
use crate::log::database::memory::{Link, MemoryDatabase};
use crate::log::{Clock, SetClock};

const SHARD: Shard = Shard::new(17);
const TTL: Duration = Duration::from_secs(10);
const INSTANT: Duration = Duration::from_nanos(1);

/// A process that wants the shard, with a connection and a clock of its own.
struct Process {
    connection: Arc<Connection>,
    clock: Arc<SetClock>,
    member: Arc<Member>,
    log: ShardLog,
}

/// A database and two processes.
struct World {
    database: Arc<MemoryDatabase>,
    clock: Arc<SetClock>,
    a: Process,
    b: Process,
}

impl World {
    fn new() -> World {
        let clock = Arc::new(SetClock::default());
        let database = MemoryDatabase::new(clock.clone());
        let process = |address: &str, started: u64| {
            let connection = Connection::new(database.clone());
            let clock = Arc::new(SetClock::default());
            // No two clocks read the same.
            clock.pass(Duration::from_secs(started));
            let member = Member::new(connection.clone(), clock.clone(), address, TTL);
            let log = ShardLog::new(member.clone(), SHARD);
            Process { connection, clock, member, log }
        };
        let (a, b) = (process("a:1", 5_000), process("b:1", 70));
        World { database, clock, a, b }
    }

    /// By all clocks.
    fn pass(&self, time: Duration) {
        self.pass_elsewhere(time);
        self.a.clock.pass(time);
    }

    /// By all clocks but a's: its thread does not run, and it has not looked at its clock.
    fn pass_elsewhere(&self, time: Duration) {
        self.clock.pass(time);
        self.b.clock.pass(time);
    }

    /// Every row as "epoch:body", openings as "epoch+owner".
    fn chain(&self) -> Vec<String> {
        let text = |Link { epoch, kind, body, .. }: Link| {
            let body = String::from_utf8(body.unwrap_or_default()).unwrap();
            format!("{epoch}{}{body}", if kind == RowKind::Open { "+" } else { ":" })
        };
        self.database.chain(SHARD).into_iter().map(text).collect()
    }
}

impl Process {
    fn append(&self, epoch: u64, body: &str) -> Result<Place, AppendError> {
        self.log.append(epoch, self.log.next_seq(), body.as_bytes())
    }

    fn frames(&self) -> Vec<String> {
        let mut bodies = Vec::new();
        let visit = &mut |frame: Frame<'_>| {
            bodies.push(String::from_utf8(frame.body.to_vec()).unwrap());
            Ok(())
        };
        self.log.frames(1, visit).unwrap();
        bodies
    }
}

fn assert_fenced(appended: &Result<Place, AppendError>) {
    assert!(matches!(appended, Err(AppendError::Fenced)), "{appended:?}");
}

#[test]
fn a_takeover_goes_on_where_the_other_ended() {
    let world = World::new();
    let first = world.a.log.acquire().unwrap();
    world.a.append(first, "one").unwrap();
    world.a.append(first, "two").unwrap();
    assert!(matches!(world.b.log.acquire(), Err(Error::Owned { owner, .. }) if owner == "a:1"));
    world.pass(TTL);
    let second = world.b.log.acquire().unwrap();
    assert!(second > first);
    assert_eq!(world.b.frames(), ["one", "two"]);
    world.b.append(second, "three").unwrap();
    assert_eq!(world.chain(), ["1+a:1", "1:one", "1:two", "2+b:1", "2:three"]);
}

#[test]
fn a_released_shard_is_taken_over_at_once() {
    let world = World::new();
    let first = world.a.log.acquire().unwrap();
    world.a.append(first, "one").unwrap();
    world.a.log.release().unwrap();
    assert_fenced(&world.a.append(first, "two"));
    let second = world.b.log.acquire().unwrap();
    assert_eq!(world.b.frames(), ["one"]);
    world.b.append(second, "two").unwrap();
}

#[test]
fn a_paused_owner_that_wakes_up_after_a_takeover_writes_nothing() {
    let world = World::new();
    let first = world.a.log.acquire().unwrap();
    world.a.append(first, "one").unwrap();
    world.pass(TTL);
    let second = world.b.log.acquire().unwrap();
    world.b.append(second, "two").unwrap();
    let before = world.chain();
    for _ in 0..3 {
        assert_fenced(&world.a.append(first, "late"));
    }
    assert!(matches!(
        world.a.log.put_snapshot(2, &mut |out| out.write_all(b"late")),
        Err(Error::Owned { .. })
    ));
    assert_eq!(world.chain(), before);
    assert_eq!(world.database.snapshots(SHARD).unwrap(), []);
    assert_ne!(world.a.member.owner_of(SHARD), Owner::Here { epoch: first });
}

#[test]
fn an_owner_that_is_paused_while_it_sends_is_stopped_by_the_row_of_the_next_one() {
    let world = World::new();
    let first = world.a.log.acquire().unwrap();
    world.a.connection.next_insert(Fault::Held);
    thread::scope(|scope| {
        let late = scope.spawn(|| world.a.append(first, "late"));
        world.a.connection.wait_until_held();
        // It has looked at its clock, and then this happens.
        world.pass_elsewhere(TTL);
        world.b.log.acquire().unwrap();
        world.a.connection.let_go();
        assert_fenced(&late.join().unwrap());
    });
    assert_eq!(world.chain(), ["1+a:1", "2+b:1"]);
    // It does not even try any more: by its own clock its lease still runs.
    assert_fenced(&world.a.append(first, "later"));
    assert_eq!(world.a.member.owner_of(SHARD), Owner::Nobody);
}

#[test]
fn a_takeover_waits_for_an_append_that_is_under_way_and_keeps_it() {
    let world = World::new();
    let first = world.a.log.acquire().unwrap();
    world.a.connection.next_insert(Fault::UnderWay);
    thread::scope(|scope| {
        let late = scope.spawn(|| world.a.append(first, "in time"));
        world.a.connection.wait_until_held();
        world.pass_elsewhere(TTL);
        let taking = scope.spawn(|| world.b.log.acquire());
        world.a.connection.let_go();
        late.join().unwrap().unwrap();
        taking.join().unwrap().unwrap();
    });
    assert_eq!(world.chain(), ["1+a:1", "1:in time", "2+b:1"]);
    assert_eq!(world.b.frames(), ["in time"]);
}

#[test]
fn a_takeover_waits_for_an_append_that_is_rolled_back_and_wins() {
    let world = World::new();
    let first = world.a.log.acquire().unwrap();
    world.a.connection.next_insert(Fault::RolledBack);
    thread::scope(|scope| {
        let late = scope.spawn(|| world.a.append(first, "late"));
        world.a.connection.wait_until_held();
        world.pass_elsewhere(TTL);
        // The next owner is done before this one asks what became of its append.
        let (done, is_done) = channel::<()>();
        let is_done = Mutex::new(is_done);
        world.a.connection.before_each(move || is_done.lock().unwrap().recv().unwrap_or_default());
        scope.spawn(|| {
            world.b.log.acquire().unwrap();
            drop(done);
        });
        world.a.connection.let_go();
        assert_fenced(&late.join().unwrap());
    });
    assert_eq!(world.chain(), ["1+a:1", "2+b:1"]);
}

#[test]
fn of_two_that_take_a_free_shard_one_gets_it() {
    for _ in 0..50 {
        let world = World::new();
        let taken = thread::scope(|scope| {
            let taking = [&world.a, &world.b].map(|process| scope.spawn(|| process.log.acquire()));
            taking.map(|taking| taking.join().unwrap())
        });
        let [a, b] = taken;
        assert_eq!(a.is_ok() as u8 + b.is_ok() as u8, 1, "{a:?} {b:?}");
        let refused = a.and(b).unwrap_err();
        assert!(matches!(refused, Error::Owned { .. }), "{refused}");
        assert_eq!(world.chain().len(), 1);
    }
}

#[test]
fn one_that_is_overtaken_between_lease_and_opening_opens_nothing() {
    let world = World::new();
    world.a.connection.next_insert(Fault::Held);
    thread::scope(|scope| {
        let taking = scope.spawn(|| world.a.log.acquire());
        world.a.connection.wait_until_held();
        world.pass_elsewhere(TTL);
        let epoch = world.b.log.acquire().unwrap();
        world.b.append(epoch, "one").unwrap();
        world.a.connection.let_go();
        assert!(matches!(taking.join().unwrap(), Err(Error::Owned { .. })));
    });
    assert_eq!(world.chain(), ["2+b:1", "2:one"]);
    assert_fenced(&world.a.append(1, "late"));
}

#[test]
fn an_opening_goes_behind_what_came_in_between() {
    let world = World::new();
    let first = world.a.log.acquire().unwrap();
    world.pass_elsewhere(TTL);
    world.b.connection.next_insert(Fault::Held);
    thread::scope(|scope| {
        let taking = scope.spawn(|| world.b.log.acquire());
        world.b.connection.wait_until_held();
        // The lease is another's, but its log is not closed: what is written here will be read there.
        world.a.append(first, "in time").unwrap();
        world.b.connection.let_go();
        taking.join().unwrap().unwrap();
    });
    assert_eq!(world.chain(), ["1+a:1", "1:in time", "2+b:1"]);
    assert_eq!(world.b.frames(), ["in time"]);
    assert_fenced(&world.a.append(first, "late"));
}

#[test]
fn a_lost_answer_is_made_up_for_by_reading() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    for (fault, body) in [
        (Fault::AnswerLost, "was written"),
        (Fault::RequestLost, "is sent again"),
        (Fault::Late, "is sent again, and comes twice"),
    ] {
        world.a.connection.next_insert(fault);
        world.a.append(epoch, body).unwrap();
    }
    assert_eq!(world.a.connection.arrive(), Some(Verdict::Refused));
    world.a.append(epoch, "more").unwrap();
    assert_eq!(
        world.chain(),
        ["1+a:1", "1:was written", "1:is sent again", "1:is sent again, and comes twice", "1:more"]
    );
}

#[test]
fn an_opening_whose_answer_is_lost_is_found() {
    for fault in [Fault::AnswerLost, Fault::RequestLost, Fault::Late] {
        let world = World::new();
        world.a.connection.next_insert(fault);
        let epoch = world.a.log.acquire().unwrap();
        let arrived = world.a.connection.arrive();
        assert!(arrived.is_none_or(|verdict| verdict == Verdict::Refused));
        world.a.append(epoch, "one").unwrap();
        assert_eq!(world.chain(), ["1+a:1", "1:one"]);
    }
}

#[test]
fn a_row_that_arrives_after_a_takeover_finds_no_place() {
    let world = World::new();
    let first = world.a.log.acquire().unwrap();
    world.a.connection.next_insert(Fault::Late);
    // The connection is gone for good, so that nothing can be found out.
    let connection = world.a.connection.clone();
    let insertions = std::sync::atomic::AtomicU32::new(0);
    world.a.connection.before_each(move || {
        if insertions.fetch_add(1, Ordering::Relaxed) > 0 {
            connection.cut();
        }
    });
    let appended = world.a.append(first, "late");
    assert!(matches!(appended, Err(AppendError::Failed(Error::Io { .. }))), "{appended:?}");
    world.pass(TTL);
    let second = world.b.log.acquire().unwrap();
    assert_eq!(world.a.connection.arrive(), Some(Verdict::Refused));
    world.b.append(second, "one").unwrap();
    assert_eq!(world.chain(), ["1+a:1", "2+b:1", "2:one"]);
}

#[test]
fn what_cannot_be_found_out_is_given_up_after_the_time_of_a_lease() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    let before = world.a.clock.now();
    for _ in 0..200 {
        world.a.connection.next_insert(Fault::RequestLost);
    }
    // Even if the lease could be renewed for ever.
    let member = world.a.member.clone();
    let keeping = AtomicBool::new(false);
    world.a.connection.before_each(move || {
        if !keeping.swap(true, Ordering::Relaxed) {
            member.keep().unwrap();
            keeping.store(false, Ordering::Relaxed);
        }
    });
    assert!(matches!(world.a.append(epoch, "one"), Err(AppendError::Failed(_))));
    let waited = world.a.clock.now() - before;
    assert!(waited >= TTL && waited < TTL + 2 * PATIENCE, "{waited:?}");
    assert_fenced(&world.a.append(epoch, "one"));
    assert_eq!(world.chain(), ["1+a:1"]);
}

#[test]
fn a_takeover_that_gets_no_answer_is_given_up_after_the_time_of_a_lease() {
    let world = World::new();
    let cuts_itself = world.a.connection.clone();
    let calls = std::sync::atomic::AtomicU32::new(0);
    world.a.connection.before_each(move || {
        // The lease is taken, and then nothing is answered any more.
        if calls.fetch_add(1, Ordering::Relaxed) == 1 {
            cuts_itself.cut();
        }
    });
    let before = world.a.clock.now();
    assert!(matches!(world.a.log.acquire(), Err(Error::Io { .. })));
    let waited = world.a.clock.now() - before;
    assert!(waited >= TTL && waited < TTL + 2 * PATIENCE, "{waited:?}");
    assert_eq!(world.a.member.owner_of(SHARD), Owner::Nobody);
    // It is taken again as soon as there are answers.
    world.a.connection.restore();
    let epoch = world.a.log.acquire().unwrap();
    world.a.append(epoch, "one").unwrap();
    assert_eq!(world.chain(), ["2+a:1", "2:one"]);
}

#[test]
fn nothing_is_sent_from_the_end_of_the_lease_on() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    world.pass(TTL - INSTANT);
    world.a.append(epoch, "in time").unwrap();
    assert_eq!(world.a.member.owner_of(SHARD), Owner::Here { epoch });
    world.pass(INSTANT);
    assert_eq!(world.a.member.owner_of(SHARD), Owner::Nobody);
    world.a.connection.cut();
    assert_fenced(&world.a.append(epoch, "late"));
    // Not because it was refused there: it was never sent.
    world.a.connection.restore();
    assert_eq!(world.chain(), ["1+a:1", "1:in time"]);
}

#[test]
fn a_lease_that_ended_unnoticed_goes_on_if_nobody_took_the_shard() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    world.pass(TTL * 5);
    world.a.append(epoch, "one").unwrap();
    assert_eq!(world.a.member.owner_of(SHARD), Owner::Here { epoch });
    assert!(matches!(world.b.log.acquire(), Err(Error::Owned { .. })));
}

#[test]
fn a_lease_is_counted_from_before_it_was_asked_for() {
    let world = World::new();
    let clock = world.a.clock.clone();
    // Every call takes its time.
    world.a.connection.before_each(move || clock.pass(TTL / 10));
    let began = world.a.clock.now();
    let epoch = world.a.log.acquire().unwrap();
    let left = (began + TTL).saturating_sub(world.a.clock.now());
    world.a.clock.pass(left.saturating_sub(INSTANT));
    assert_eq!(world.a.member.owner_of(SHARD), Owner::Here { epoch });
    world.a.clock.pass(INSTANT);
    assert_eq!(world.a.member.owner_of(SHARD), Owner::Nobody);
}

#[test]
fn keeping_holds_a_lease_and_learns_of_the_others() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    let other = ShardLog::new(world.b.member.clone(), Shard::new(3));
    other.acquire().unwrap();
    for _ in 0..9 {
        world.pass(TTL / 3);
        world.a.member.keep().unwrap();
        world.b.member.keep().unwrap();
    }
    let owner_of = |shard| world.a.member.owner_of(Shard::new(shard));
    assert_eq!(owner_of(SHARD.number()), Owner::Here { epoch });
    assert_eq!(owner_of(3), Owner::Elsewhere { address: "b:1".into() });
    assert_eq!(owner_of(4), Owner::Nobody);
    // One that is lost is not claimed any more, and its next owner is known.
    world.pass(TTL);
    world.b.log.acquire().unwrap();
    world.a.member.keep().unwrap();
    assert_eq!(owner_of(SHARD.number()), Owner::Elsewhere { address: "b:1".into() });
    assert_eq!(owner_of(3), Owner::Nobody);
    assert_fenced(&world.a.append(epoch, "late"));
}

#[test]
fn one_store_answers_for_its_own_shard_only() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    let second = ShardLog::new(world.a.member.clone(), Shard::new(3));
    let epoch_of_second = second.acquire().unwrap();
    let arn = |wanted: Shard| {
        let arn = |number| format!("arn:aws:states:us-east-1:123456789012:execution:Orders:{number}");
        (0..100_000).map(arn).find(|arn| Shard::of(arn) == wanted).unwrap()
    };
    let elsewhere = Owner::Elsewhere { address: "a:1".into() };
    let (ownership, of_second) = (world.a.log.ownership(epoch), second.ownership(epoch_of_second));
    assert_eq!(ownership.of(&arn(SHARD)), Owner::Here { epoch });
    assert_eq!(ownership.of(&arn(Shard::new(3))), elsewhere);
    assert_eq!(of_second.of(&arn(Shard::new(3))), Owner::Here { epoch: epoch_of_second });
    assert_eq!(of_second.of(&arn(SHARD)), elsewhere);
    assert_eq!(ownership.of(&arn(Shard::new(4))), Owner::Nobody);
}

#[test]
fn no_room_passes_and_the_same_frame_goes_in() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    // The first copy is on its way when the next one finds no room.
    world.a.connection.next_insert(Fault::Late);
    world.a.connection.next_insert(Fault::NoRoom);
    assert!(matches!(world.a.append(epoch, "one"), Err(AppendError::NoRoom(_))));
    assert!(world.a.log.is_short_of_room());
    assert_eq!(world.a.connection.arrive(), Some(Verdict::Done));
    world.a.append(epoch, "one").unwrap();
    assert!(!world.a.log.is_short_of_room());
    world.a.append(epoch, "two").unwrap();
    assert_eq!(world.chain(), ["1+a:1", "1:one", "1:two"]);
}

#[test]
fn another_frame_in_the_place_of_one_that_may_be_on_its_way_is_a_defect() {
    let world = World::new();
    let epoch = world.a.log.acquire().unwrap();
    world.a.connection.next_insert(Fault::Late);
    world.a.connection.next_insert(Fault::NoRoom);
    assert!(matches!(world.a.append(epoch, "one"), Err(AppendError::NoRoom(_))));
    world.a.connection.arrive();
    assert!(matches!(world.a.append(epoch, "another"), Err(AppendError::Failed(Error::Corrupt { .. }))));
    assert_eq!(world.chain(), ["1+a:1", "1:one"]);
}
