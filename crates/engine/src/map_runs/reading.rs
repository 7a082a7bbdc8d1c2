//! Items become inputs of children: read, selected, put together; a piece at a time, as the loop has room for them.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use asl::{Failure, Timestamp};
use connectors::{Caller, Connectors, ItemSource, SourcePlan};
use execution::map_run::{ChildInput, ChildInputs, MapRun, OpenChild, items_of};
use items::Item;
use json::{Document, Text};
use store::ExecutionKey;
use tokio::sync::Semaphore;

use super::work::{MapRunNews, Works};

/// A piece has so many inputs, or so many bytes of them, at the most: the loop begins one in a few milliseconds.
const PIECE_INPUTS_MAX: usize = 256;
const PIECE_BYTES_MAX: usize = 1 << 20;

/// As many pieces are read before the first of them is used up.
pub(super) const PIECES_AHEAD: usize = 4;

/// Reads the items of one Map Run and makes inputs of them.
pub struct Reading {
    source: Items,
    inputs: ChildInputs,
    /// What was read and not looked at.
    unused: VecDeque<Item>,
    /// What is wanted of the items, in their order.
    segments: VecDeque<Segment>,
    /// Of the present segment, how many are still wanted.
    left: Option<u64>,
    /// In all, those included that have begun.
    children: u32,
    /// The items that these have: what is read of them again is not new.
    items_begun: u64,
    permits: Arc<Semaphore>,
    /// No piece has been given.
    is_first: bool,
    /// How often the Map Run had been redriven: what was read for it before is of no use.
    pub redrives: u64,
}

/// Where items come from.
pub(super) enum Items {
    /// The state's input; so many have been given.
    State { items: Document, given: usize },
    /// An ItemReader that nobody has begun to read.
    Elsewhere(Box<Elsewhere>),
    /// An ItemReader that is being read.
    Source(Box<ItemSource>),
}

/// What an ItemReader reads, and as whom.
pub(super) struct Elsewhere {
    pub(super) plan: SourcePlan,
    /// What an earlier reading has seen.
    pub(super) expected: Option<Text>,
    pub(super) caller: Caller,
}

/// Items that follow each other.
struct Segment {
    first: u64,
    what: Wanted,
}

enum Wanted {
    /// The input of a child that has begun before.
    Lost { child: u32, items: u64 },
    /// The inputs of all that follow.
    Rest,
}

/// A piece of inputs.
#[derive(Debug, Default, PartialEq)]
pub struct Inputs {
    /// Of children that have begun before, by a process that has ended.
    pub lost: Vec<(u32, ChildInput)>,
    /// Of the children that come next.
    pub new: Vec<ChildInput>,
    /// So many items have been read in all, and so many children do they make.
    pub items: u64,
    /// See `items`.
    pub children: u32,
    /// There are no more.
    pub all: bool,
    /// What identifies the source.
    pub source: Option<Text>,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("next_item", &self.inputs.next_item()).finish_non_exhaustive()
    }
}

impl Reading {
    /// Goes on where the Map Run is; `inputs` and `source` are at the first item. `lost` are children whose inputs are
    /// wanted again, in the order of their items.
    pub(super) fn new(
        run: &MapRun,
        source: Items,
        inputs: ChildInputs,
        lost: impl Iterator<Item = OpenChild>,
        permits: Arc<Semaphore>,
    ) -> Reading {
        let redrives = run.summary().redrives;
        let (children, items) = run.next();
        let lost = lost.map(|lost| Segment {
            first: lost.first_item,
            what: Wanted::Lost { child: lost.child, items: u64::from(lost.items) },
        });
        let rest = Segment { first: items, what: Wanted::Rest };
        let rest = Some(rest).filter(|_| !run.has_begun_all());
        let segments = lost.chain(rest).collect();
        Reading {
            source,
            inputs,
            unused: VecDeque::new(),
            segments,
            left: None,
            children,
            items_begun: items,
            permits,
            is_first: true,
            redrives,
        }
    }

    /// Lets the items be read that are not in the state's input.
    pub(super) fn open(&mut self, connectors: &Connectors) {
        if let Items::Elsewhere(elsewhere) = &self.source {
            let Elsewhere { plan, expected, caller } = &**elsewhere;
            let objects = connectors.objects(caller.clone());
            let source = ItemSource::new(objects, plan.clone(), expected.clone());
            self.source = Items::Source(Box::new(source));
        }
    }

    pub(super) fn permits(&self) -> Arc<Semaphore> {
        self.permits.clone()
    }

    /// The next piece, for a world in which nobody waits: `None` if the items are elsewhere.
    pub fn next_now(&mut self, now: Timestamp) -> Option<Result<Inputs, Failure>> {
        if !matches!(self.source, Items::State { .. }) {
            return None;
        }
        let next = pin!(self.next(now));
        match next.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(inputs) => Some(inputs),
            Poll::Pending => None,
        }
    }

    /// The next piece; the last one says so.
    pub(super) async fn next(&mut self, now: Timestamp) -> Result<Inputs, Failure> {
        let mut piece = Inputs::default();
        let mut bytes = 0;
        loop {
            let Some(segment) = self.segments.front() else {
                piece.all = true;
                break;
            };
            if self.left.is_none() {
                let behind = segment.first.saturating_sub(self.inputs.next_item());
                self.left = Some(match segment.what {
                    Wanted::Lost { items, .. } => items,
                    Wanted::Rest => u64::MAX,
                });
                self.skip(behind);
            }
            if self.is_enough(piece.new.len() + piece.lost.len(), bytes) {
                break;
            }
            let made = match self.next_item().await? {
                Some((item, source)) => {
                    self.left = self.left.map(|left| left - 1);
                    let made = self.inputs.add(item, &source, now)?;
                    // What ends here was put together there, too.
                    if self.left == Some(0) { made.or_else(|| self.inputs.finish()) } else { made }
                }
                None => {
                    self.left = Some(0);
                    self.inputs.finish()
                }
            };
            bytes += made.as_ref().map_or(0, |made| made.input.size());
            self.put(made, &mut piece);
        }
        self.is_first = false;
        piece.items = self.inputs.next_item().max(self.items_begun);
        piece.children = self.children;
        piece.source = self.source.seen();
        Ok(piece)
    }

    /// Whether a piece of so many inputs, which are so many bytes, should have no more. The first one waits for nothing
    /// that is elsewhere, so that children begin as soon as there are items for one.
    fn is_enough(&self, inputs: usize, bytes: usize) -> bool {
        let would_wait = matches!(self.source, Items::Source(_)) && self.unused.is_empty();
        let is_full = inputs >= PIECE_INPUTS_MAX || bytes >= PIECE_BYTES_MAX;
        is_full || self.is_first && inputs > 0 && would_wait
    }

    /// Puts an input where it belongs, and ends a segment that has none left.
    fn put(&mut self, made: Option<ChildInput>, piece: &mut Inputs) {
        let Some(segment) = self.segments.front() else { return };
        match (made, &segment.what) {
            (Some(made), Wanted::Lost { child, .. }) => piece.lost.push((*child, made)),
            (Some(made), Wanted::Rest) => {
                piece.new.push(made);
                self.children += 1;
            }
            (None, _) => {}
        }
        if self.left == Some(0) {
            self.left = None;
            self.segments.pop_front();
        }
    }

    fn skip(&mut self, items: u64) {
        self.inputs.skip(items);
        let at_hand = usize::try_from(items).unwrap_or(usize::MAX).min(self.unused.len());
        self.unused.drain(..at_hand);
        self.source.skip(items - at_hand as u64);
    }

    async fn next_item(&mut self) -> Result<Option<(Item, Text)>, Failure> {
        if self.unused.is_empty() {
            match self.source.next().await? {
                Some(items) => self.unused = items.into(),
                None => return Ok(None),
            }
        }
        let source = self.source.name();
        Ok(self.unused.pop_front().map(|item| (item, source)))
    }
}

impl Items {
    async fn next(&mut self) -> Result<Option<Vec<Item>>, Failure> {
        match self {
            Items::State { items, given } => {
                let next: Vec<Item> = items_of(items).skip(*given).take(PIECE_INPUTS_MAX).collect();
                *given += next.len();
                Ok(Some(next).filter(|next| !next.is_empty()))
            }
            Items::Source(source) => source.next().await,
            Items::Elsewhere(_) => unreachable!("it is opened before it is read"),
        }
    }

    fn skip(&mut self, items: u64) {
        match self {
            Items::State { given, .. } => *given += usize::try_from(items).unwrap_or(usize::MAX),
            Items::Source(source) if items > 0 => source.skip(items),
            Items::Source(_) | Items::Elsewhere(_) => {}
        }
    }

    /// As `$$.Map.Item.Source` has it.
    fn name(&self) -> Text {
        match self {
            Items::State { .. } | Items::Elsewhere(_) => "STATE_DATA".into(),
            Items::Source(source) => source.source_of_last().clone(),
        }
    }

    fn seen(&self) -> Option<Text> {
        match self {
            Items::State { .. } | Items::Elsewhere(_) => None,
            Items::Source(source) => source.seen().cloned(),
        }
    }
}

impl Works {
    /// Reads all there is, a piece for each permit; until nobody wants more.
    pub(super) async fn read(&self, key: ExecutionKey, mut reading: Reading) {
        reading.open(&self.connectors);
        let (permits, redrives) = (reading.permits(), reading.redrives);
        while let Ok(permit) = permits.acquire().await {
            permit.forget();
            match reading.next(self.express.now()).await {
                Ok(inputs) => {
                    let all = inputs.all;
                    self.tell(key, MapRunNews::Read { redrives, inputs });
                    if all {
                        return;
                    }
                }
                Err(failure) => return self.tell(key, MapRunNews::NotRead { redrives, failure }),
            }
        }
    }
}
