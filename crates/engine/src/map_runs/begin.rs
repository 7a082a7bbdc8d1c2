//! A Map Run begins, or goes on: after a redrive, after a restart. And UpdateMapRun.

use std::sync::Arc;

use asl::machine::{Distributed, Kind};
use asl::{Failure, StateMachine, Timestamp};
use connectors::{Caller, SourcePlan};
use execution::map_run::{ChildInputs, MapPlan, MapRun, MapRunStart};
use execution::{FrameId, Wakeup};
use json::Text;
use store::{ExecutionKey, OpenMapRun as Recovered, Record};
use tokio::sync::Semaphore;

use super::open::{OpenMapRun, ReadingPermits};
use super::reading::{Elsewhere, Items, PIECES_AHEAD, Reading};
use super::work::MapRunWork;
use crate::deliver::Loop;
use crate::message::After;
use crate::refusal::Refusal;
use crate::request::UpdateMapRun;

/// What an execution is waiting for that was redriven.
pub(super) struct Redrive {
    parent: ExecutionKey,
    frame: FrameId,
    map_run_arn: Text,
}

impl Loop {
    /// The Map state of `parent` has been entered.
    pub(crate) fn start_map_run(&mut self, parent: ExecutionKey, start: MapRunStart) {
        let key = self.writer.new_execution_key();
        let start = Arc::new(start);
        self.record(Record::MapRunStart { key, start: start.clone() });
        self.map_runs.insert(key, OpenMapRun::new(MapRun::new(start), parent));
        self.read_items(key);
    }

    /// An execution was redriven that waits for a Map Run.
    pub(crate) fn redrive_map_run(&mut self, parent: ExecutionKey, frame: FrameId, map_run_arn: Text) {
        self.map_runs.redrives.push_back(Redrive { parent, frame, map_run_arn });
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
    pub(crate) fn update_map_run(&mut self, request: UpdateMapRun) -> Result<(), Refusal> {
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
        self.map_runs.mark(key);
        Ok(())
    }

    /// Lets the Map Runs of redriven executions go on.
    pub(super) fn redrive_map_runs(&mut self, now: Timestamp) {
        for _ in 0..self.map_runs.redrives.len() {
            let Some(redrive) = self.map_runs.redrives.pop_front() else { break };
            match self.redrive_one(&redrive, now) {
                Ok(true) => {}
                // Its end is on its way to the disk.
                Ok(false) => self.map_runs.redrives.push_back(redrive),
                Err(failure) => {
                    let Redrive { parent, frame, map_run_arn } = redrive;
                    let wakeup = Wakeup::MapRunEnded { frame, map_run_arn, outcome: Err(failure) };
                    self.map_runs.news.push_back((parent, wakeup));
                }
            }
        }
    }

    /// Whether it goes on.
    fn redrive_one(&mut self, redrive: &Redrive, now: Timestamp) -> Result<bool, Failure> {
        let Redrive { parent, frame, map_run_arn } = redrive;
        // It may have been stopped again meanwhile.
        let frame = self.writer.load(*parent).and_then(|execution| execution.frames.get(frame));
        let pending = frame.and_then(|frame| frame.map_run());
        if pending.is_none_or(|pending| pending.map_run_arn != *map_run_arn) {
            return Ok(true);
        }
        let key = match self.map_runs.find(map_run_arn) {
            // Its children are still being stopped.
            Some(key) => key,
            None => {
                let Some(key) = self.writer.find_map_run(map_run_arn) else {
                    return Err(gone(map_run_arn));
                };
                match self.writer.read_map_run(key) {
                    Ok(Some(run)) => {
                        self.writer.reopen_map_run(key);
                        self.map_runs.insert(key, OpenMapRun::new(run, *parent));
                    }
                    Ok(None) => return Ok(false),
                    Err(error) => {
                        tracing::error!(%error, map_run = %map_run_arn, "a Map Run that is to be redriven cannot be read");
                        return Err(gone(map_run_arn));
                    }
                }
                key
            }
        };
        if let Some(open) = self.map_runs.get_mut(key) {
            open.run.redrive(now);
        }
        self.map_runs.mark(key);
        self.read_items(key);
        Ok(true)
    }

    /// After a restart: it goes on where it was, if somebody waits for it.
    pub(crate) fn bring_back_map_run(&mut self, recovered: Recovered) {
        let Recovered { key, mut run } = recovered;
        let start = run.start.clone();
        let parent = self.writer.find(&start.execution_arn).map(|(parent, _)| parent);
        let execution = parent.and_then(|parent| self.writer.load(parent));
        let frame = execution.and_then(|execution| execution.frames.get(&start.frame));
        let is_waited_for =
            frame.and_then(|frame| frame.map_run()).is_some_and(|pending| pending.map_run_arn == start.arn);
        if !is_waited_for {
            run.abort();
        }
        run.forget_unbegun();
        self.map_runs.insert(key, OpenMapRun::new(run, parent.unwrap_or(key)));
        match start.express {
            true => self.bring_back_express_children(key, is_waited_for),
            false => self.bring_back_standard_children(key),
        }
        if is_waited_for {
            self.read_items(key);
        }
    }

    /// Asks for items, unless all have begun and none is lost.
    fn read_items(&mut self, key: ExecutionKey) {
        let wanted = match self.map_runs.get_mut(key) {
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

fn gone(map_run_arn: &str) -> Failure {
    Failure::runtime(format!("The Map Run '{map_run_arn}' is not kept any more and cannot be redriven."))
}
