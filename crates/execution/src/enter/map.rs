//! Inline Map: a frame for each iteration that runs, at most as many at once as MaxConcurrency
//! allows; the results in the order of the items. (spec/asl.md §10, spec/history-events.md §3.2)

use asl::machine::{Count, Map, Percentage, QueryLanguage};
use asl::{Failure, FieldFailure, Kind, Template};
use json::{Document, Value};

use crate::context::Around;
use crate::enter::{whole, whole_number};
use crate::event::EventKind;
use crate::failure::Problem;
use crate::flow::{evaluate, evaluate_in, plain, query};
use crate::frame::{Frame, PendingMap, Waiting};
use crate::limits::{MAP_CONCURRENCY_MAX, check_data};
use crate::run::Run;
use crate::step::Step;

impl Run<'_> {
    pub(super) fn map(&mut self, frame: &mut Frame, map: &Map) -> Step {
        let (input, items, concurrency) = match self.items(frame, map) {
            Ok(items) => items,
            Err(problem) => return problem.into(),
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
        self.renew_budget();
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
            Err(Problem::Failed(mut fault)) => {
                let id = self.new_frame_id();
                let input = Document::from_value(Value::Null);
                let mut iteration = Frame::new(id, Some((owner.id, index)), start_at, input);
                // It is the Map's own field that could not be evaluated.
                owner.last_event = event;
                self.tell_evaluation(owner, &mut fault);
                iteration.last_event = owner.last_event;
                return Some(self.child_failed(owner, &iteration, index, fault));
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
    fn item(&self, owner: &Frame, map: &Map, index: u32) -> Result<Document, Problem> {
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

    /// The effective input, the array, and how many iterations may run at once.
    fn items(&self, frame: &Frame, map: &Map) -> Result<(Document, Document, u32), Problem> {
        match self.state(frame).query_language {
            QueryLanguage::JsonPath => self.selected_items(frame, map),
            QueryLanguage::Jsonata => self.computed_items(frame, map),
        }
    }

    fn selected_items(&self, frame: &Frame, map: &Map) -> Result<(Document, Document, u32), Problem> {
        let around = self.around(frame);
        let input = self.effective_input_in(frame, &around)?;
        let (items, path) = match &map.items_path {
            Some(path) if !path.is_whole_input() => {
                (Document::from_value(query(path, &input, frame, &around)?), path.text())
            }
            Some(_) | None => (input.clone(), "$"),
        };
        let concurrency = concurrency(&map.max_concurrency, &input, frame, &around)?;
        if !items.value().is_array() {
            let text = format!("Reference path \"{path}\" must point to array.");
            return Err(Problem::in_state(&around, frame, Failure::runtime(text)));
        }
        Ok((input, items, concurrency))
    }

    /// The same of a JSONata state: `Items`, or else the input. What is tolerated counts for distributed
    /// Maps only, but an expression that fails is never passed over.
    fn computed_items(&self, frame: &Frame, map: &Map) -> Result<(Document, Document, u32), Problem> {
        let around = self.around(frame);
        let environment = around.with_input(frame.input.value());
        let in_state = |failure: FieldFailure| Problem::in_state(&around, frame, failure);
        let items = match &map.items {
            Some(Template::Jsonata(expression)) => {
                expression.evaluate_to(json::Kind::Array, &environment).map_err(in_state)?.into()
            }
            Some(items) => evaluate_in(items, &environment, frame, &around)?,
            None if frame.input.value().is_array() => frame.input.clone(),
            None => {
                let text = format!("Map state input must be an array but was: {}", frame.input.value());
                return Err(in_state(Failure::query_evaluation(text).into()));
            }
        };
        check_data(&items, &self.state(frame).name).map_err(Problem::Fatal)?;
        let concurrency = concurrency(&map.max_concurrency, &frame.input, frame, &around)?;
        if let Some(Count::Jsonata(count)) = &map.tolerated_failure_count {
            whole(count, "ToleratedFailureCount", 0, frame, &around)?;
        }
        if let Some(Percentage::Jsonata(percentage)) = &map.tolerated_failure_percentage {
            let value = percentage.evaluate_to(json::Kind::Number, &environment).map_err(in_state)?;
            if !value.as_f64().is_some_and(|percentage| (0.0..=100.0).contains(&percentage)) {
                let text = "ToleratedFailurePercentage must be between 0 and 100.";
                return Err(in_state(percentage.refuse(text)));
            }
        }
        Ok((frame.input.clone(), items, concurrency))
    }
}

fn concurrency(count: &Count, input: &Document, frame: &Frame, around: &Around<'_>) -> Result<u32, Problem> {
    let runtime = |text: String| Problem::in_state(around, frame, Failure::runtime(text));
    let count = match count {
        Count::Literal(count) => *count,
        Count::Path(path) => {
            let value = query(path, input, frame, around)?;
            let Some(count) = whole_number(&value) else {
                return Err(runtime(format!(
                    "The MaxConcurrencyPath field refers to value \"{}\" which is not a valid integer: {}",
                    plain(&value),
                    path.text()
                )));
            };
            u64::try_from(count).map_err(|_| runtime("MaxConcurrency cannot be negative.".to_owned()))?
        }
        Count::Jsonata(expression) => whole(expression, "MaxConcurrency", 0, frame, around)?,
    };
    Ok(match u32::try_from(count) {
        Ok(0) | Err(_) => MAP_CONCURRENCY_MAX,
        Ok(count) => count.min(MAP_CONCURRENCY_MAX),
    })
}

/// The number of items. Their text is at most 256 KiB, or a variable's at most 256 KiB.
fn length(items: &Document) -> u32 {
    items.value().as_array().map_or(0, |items| items.len() as u32)
}
