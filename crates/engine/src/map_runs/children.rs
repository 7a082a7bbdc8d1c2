//! STANDARD children: executions like others, which a Map Run begins, stops and hears of. Their records and those of
//! the Map Run are in the same commit.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use asl::{Failure, Timestamp};
use execution::execution::Start;
use execution::map_run::{ChildInput, EndedChild, MapRunStart};
use execution::{ChildOf, Execution, MachineType, Status, Wakeup};
use json::Text;
use store::{ExecutionKey, Record};

use crate::deliver::Loop;

impl Loop {
    /// Begins a child. One that is there already was begun before a crash took the news of it.
    pub(super) fn begin_standard_child(
        &mut self,
        key: ExecutionKey,
        run: &MapRunStart,
        number: u32,
        input: ChildInput,
        test_case: Option<Text>,
        now: Timestamp,
    ) {
        let arn = run.child_arn(number);
        if let Some((child, _)) = self.writer.find(&arn) {
            return self.adopt(key, number, child);
        }
        let start = Arc::new(Start {
            arn,
            name: run.child_name(number),
            state_machine_arn: run.child_machine_arn.clone(),
            state_machine_name: run.child_machine_name.clone(),
            machine_type: MachineType::Standard,
            revision: run.revision,
            version_arn: None,
            alias_arn: None,
            test_case,
            role_arn: run.role_arn.clone(),
            region: run.region.clone(),
            input: input.input,
            trace_header: None,
            parent: None,
            child_of: Some(ChildOf {
                map_run_arn: run.arn.clone(),
                child: number,
                items: input.items,
                processor: run.processor,
            }),
            started_at: now,
        });
        let child = self.writer.new_execution_key();
        self.writer.insert(child, Execution::new(start.clone()));
        self.record(Record::Start { key: child, start });
        self.statistics.started.fetch_add(1, Relaxed);
        self.deliver(child, Wakeup::Started, now);
    }

    /// Lets a child that ended badly go on.
    pub(super) fn redrive_standard_child(
        &mut self,
        key: ExecutionKey,
        run: &MapRunStart,
        number: u32,
        now: Timestamp,
    ) {
        let child = self.writer.find(&run.child_arn(number)).map(|(child, _)| child);
        let closed = child.and_then(|child| match self.writer.read_closed(child, now) {
            Ok(closed) => closed.map(|closed| (child, closed)),
            Err(error) => {
                tracing::error!(%error, map_run = %run.arn, number, "a child that is to be redriven cannot be read");
                None
            }
        });
        match closed {
            Some((child, closed)) if closed.execution().is_redrivable() => {
                self.writer.reopen(child, closed);
                self.statistics.redriven.fetch_add(1, Relaxed);
                self.deliver(child, Wakeup::Redriven { client_token: None, input: None }, now);
            }
            // It cannot go on: it stays what it was. Of one that is not kept nobody knows how it ended.
            Some((child, _)) => {
                let status = self.writer.closed_as(child);
                self.child_is(key, number, status.unwrap_or(Status::Failed), false);
            }
            None => self.child_is(key, number, Status::Failed, false),
        }
    }

    /// Stops a child.
    pub(super) fn stop_standard_child(
        &mut self,
        key: ExecutionKey,
        run: &MapRunStart,
        number: u32,
        now: Timestamp,
    ) {
        let child = self.writer.find(&run.child_arn(number)).map(|(child, _)| child);
        match child.filter(|child| self.writer.closed_at(*child).is_none()) {
            Some(child) => {
                self.deliver(child, Wakeup::Stopped { failure: Failure { error: None, cause: None } }, now);
            }
            None => self.child_is(key, number, Status::Aborted, false),
        }
    }

    /// A child that is there already: if it has ended, the Map Run hears of that now.
    pub(super) fn adopt(&mut self, key: ExecutionKey, number: u32, child: ExecutionKey) {
        if let Some(status) = self.writer.closed_as(child) {
            let is_redrivable = status != Status::Succeeded && self.writer.is_redrivable(child);
            self.child_is(key, number, status, is_redrivable);
        }
    }

    pub(super) fn child_is(&mut self, key: ExecutionKey, number: u32, status: Status, is_redrivable: bool) {
        if let Some(open) = self.map_runs.get_mut(key) {
            open.run.ended(EndedChild { child: number, status, is_redrivable, express: None });
            self.map_runs.mark(key);
        }
    }
}
