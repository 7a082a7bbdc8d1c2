//! Items become inputs of child executions: ItemSelector, then ItemBatcher. (spec/asl.md §10)

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use asl::{Failure, Kind, StateMachine, Template, Timestamp};
use items::{Batcher, Item};
use json::{Document, Value};

use crate::context::{Around, CurrentItem};
use crate::execution::Execution;
use crate::failure::Problem;
use crate::flow::evaluate;
use crate::frame::{Frame, FrameId};
use crate::limits::check_data;
use crate::map_run::MapPlan;
use crate::random::Random;

/// Makes the inputs of the children of one Map Run, one item after the other.
pub struct ChildInputs {
    machine: Arc<StateMachine>,
    /// The execution that began the Map Run, with the frames that ItemSelector can see.
    execution: Execution,
    frame: Frame,
    /// `$` of ItemSelector.
    input: Document,
    batcher: Option<Batcher>,
    /// The number of the next item among all.
    next_item: u64,
    random: Random,
}

/// The input of one child.
#[derive(Clone, Debug, PartialEq)]
pub struct ChildInput {
    /// Of at most 256 KiB.
    pub input: Document,
    /// How many items are in it.
    pub items: u32,
}

impl ChildInputs {
    /// For the Map Run that `frame` of `execution` waits for; `first_item` is the number of the first item that is
    /// going to be added, and the first of its batch. `None` if the frame waits for none.
    ///
    /// Fails if a batch has no room for an item.
    pub fn new(
        execution: &Execution,
        machine: Arc<StateMachine>,
        frame: FrameId,
        first_item: u64,
        seed: u128,
    ) -> Option<Result<ChildInputs, Failure>> {
        let frame = execution.frames.get(&frame)?;
        let plan = &frame.map_run()?.plan;
        let batcher = match batcher(plan) {
            Ok(batcher) => batcher,
            Err(failure) => return Some(Err(failure)),
        };
        let mut seen = Execution::new(execution.start.clone());
        seen.redrives = execution.redrives.clone();
        let mut parent = frame.parent;
        while let Some((id, _)) = parent
            && let Some(around) = execution.frames.get(&id)
        {
            parent = around.parent;
            seen.frames.insert(id, around.clone());
        }
        Some(Ok(ChildInputs {
            machine,
            input: plan.input.clone(),
            batcher,
            next_item: first_item,
            random: Random::new(seed),
            execution: seen,
            frame: frame.clone(),
        }))
    }

    /// The number of the next item among all.
    pub fn next_item(&self) -> u64 {
        self.next_item
    }

    /// Passes over items, which are in children that have begun. No batch may be open.
    pub fn skip(&mut self, items: u64) {
        self.next_item += items;
    }

    /// Takes an item; gives the input of a child when that is complete. `source` is as `$$.Map.Item.Source` has it.
    ///
    /// Fails if ItemSelector does, or if the item is too large for an input.
    pub fn add(&mut self, item: Item, source: &str, now: Timestamp) -> Result<Option<ChildInput>, Failure> {
        let selected = self.select(item, source, now)?;
        self.next_item += 1;
        let Some(batcher) = &mut self.batcher else {
            check_data(&selected, &self.machine.state(self.frame.state).name)?;
            return Ok(Some(ChildInput { input: selected, items: 1 }));
        };
        let items = batcher.open_items() + 1;
        let batch =
            batcher.add(selected.value()).map_err(|failure| Failure::new(failure.error, failure.cause))?;
        let items = items - batcher.open_items();
        Ok(batch.map(|text| ChildInput { input: Document::from_valid_text(text), items: items as u32 }))
    }

    /// After the last item: the input of the last child, if items are left for it.
    pub fn finish(&mut self) -> Option<ChildInput> {
        let batcher = self.batcher.as_mut()?;
        let items = batcher.open_items() as u32;
        batcher.finish().map(|text| ChildInput { input: Document::from_valid_text(text), items })
    }

    fn select(&self, item: Item, source: &str, now: Timestamp) -> Result<Document, Failure> {
        let Some(selector) = self.selector() else { return Ok(Document::from_value(item.value)) };
        let budget = Cell::default();
        let current =
            CurrentItem { index: self.next_item, key: item.key.as_deref(), value: &item.value, source };
        let around = Around {
            machine: &self.machine,
            start: &self.execution.start,
            redrives: &self.execution.redrives,
            frames: &self.execution.frames,
            frame: &self.frame,
            random: &self.random,
            inspection: None,
            now,
            budget: &budget,
            nonce: 0,
            item: Some(current),
            context: OnceCell::new(),
        };
        evaluate(selector, &self.input, &self.frame, &around).map_err(|problem| match problem {
            Problem::Fatal(failure) => failure,
            Problem::Failed(fault) => fault.failure,
        })
    }

    fn selector(&self) -> Option<&Template> {
        match &self.machine.state(self.frame.state).kind {
            Kind::Map(map) => map.item_selector.as_ref(),
            Kind::Pass { .. }
            | Kind::Task(_)
            | Kind::Wait(_)
            | Kind::Choice { .. }
            | Kind::Parallel { .. }
            | Kind::Succeed
            | Kind::Fail { .. } => None,
        }
    }
}

/// The items that the state's input gave, in order: the elements of an array, or the members of an object.
pub fn items_of(items: &Document) -> Box<dyn Iterator<Item = Item> + '_> {
    let of_array = |value: &Value| Item { key: None, value: value.clone() };
    match items.value() {
        Value::Array(items) => Box::new(items.iter().map(of_array)),
        Value::Object(members) => {
            Box::new(members.iter().map(|(key, value)| Item { key: Some(key.clone()), value: value.clone() }))
        }
        _ => Box::new(std::iter::empty()),
    }
}

fn batcher(plan: &MapPlan) -> Result<Option<Batcher>, Failure> {
    let Some(batches) = &plan.batches else { return Ok(None) };
    let bytes_max = batches.bytes_max.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    let input = batches.input.as_ref().map(Document::value);
    let batcher = Batcher::new(batches.items_max, bytes_max, input);
    batcher.map(Some).map_err(|failure| Failure::new(failure.error, failure.cause))
}
