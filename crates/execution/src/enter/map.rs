//! Map: what it iterates over, and the iterations of an inline one: a frame for each iteration that runs, at most as many at once as MaxConcurrency
//! allows; the results in the order of the items. (spec/asl.md §10, spec/history-events.md §3.2)

use asl::machine::{Map, QueryLanguage};
use asl::{Failure, FieldFailure, Kind, Template};
use json::{Document, Value};

use crate::context::{Around, CurrentItem, STATE_DATA};
use crate::enter::count::not_negative;
use crate::enter::tolerance::{Tolerance, tolerance};
use crate::event::EventKind;
use crate::failure::Problem;
use crate::flow::{evaluate, evaluate_in, query};
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
    /// How many iterations may fail; of an inline Map none, whatever its fields say.
    pub tolerance: Tolerance,
}

/// What a Map state iterates over, without what is tolerated.
pub(super) struct Selected {
    /// The effective input: `$` of ItemSelector.
    pub input: Document,
    /// The array, or an object; `None` where an ItemReader reads them.
    pub items: Option<Document>,
    /// The evaluated MaxConcurrency; 0 for no limit.
    pub max_concurrency: u64,
}

impl Run<'_> {
    pub(super) fn map(&mut self, frame: &mut Frame, map: &Map) -> Step {
        if let Some(distributed) = &map.distributed {
            return self.distributed_map(frame, map, distributed);
        }
        let Items { input, items, max_concurrency, tolerance: _ } = match self.items(frame, map) {
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

    /// Starts as many iterations as there is room for; `Some` if an ItemSelector failed.
    pub fn start_iterations(&mut self, owner: &mut Frame) -> Option<Step> {
        let running = self
            .execution
            .frames
            .values()
            .filter(|frame| frame.parent.is_some_and(|(its_owner, _)| its_owner == owner.id));
        let running = running.count() as u32;
        let Waiting::Map(pending) = &owner.waiting else { unreachable!("the caller has looked") };
        let room = pending.concurrency.saturating_sub(running).min(length(&pending.items) - pending.next);
        (0..room).find_map(|_| self.start_iteration(owner, owner.last_event))
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
        let Waiting::Map(pending) = &owner.waiting else { unreachable!("the caller has looked") };
        let index = pending.next;
        let name = self.state(owner).name.clone();
        let event = self
            .emit(previous, EventKind::MapIterationStarted { name: name.clone(), index: u64::from(index) });
        let selected = self.item(owner, map, index);
        let start_at = self.machine.container(map.processor).start_at;
        let input = match selected {
            Ok(input) => input,
            // It has not begun, and a redrive begins with it.
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
        if let Waiting::Map(pending) = &mut owner.waiting {
            pending.next += 1;
        }
        let id = self.new_frame_id();
        self.count(&input);
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
        let Some(value) = items.get(index as usize) else { unreachable!("there are `length` items") };
        let current = CurrentItem { index: u64::from(index), key: None, value, source: STATE_DATA };
        let around = Around { item: Some(current), ..self.around(owner) };
        let input = evaluate(selector, &pending.input, owner, &around)?;
        check_data(&input, &self.state(owner).name).map_err(Problem::Fatal)?;
        Ok(input)
    }

    /// Evaluates what the state iterates over, and how.
    pub fn items(&self, frame: &Frame, map: &Map) -> Result<Items, Problem> {
        let Selected { input, items, max_concurrency } = self.selected(frame, map)?;
        // What is tolerated counts for distributed Maps only, but a JSONata expression that fails is never
        // passed over.
        let is_evaluated = match self.state(frame).query_language {
            QueryLanguage::JsonPath => map.distributed.is_some(),
            QueryLanguage::Jsonata => true,
        };
        let tolerance = match is_evaluated {
            true => tolerance(map, &input, frame, &self.around(frame))?,
            false => Tolerance::default(),
        };
        let Some(items) = items else { unreachable!("no reader is asked") };
        Ok(Items { input, items, max_concurrency, tolerance })
    }

    /// The same without what is tolerated.
    pub(super) fn selected(&self, frame: &Frame, map: &Map) -> Result<Selected, Problem> {
        match self.state(frame).query_language {
            QueryLanguage::JsonPath => self.selected_items(frame, map),
            QueryLanguage::Jsonata => self.computed_items(frame, map),
        }
    }

    fn selected_items(&self, frame: &Frame, map: &Map) -> Result<Selected, Problem> {
        let around = self.around(frame);
        let input = self.effective_input_in(frame, &around)?;
        let (items, path) = match &map.items_path {
            Some(path) if !path.is_whole_input() => {
                (Document::from_value(query(path, &input, frame, &around)?), path.text())
            }
            Some(_) | None => (input.clone(), "$"),
        };
        around.note(Stage::ItemsPath, &items);
        let max_concurrency = not_negative(&map.max_concurrency, "MaxConcurrency", &input, frame, &around)?;
        if !items.value().is_array() {
            let text = format!("Reference path \"{path}\" must point to array.");
            return Err(Problem::in_state(&around, frame, Failure::runtime(text)));
        }
        Ok(Selected { input, items: Some(items), max_concurrency })
    }

    /// The same of a JSONata state: `Items`, or else the input.
    fn computed_items(&self, frame: &Frame, map: &Map) -> Result<Selected, Problem> {
        let around = self.around(frame);
        let environment = around.with_input(frame.input.value());
        let in_state = |failure: FieldFailure| Problem::in_state(&around, frame, failure);
        // A distributed Map iterates over the members of an object, too.
        let kinds: &[json::Kind] = match &map.distributed {
            None => &[json::Kind::Array],
            Some(_) => &[json::Kind::Array, json::Kind::Object],
        };
        let items = match &map.items {
            Some(Template::Jsonata(expression)) => {
                expression.evaluate_to_any(kinds, &environment).map_err(in_state)?.into()
            }
            Some(items) => evaluate_in(items, &environment, frame, &around)?,
            None if kinds.contains(&frame.input.value().kind()) => frame.input.clone(),
            None => {
                let text = format!("Map state input must be an array but was: {}", frame.input.value());
                return Err(in_state(Failure::query_evaluation(text).into()));
            }
        };
        check_data(&items, &self.state(frame).name).map_err(Problem::Fatal)?;
        let max_concurrency =
            not_negative(&map.max_concurrency, "MaxConcurrency", &frame.input, frame, &around)?;
        Ok(Selected { input: frame.input.clone(), items: Some(items), max_concurrency })
    }
}

/// The number of items. Their text is at most 256 KiB, or a variable's at most 256 KiB.
fn length(items: &Document) -> u32 {
    items.value().as_array().map_or(0, |items| items.len() as u32)
}
