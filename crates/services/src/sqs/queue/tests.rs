//! A queue beside a list of messages that is searched from end to end, with restarts out of what would be on disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;

const RULES: Rules = Rules { retention: 200, receives_max: Some(4), in_flight_max: 12 };

#[derive(Clone, Debug)]
enum Step {
    /// A group, and a delay.
    Arrive(u8, i64),
    Take(usize, i64),
    /// The receipt of a receive, counted from the newest.
    Remove(usize),
    Hide(usize, i64),
    GiveBack(usize),
    /// As many as may be moved elsewhere, which fails.
    Pull(usize),
    Pass(i64),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..3_u8, prop_oneof![3 => Just(0), 1 => 1..30_i64]).prop_map(|(group, delay)| Step::Arrive(group, delay)),
        6 => (1..6_usize, 0..30_i64).prop_map(|(max, hidden)| Step::Take(max, hidden)),
        5 => (0..8_usize).prop_map(Step::Remove),
        2 => (0..8_usize, 0..30_i64).prop_map(|(receipt, hidden)| Step::Hide(receipt, hidden)),
        1 => (0..8_usize).prop_map(Step::GiveBack),
        1 => (1..4_usize).prop_map(Step::Pull),
        5 => (0..25_i64).prop_map(Step::Pass),
        2 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 1..150)
}

/// What the ledger would have: each message with its group, and its state if it has one.
type Disk = BTreeMap<Number, (Option<Arc<str>>, Option<Vec<u8>>)>;

struct Both {
    is_fifo: bool,
    queue: Queue,
    disk: Disk,
    /// The model: everything of every message.
    all: BTreeMap<Number, Held>,
    receipts: Vec<(Number, u32)>,
    numbers: crate::sqs::number::Numbers,
    now: i64,
}

impl Both {
    fn new(is_fifo: bool) -> Both {
        Both {
            is_fifo,
            queue: Queue::new(is_fifo, RULES, Number(0)),
            disk: Disk::new(),
            all: BTreeMap::new(),
            receipts: Vec::new(),
            numbers: Default::default(),
            now: 1_000,
        }
    }

    fn note(&mut self, number: Number, held: &Held) {
        let entry = self.disk.get_mut(&number).expect("it is on disk");
        entry.1 = Some(held.to_bytes().to_vec());
        self.all.insert(number, held.clone());
    }

    fn forget(&mut self, number: Number) {
        self.disk.remove(&number);
        self.all.remove(&number);
    }

    /// Makes visible what is due, in the model.
    fn settle(&mut self) {
        for held in self.all.values_mut() {
            if held.due().is_some_and(|due| due <= self.now) {
                held.phase = Phase::Visible;
            }
        }
    }

    /// Whether this message may be the next of its line, after these.
    fn may_be_next(&self, number: Number, before: &[Number]) -> bool {
        let held = &self.all[&number];
        let same = |other: &Held| !self.is_fifo || other.group == held.group;
        let line: Vec<_> = self.all.iter().filter(|(_, other)| same(other)).collect();
        let is_locked = self.is_fifo
            && line.iter().any(|(number, other)| other.is_in_flight() && !before.contains(number));
        let mut older = line.iter().take_while(|(older, _)| **older < number);
        let is_passed =
            |(older, other): &(&Number, &Held)| before.contains(*older) || other.is_hidden() && !self.is_fifo;
        !is_locked && !held.is_hidden() && older.all(is_passed)
    }

    fn take(&mut self, step: &Step) {
        self.settle();
        match *step {
            Step::Arrive(group, delay) => {
                let number = self.numbers.next(self.now);
                let group = self.is_fifo.then(|| self.queue.group(&group.to_string()));
                self.disk.insert(number, (group.clone(), None));
                if delay > 0 {
                    let held = Held::new(self.now, Phase::Delayed(self.now + delay), group);
                    self.queue.arrive(number, held.clone());
                    self.note(number, &held);
                } else {
                    self.all.insert(number, Held::new(number.time(), Phase::Visible, group.clone()));
                    self.queue.arrive_fresh(number, group);
                }
            }
            Step::Take(max, hidden) => self.receive(max, self.now + hidden),
            Step::Remove(back) => {
                let Some(&(number, receives)) = self.receipts.iter().rev().nth(back) else { return };
                self.queue.wake(self.now);
                let removed = self.queue.remove(number, receives);
                let known = self.all.get(&number);
                let may = known
                    .is_some_and(|held| held.receives == receives && (!self.is_fifo || held.is_in_flight()));
                assert_eq!(removed.is_ok(), may, "{removed:?} of {known:?}");
                if may {
                    self.forget(number);
                }
            }
            Step::Hide(back, hidden) => {
                let Some(&(number, receives)) = self.receipts.iter().rev().nth(back) else { return };
                let changed = self.queue.hide(number, receives, self.now + hidden, self.now);
                let known = self.all.get(&number);
                let may = known.is_some_and(|held| held.receives == receives && held.is_in_flight());
                assert_eq!(changed.is_ok(), may, "{changed:?} of {known:?}");
                changed.into_iter().for_each(|held| self.note(number, &held));
            }
            Step::GiveBack(back) => {
                let Some(&(number, receives)) = self.receipts.iter().rev().nth(back) else { return };
                self.queue.wake(self.now);
                let given = self.queue.give_back(number, receives);
                given.into_iter().for_each(|held| self.note(number, &held));
            }
            Step::Pull(max) => {
                let pulled = self.queue.pull(self.now, max, Number(u64::MAX));
                let mut before = Vec::new();
                for Taken { number, .. } in &pulled {
                    assert!(self.may_be_next(*number, &before), "{number:?} of {:?}", self.all);
                    before.push(*number);
                }
                pulled.into_iter().for_each(|Taken { number, held }| self.queue.restore(number, held));
            }
            Step::Pass(time) => self.now += time,
            Step::Restart => {
                self.queue = Queue::new(self.is_fifo, RULES, Number(0));
                for (&number, (group, state)) in &self.disk {
                    match state {
                        None => self.queue.arrive_fresh(number, group.clone()),
                        Some(bytes) => {
                            let held = Held::from_bytes(bytes, group.clone()).expect("it was written so");
                            self.queue.arrive(number, held);
                        }
                    }
                }
            }
        }
        self.compare();
    }

    fn receive(&mut self, max: usize, until: i64) {
        let taking = self.queue.take(self.now, max, until);
        let mut before: Vec<Number> = Vec::new();
        let mut found: Vec<_> =
            [&taking.taken, &taking.dead, &taking.expired].into_iter().flatten().collect();
        found.sort_by_key(|taken| taken.number);
        for Taken { number, .. } in found {
            assert!(self.may_be_next(*number, &before), "{number:?} of {:?}", self.all);
            before.push(*number);
        }
        for Taken { number, held } in &taking.taken {
            let earlier = &self.all[number];
            assert_eq!((held.receives, held.received), (earlier.receives + 1, self.now));
            assert!(earlier.receives < 4 && earlier.sent + RULES.retention > self.now);
            self.receipts.push((*number, held.receives));
        }
        let in_flight = self.all.values().filter(|held| held.is_in_flight()).count();
        let is_short = taking.taken.len() < max && in_flight + taking.taken.len() < RULES.in_flight_max;
        for Taken { number, held } in &taking.dead {
            assert_eq!(held.receives, 4);
            self.forget(*number);
        }
        for Taken { number, held } in &taking.expired {
            assert!(held.sent + RULES.retention <= self.now);
            self.forget(*number);
        }
        let locked = before.clone();
        for Taken { number, held } in &taking.taken {
            self.note(*number, held);
        }
        if is_short {
            // Nothing that could have been taken was left.
            let left = self
                .all
                .keys()
                .find(|number| !locked.contains(number) && self.may_be_next(**number, &locked));
            assert_eq!(left, None, "of {:?}", self.all);
        }
    }

    fn compare(&mut self) {
        self.settle();
        self.queue.wake(self.now);
        let count = |is: fn(&Held) -> bool| self.all.values().filter(|held| is(held)).count();
        let delayed = count(|held| matches!(held.phase, Phase::Delayed(_)));
        let expected = (count(|held| !held.is_hidden()), delayed, count(Held::is_in_flight));
        assert_eq!(self.queue.counts(), expected, "of {:?}", self.all);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn it_does_what_a_list_would_do(is_fifo in any::<bool>(), steps in steps()) {
        let mut both = Both::new(is_fifo);
        steps.iter().for_each(|step| both.take(step));
    }
}

#[test]
fn a_purge_covers_what_is_on_its_way() {
    let mut queue = Queue::new(false, RULES, Number(0));
    queue.arrive_fresh(Number(1), None);
    queue.purge(Number(2));
    // It was sent before, and is durable only now.
    queue.arrive_fresh(Number(2), None);
    queue.arrive_fresh(Number(3), None);
    assert_eq!(queue.counts(), (1, 0, 0));
    assert_eq!(queue.take(0, 10, 10).taken.len(), 1);
}

#[test]
fn old_messages_are_taken_out_wherever_they_are() {
    let mut queue = Queue::new(false, RULES, Number(0));
    let number = |time| Number::at(time);
    queue.arrive_fresh(number(1), None);
    queue.arrive_fresh(number(2), None);
    queue.arrive(number(9), Held::new(1, Phase::Visible, None));
    assert_eq!(queue.take(2, 1, 100).taken.len(), 1);
    assert_eq!(queue.moved_before(2, 10), [number(9)]);
    for old in [number(1), number(2), number(9)] {
        queue.expire(old, None);
        // Twice, as when it could not be written down.
        queue.expire(old, None);
    }
    assert_eq!(queue.counts(), (0, 0, 0));
    assert_eq!(queue.next_due(), None);
    assert_eq!(queue.moved_before(100, 10), []);
}
