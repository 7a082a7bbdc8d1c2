//! A Map Run goes on: after a redrive, after a restart.
//!
//! The turn of the execution that asks for a redrive is durable before the Map Run hears of it, so a crash may come
//! between the two. Both count redrives, and the Map Run does what it has missed.

use asl::{Failure, Timestamp};
use execution::map_run::MapRun;
use execution::{FrameId, Status, Wakeup};
use json::Text;
use store::{ExecutionKey, OpenMapRun as Recovered, Store};

use super::open::OpenMapRun;
use super::work::MapRunWork;
use crate::deliver::Loop;
use crate::message::After;

/// The redrive of an execution that waits for a Map Run.
#[derive(Clone, Debug)]
pub struct MapRunRedrive {
    parent: ExecutionKey,
    frame: FrameId,
    map_run_arn: Text,
}

impl MapRunRedrive {
    /// Reads the Map Run, for [`MapRunNews::IsBack`](super::MapRunNews::IsBack). Blocks.
    pub fn read(&self, store: &Store) -> Option<MapRun> {
        let map_run = &self.map_run_arn;
        store.read_map_run(map_run).unwrap_or_else(|error| {
            tracing::error!(%error, %map_run, "a Map Run that is to be redriven cannot be read");
            None
        })
    }
}

impl Loop {
    /// An execution was redriven that waits for a Map Run.
    pub(crate) fn redrive_map_run(&mut self, parent: ExecutionKey, frame: FrameId, map_run_arn: Text) {
        // Behind the turn that is being made.
        self.map_runs.redrives.push_back(MapRunRedrive { parent, frame, map_run_arn });
    }

    /// Lets the Map Runs of redriven executions go on: those at once that are still open, because their children are
    /// being stopped. The others are read first, beside the loop and when all that was committed is durable.
    pub(super) fn redrive_map_runs(&mut self, now: Timestamp) {
        while let Some(redrive) = self.map_runs.redrives.pop_front() {
            if let Some(key) = self.map_runs.find(&redrive.map_run_arn) {
                self.catch_up_with_redrives(key, &redrive, now);
            } else if let Some(key) = self.writer.find_map_run(&redrive.map_run_arn) {
                self.after(After::MapRun { key, work: MapRunWork::ReadBack(redrive) });
            } else {
                self.cannot_be_redriven(redrive, now);
            }
        }
    }

    /// A Map Run that had ended has been read; `None` if that was not possible.
    pub(super) fn map_run_is_back(
        &mut self,
        key: ExecutionKey,
        redrive: MapRunRedrive,
        run: Option<Box<MapRun>>,
        now: Timestamp,
    ) {
        // Its execution was stopped meanwhile, or was redriven twice.
        if self.redrives_wanted(&redrive).is_none() || self.map_runs.get_mut(key).is_some() {
            return;
        }
        match run.filter(|_| self.writer.reopen_map_run(key)) {
            Some(run) => {
                self.map_runs.insert(key, OpenMapRun::new(*run, redrive.parent));
                self.catch_up_with_redrives(key, &redrive, now);
            }
            None => self.cannot_be_redriven(redrive, now),
        }
    }

    /// After a restart: it goes on where it was, if somebody waits for it.
    pub(crate) fn bring_back_map_run(&mut self, recovered: Recovered) {
        let Recovered { key, mut run } = recovered;
        let start = run.start.clone();
        let parent = self.writer.find(&start.execution_arn).map_or(key, |(parent, _)| parent);
        let waits = MapRunRedrive { parent, frame: start.frame, map_run_arn: start.arn.clone() };
        let is_waited_for = self.redrives_wanted(&waits).is_some();
        if !is_waited_for {
            run.abort();
        }
        self.map_runs.insert(key, OpenMapRun::new(run, parent));
        match start.express {
            true => self.bring_back_express_children(key),
            false => self.bring_back_standard_children(key),
        }
        let Some(open) = self.map_runs.get_mut(key) else { return };
        open.run.forget_unbegun();
        match is_waited_for {
            true => self.read_items(key),
            false => open.forget_inputs(),
        }
    }

    /// Redrives it as often as its execution was redriven. After a restart that may have been done before.
    fn catch_up_with_redrives(&mut self, key: ExecutionKey, redrive: &MapRunRedrive, now: Timestamp) {
        let Some(wanted) = self.redrives_wanted(redrive) else { return };
        let Some(open) = self.map_runs.get_mut(key) else { return };
        if open.run.redrives() >= wanted {
            return;
        }
        while open.run.redrives() < wanted {
            open.run.redrive(now);
        }
        // They ran at once, so there is room for them.
        let lost: Vec<u32> = open.run.lost_before().collect();
        for child in lost {
            open.run.begin_again(child);
            open.lost.insert(child);
        }
        // Before all that its children do: a crash in the middle of the commit must not part the two.
        self.commit_map_run(key, now);
        self.map_runs.mark(key);
        self.read_items(key);
    }

    /// How often an execution has redriven the Map Run that it waits for; `None` if it waits for another one or none.
    fn redrives_wanted(&mut self, redrive: &MapRunRedrive) -> Option<u64> {
        let pending = self.writer.load(redrive.parent)?.frames.get(&redrive.frame)?.map_run()?;
        (pending.map_run_arn == redrive.map_run_arn).then_some(pending.redrives)
    }

    fn cannot_be_redriven(&mut self, redrive: MapRunRedrive, now: Timestamp) {
        let MapRunRedrive { parent, frame, map_run_arn } = redrive;
        let text = format!("The Map Run '{map_run_arn}' is not kept any more and cannot be redriven.");
        let wakeup = Wakeup::MapRunEnded { frame, map_run_arn, outcome: Err(Failure::runtime(text)) };
        self.deliver(parent, wakeup, now);
    }

    /// The EXPRESS children that ran begin again, with inputs that are read again.
    fn bring_back_express_children(&mut self, key: ExecutionKey) {
        if let Some(open) = self.map_runs.get_mut(key) {
            open.lost = open.run.open_children().map(|child| child.child).collect();
        }
    }

    /// What has become of the STANDARD children. A crash in the middle of a commit may have kept the beginning of some
    /// that the Map Run has not noted.
    fn bring_back_standard_children(&mut self, key: ExecutionKey) {
        let Some(open) = self.map_runs.get_mut(key) else { return };
        let run = &mut open.run;
        let start = run.start.clone();
        // They begin in the order of their numbers.
        while let Some((child, _)) = self.writer.find(&start.child_arn(run.begun())) {
            run.begin(self.writer.items_of_child(child).unwrap_or(0));
        }
        let again: Vec<u32> = run.waiting_again().collect();
        for number in again {
            let child = self.writer.find(&start.child_arn(number));
            let status = child.map(|(child, _)| self.writer.closed_as(child));
            if matches!(status, Some(None | Some(Status::Succeeded))) {
                run.begin_again(number);
            }
        }
        let children: Vec<u32> = run.open_children().map(|child| child.child).collect();
        for number in children {
            match self.writer.find(&start.child_arn(number)) {
                Some((child, _)) => self.adopt(key, number, child),
                None => self.child_is(key, number, Status::Aborted, false),
            }
        }
    }
}
