//! Which delivery is attempted next, as a plain value: lanes, places, and who waits for what time.
//!
//! An open delivery is here in some hundred bytes; its body is not. Never here: a clock, bytes, what an attempt is.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::DeliveryId;

/// How many attempts of one lane are under way at once: as many connections as browsers and AWS's own clients open to one host
/// in the order of magnitude, and little enough memory when all have large bodies.
const PLACES_OF_LANE: usize = 64;

/// How many attempts of all lanes together. A lane with nothing under way may always begin one, so that
/// slow targets, however many, never keep a quick one waiting.
const PLACES: usize = 4_096;

/// All open deliveries.
#[derive(Debug, Default)]
pub(super) struct Roster {
    lanes: HashMap<Arc<str>, Lane>,
    /// Those that are not due yet, but for those in lanes with an order.
    later: BTreeSet<(i64, DeliveryId, Arc<str>)>,
    /// Lanes that open at a time.
    closed: BTreeSet<(i64, Arc<str>)>,
    /// Lanes that may have something to begin with.
    ready: VecDeque<Arc<str>>,
    under_way: usize,
}

#[derive(Debug, Default)]
struct Lane {
    in_order: bool,
    queue: VecDeque<DeliveryId>,
    under_way: usize,
    is_ready: bool,
    /// Nothing begins before this time.
    opens: i64,
    /// How many microseconds lie between two attempts.
    pace: Option<i64>,
    /// The part of a millisecond by which `opens` is too early.
    opens_micros: i64,
}

impl Roster {
    /// The shared name of a lane.
    pub fn lane(&self, name: &str) -> Arc<str> {
        self.lanes.get_key_value(name).map_or_else(|| Arc::from(name), |(known, _)| known.clone())
    }

    /// A new delivery, or one of an earlier process. In a lane with an order, smaller ids go first.
    pub fn add(
        &mut self,
        id: DeliveryId,
        lane: &Arc<str>,
        in_order: bool,
        per_second: Option<u32>,
        due: i64,
        now: i64,
    ) {
        let known = self.lanes.entry(lane.clone()).or_default();
        known.in_order = in_order;
        known.pace = per_second.map(|rate| 1_000_000 / i64::from(rate.max(1)));
        if in_order && known.queue.is_empty() && known.under_way == 0 {
            known.opens = known.opens.max(due);
        }
        if in_order || due <= now {
            known.queue.push_back(id);
            known.sort_last();
            self.look_at(lane, now);
        } else {
            self.later.insert((due, id, lane.clone()));
        }
    }

    /// What is to begin now; each of them is settled later.
    pub fn begin(&mut self, now: i64) -> Vec<DeliveryId> {
        self.ripen(now);
        let mut begun = Vec::new();
        let mut held = Vec::new();
        // Each turn begins one or takes a lane off, so it ends.
        while let Some(name) = self.ready.pop_front() {
            let Some(lane) = self.lanes.get_mut(&name) else { continue };
            lane.is_ready = false;
            if lane.opens > now || !lane.has_place() {
                self.look_at(&name, now);
                continue;
            }
            if self.under_way >= PLACES && lane.under_way > 0 {
                // Somebody who is under way makes room, and asks again.
                lane.is_ready = true;
                held.push(name);
                continue;
            }
            let Some(id) = lane.queue.pop_front() else { continue };
            lane.under_way += 1;
            lane.step(now);
            self.under_way += 1;
            begun.push(id);
            // The others have their turns in between.
            self.look_at(&name, now);
        }
        self.ready.extend(held);
        begun
    }

    /// An attempt has ended, and its delivery is done.
    pub fn done(&mut self, lane: &Arc<str>, now: i64) {
        self.leave(lane);
        self.look_at(lane, now);
        self.forget(lane);
    }

    /// An attempt has ended, and is made again at a time.
    pub fn again(&mut self, id: DeliveryId, lane: &Arc<str>, due: i64, now: i64) {
        self.leave(lane);
        match self.lanes.get_mut(lane) {
            Some(known) if known.in_order => {
                known.queue.push_front(id);
                known.opens = known.opens.max(due);
            }
            Some(_) | None => {
                self.later.insert((due, id, lane.clone()));
            }
        }
        self.look_at(lane, now);
    }

    /// When [`begin`](Roster::begin) is to be asked again although nothing happened.
    pub fn wakes(&self) -> Option<i64> {
        let later = self.later.first().map(|(due, ..)| *due);
        let closed = self.closed.first().map(|(opens, _)| *opens);
        later.into_iter().chain(closed).min()
    }

    /// How many attempts are under way.
    pub fn under_way(&self) -> usize {
        self.under_way
    }

    fn ripen(&mut self, now: i64) {
        while let Some((due, ..)) = self.later.first()
            && *due <= now
        {
            let Some((_, id, name)) = self.later.pop_first() else { break };
            self.lanes.entry(name.clone()).or_default().queue.push_back(id);
            self.look_at(&name, now);
        }
        while let Some((opens, _)) = self.closed.first()
            && *opens <= now
        {
            let Some((_, name)) = self.closed.pop_first() else { break };
            self.look_at(&name, now);
        }
    }

    /// Puts a lane where it is found: it has something to begin with, or will have.
    fn look_at(&mut self, name: &Arc<str>, now: i64) {
        let Some(lane) = self.lanes.get_mut(name) else { return };
        if lane.is_ready || lane.queue.is_empty() || !lane.has_place() {
            return;
        }
        if lane.opens > now {
            self.closed.insert((lane.opens, name.clone()));
        } else {
            lane.is_ready = true;
            self.ready.push_back(name.clone());
        }
    }

    fn leave(&mut self, name: &Arc<str>) {
        self.under_way -= 1;
        if let Some(lane) = self.lanes.get_mut(name) {
            lane.under_way -= 1;
        }
    }

    /// A lane that nobody is in is no longer known, unless it has to remember its pace.
    fn forget(&mut self, name: &Arc<str>) {
        let is_empty = |lane: &Lane| lane.queue.is_empty() && lane.under_way == 0 && lane.pace.is_none();
        if self.lanes.get(name).is_some_and(is_empty) {
            self.lanes.remove(name);
        }
    }
}

impl Lane {
    fn has_place(&self) -> bool {
        self.under_way < if self.in_order { 1 } else { PLACES_OF_LANE }
    }

    /// Two that were sent at the same moment may come in any order.
    fn sort_last(&mut self) {
        let mut place = self.queue.len().saturating_sub(1);
        while self.in_order && place > 0 && self.queue[place - 1] > self.queue[place] {
            self.queue.swap(place - 1, place);
            place -= 1;
        }
    }

    /// The next one is a pace behind this one.
    fn step(&mut self, now: i64) {
        let Some(pace) = self.pace else { return };
        let from = if self.opens < now { now * 1_000 } else { self.opens * 1_000 + self.opens_micros };
        let next = from + pace;
        // Pauses below a millisecond add up.
        (self.opens, self.opens_micros) = (next.div_euclid(1_000), next.rem_euclid(1_000));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(parcel: u128) -> DeliveryId {
        DeliveryId { parcel, leg: 0 }
    }

    fn lane(name: &str) -> Arc<str> {
        Arc::from(name)
    }

    fn numbers(ids: Vec<DeliveryId>) -> Vec<u128> {
        ids.into_iter().map(|id| id.parcel).collect()
    }

    #[test]
    fn a_full_lane_keeps_nobody_else_waiting() {
        let mut roster = Roster::default();
        let (slow, quick) = (lane("slow"), lane("quick"));
        for number in 0..100 {
            roster.add(id(number), &slow, false, None, 0, 5);
        }
        assert_eq!(roster.begin(5).len(), PLACES_OF_LANE);
        roster.add(id(200), &quick, false, None, 0, 5);
        assert_eq!(numbers(roster.begin(5)), [200]);
        roster.done(&slow, 6);
        assert_eq!(numbers(roster.begin(6)), [64]);
        assert_eq!(roster.wakes(), None);
    }

    #[test]
    fn however_many_are_slow_a_lane_with_nothing_under_way_begins_one() {
        let mut roster = Roster::default();
        for name in 0..PLACES / PLACES_OF_LANE {
            for number in 0..PLACES_OF_LANE {
                roster.add(id(number as u128), &lane(&name.to_string()), false, None, 0, 0);
            }
        }
        assert_eq!(roster.begin(0).len(), PLACES);
        let quick = lane("quick");
        roster.add(id(7), &quick, false, None, 0, 0);
        roster.add(id(8), &quick, false, None, 0, 0);
        assert_eq!(numbers(roster.begin(0)), [7]);
        roster.done(&quick, 0);
        assert_eq!(numbers(roster.begin(0)), [8]);
    }

    #[test]
    fn who_is_tried_again_waits_for_its_time_and_others_go_by() {
        let mut roster = Roster::default();
        let name = lane("l");
        for number in [1, 2] {
            roster.add(id(number), &name, false, None, 0, 0);
        }
        assert_eq!(numbers(roster.begin(0)), [1, 2]);
        roster.again(id(1), &name, 500, 10);
        roster.done(&name, 10);
        roster.add(id(3), &name, false, None, 700, 10);
        assert_eq!((roster.begin(499), roster.wakes()), (vec![], Some(500)));
        assert_eq!(numbers(roster.begin(500)), [1]);
        assert_eq!(numbers(roster.begin(800)), [3]);
    }

    #[test]
    fn in_order_one_waits_for_the_one_before() {
        let mut roster = Roster::default();
        let name = lane("group");
        for number in [1, 2, 3] {
            roster.add(id(number), &name, true, None, 0, 0);
        }
        assert_eq!(numbers(roster.begin(0)), [1]);
        roster.again(id(1), &name, 1_000, 10);
        assert_eq!((roster.begin(999), roster.wakes()), (vec![], Some(1_000)));
        assert_eq!(numbers(roster.begin(1_000)), [1]);
        roster.done(&name, 1_010);
        assert_eq!(numbers(roster.begin(1_010)), [2]);
        roster.done(&name, 1_020);
        assert_eq!(numbers(roster.begin(1_020)), [3]);
        roster.done(&name, 1_030);
        assert!(roster.lanes.is_empty(), "what nobody is in is forgotten");
    }

    #[test]
    fn a_lane_keeps_its_pace() {
        let mut roster = Roster::default();
        let name = lane("api");
        for number in 0..10 {
            roster.add(id(number), &name, false, Some(3), 0, 0);
        }
        let mut begun = Vec::new();
        let mut now = 0;
        while begun.len() < 10 {
            begun.extend(roster.begin(now).into_iter().map(|_| now));
            now = roster.wakes().unwrap_or(now);
        }
        assert_eq!(begun, [0, 333, 666, 999, 1333, 1666, 1999, 2333, 2666, 2999]);
    }
}
