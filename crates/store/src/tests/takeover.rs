//! Two stores over the same shard of a shared database: one takes over from the other.

use std::sync::Mutex;

use super::*;
use crate::log::database::connection::{Connection, Fault as Break};
use crate::log::database::memory::MemoryDatabase;
use crate::log::{Member, SetClock, ShardLog};

const TTL: Duration = Duration::from_secs(10);

/// A database, and the time of everybody who uses it.
struct World {
    database: Arc<MemoryDatabase>,
    clock: Arc<SetClock>,
}

/// A store of one process, as far as it can be seen from outside.
struct Process {
    bench: Bench,
    connection: Arc<Connection>,
    clock: Arc<SetClock>,
    struck: Receiver<String>,
}

impl World {
    fn new() -> World {
        let clock = Arc::new(SetClock::default());
        World { database: MemoryDatabase::new(clock.clone()), clock }
    }

    /// A process that takes the shard over.
    fn process(&self, address: &str) -> Process {
        self.process_with(address, Settings::default().retention)
    }

    fn process_with(&self, address: &str, retention: Duration) -> Process {
        let connection = Connection::new(self.database.clone());
        let clock = Arc::new(SetClock::default());
        let member = Member::new(connection.clone(), clock.clone(), address, TTL);
        let (send, struck) = channel();
        let send = Mutex::new(send);
        let fault = Fault::new(move |message| {
            send.lock().unwrap().send(message.to_owned()).unwrap_or_default();
        });
        let log = Arc::new(ShardLog::new(member, SHARD));
        let (tell, durable) = channel();
        let settings = Settings { segment_bytes: 4_096, retention, ..Settings::default() };
        let on_durable = move |after| tell.send(after).unwrap_or_default();
        let opened = open_on(log, &settings, fault, Timestamp(0), on_durable).unwrap();
        Process { bench: Bench::of(opened, durable), connection, clock, struck }
    }
}

impl Process {
    /// What it tells after its end, and why it ended.
    fn end(self) -> (Vec<u64>, Vec<String>) {
        let Process { bench: Bench { store, writer, durable, .. }, struck, .. } = self;
        // Both of its threads have ended behind this line.
        drop(writer);
        drop(store);
        (durable.try_iter().collect(), struck.try_iter().collect())
    }

    fn names(&self) -> Vec<String> {
        self.bench.everything().into_keys().collect()
    }
}

const SHARD: Shard = Shard::new(5);
const FENCED: &str = "the log cannot be written: the log has another owner or another next frame";

#[test]
fn a_paused_owner_that_wakes_up_after_a_takeover_strikes_its_fault_and_tells_nobody() {
    let world = World::new();
    let mut first = world.process("first:1");
    first.bench.put_machine("Orders");
    let (open, records) = first.bench.start("open", r#"{"a":1}"#);
    first.bench.queue(records);
    first.bench.run("told");
    first.bench.settle();
    let before = first.bench.everything();

    // It is paused while it sends, by its own clock within its time.
    first.connection.next_insert(Break::Held);
    let turn = first.bench.turn(open, "[1]");
    first.bench.queue(vec![turn]);
    first.connection.wait_until_held();
    first.bench.run("never told");
    world.clock.pass(TTL);

    let mut second = world.process("second:1");
    assert_eq!(second.bench.everything(), before);
    assert_eq!(second.bench.recovered_keys(), [open]);
    let turn = second.bench.turn(open, "[2]");
    second.bench.queue(vec![turn]);
    second.bench.run("second");
    second.bench.settle();
    let after = second.bench.everything();

    first.connection.let_go();
    assert_eq!(first.struck.recv_timeout(Duration::from_secs(20)).unwrap(), FENCED);
    // Whatever else it had or gets to do, it shows and says nothing any more.
    first.bench.run("after");
    assert_eq!(first.bench.everything(), before);
    assert_eq!(first.end(), (vec![], vec![]));

    assert_eq!(second.bench.everything(), after);
    second.bench.run("third");
    second.bench.settle();
    world.clock.pass(TTL);
    let third = world.process("third:1");
    assert_eq!(third.bench.everything(), second.bench.everything());
    assert_eq!(third.names(), ["open", "second", "third", "told"]);
}

#[test]
fn an_owner_whose_time_is_over_does_not_even_send() {
    let world = World::new();
    let mut first = world.process("first:1");
    first.bench.put_machine("Orders");
    first.bench.settle();
    world.clock.pass(TTL);
    first.clock.pass(TTL);
    assert_eq!(first.bench.store.owner_of(&arn("one")), Owner::Nobody);
    let second = world.process("second:1");
    first.bench.run("late");
    assert_eq!(first.struck.recv_timeout(Duration::from_secs(20)).unwrap(), FENCED);
    assert_eq!(first.end(), (vec![], vec![]));
    assert!(second.names().is_empty());
}

#[test]
fn a_commit_that_is_under_way_during_a_takeover_is_told_and_is_there() {
    let world = World::new();
    let mut first = world.process("first:1");
    first.bench.put_machine("Orders");
    first.bench.settle();
    first.connection.next_insert(Break::UnderWay);
    first.bench.run("in time");
    first.connection.wait_until_held();
    world.clock.pass(TTL);
    let taking = std::thread::scope(|scope| {
        let taking = scope.spawn(|| world.process("second:1"));
        first.connection.let_go();
        first.bench.settle();
        taking.join().unwrap()
    });
    assert_eq!(taking.names(), ["in time"]);
    // It learns of the other one with the next commit only.
    first.bench.run("late");
    assert_eq!(first.struck.recv_timeout(Duration::from_secs(20)).unwrap(), FENCED);
    assert_eq!(first.end(), (vec![], vec![]));
    assert_eq!(taking.names(), ["in time"]);
}

#[test]
fn lost_answers_change_nothing() {
    let world = World::new();
    let mut first = world.process("first:1");
    first.bench.put_machine("Orders");
    first.bench.settle();
    let breaks = [Break::AnswerLost, Break::RequestLost, Break::Late, Break::NoRoom, Break::Late];
    for (number, lost) in breaks.into_iter().enumerate() {
        first.connection.next_insert(lost);
        first.bench.run(&format!("e{number}"));
        first.bench.settle();
        // An answer that is given up passes a little time.
        world.clock.pass(Duration::from_millis(100));
    }
    while let Some(verdict) = first.connection.arrive() {
        assert_eq!(verdict, crate::log::database::Verdict::Refused);
    }
    let before = first.bench.everything();
    assert_eq!(first.end(), (vec![], vec![]));
    world.clock.pass(TTL);
    let second = world.process("second:1");
    assert_eq!(second.bench.everything(), before);
    assert_eq!(second.names(), ["e0", "e1", "e2", "e3", "e4"]);
}

#[test]
fn what_is_old_is_removed_and_the_next_owner_goes_on_from_a_snapshot() {
    let world = World::new();
    let mut first = world.process_with("first:1", Duration::ZERO);
    first.bench.put_machine("Orders");
    let (old, records) = first.bench.start("old", r#"{"the":"oldest"}"#);
    first.bench.queue(records);
    for round in 0..600 {
        first.bench.run(&format!("e{round}"));
        first.bench.now = first.bench.now.plus_seconds(2);
        let now = first.bench.now;
        first.bench.writer.tick(now);
        first.bench.settle();
    }
    // The compactor has a thread of its own.
    wait_until(|| {
        first.bench.settle();
        world.database.chain(SHARD)[0].seq > 128
    });
    let history = first.bench.history("old").unwrap();
    assert_eq!(first.end(), (vec![], vec![]));
    let chain = world.database.chain(SHARD);
    assert!(chain.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1));
    world.clock.pass(TTL);
    let mut second = world.process_with("second:1", Duration::ZERO);
    assert_eq!(second.bench.history("old").unwrap(), history);
    let end = second.bench.end(old, Status::Succeeded);
    second.bench.commit(vec![end]);
    assert_eq!(second.bench.history("old").unwrap().len(), history.len() + 1);
}
