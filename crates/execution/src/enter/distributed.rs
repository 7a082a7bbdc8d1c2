//! Distributed Map: the state's fields are evaluated and a Map Run begins; what becomes of it is told when it
//! has ended. (spec/asl.md §10, spec/history-events.md §3.3)

use asl::Failure;
use asl::machine::{Count, Distributed, ItemBatcher, ItemReader, Map, QueryLanguage};
use json::{Document, Text, Value};

use crate::context::Around;
use crate::enter::count::{not_negative, signed};
use crate::enter::map::Selected;
use crate::enter::tolerance::{Tolerance, tolerance};
use crate::event::EventKind;
use crate::failure::{Fault, Problem};
use crate::flow::evaluate;
use crate::frame::{Frame, PendingMapRun, Waiting};
use crate::limits::check_data;
use crate::map_run::{self, BatchPlan, MapPlan, MapRunSettings, MapRunStart, ReaderPlan};
use crate::run::Run;
use crate::step::Step;
use crate::turn::Effect;

impl Run<'_> {
    pub(super) fn distributed_map(
        &mut self,
        frame: &mut Frame,
        map: &Map,
        distributed: &Distributed,
    ) -> Step {
        let selected = match &distributed.item_reader {
            Some(_) => self.what_a_reader_needs(frame, map),
            None => self.selected(frame, map),
        };
        let selected = match selected {
            Ok(selected) => selected,
            Err(problem) => return problem.into(),
        };
        let length = selected.items.as_ref().map_or(0, |items| members(items.value()));
        self.follow(frame, EventKind::MapStateStarted { length });
        // These come to light later. (recorded: test_map_state_tolerated_failure_percentage_path)
        let plan = match self.plan(frame, map, distributed, selected) {
            Ok(plan) => plan,
            Err(problem) => return problem.into(),
        };
        let start = self.map_run_start(frame, map, distributed, &plan);
        let map_run_arn = start.arn.clone();
        let run_event = self.follow(frame, EventKind::MapRunStarted { map_run_arn: map_run_arn.clone() });
        self.count(&plan.input);
        self.turn.effects.push(Effect::StartMapRun(Box::new(start)));
        frame.waiting =
            Waiting::MapRun(Box::new(PendingMapRun { run_event, map_run_arn, redrives: 0, plan }));
        Step::Waits
    }

    /// The Map Run that the frame waits for has ended.
    pub fn map_run_ended(&mut self, frame: &mut Frame, outcome: Result<Document, Failure>) -> Step {
        let waiting = std::mem::replace(&mut frame.waiting, Waiting::Again);
        let Waiting::MapRun(pending) = waiting else { unreachable!("`react` has looked") };
        self.ended_run = Some(pending.map_run_arn.clone());
        let failure = match outcome {
            Ok(result) => {
                frame.last_event = self.emit(pending.run_event, EventKind::MapRunSucceeded);
                self.emit(frame.last_event, EventKind::MapStateSucceeded);
                return Step::Worked(result);
            }
            Err(failure) => failure,
        };
        frame.last_event = self.emit(pending.run_event, EventKind::MapRunFailed { failure: failure.clone() });
        // A redrive lets the children that failed begin again; after anything else there is a new Map Run.
        // (spec/api.md §6)
        if failure.name() == aws_names::error::EXCEED_TOLERATED_FAILURE_THRESHOLD {
            let waiting = Waiting::MapRun(pending);
            self.keep_as_it_is(Frame { waiting, ..frame.clone() });
        }
        Step::Failed(Fault::of(failure))
    }

    /// The same Map Run goes on.
    pub fn redrive_map_run(&mut self, frame: &mut Frame) {
        let Waiting::MapRun(pending) = &mut frame.waiting else { return };
        pending.redrives += 1;
        let (map_run_arn, redrive_count) = (pending.map_run_arn.clone(), pending.redrives);
        let event = EventKind::MapRunRedriven { map_run_arn: map_run_arn.clone(), redrive_count };
        pending.run_event = self.emit(frame.last_event, event);
        frame.last_event = pending.run_event;
        self.turn.effects.push(Effect::RedriveMapRun { frame: frame.id, map_run_arn });
    }

    /// Where an ItemReader reads the items, only `$` of the state's other fields is needed.
    fn what_a_reader_needs(&self, frame: &Frame, map: &Map) -> Result<Selected, Problem> {
        let around = self.around(frame);
        let input = match self.state(frame).query_language {
            QueryLanguage::JsonPath => self.effective_input_in(frame, &around)?,
            QueryLanguage::Jsonata => frame.input.clone(),
        };
        let max_concurrency = not_negative(&map.max_concurrency, "MaxConcurrency", &input, frame, &around)?;
        Ok(Selected { input, items: None, max_concurrency })
    }

    fn plan(
        &self,
        frame: &Frame,
        map: &Map,
        distributed: &Distributed,
        selected: Selected,
    ) -> Result<MapPlan, Problem> {
        let around = self.around(frame);
        let Selected { input, items, max_concurrency } = selected;
        let Tolerance { count, percentage } = tolerance(map, &input, frame, &around)?;
        let settings = MapRunSettings {
            max_concurrency,
            tolerated_failure_count: count,
            tolerated_failure_percentage: percentage,
        };
        let (mut reader, mut failure) = (None, None);
        match distributed.item_reader.as_ref().map(|reader| reader_plan(reader, &input, frame, &around)) {
            None => {}
            Some(Ok(plan)) => reader = Some(plan),
            // The Map Run fails by it. (recorded: test_map_item_reader_csv_max_items_paths)
            Some(Err(ReaderProblem::OfTheRun(found))) => failure = Some(found),
            Some(Err(ReaderProblem::OfTheState(problem))) => return Err(problem),
        }
        let batches = distributed.item_batcher.as_ref();
        let batches = batches.map(|batcher| batch_plan(batcher, &input, frame, &around)).transpose()?;
        let writer = distributed.result_writer.as_ref().filter(|writer| writer.exports);
        let writer = writer.and_then(|writer| writer.parameters.as_ref());
        let writer = writer.map(|parameters| evaluate(parameters, &input, frame, &around)).transpose()?;
        Ok(MapPlan { input, items, reader, batches, writer, settings, failure })
    }

    fn map_run_start(
        &self,
        frame: &Frame,
        map: &Map,
        distributed: &Distributed,
        plan: &MapPlan,
    ) -> MapRunStart {
        let start = &self.execution.start;
        let label = map_run::label(&start.state_machine_arn, &self.state(frame).name, distributed);
        // `arn:aws:states:region:account`, and the machine, which may have a label itself.
        let (before, machine) = start.state_machine_arn.split_once(":stateMachine:").unwrap_or_default();
        let name: Text = aws_names::uuid_v4(self.random.next()).into();
        let child_machine_name: Text = format!("{machine}/{label}").into();
        MapRunStart {
            arn: format!("{before}:mapRun:{child_machine_name}:{name}").into(),
            name,
            execution_arn: start.arn.clone(),
            frame: frame.id,
            state: frame.state,
            processor: map.processor,
            express: distributed.express,
            revision: start.revision,
            child_machine_arn: format!("{before}:stateMachine:{child_machine_name}").into(),
            child_machine_name,
            role_arn: start.role_arn.clone(),
            region: start.region.clone(),
            seed: self.random.next(),
            items: plan.items.as_ref().map(|items| members(items.value())),
            settings: plan.settings,
            exports: plan.writer.is_some(),
            started_at: self.now,
        }
    }
}

/// Why there is no plan for a reader.
enum ReaderProblem {
    OfTheRun(Failure),
    OfTheState(Problem),
}

impl From<Problem> for ReaderProblem {
    fn from(problem: Problem) -> ReaderProblem {
        ReaderProblem::OfTheState(problem)
    }
}

fn reader_plan(
    reader: &ItemReader,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<ReaderPlan, ReaderProblem> {
    let parameters = match &reader.parameters {
        Some(parameters) => evaluate(parameters, input, frame, around)?,
        None => Document::from_valid_text("{}"),
    };
    check_data(&parameters, &around.machine.state(frame.state).name).map_err(Problem::Fatal)?;
    let items_max = limit(reader.max_items.as_ref(), "MaxItems", input, frame, around)?;
    let items_max = items_max
        .map_err(|text| ReaderProblem::OfTheRun(Failure::new(aws_names::error::ITEM_READER_FAILED, text)))?;
    Ok(ReaderPlan { parameters, items_max })
}

fn batch_plan(
    batcher: &ItemBatcher,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<BatchPlan, Problem> {
    let limit = |count: Option<&Count>, field: &str| {
        limit(count, field, input, frame, around)?
            .map_err(|text| Problem::in_state(around, frame, Failure::runtime(text)))
    };
    let batch_input = batcher.input.as_ref();
    Ok(BatchPlan {
        items_max: limit(batcher.max_items.as_ref(), "MaxItemsPerBatch")?,
        bytes_max: limit(batcher.max_bytes.as_ref(), "MaxInputBytesPerBatch")?,
        input: batch_input.map(|template| evaluate(template, input, frame, around)).transpose()?,
    })
}

/// A limit, or AWS's text for one that is negative; 0 is none. (recorded for MaxItemsPath)
fn limit(
    count: Option<&Count>,
    field: &str,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Result<Option<u64>, String>, Problem> {
    let Some(count) = count else { return Ok(Ok(None)) };
    let limit = u64::try_from(signed(count, field, input, frame, around)?);
    Ok(limit
        .map(|limit| Some(limit).filter(|&limit| limit > 0))
        .map_err(|_| format!("field {field} must be positive")))
}

/// How many items an array or an object makes.
fn members(items: &Value) -> u64 {
    let count = items.as_array().map(|items| items.len());
    count.or_else(|| items.as_object().map(|members| members.len())).unwrap_or(0) as u64
}
