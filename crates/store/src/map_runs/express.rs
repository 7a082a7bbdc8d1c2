//! EXPRESS children: their ends are in the records of their Map Run.

use std::collections::BTreeMap;

use asl::{Failure, Timestamp};
use execution::Status;
use execution::map_run::{ChildEnd, EndedChild, MapRunChange, MapRunStart};
use json::{Document, Text};

use super::begun;
use crate::chain::map_run::{self, MapRunChain};
use crate::log::Log;
use crate::store::{Error, Store};

/// How many bytes of records are read for one page: what they hold is in memory until the page is answered, and
/// whoever looks for a rare status must hear something in the meantime.
const PAGE_BYTES_MAX: usize = if cfg!(test) { 2_000 } else { 64 << 20 };

/// An EXPRESS child that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpressChild {
    /// Its ARN.
    pub arn: Text,
    /// Its name.
    pub name: Text,
    /// Its number.
    pub child: u32,
    /// Never `Running`.
    pub status: Status,
    /// How many items it had.
    pub items: u32,
    /// When it began, the last time.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Timestamp,
    /// Its input.
    pub input: Document,
    /// After success.
    pub output: Option<Document>,
    /// After failure.
    pub failure: Option<Failure>,
    /// How often it began again.
    pub redrives: u64,
}

/// A page of EXPRESS children.
#[derive(Clone, Debug)]
pub struct ExpressChildPage {
    /// Newest end first. There may be fewer than were asked for although others follow.
    pub children: Vec<ExpressChild>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<u64>,
}

impl Store {
    /// The EXPRESS children of a Map Run that have ended and did not begin again since, with this status or any;
    /// behind `after` (`next` of an earlier page), at most `limit`. `None` if there is no such Map Run.
    pub fn express_children(
        &self,
        map_run_arn: &str,
        status: Option<Status>,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Option<ExpressChildPage>, Error> {
        self.look_at_map_run(map_run_arn, |key, entry| {
            let log = &*self.shared.log;
            let chain = MapRunChain::find(log, key, entry.last)?;
            let was_redriven = map_run::latest(log, key, entry.last)?.summary.redrives > 0;
            let after = after.map(Spot::from_number);
            Walk { log, chain, was_redriven }.page(status, after, limit)
        })
    }

    /// An EXPRESS child by its own ARN, with the ARN of its Map Run; `None` while it runs.
    pub fn express_child(&self, execution_arn: &str) -> Result<Option<(ExpressChild, Text)>, Error> {
        let Some((map_run_arn, name)) = map_run_of(execution_arn) else { return Ok(None) };
        let found = self.look_at_map_run(&map_run_arn, |key, entry| {
            let log = &*self.shared.log;
            let latest = map_run::latest(log, key, entry.last)?;
            let chain = MapRunChain::find(log, key, entry.last)?;
            let start = chain.start(log)?;
            let walk = Walk { log, chain, was_redriven: latest.summary.redrives > 0 };
            match start.child_of_name(name, begun(&latest)).filter(|_| start.express) {
                Some(child) => last_end(&walk, &start, child),
                None => Ok(None),
            }
        })?;
        Ok(found.flatten().map(|child| (child, map_run_arn)))
    }
}

impl ExpressChild {
    fn new(start: &MapRunStart, child: u32, status: Status, end: ChildEnd) -> ExpressChild {
        let ChildEnd { input, output, failure, items, started_at, stopped_at } = end;
        let (arn, name) = (start.child_arn(child), start.child_name(child));
        let redrives = 0;
        ExpressChild {
            arn,
            name,
            child,
            status,
            items,
            started_at,
            stopped_at,
            input,
            output,
            failure,
            redrives,
        }
    }
}

/// Where an end is recorded. It stays the same when the records are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    /// The number of the turn.
    turn: u32,
    /// Which of its changes.
    change: u32,
}

impl Spot {
    fn to_number(self) -> u64 {
        u64::from(self.turn) << 32 | u64::from(self.change)
    }

    fn from_number(number: u64) -> Spot {
        Spot { turn: (number >> 32) as u32, change: number as u32 }
    }
}

/// A way through the ends of children, the newest first.
struct Walk<'a> {
    log: &'a dyn Log,
    chain: MapRunChain,
    was_redriven: bool,
}

/// What a walk has found.
#[derive(Default)]
struct Found {
    rows: Vec<(Spot, ExpressChild)>,
    /// Children that have begun again in what was read, and how often.
    again: BTreeMap<u32, u64>,
    /// What is before this was not read.
    read_from: Option<Spot>,
    next: Option<Spot>,
}

impl Walk<'_> {
    fn page(
        &self,
        status: Option<Status>,
        after: Option<Spot>,
        limit: usize,
    ) -> Result<ExpressChildPage, Error> {
        let Found { rows, mut again, read_from, next } = self.rows(status, after, limit)?;
        if let Some(spot) = read_from.filter(|_| self.was_redriven) {
            self.each_beginning_before(spot, |child| *again.entry(child).or_default() += 1)?;
        }
        let children = rows.into_iter().map(|(_, child)| {
            let redrives = again.get(&child.child).copied().unwrap_or(0);
            ExpressChild { redrives, ..child }
        });
        Ok(ExpressChildPage { children: children.collect(), next: next.map(Spot::to_number) })
    }

    fn rows(&self, status: Option<Status>, after: Option<Spot>, limit: usize) -> Result<Found, Error> {
        let start = self.chain.start(self.log)?;
        let (mut found, mut bytes_read) = (Found::default(), 0);
        for number in (0..self.first_turn(after)).rev() {
            if bytes_read >= PAGE_BYTES_MAX {
                let next = Some(Spot { turn: number as u32 + 1, change: 0 });
                return Ok(Found { read_from: next, next, ..found });
            }
            let (turn, bytes) = self.chain.turn(self.log, number)?;
            for (at, change) in turn.changes.into_iter().enumerate().rev() {
                let spot = Spot { turn: number as u32, change: at as u32 };
                match change {
                    MapRunChange::BegunAgain { child } => *found.again.entry(child).or_default() += 1,
                    MapRunChange::Ended(EndedChild {
                        child, status: its_status, express: Some(end), ..
                    }) if after.is_none_or(|after| spot < after)
                            && status.is_none_or(|status| status == its_status)
                            // Of those only the last end counts.
                            && !found.again.contains_key(&child) =>
                    {
                        if let Some(&(last, _)) = found.rows.last().filter(|_| found.rows.len() >= limit) {
                            return Ok(Found { read_from: Some(spot), next: Some(last), ..found });
                        }
                        found.rows.push((spot, ExpressChild::new(&start, child, its_status, *end)));
                    }
                    _ => {}
                }
            }
            // What is before the page is read only to know who has begun again.
            if after.is_none_or(|after| Spot { turn: number as u32, change: 0 } < after) {
                bytes_read += bytes;
            }
        }
        Ok(found)
    }

    /// Tells of each child that began again before `spot`.
    fn each_beginning_before(&self, spot: Spot, mut told: impl FnMut(u32)) -> Result<(), Error> {
        for number in (0..self.chain.turns().min(spot.turn as usize + 1)).rev() {
            let (turn, _) = self.chain.turn(self.log, number)?;
            // Before the first redrive none does.
            if turn.summary.redrives == 0 {
                break;
            }
            for (at, change) in turn.changes.iter().enumerate() {
                if let MapRunChange::BegunAgain { child } = change
                    && (Spot { turn: number as u32, change: at as u32 }) < spot
                {
                    told(*child);
                }
            }
        }
        Ok(())
    }

    /// The number behind the first turn that has to be read.
    fn first_turn(&self, after: Option<Spot>) -> usize {
        match after {
            Some(Spot { turn, change }) if !self.was_redriven => {
                self.chain.turns().min(turn as usize + usize::from(change > 0))
            }
            _ => self.chain.turns(),
        }
    }
}

/// The end of a child, unless it has begun again since.
fn last_end(walk: &Walk<'_>, start: &MapRunStart, wanted: u32) -> Result<Option<ExpressChild>, Error> {
    for number in (0..walk.chain.turns()).rev() {
        let (turn, _) = walk.chain.turn(walk.log, number)?;
        for (at, change) in turn.changes.into_iter().enumerate().rev() {
            match change {
                MapRunChange::BegunAgain { child } if child == wanted => return Ok(None),
                MapRunChange::Ended(EndedChild { child, status, express: Some(end), .. })
                    if child == wanted =>
                {
                    let mut child = ExpressChild::new(start, child, status, *end);
                    let spot = Spot { turn: number as u32, change: at as u32 };
                    walk.each_beginning_before(spot, |again| child.redrives += u64::from(again == wanted))?;
                    return Ok(Some(child));
                }
                _ => {}
            }
        }
    }
    Ok(None)
}

/// The ARN of the Map Run of an EXPRESS child, and the child's name:
/// `arn:aws:states:…:express:machine/label:child:map run`.
fn map_run_of(execution_arn: &str) -> Option<(Text, &str)> {
    let (before, rest) = execution_arn.split_once(":express:")?;
    let (rest, map_run) = rest.rsplit_once(':')?;
    let (machine, name) = rest.rsplit_once(':')?;
    Some((format!("{before}:mapRun:{machine}:{map_run}").into(), name))
}
