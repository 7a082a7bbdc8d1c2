//! A Map Run begins: its items are asked for. And its stop, and UpdateMapRun.

use std::sync::Arc;

use asl::machine::{Distributed, Kind};
use asl::{Failure, StateMachine, Timestamp};
use connectors::{Caller, SourcePlan};
use execution::map_run::{ChildInputs, MapPlan, MapRun, MapRunStart};
use json::Text;
use store::{ExecutionKey, Record};
use tokio::sync::Semaphore;

use super::open::{OpenMapRun, ReadingPermits};
use super::reading::{Elsewhere, Items, PIECES_AHEAD, Reading};
use super::work::MapRunWork;
use crate::deliver::Loop;
use crate::message::After;
use crate::refusal::Refusal;
use crate::request::UpdateMapRun;

impl Loop {
    /// The Map state of `parent` has been entered.
    pub(crate) fn start_map_run(&mut self, parent: ExecutionKey, start: MapRunStart) {
        let key = self.writer.new_execution_key();
        let start = Arc::new(start);
        self.record(Record::MapRunStart { key, start: start.clone() });
        self.map_runs.insert(key, OpenMapRun::new(MapRun::new(start), parent));
        self.read_items(key);
    }

    /// Nobody waits for it any more.
    pub(crate) fn stop_map_run(&mut self, map_run_arn: &str) {
        let Some(key) = self.map_runs.find(map_run_arn) else { return };
        let Some(open) = self.map_runs.get_mut(key) else { return };
        open.forget_inputs();
        open.run.abort();
        self.map_runs.mark(key);
    }

    /// `ResourceNotFound`, `MapRunCompleted`.
    pub(crate) fn update_map_run(&mut self, request: UpdateMapRun, now: Timestamp) -> Result<(), Refusal> {
        let UpdateMapRun { map_run_arn, max_concurrency, tolerated_failure_count, .. } = request;
        let Some(key) = self.map_runs.find(&map_run_arn) else {
            return Err(match self.writer.find_map_run(&map_run_arn) {
                Some(_) => Refusal::MapRunCompleted { arn: map_run_arn },
                None => Refusal::ResourceNotFound { arn: map_run_arn },
            });
        };
        let Some(open) = self.map_runs.get_mut(key) else { unreachable!("it was just found") };
        let mut settings = open.run.settings();
        settings.max_concurrency = max_concurrency.unwrap_or(settings.max_concurrency);
        settings.tolerated_failure_count = tolerated_failure_count.or(settings.tolerated_failure_count);
        settings.tolerated_failure_percentage =
            request.tolerated_failure_percentage.or(settings.tolerated_failure_percentage);
        open.run.update(settings);
        // In the commit that the answer waits for: it may be some rounds until this Map Run has its turn.
        self.commit_map_run(key, now);
        self.map_runs.mark(key);
        Ok(())
    }

    /// Asks for items, unless all have begun and none is lost, or others have to end before.
    pub(super) fn read_items(&mut self, key: ExecutionKey) {
        let wanted = match self.map_runs.get_mut(key) {
            Some(open) if open.is_waiting => false,
            Some(open) => !open.run.has_begun_all() || !open.lost.is_empty(),
            None => false,
        };
        if !wanted {
            return;
        }
        match self.reading(key) {
            Ok(reading) => {
                if let (Some(reading), Some(open)) = (reading, self.map_runs.get_mut(key)) {
                    open.reading = Some(ReadingPermits(reading.permits()));
                    self.after(After::MapRun { key, work: MapRunWork::Read(Box::new(reading)) });
                }
            }
            Err(failure) => {
                if let Some(open) = self.map_runs.get_mut(key) {
                    open.run.fail(failure);
                }
            }
        }
        self.map_runs.mark(key);
    }

    /// What reads the items that have not begun. `None` if nobody waits for them any more.
    pub(super) fn reading(&mut self, key: ExecutionKey) -> Result<Option<Reading>, Failure> {
        let seed = self.random.draw();
        let Some(open) = self.map_runs.get_mut(key) else { return Ok(None) };
        let (start, parent) = (open.run.start.clone(), open.parent);
        let Some(machine) = self.machine(start.revision) else { return Ok(None) };
        let Some(execution) = self.writer.load(parent) else { return Ok(None) };
        let Some(pending) = execution.frames.get(&start.frame).and_then(|frame| frame.map_run()) else {
            return Ok(None);
        };
        let plan = pending.plan.clone();
        if let Some(failure) = plan.failure {
            return Err(failure);
        }
        let inputs = ChildInputs::new(execution, machine.clone(), start.frame, 0, seed);
        let inputs = inputs.transpose()?;
        let caller = Caller::of(&execution.start);
        let Some(open) = self.map_runs.get_mut(key) else { return Ok(None) };
        let expected = open.run.source().cloned();
        let source = items(&plan, distributed(&machine, &start), expected, caller)?;
        let Some((inputs, open)) = inputs.zip(self.map_runs.get_mut(key)) else { return Ok(None) };
        let lost = open.run.open_children().filter(|child| open.lost.contains(&child.child));
        let permits = Arc::new(Semaphore::new(PIECES_AHEAD));
        Ok(Some(Reading::new(&open.run, source, inputs, lost, permits)))
    }
}

/// Where a state's items are.
fn items(
    plan: &MapPlan,
    distributed: Option<&Distributed>,
    expected: Option<Text>,
    caller: Caller,
) -> Result<Items, Failure> {
    if let Some(items) = &plan.items {
        return Ok(Items::State { items: items.clone(), given: 0 });
    }
    let reader = distributed.and_then(|distributed| distributed.item_reader.as_ref());
    let Some((reader, read)) = reader.zip(plan.reader.as_ref()) else {
        unreachable!("a distributed Map has items or a reader")
    };
    let source = SourcePlan::new(reader, read.parameters.value(), read.items_max)?;
    Ok(Items::Elsewhere(Box::new(Elsewhere { plan: source, expected, caller })))
}

/// The Map state's own fields.
pub(super) fn distributed<'m>(machine: &'m StateMachine, start: &MapRunStart) -> Option<&'m Distributed> {
    match &machine.state(start.state).kind {
        Kind::Map(map) => map.distributed.as_deref(),
        _ => None,
    }
}
