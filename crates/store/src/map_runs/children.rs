//! All children of a Map Run in the order of their numbers, one after the other: what its results are made of.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use asl::{Failure, Timestamp};
use execution::map_run::{MapRunChange, MapRunStart, MapRunTurn};
use execution::{Redrivable, Status};
use json::{Document, Text};

use super::{begun, read_turn};
use crate::chain::map_run::{self, MapRunChain};
use crate::chain::{self, damaged};
use crate::index::Entry;
use crate::log::Log;
use crate::store::{Error, Shared, Store};

/// A child that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct ChildView {
    /// Its number.
    pub child: u32,
    /// Its ARN.
    pub arn: Text,
    /// Its name.
    pub name: Text,
    /// Never `Running`.
    pub status: Status,
    /// Its input.
    pub input: Document,
    /// After success.
    pub output: Option<Document>,
    /// After failure or abort.
    pub failure: Option<Failure>,
    /// When it began: an EXPRESS one the last time, a STANDARD one the first time.
    pub started_at: Timestamp,
    /// When it ended.
    pub stopped_at: Timestamp,
    /// How often it was redriven, or began again where it is EXPRESS.
    pub redrives: u64,
    /// Whether a redrive of its Map Run lets it go on. An EXPRESS one always begins anew.
    pub redrivable: Redrivable,
}

/// The children of one Map Run that had begun when this was made. Blocks while it reads the log, which it keeps
/// open as a [`Store`] does.
#[derive(Debug)]
pub struct Children {
    store: Store,
    start: Arc<MapRunStart>,
    next: u32,
    begun: u32,
    /// Where they are EXPRESS.
    ends: Option<Ends>,
}

impl Store {
    /// The children of a Map Run; `None` if there is no such Map Run.
    pub fn children_of(&self, map_run_arn: &str) -> Result<Option<Children>, Error> {
        self.look_at_map_run(map_run_arn, |key, entry| {
            let log = &*self.shared.log;
            let begun = begun(&map_run::latest(log, key, entry.last)?);
            let chain = MapRunChain::find(log, key, entry.last)?;
            let start = chain.start(log)?;
            let ends = start.express.then(|| Ends::find(log, chain, begun)).transpose()?;
            Ok(Children { store: self.clone(), start, next: 0, begun, ends })
        })
    }
}

impl Children {
    /// The next child that has ended, in the order of numbers; `None` after the last.
    ///
    /// One that runs is passed over, and a STANDARD one whose own retention has ended.
    #[expect(clippy::should_implement_trait, reason = "reading may fail, and what fails may be tried again")]
    pub fn next(&mut self) -> Result<Option<ChildView>, Error> {
        while self.next < self.begun {
            let child = self.next;
            let view = match &mut self.ends {
                None => standard(&self.store, &self.start, child)?,
                Some(ends) => ends.of(&self.store.shared, &self.start, child)?,
            };
            self.next += 1;
            if view.is_some() {
                return Ok(view);
            }
        }
        Ok(None)
    }
}

/// A STANDARD child, if it has ended.
fn standard(store: &Store, start: &MapRunStart, child: u32) -> Result<Option<ChildView>, Error> {
    let arn = start.child_arn(child);
    let read = |key, entry: &Entry| {
        if entry.status == Status::Running {
            return Ok(None);
        }
        let at_hand = entry.hot.as_ref().and_then(|hot| Some((hot.start.clone(), hot.close.clone()?)));
        let (its_start, close) = match at_hand {
            Some(at_hand) => at_hand,
            None => {
                let execution = chain::rebuild(&*store.shared.log, key, entry.last)?.execution;
                let close = execution.close.ok_or_else(|| damaged(entry.last, "an end should be there"))?;
                (execution.start, close)
            }
        };
        Ok(Some(ChildView {
            child,
            arn: arn.clone(),
            name: its_start.name.clone(),
            status: entry.status,
            input: its_start.input.clone(),
            output: close.output,
            failure: close.failure,
            started_at: its_start.started_at,
            stopped_at: close.at,
            redrives: entry.redriven().map_or(0, |redriven| redriven.count),
            redrivable: close.redrivable,
        }))
    };
    Ok(store.shared.look(|index| index.find_execution(&arn), read)?.flatten())
}

/// How much is kept decoded: children end in about the order in which they begin, so that those which follow one
/// another are in a few records. So few turns that to look through them costs less than to read one.
const DECODED_TURNS_MAX: usize = 256;
const DECODED_BYTES_MAX: usize = if cfg!(test) { 1_000 } else { 32 << 20 };

/// Where the ends of EXPRESS children are.
#[derive(Debug)]
struct Ends {
    chain: MapRunChain,
    /// By the numbers of children: the turn and which of its changes; 12 bytes for each.
    of_children: Vec<Option<(u32, u32)>>,
    /// How often those began again that did.
    again: BTreeMap<u32, u64>,
    decoded: Decoded,
}

impl Ends {
    fn find(log: &dyn Log, chain: MapRunChain, begun: u32) -> Result<Ends, Error> {
        let (mut of_children, mut again) = (vec![None; begun as usize], BTreeMap::new());
        for number in 0..chain.turns() {
            let (turn, _) = chain.turn(log, number)?;
            for (at, change) in turn.changes.iter().enumerate() {
                let (child, end) = match change {
                    MapRunChange::BegunAgain { child } => {
                        *again.entry(*child).or_default() += 1;
                        (*child, None)
                    }
                    MapRunChange::Ended(ended) => (ended.child, Some((number as u32, at as u32))),
                    _ => continue,
                };
                let place = of_children.get_mut(child as usize);
                *place.ok_or_else(|| damaged(chain.last(), "a child ended that did not begin"))? = end;
            }
        }
        Ok(Ends { chain, of_children, again, decoded: Decoded::default() })
    }

    /// A child, if it has ended.
    fn of(&mut self, shared: &Shared, start: &MapRunStart, child: u32) -> Result<Option<ChildView>, Error> {
        let Some((number, at)) = self.of_children[child as usize] else { return Ok(None) };
        let turn = self.turn(shared, &start.arn, number)?;
        let ended = match turn.changes.get(at as usize) {
            Some(MapRunChange::Ended(ended)) if ended.child == child => ended,
            _ => return Err(damaged(self.chain.last(), "the end of a child was there before")),
        };
        let Some(end) = &ended.express else { return Ok(None) };
        Ok(Some(ChildView {
            child,
            arn: start.child_arn(child),
            name: start.child_name(child),
            status: ended.status,
            input: end.input.clone(),
            output: end.output.clone(),
            failure: end.failure.clone(),
            started_at: end.started_at,
            stopped_at: end.stopped_at,
            redrives: self.again.get(&child).copied().unwrap_or(0),
            redrivable: Redrivable::Yes,
        }))
    }

    fn turn(&mut self, shared: &Shared, map_run_arn: &str, number: u32) -> Result<Arc<MapRunTurn>, Error> {
        if let Some(turn) = self.decoded.get(number) {
            return Ok(turn);
        }
        let (turn, bytes) = read_turn(shared, map_run_arn, &mut self.chain, number as usize)?;
        let turn = Arc::new(turn);
        self.decoded.put(number, turn.clone(), bytes);
        Ok(turn)
    }
}

/// Turns that were read lately.
#[derive(Debug, Default)]
struct Decoded {
    /// With their numbers and the bytes of their records; those that were asked for last are last.
    turns: VecDeque<(u32, usize, Arc<MapRunTurn>)>,
    bytes: usize,
}

impl Decoded {
    fn get(&mut self, number: u32) -> Option<Arc<MapRunTurn>> {
        let at = self.turns.iter().position(|(its_number, ..)| *its_number == number)?;
        let found = self.turns.remove(at)?;
        let turn = found.2.clone();
        self.turns.push_back(found);
        Some(turn)
    }

    fn put(&mut self, number: u32, turn: Arc<MapRunTurn>, bytes: usize) {
        self.bytes += bytes;
        self.turns.push_back((number, bytes, turn));
        let is_too_much = |bytes, turns| bytes > DECODED_BYTES_MAX || turns > DECODED_TURNS_MAX;
        while self.turns.len() > 1 && is_too_much(self.bytes, self.turns.len()) {
            let Some((_, bytes, _)) = self.turns.pop_front() else { break };
            self.bytes -= bytes;
        }
    }
}
