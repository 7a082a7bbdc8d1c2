//! Looking on while a state is tested: what its data flow came to at each stage, and a Context Object
//! that is partly made up. An execution that is not tested has none of this.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use json::{Document, Object, Value};

use crate::limits::DATA_BYTES_MAX;

/// A point in a state's data flow, in the order of the flow. (spec/asl.md §4, §5, §10)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// After InputPath.
    InputPath,
    /// After Parameters (JSONPath) or Arguments (JSONata).
    Parameters,
    /// After an ItemReader's ItemsPointer.
    ItemsPointer,
    /// After ItemsPath.
    ItemsPath,
    /// After ItemSelector: the inputs of all iterations.
    ItemSelector,
    /// After ItemBatcher: the batches.
    ItemBatcher,
    /// What the state's work gave.
    Result,
    /// After ResultSelector.
    ResultSelector,
    /// After ResultPath.
    ResultPath,
}

/// What is seen of one state.
#[derive(Debug, Default)]
pub(crate) struct Inspection {
    /// What stands in the Context Object instead of what would be there: `Execution`, `State`, … each
    /// with the members that are replaced.
    context: Object,
    /// What `Map.Item` has beside or instead of what would be there.
    pub item: RefCell<Object>,
    stages: RefCell<BTreeMap<Stage, Document>>,
    /// The evaluated MaxConcurrency.
    pub max_concurrency: Cell<Option<u64>>,
    /// The evaluated ToleratedFailureCount.
    pub tolerated_failure_count: Cell<Option<u64>>,
    /// The evaluated ToleratedFailurePercentage.
    pub tolerated_failure_percentage: Cell<Option<f64>>,
    /// How many items a Map has.
    pub iterations: Cell<Option<usize>>,
}

impl Inspection {
    /// Of a state with a Context Object that is made up this far.
    pub fn new(context: Object) -> Inspection {
        Inspection { context, ..Inspection::default() }
    }

    /// What the data flow has come to, unless that is more than the API may show: between two stages
    /// data may be larger than where it is checked.
    pub fn note(&self, stage: Stage, document: &Document) {
        if !document.is_longer_than(DATA_BYTES_MAX) {
            self.stages.borrow_mut().insert(stage, document.clone());
        }
    }

    /// The stages that were reached, in order.
    pub fn stages(&self) -> Vec<(Stage, Document)> {
        self.stages.borrow().iter().map(|(stage, document)| (*stage, document.clone())).collect()
    }

    /// Puts what is made up into an item of the Context Object.
    pub fn amend_item(&self, item: &mut Object) {
        for (name, value) in &*self.item.borrow() {
            item.insert(name.clone(), value.clone());
        }
    }

    /// Puts what is made up into a Context Object.
    pub fn amend(&self, context: &mut Object) {
        for (name, value) in &self.context {
            match (context.get_mut(name), value) {
                // The item whose input is being selected is nearer than one around the state.
                (Some(_), _) if name == "Map" => {}
                (Some(Value::Object(members)), Value::Object(replaced)) => {
                    for (name, value) in replaced {
                        members.insert(name.clone(), value.clone());
                    }
                }
                (Some(place), value) => *place = value.clone(),
                (None, value) => {
                    context.insert(name.clone(), value.clone());
                }
            }
        }
    }
}
