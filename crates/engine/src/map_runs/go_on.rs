//! A round of the Map Runs: children begin as there is room, are stopped where nobody wants them any more; what
//! the world has to tell; the end.

use std::sync::Arc;

use asl::{Failure, Timestamp};
use connectors::Caller;
use execution::map_run::{Counts, EndedChild, MapRunStart, MapRunStep};
use execution::{Status, Wakeup};
use json::{Document, Text};
use store::{ExecutionKey, Record};

use super::begin::distributed;
use super::express::{BeginningChild, ExpressChildren};
use super::gathering::{Form, Gathering};
use super::reading::Inputs;
use super::work::{MapRunNews, MapRunWork};
use crate::deliver::{BATCH_EVENTS_MAX, BATCH_MAX, Loop};
use crate::message::After;

/// So many STANDARD children of one Map Run begin or are stopped before the next Map Run has its turn; as many
/// EXPRESS ones as the loop hands over in about the same time.
const STANDARD_SLICE: usize = 64;
const EXPRESS_SLICE: usize = 512;

impl Loop {
    /// Lets every Map Run go on that can; whether there is more to do at once.
    pub(crate) fn go_on_with_map_runs(&mut self, now: Timestamp) -> bool {
        self.events = 0;
        self.redrive_map_runs(now);
        while let Some(key) = self.map_runs.let_one_go() {
            self.read_items(key);
        }
        // What becomes busy again in this round waits for the next one.
        for _ in 0..self.map_runs.busy().min(BATCH_MAX / STANDARD_SLICE) {
            if self.events >= BATCH_EVENTS_MAX {
                break;
            }
            let Some(key) = self.map_runs.take_busy() else { break };
            self.go_on_with_map_run(key, now);
        }
        self.map_runs.busy() > 0 || self.map_runs.can_let_one_go()
    }

    /// The world has something to tell a Map Run.
    pub(crate) fn map_run_news(&mut self, key: ExecutionKey, news: MapRunNews, now: Timestamp) {
        if let MapRunNews::IsBack { redrive, run } = news {
            return self.map_run_is_back(key, redrive, run, now);
        }
        let Some(open) = self.map_runs.get_mut(key) else { return };
        match news {
            MapRunNews::IsBack { .. } => {}
            MapRunNews::Read { redrives, inputs } => {
                let Inputs { lost, new, items, children, all, source } = inputs;
                // Somebody who was not wanted any more has read it.
                if open.reading.is_none() || redrives != open.run.summary().redrives {
                    return;
                }
                if let Some(source) = source {
                    open.run.read_from(source);
                }
                open.run.read(items, children, all);
                if new.is_empty() {
                    open.let_reading_go_on();
                } else {
                    open.push(new);
                }
                let start = open.run.start.clone();
                let mut begin =
                    |(child, input)| open.lost.remove(&child).then(|| open.beginning(child, input));
                let lost = lost.into_iter().filter_map(&mut begin).collect();
                self.run_express_children(key, start, lost);
            }
            MapRunNews::NotRead { redrives, failure } if redrives == open.run.summary().redrives => {
                open.forget_inputs();
                open.run.fail(failure);
            }
            MapRunNews::NotRead { .. } => {}
            MapRunNews::Ended(ended) => self.express_children_ended(key, ended, now),
            MapRunNews::Recalled { redrives, recall, inputs } if redrives == open.run.redrives() => {
                open.recalled(recall, inputs);
            }
            MapRunNews::Recalled { .. } => {}
            // What was gathered before a redrive is of no use.
            MapRunNews::Gathered { redrives, result } if redrives == open.run.summary().redrives => {
                self.gathered(key, result, now);
            }
            MapRunNews::Gathered { .. } => {}
        }
        self.map_runs.mark(key);
    }

    fn express_children_ended(&mut self, key: ExecutionKey, ended: Vec<EndedChild>, now: Timestamp) {
        for ended in ended {
            let Some(open) = self.map_runs.get_mut(key) else { return };
            open.run.ended(ended);
            if open.run.has_changed_much() {
                self.commit_map_run(key, now);
            }
        }
    }

    fn go_on_with_map_run(&mut self, key: ExecutionKey, now: Timestamp) {
        let Some(open) = self.map_runs.get_mut(key) else { return };
        let start = open.run.start.clone();
        match open.run.step() {
            MapRunStep::Children if start.express => self.begin_express_children(key, &start),
            MapRunStep::Children => self.begin_standard_children(key, &start, now),
            // Those that are EXPRESS cannot be stopped. (spec/asl.md §10.6)
            MapRunStep::StopChildren if start.express => {
                open.forget_inputs();
                if open.run.step() != MapRunStep::StopChildren {
                    self.map_runs.mark(key);
                }
            }
            MapRunStep::StopChildren => self.stop_standard_children(key, &start, now),
            MapRunStep::Gather => self.gather(key),
            MapRunStep::End { status, failure } => self.end_map_run(key, status, failure, None, now),
            MapRunStep::Ended => {}
        }
        self.commit_map_run(key, now);
    }

    /// Queues what has changed for the next commit.
    pub(super) fn commit_map_run(&mut self, key: ExecutionKey, now: Timestamp) {
        let Some(open) = self.map_runs.get_mut(key) else { return };
        let is_closed = open.run.closed().is_some();
        let map_run_arn = open.run.start.arn.clone();
        if let Some(turn) = open.run.take_turn(now) {
            let children: Vec<u32> = turn.express_ends().collect();
            self.record(Record::MapRunTurn { key, turn: Arc::new(turn) });
            if !children.is_empty() {
                self.after(After::MapRun { key, work: MapRunWork::Ended { map_run_arn, children } });
            }
        }
        if is_closed {
            self.map_runs.remove(key);
        }
    }

    fn begin_standard_children(&mut self, key: ExecutionKey, start: &Arc<MapRunStart>, now: Timestamp) {
        let test_case = self.test_case_of(key);
        for _ in 0..STANDARD_SLICE {
            if self.events >= BATCH_EVENTS_MAX {
                break;
            }
            let Some(open) = self.map_runs.get_mut(key) else { return };
            if open.run.room() == 0 {
                return;
            }
            if let Some(child) = open.run.next_again() {
                open.run.begin_again(child);
                self.redrive_standard_child(key, start, child, now);
            } else if let Some(input) = open.take_input() {
                let child = open.run.begin(input.items);
                self.begin_standard_child(key, start, child, input, test_case.clone(), now);
            } else {
                break;
            }
        }
        self.mark_if_more_can_begin(key);
    }

    fn begin_express_children(&mut self, key: ExecutionKey, start: &Arc<MapRunStart>) {
        let mut children = Vec::new();
        while children.len() < EXPRESS_SLICE {
            let Some(open) = self.map_runs.get_mut(key) else { return };
            if open.run.room() == 0 {
                break;
            }
            if let Some((child, input)) = open.recalled.pop_front() {
                open.run.begin_again(child);
                children.push(open.beginning(child, input));
            } else if let Some(input) = open.take_input() {
                let child = open.run.begin(input.items);
                children.push(open.beginning(child, input));
            } else {
                break;
            }
        }
        self.run_express_children(key, start.clone(), children);
        self.recall(key);
        self.mark_if_more_can_begin(key);
    }

    fn mark_if_more_can_begin(&mut self, key: ExecutionKey) {
        let Some(open) = self.map_runs.get_mut(key) else { return };
        let has_more = match open.run.start.express {
            true => open.has_inputs() || !open.recalled.is_empty(),
            false => open.has_inputs() || open.run.next_again().is_some(),
        };
        if has_more && open.run.room() > 0 || open.run.step() != MapRunStep::Children {
            self.map_runs.mark(key);
        }
    }

    fn stop_standard_children(&mut self, key: ExecutionKey, start: &Arc<MapRunStart>, now: Timestamp) {
        let Some(open) = self.map_runs.get_mut(key) else { return };
        open.forget_inputs();
        let some: Vec<u32> = open.run.open_children().take(STANDARD_SLICE).map(|child| child.child).collect();
        for child in some {
            self.stop_standard_child(key, start, child, now);
        }
        self.map_runs.mark(key);
    }

    fn gather(&mut self, key: ExecutionKey) {
        let Some(open) = self.map_runs.get_mut(key) else { return };
        open.forget_inputs();
        let redrives = open.run.summary().redrives;
        if open.gathering.replace(redrives) == Some(redrives) {
            return;
        }
        // Items that nobody has begun are told of where the run fails.
        let wants_unbegun = open.run.failing().is_some() && open.run.start.exports;
        let unbegun = match wants_unbegun {
            true => self.reading(key).ok().flatten().map(Box::new),
            false => None,
        };
        if let Some(gathering) = self.gathering(key) {
            let gathering = Box::new(gathering);
            self.after(After::MapRun { key, work: MapRunWork::Gather { gathering, unbegun } });
        }
    }

    fn gathering(&mut self, key: ExecutionKey) -> Option<Gathering> {
        let open = self.map_runs.get_mut(key)?;
        let (start, parent, summary) = (open.run.start.clone(), open.parent, open.run.summary());
        // None runs or waits when the results are gathered.
        let Counts { succeeded, failed, timed_out, aborted, .. } = summary.executions;
        let machine = self.machine(start.revision)?;
        let execution = self.writer.load(parent)?;
        let plan = &execution.frames.get(&start.frame)?.map_run()?.plan;
        let writer = distributed(&machine, &start).and_then(|fields| fields.result_writer.as_ref());
        Some(Gathering {
            state: machine.state(start.state).name.clone(),
            caller: Caller::of(&execution.start),
            form: Form::of(writer),
            files: plan.writer.clone(),
            ended: succeeded + failed + timed_out + aborted,
            redrives: summary.redrives,
            start,
        })
    }

    fn gathered(&mut self, key: ExecutionKey, gathered: Result<Document, Failure>, now: Timestamp) {
        let Some(open) = self.map_runs.get_mut(key) else { return };
        // The end of its execution came first.
        if open.run.step() != MapRunStep::Gather {
            return;
        }
        if gathered.is_ok() {
            open.run.gathered();
        }
        let (status, failure, result) = match (open.run.failing().cloned(), gathered) {
            (Some(failure), _) | (None, Err(failure)) => (Status::Failed, Some(failure), None),
            (None, Ok(result)) => (Status::Succeeded, None, Some(result)),
        };
        self.end_map_run(key, status, failure, result, now);
    }

    /// It ends, and whoever waits for it hears of that in the very next record: no crash parts the two.
    fn end_map_run(
        &mut self,
        key: ExecutionKey,
        status: Status,
        failure: Option<Failure>,
        result: Option<Document>,
        now: Timestamp,
    ) {
        let Some(open) = self.map_runs.get_mut(key) else { return };
        open.run.end(status, now, failure.clone());
        let (parent, frame, map_run_arn) = (open.parent, open.run.start.frame, open.run.start.arn.clone());
        self.commit_map_run(key, now);
        let outcome = match (result, failure) {
            (Some(result), _) => Ok(result),
            (None, Some(failure)) => Err(failure),
            // Nobody waits for one that was aborted.
            (None, None) => return,
        };
        self.deliver(parent, Wakeup::MapRunEnded { frame, map_run_arn, outcome }, now);
    }

    /// Asks for the inputs of children that a redrive begins again: those that they had.
    fn recall(&mut self, key: ExecutionKey) {
        let Some(open) = self.map_runs.get_mut(key) else { return };
        if let Some(recalling) = open.take_recalling() {
            let redrives = open.run.redrives();
            self.after(After::MapRun { key, work: MapRunWork::Recall { redrives, recalling } });
        }
    }

    fn run_express_children(
        &mut self,
        key: ExecutionKey,
        start: Arc<MapRunStart>,
        children: Vec<BeginningChild>,
    ) {
        if children.is_empty() {
            return;
        }
        let test_case = self.test_case_of(key);
        let work = MapRunWork::Run(ExpressChildren { start, test_case, children });
        self.after(After::MapRun { key, work });
    }

    fn test_case_of(&mut self, key: ExecutionKey) -> Option<Text> {
        let parent = self.map_runs.get_mut(key)?.parent;
        self.writer.load(parent)?.start.test_case.clone()
    }
}
