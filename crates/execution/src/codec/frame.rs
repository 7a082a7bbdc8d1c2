//! Frames in records.

use std::sync::Arc;

use asl::{StateId, Timestamp};

use crate::codec::bytes::{Input, Output};
use crate::codec::map_run::{read_plan, write_plan};
use crate::codec::{Malformed, read_failure, write_failure};
use crate::frame::{Frame, PendingMap, PendingMapRun, PendingParallel, PendingTask, TaskStage, Waiting};
use crate::wakeup::TaskOutcome;

pub(super) fn write(out: &mut Output<'_>, frame: &Frame) {
    out.number(u64::from(frame.id.0));
    out.optional(frame.parent, |out, (owner, index)| {
        out.number(u64::from(owner.0));
        out.number(u64::from(index));
    });
    out.number(u64::from(frame.state.0));
    out.time(frame.entered_at);
    out.number(frame.entered_event);
    out.number(frame.last_event);
    out.document(&frame.input);
    out.number(frame.variables.len() as u64);
    for (name, value) in &*frame.variables {
        out.text(name);
        out.document(value);
    }
    out.list(&frame.retries, |out, used| out.number(u64::from(*used)));
    out.number(u64::from(frame.attempt));
    write_waiting(out, &frame.waiting);
}

pub(super) fn read(input: &mut Input<'_>) -> Result<Frame, Malformed> {
    Ok(Frame {
        id: input.frame_id()?,
        parent: input.optional(|input| Ok((input.frame_id()?, input.small()?)))?,
        state: StateId(input.small()?),
        entered_at: input.time()?,
        entered_event: input.number()?,
        last_event: input.number()?,
        input: input.document()?,
        variables: Arc::new(
            input.list(|input| Ok((input.text()?, input.document()?)))?.into_iter().collect(),
        ),
        retries: input.list(Input::small)?,
        attempt: input.small()?,
        waiting: read_waiting(input)?,
    })
}

fn write_waiting(out: &mut Output<'_>, waiting: &Waiting) {
    match waiting {
        Waiting::Until(at) => {
            out.byte(0);
            out.time(*at);
        }
        Waiting::Task(task) => {
            out.byte(1);
            write_task(out, task);
        }
        Waiting::Retry(at) => {
            out.byte(2);
            out.time(*at);
        }
        Waiting::Parallel(parallel) => {
            out.byte(3);
            out.number(parallel.started_event);
            out.number(u64::from(parallel.remaining));
        }
        Waiting::Map(map) => {
            out.byte(4);
            out.number(map.started_event);
            out.document(&map.input);
            out.document(&map.items);
            out.number(u64::from(map.concurrency));
            out.number(u64::from(map.next));
            out.number(u64::from(map.succeeded));
        }
        Waiting::Again => out.byte(5),
        Waiting::Anew => out.byte(6),
        Waiting::MapRun(pending) => {
            out.byte(7);
            out.number(pending.run_event);
            out.text(&pending.map_run_arn);
            out.number(pending.redrives);
            write_plan(out, &pending.plan);
        }
    }
}

fn read_waiting(input: &mut Input<'_>) -> Result<Waiting, Malformed> {
    Ok(match input.byte()? {
        0 => Waiting::Until(input.time()?),
        1 => Waiting::Task(Box::new(read_task(input)?)),
        2 => Waiting::Retry(input.time()?),
        3 => Waiting::Parallel(Box::new(PendingParallel {
            started_event: input.number()?,
            remaining: input.small()?,
            results: Vec::new(),
        })),
        4 => Waiting::Map(Box::new(PendingMap {
            started_event: input.number()?,
            input: input.document()?,
            items: input.document()?,
            concurrency: input.small()?,
            next: input.small()?,
            succeeded: input.small()?,
            results: Vec::new(),
        })),
        5 => Waiting::Again,
        6 => Waiting::Anew,
        7 => Waiting::MapRun(Box::new(PendingMapRun {
            run_event: input.number()?,
            map_run_arn: input.text()?,
            redrives: input.number()?,
            plan: read_plan(input)?,
        })),
        _ => return Err(Malformed),
    })
}

/// In the order of their numbers.
const STAGES: [TaskStage; 4] =
    [TaskStage::Called, TaskStage::Offered, TaskStage::Given, TaskStage::Submitted];

fn write_task(out: &mut Output<'_>, task: &PendingTask) {
    let time = |out: &mut Output<'_>, at: Timestamp| out.time(at);
    let number = |out: &mut Output<'_>, number: u64| out.number(number);
    out.byte(task.stage as u8);
    out.optional(Some(task.nonce).filter(|&nonce| nonce != 0), |out, nonce| out.wide(nonce));
    out.optional(task.timeout_at, time);
    out.optional(task.heartbeat_at, time);
    out.optional(task.timeout_seconds, number);
    out.optional(task.heartbeat_seconds, number);
    out.document(&task.arguments);
    out.optional(task.role_arn.as_ref(), |out, text| out.text(text));
    out.optional(task.submitted.as_ref(), |out, document| out.document(document));
    out.optional(task.early.as_ref(), |out, outcome| match outcome {
        TaskOutcome::Succeeded(output) => {
            out.byte(0);
            out.document(output);
        }
        TaskOutcome::Failed(failure) => {
            out.byte(1);
            write_failure(out, failure);
        }
        TaskOutcome::TimedOut => out.byte(2),
    });
}

fn read_task(input: &mut Input<'_>) -> Result<PendingTask, Malformed> {
    Ok(PendingTask {
        stage: input.one_of(&STAGES)?,
        nonce: input.optional(Input::wide)?.unwrap_or(0),
        timeout_at: input.optional(Input::time)?,
        heartbeat_at: input.optional(Input::time)?,
        timeout_seconds: input.optional(Input::number)?,
        heartbeat_seconds: input.optional(Input::number)?,
        arguments: input.document()?,
        role_arn: input.optional(Input::text)?,
        submitted: input.optional(Input::document)?,
        early: input.optional(|input| {
            Ok(match input.byte()? {
                0 => TaskOutcome::Succeeded(input.document()?),
                1 => TaskOutcome::Failed(read_failure(input)?),
                2 => TaskOutcome::TimedOut,
                _ => return Err(Malformed),
            })
        })?,
    })
}
