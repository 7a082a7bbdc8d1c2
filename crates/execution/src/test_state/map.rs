//! A Map under test: everything before and after its iterations, whose results are mocked.
//! (spec/asl.md §10, spec/api.md §3.9)

use asl::machine::{Count, ItemBatcher, ItemReader, Map};
use asl::{Failure, Kind};
use json::{Array, Document, Object, Text, Value};

use super::Subject;
use super::reader::read;
use crate::context::Around;
use crate::enter::{Items, Tolerance, not_negative, signed, tolerance};
use crate::failure::{Fault, Problem};
use crate::flow::evaluate;
use crate::frame::{Frame, PendingMap, Waiting};
use crate::inspection::{Inspection, Stage};
use crate::limits::DATA_BYTES_MAX;
use crate::run::Run;
use crate::step::Step;
use crate::wakeup::TaskOutcome;

/// Inputs of iterations that are evaluated in one go: each may be an expression that takes its time, and
/// others want to go on meanwhile.
const SELECTED_AT_ONCE: usize = 40;

/// The iterations, where there are any to look at.
type Looked = Result<Option<Iterations>, Problem>;

/// The iterations of a Map under test, which none runs: their inputs are looked at.
#[derive(Debug)]
pub(super) struct Iterations {
    /// Where the items are the members of an object: their names.
    keys: Vec<Text>,
    /// How many inputs have been evaluated.
    evaluated: usize,
    /// These inputs; none once they are more than may be shown or kept.
    selected: Vec<Document>,
    /// Their size.
    bytes: usize,
    tolerance: Tolerance,
}

impl Run<'_> {
    /// Evaluates what a Map evaluates before its first iteration, and lets it wait for its iterations.
    pub(super) fn map_under_test(&self, frame: &mut Frame, map: &Map, subject: &Subject) -> Looked {
        let seen = self.seen();
        let reader = map.distributed.as_deref().and_then(|distributed| distributed.item_reader.as_ref());
        let items = match reader {
            None => self.items(frame, map)?,
            Some(reader) => self.read_items(frame, map, reader, subject)?,
        };
        let Items { input, items, max_concurrency, tolerance } = items;
        seen.max_concurrency.set(Some(max_concurrency));
        seen.tolerated_failure_count.set(tolerance.count);
        seen.tolerated_failure_percentage.set(tolerance.percentage);
        let (items, keys) = members(items);
        let count = items.value().as_array().map(Array::len);
        seen.iterations.set(count);
        frame.waiting = Waiting::Map(Box::new(PendingMap {
            started_event: 0,
            input,
            items,
            concurrency: 1,
            next: 0,
            succeeded: 0,
            results: Vec::new(),
        }));
        // Nobody knows what a reader reads that was given nothing to read.
        Ok(count.map(|_| Iterations { keys, evaluated: 0, selected: Vec::new(), bytes: 0, tolerance }))
    }

    /// Evaluates the inputs of some more iterations; after the last one, the Map's work ends as it is said
    /// to end. `None` while there are more.
    pub(super) fn iterate(
        &mut self,
        frame: &mut Frame,
        iterations: &mut Option<Iterations>,
        subject: &Subject,
        outcome: &TaskOutcome,
    ) -> Option<Step> {
        let Kind::Map(map) = &self.state(frame).kind else { unreachable!("only Map states iterate") };
        let Some(found) = iterations else { return Some(self.mocked(frame, outcome)) };
        let looked = match self.select_some(frame, map, found) {
            Ok(false) => return None,
            Ok(true) => {
                self.renew_budget();
                self.put_together(frame, map, found)
            }
            Err(problem) => Err(problem),
        };
        if let Err(problem) = looked {
            return Some(problem.into());
        }
        let (failed, all) = (u64::from(subject.iteration_failures), found.evaluated as u64);
        let is_exceeded = map.distributed.is_some() && found.tolerance.is_exceeded(failed, all);
        Some(match outcome {
            TaskOutcome::Succeeded(_) if is_exceeded => {
                frame.waiting = Waiting::Again;
                let text = "The specified tolerated failure threshold was exceeded";
                let name = aws_names::error::EXCEED_TOLERATED_FAILURE_THRESHOLD;
                Step::Failed(Fault::of(Failure::new(name, text)))
            }
            _ => self.mocked(frame, outcome),
        })
    }

    /// ItemSelector for some more items; whether they were the last ones.
    fn select_some(&mut self, frame: &mut Frame, map: &Map, found: &mut Iterations) -> Result<bool, Problem> {
        let Some(seen) = self.inspection else { unreachable!("a state under test is looked at") };
        let all = seen.iterations.get().unwrap_or_default();
        let first = found.evaluated;
        for index in first..all.min(first + SELECTED_AT_ONCE) {
            if self.is_long() {
                break;
            }
            self.renew_budget();
            if let Some(key) = found.keys.get(index) {
                seen.item.borrow_mut().insert("Key", key.clone());
            }
            // The data has 256 KiB, so 32 bits are enough for its items.
            let input = self.item(frame, map, index as u32)?;
            found.evaluated = index + 1;
            found.bytes = found.bytes.saturating_add(input.size());
            match found.bytes <= DATA_BYTES_MAX {
                true => found.selected.push(input),
                false => found.selected.clear(),
            }
        }
        Ok(found.evaluated == all)
    }

    /// Shows the inputs of the iterations, and puts them into batches.
    fn put_together(&self, frame: &Frame, map: &Map, found: &Iterations) -> Result<(), Problem> {
        let seen = self.seen();
        let can_be_shown = found.bytes <= DATA_BYTES_MAX;
        if map.item_selector.is_some() && can_be_shown {
            seen.note(Stage::ItemSelector, &array_of(&found.selected));
        }
        let batcher = map.distributed.as_deref().and_then(|distributed| distributed.item_batcher.as_ref());
        if let Some(batcher) = batcher {
            let batches = self.batches(frame, batcher, &found.selected)?;
            if can_be_shown {
                seen.note(Stage::ItemBatcher, &array_of(&batches));
            }
        }
        Ok(())
    }

    fn seen(&self) -> &Inspection {
        let Some(seen) = self.inspection else { unreachable!("a state under test is looked at") };
        seen
    }

    /// What an ItemReader makes of the data that it is said to read. Without data the items are `null`.
    fn read_items(
        &self,
        frame: &Frame,
        map: &Map,
        reader: &ItemReader,
        subject: &Subject,
    ) -> Result<Items, Problem> {
        let seen = self.seen();
        let around = self.around(frame);
        let input = self.effective_input_in(frame, &around)?;
        if let Some(parameters) = &reader.parameters {
            let parameters = evaluate(parameters, &input, frame, &around)?;
            seen.item.borrow_mut().insert("Source", source(reader, parameters.value()));
        }
        let items_max = limit(reader.max_items.as_ref(), "MaxItems", &input, frame, &around)?;
        let max_concurrency = not_negative(&map.max_concurrency, "MaxConcurrency", &input, frame, &around)?;
        let tolerance = tolerance(map, &input, frame, &around)?;
        let items = match &subject.item_reader_data {
            None => Value::Null,
            Some(data) => read(reader, data, items_max, seen)
                .map_err(|failure| Problem::in_state(&around, frame, failure))?,
        };
        Ok(Items { input, items: Document::from_value(items), max_concurrency, tolerance })
    }

    /// ItemBatcher: the inputs put together. (spec/asl.md §10.4)
    fn batches(
        &self,
        frame: &Frame,
        batcher: &ItemBatcher,
        items: &[Document],
    ) -> Result<Vec<Document>, Problem> {
        let Waiting::Map(pending) = &frame.waiting else { unreachable!("it iterates") };
        let input = &pending.input;
        let around = self.around(frame);
        let items_max = limit(batcher.max_items.as_ref(), "MaxItemsPerBatch", input, frame, &around)?;
        let bytes_max = limit(batcher.max_bytes.as_ref(), "MaxInputBytesPerBatch", input, frame, &around)?;
        let batch_input = match &batcher.input {
            None => None,
            Some(template) => Some(evaluate(template, input, frame, &around)?),
        };
        let frame_bytes =
            "{\"BatchInput\":,\"Items\":[]}".len() + batch_input.as_ref().map_or(0, Document::size);
        let (mut batches, mut batch, mut bytes) = (Vec::new(), Array::new(), frame_bytes);
        for item in items {
            let size = item.size() + 1;
            let is_full = batch.len() >= items_max || bytes + size > bytes_max.min(DATA_BYTES_MAX);
            if is_full && !batch.is_empty() {
                batches.push(batch_of(batch_input.as_ref(), std::mem::take(&mut batch)));
                bytes = frame_bytes;
            }
            bytes += size;
            batch.push(item.value().clone());
        }
        if !batch.is_empty() {
            batches.push(batch_of(batch_input.as_ref(), batch));
        }
        Ok(batches)
    }
}

/// The members of an object as items with keys; an array is what it is.
fn members(items: Document) -> (Document, Vec<Text>) {
    let Value::Object(members) = items.value() else { return (items, Vec::new()) };
    let values: Array = members.values().cloned().collect();
    (Document::from_value(Value::Array(values)), members.keys().cloned().collect())
}

fn batch_of(input: Option<&Document>, items: Array) -> Document {
    let mut batch = Object::with_capacity(2);
    if let Some(input) = input {
        batch.insert("BatchInput", input.value().clone());
    }
    batch.insert("Items", items);
    Document::from_value(Value::Object(batch))
}

fn array_of(items: &[Document]) -> Document {
    Document::from_value(Value::Array(items.iter().map(|item| item.value().clone()).collect()))
}

/// `$$.Map.Item.Source`. (spec/asl.md §7)
fn source(reader: &ItemReader, parameters: &Value) -> Value {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    let bucket = text("Bucket");
    match reader.lists_objects && !reader.loads_objects {
        true => format!("S3://{bucket}").into(),
        false => format!("S3://{bucket}/{}", text("Key")).into(),
    }
}

/// A limit of the reader or the batcher; 0 is none. (recorded for MaxItemsPath)
fn limit(
    count: Option<&Count>,
    field: &str,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<usize, Problem> {
    let Some(count) = count else { return Ok(usize::MAX) };
    match usize::try_from(signed(count, field, input, frame, around)?) {
        Ok(0) => Ok(usize::MAX),
        Ok(limit) => Ok(limit),
        Err(_) => {
            let text = format!("field {field} must be positive");
            let failure = Failure::new(aws_names::error::ITEM_READER_FAILED, text);
            Err(Problem::in_state(around, frame, failure))
        }
    }
}
