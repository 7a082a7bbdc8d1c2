//! Inline Map: a frame for each iteration that runs, at most as many at once as MaxConcurrency
//! allows; the results in the order of the items. (spec/asl.md §10, spec/history-events.md §3.2)

use asl::machine::{Count, Map};
use asl::{Failure, Kind};
use json::{Document, Value};

use crate::context::Around;
use crate::enter::whole_number;
use crate::event::EventKind;
use crate::failure::{Fault, Problem};
use crate::flow::{evaluate, plain, query};
use crate::frame::{Frame, PendingMap, Waiting};
use crate::inspection::Stage;
use crate::limits::{MAP_CONCURRENCY_MAX, check_data};
use crate::run::Run;
use crate::step::Step;

/// What a Map state iterates over.
pub(crate) struct Items {
    /// The effective input: `$` of ItemSelector.
    pub input: Document,
    /// The array.
    pub items: Document,
    /// The evaluated MaxConcurrency; 0 for no limit.
    pub max_concurrency: u64,
}

impl Run<'_> {
    pub(super) fn map(&mut self, frame: &mut Frame, map: &Map) -> Step {
        let Items { input, items, max_concurrency } = match self.items(frame, map) {
            Ok(items) => items,
            Err(problem) => return problem.into(),
        };
        let concurrency = match u32::try_from(max_concurrency) {
            Ok(0) | Err(_) => MAP_CONCURRENCY_MAX,
            Ok(count) => count.min(MAP_CONCURRENCY_MAX),
        };
        let length = length(&items);
        let started_event = self.follow(frame, EventKind::MapStateStarted { length: u64::from(length) });
        let pending = PendingMap {
            started_event,
            input,
            items,
            concurrency,
            next: 0,
            succeeded: 0,
            results: Vec::new(),
        };
        frame.waiting = Waiting::Map(Box::new(pending));
        if length == 0 {
            return self.gathered(frame, Vec::new(), EventKind::MapStateSucceeded);
        }
        for _ in 0..concurrency.min(length) {
            if let Some(failed) = self.start_iteration(frame, started_event) {
                return failed;
            }
        }
        Step::Waits
    }

    /// An iteration ended well: the next one starts; after the last one, the state has succeeded.
    pub fn iteration_ended(
        &mut self,
        owner: &mut Frame,
        iteration: &Frame,
        index: u32,
        output: Document,
    ) -> Step {
        self.note_result(owner, index, output);
        let name = self.state(owner).name.clone();
        owner.last_event = self
            .emit(iteration.last_event, EventKind::MapIterationSucceeded { name, index: u64::from(index) });
        let Waiting::Map(pending) = &mut owner.waiting else { unreachable!("the caller has looked") };
        pending.succeeded += 1;
        let length = length(&pending.items);
        if pending.succeeded == length {
            let results = std::mem::take(&mut pending.results);
            return self.gathered(owner, results, EventKind::MapStateSucceeded);
        }
        if pending.next < length
            && let Some(failed) = self.start_iteration(owner, iteration.last_event)
        {
            return failed;
        }
        Step::Waits
    }

    /// Starts the next iteration; `Some` if its ItemSelector failed.
    fn start_iteration(&mut self, owner: &mut Frame, previous: u64) -> Option<Step> {
        let Kind::Map(map) = &self.state(owner).kind else { unreachable!("only Map states iterate") };
        let Waiting::Map(pending) = &mut owner.waiting else { unreachable!("the caller has looked") };
        let index = pending.next;
        pending.next += 1;
        let name = self.state(owner).name.clone();
        let event = self
            .emit(previous, EventKind::MapIterationStarted { name: name.clone(), index: u64::from(index) });
        let selected = self.item(owner, map, index);
        let start_at = self.machine.container(map.processor).start_at;
        let input = match selected {
            Ok(input) => input,
            Err(Problem::Fatal(failure)) => {
                owner.last_event = event;
                return Some(Step::Fatal(failure));
            }
            Err(Problem::Failed(failure)) => {
                let id = self.new_frame_id();
                let input = Document::from_value(Value::Null);
                let mut iteration = Frame::new(id, Some((owner.id, index)), start_at, input);
                iteration.last_event = event;
                return Some(self.child_failed(owner, &iteration, index, Fault::of(failure)));
            }
        };
        let id = self.new_frame_id();
        let mut iteration = Frame::new(id, Some((owner.id, index)), start_at, input);
        iteration.last_event = event;
        self.put(iteration);
        self.ready.push_back(id);
        None
    }

    /// The input of iteration `index`: its item, or what ItemSelector makes of it.
    pub fn item(&self, owner: &Frame, map: &Map, index: u32) -> Result<Document, Problem> {
        let Waiting::Map(pending) = &owner.waiting else { unreachable!("the caller has looked") };
        let Some(items) = pending.items.value().as_array() else { unreachable!("`items` has looked") };
        let Some(selector) = &map.item_selector else {
            let Some(item) = items.get(index as usize) else { unreachable!("there are `length` items") };
            return Ok(Document::from_value(item.clone()));
        };
        let around = Around { item: Some((items, index)), ..self.around(owner) };
        let input = evaluate(selector, &pending.input, owner, &around)?;
        check_data(&input, &self.state(owner).name).map_err(Problem::Fatal)?;
        Ok(input)
    }

    /// Evaluates what the state iterates over.
    pub fn items(&self, frame: &Frame, map: &Map) -> Result<Items, Problem> {
        let around = self.around(frame);
        let input = self.effective_input_in(frame, &around)?;
        let (items, path) = match &map.items_path {
            Some(path) if !path.is_whole_input() => {
                (Document::from_value(query(path, &input, frame, &around)?), path.text())
            }
            Some(_) | None => (input.clone(), "$"),
        };
        around.note(Stage::ItemsPath, &items);
        let max_concurrency = max_concurrency(&map.max_concurrency, &input, frame, &around)?;
        if !items.value().is_array() {
            let text = format!("Reference path \"{path}\" must point to array.");
            return Err(Problem::in_state(&around, frame, Failure::runtime(text)));
        }
        Ok(Items { input, items, max_concurrency })
    }
}

pub(crate) fn max_concurrency(
    count: &Count,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<u64, Problem> {
    let runtime = |text: String| Problem::in_state(around, frame, Failure::runtime(text));
    match count {
        Count::Literal(count) => Ok(*count),
        Count::Path(path) => {
            let value = query(path, input, frame, around)?;
            let Some(count) = whole_number(&value) else {
                return Err(runtime(format!(
                    "The MaxConcurrencyPath field refers to value \"{}\" which is not a valid integer: {}",
                    plain(&value),
                    path.text()
                )));
            };
            u64::try_from(count).map_err(|_| runtime("MaxConcurrency cannot be negative.".to_owned()))
        }
        Count::Expression(expression) => {
            let value = expression
                .evaluate("MaxConcurrency", &around.with_input(input.value()))
                .map_err(|failure| Problem::in_state(around, frame, failure))?;
            let count = value.as_i64().and_then(|count| u64::try_from(count).ok());
            count.ok_or_else(|| {
                runtime(format!("MaxConcurrency must be a whole number but was: {}", value.to_text()))
            })
        }
    }
}

/// The number of items. Their text is at most 256 KiB, or a variable's at most 256 KiB.
fn length(items: &Document) -> u32 {
    items.value().as_array().map_or(0, |items| items.len() as u32)
}
