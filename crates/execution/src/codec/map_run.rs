//! Map Runs in records. Each record stands for itself: it refers to no document of another one, so that the last
//! turn alone says how far a Map Run has come, however many there are before it.

use asl::{ContainerId, StateId};

use crate::codec::bytes::{Input, Output};
use crate::codec::{
    FORMAT, FORMAT_OF_FINAL_FAILURES, Malformed, Reader, STATUSES, Writer, read_failure, write_failure,
};
use crate::map_run::{
    BatchPlan, ChildEnd, ChildOf, Counts, EndedChild, MapPlan, MapRunChange, MapRunClose, MapRunSettings,
    MapRunStart, MapRunSummary, MapRunTurn, ReaderPlan,
};

/// Appends the record of a Map Run's start. `serial` is as for [`Writer::new`].
pub fn put_map_run_start(start: &MapRunStart, serial: u32, out: &mut Vec<u8>) {
    let mut writer = Writer::new(serial);
    let out = &mut Output::new(&mut writer, out);
    out.byte(FORMAT);
    out.text(&start.arn);
    out.text(&start.name);
    out.text(&start.execution_arn);
    out.number(u64::from(start.frame.0));
    out.number(u64::from(start.state.0));
    out.number(u64::from(start.processor.0));
    out.byte(u8::from(start.express));
    out.number(start.revision);
    out.text(&start.child_machine_name);
    out.text(&start.child_machine_arn);
    out.text(&start.role_arn);
    out.text(&start.region);
    out.wide(start.seed);
    out.optional(start.items, |out, items| out.number(items));
    write_settings(out, &start.settings);
    out.byte(u8::from(start.exports));
    out.time(start.started_at);
}

/// Reads what [`put_map_run_start`] wrote.
pub fn map_run_start(bytes: &[u8]) -> Result<MapRunStart, Malformed> {
    let mut reader = Reader::default();
    let input = &mut Input::new(&mut reader, bytes);
    input.format()?;
    let start = MapRunStart {
        arn: input.text()?,
        name: input.text()?,
        execution_arn: input.text()?,
        frame: input.frame_id()?,
        state: StateId(input.small()?),
        processor: ContainerId(input.small()?),
        express: input.byte()? != 0,
        revision: input.number()?,
        child_machine_name: input.text()?,
        child_machine_arn: input.text()?,
        role_arn: input.text()?,
        region: input.text()?,
        seed: input.wide()?,
        items: input.optional(Input::number)?,
        settings: read_settings(input)?,
        exports: input.byte()? != 0,
        started_at: input.time()?,
    };
    input.end()?;
    Ok(start)
}

/// Appends the record of a Map Run's turn. `serial` is as for [`Writer::new`].
pub fn put_map_run_turn(turn: &MapRunTurn, serial: u32, out: &mut Vec<u8>) {
    let mut writer = Writer::new(serial);
    let out = &mut Output::new(&mut writer, out);
    out.byte(FORMAT);
    out.time(turn.at);
    write_summary(out, &turn.summary);
    out.optional(turn.close.as_ref(), |out, close| {
        out.byte(close.status as u8);
        out.time(close.at);
        out.optional(close.failure.as_ref(), write_failure);
    });
    out.list(&turn.changes, write_change);
}

/// Reads what [`put_map_run_turn`] wrote.
pub fn map_run_turn(bytes: &[u8]) -> Result<MapRunTurn, Malformed> {
    let mut reader = Reader::default();
    let input = &mut Input::new(&mut reader, bytes);
    let mut turn = read_front(input)?;
    turn.changes = input.list(read_change)?;
    input.end()?;
    Ok(turn)
}

/// The same without its changes: a few bytes, however many these are.
pub fn map_run_front(bytes: &[u8]) -> Result<MapRunTurn, Malformed> {
    let mut reader = Reader::default();
    read_front(&mut Input::new(&mut reader, bytes))
}

fn read_front(input: &mut Input<'_>) -> Result<MapRunTurn, Malformed> {
    input.format()?;
    Ok(MapRunTurn {
        at: input.time()?,
        summary: read_summary(input)?,
        close: input.optional(|input| {
            Ok(MapRunClose {
                status: input.one_of(&STATUSES)?,
                at: input.time()?,
                failure: input.optional(read_failure)?,
            })
        })?,
        changes: Vec::new(),
    })
}

fn write_change(out: &mut Output<'_>, change: &MapRunChange) {
    match change {
        MapRunChange::Begun { children, items } => {
            out.byte(0);
            out.number(u64::from(*children));
            out.number(u64::from(*items));
        }
        MapRunChange::BegunAgain { child } => {
            out.byte(1);
            out.number(u64::from(*child));
        }
        MapRunChange::Ended(ended) => {
            out.byte(if ended.is_redrivable { 2 } else { 10 });
            out.number(u64::from(ended.child));
            out.byte(ended.status as u8);
            out.optional(ended.express.as_deref(), write_end);
        }
        MapRunChange::Read { items, children, all } => {
            out.byte(3);
            out.number(*items);
            out.number(u64::from(*children));
            out.byte(u8::from(*all));
        }
        MapRunChange::Source(source) => {
            out.byte(4);
            out.text(source);
        }
        MapRunChange::Settings(settings) => {
            out.byte(5);
            write_settings(out, settings);
        }
        MapRunChange::Failing(failure) => {
            out.byte(6);
            write_failure(out, failure);
        }
        MapRunChange::Aborting => out.byte(7),
        MapRunChange::ResultsWritten(written) => {
            out.byte(8);
            out.number(*written);
        }
        MapRunChange::Redriven(at) => {
            out.byte(9);
            out.time(*at);
        }
    }
}

fn read_change(input: &mut Input<'_>) -> Result<MapRunChange, Malformed> {
    Ok(match input.byte()? {
        0 => MapRunChange::Begun { children: input.small()?, items: input.small()? },
        1 => MapRunChange::BegunAgain { child: input.small()? },
        2 => MapRunChange::Ended(read_ended(input, true)?),
        3 => MapRunChange::Read { items: input.number()?, children: input.small()?, all: input.byte()? != 0 },
        4 => MapRunChange::Source(input.text()?),
        5 => MapRunChange::Settings(read_settings(input)?),
        6 => MapRunChange::Failing(read_failure(input)?),
        7 => MapRunChange::Aborting,
        8 => MapRunChange::ResultsWritten(input.number()?),
        9 => MapRunChange::Redriven(input.time()?),
        10 => MapRunChange::Ended(read_ended(input, false)?),
        _ => return Err(Malformed),
    })
}

fn read_ended(input: &mut Input<'_>, is_redrivable: bool) -> Result<EndedChild, Malformed> {
    Ok(EndedChild {
        child: input.small()?,
        status: input.one_of(&STATUSES)?,
        is_redrivable,
        express: input.optional(|input| read_end(input).map(Box::new))?,
    })
}

fn write_end(out: &mut Output<'_>, end: &ChildEnd) {
    out.document(&end.input);
    out.optional(end.output.as_ref(), |out, output| out.document(output));
    out.optional(end.failure.as_ref(), write_failure);
    out.number(u64::from(end.items));
    out.time(end.started_at);
    out.time(end.stopped_at);
}

fn read_end(input: &mut Input<'_>) -> Result<ChildEnd, Malformed> {
    Ok(ChildEnd {
        input: input.document()?,
        output: input.optional(Input::document)?,
        failure: input.optional(read_failure)?,
        items: input.small()?,
        started_at: input.time()?,
        stopped_at: input.time()?,
    })
}

fn write_summary(out: &mut Output<'_>, summary: &MapRunSummary) {
    write_settings(out, &summary.settings);
    write_counts(out, &summary.executions);
    write_counts(out, &summary.items);
    out.number(summary.redrives);
    out.optional(summary.redriven_at, |out, at| out.time(at));
}

fn read_summary(input: &mut Input<'_>) -> Result<MapRunSummary, Malformed> {
    Ok(MapRunSummary {
        settings: read_settings(input)?,
        executions: read_counts(input)?,
        items: read_counts(input)?,
        redrives: input.number()?,
        redriven_at: input.optional(Input::time)?,
    })
}

fn write_counts(out: &mut Output<'_>, counts: &Counts) {
    let &Counts { pending, running, succeeded, failed, timed_out, aborted, .. } = counts;
    let &Counts { results_written, pending_redrive, failures_not_redrivable, .. } = counts;
    for count in [pending, running, succeeded, failed, timed_out, aborted] {
        out.number(count);
    }
    for count in [results_written, pending_redrive, failures_not_redrivable] {
        out.number(count);
    }
}

fn read_counts(input: &mut Input<'_>) -> Result<Counts, Malformed> {
    Ok(Counts {
        pending: input.number()?,
        running: input.number()?,
        succeeded: input.number()?,
        failed: input.number()?,
        timed_out: input.number()?,
        aborted: input.number()?,
        results_written: input.number()?,
        pending_redrive: input.number()?,
        failures_not_redrivable: match input.format {
            ..FORMAT_OF_FINAL_FAILURES => 0,
            _ => input.number()?,
        },
    })
}

fn write_settings(out: &mut Output<'_>, settings: &MapRunSettings) {
    out.number(settings.max_concurrency);
    out.optional(settings.tolerated_failure_count, |out, count| out.number(count));
    out.optional(settings.tolerated_failure_percentage, |out, share| out.number(share.to_bits()));
}

fn read_settings(input: &mut Input<'_>) -> Result<MapRunSettings, Malformed> {
    Ok(MapRunSettings {
        max_concurrency: input.number()?,
        tolerated_failure_count: input.optional(Input::number)?,
        tolerated_failure_percentage: input.optional(|input| Ok(f64::from_bits(input.number()?)))?,
    })
}

/// What an execution's frame says of its Map Run.
pub(super) fn write_plan(out: &mut Output<'_>, plan: &MapPlan) {
    out.document(&plan.input);
    out.optional(plan.items.as_ref(), |out, items| out.document(items));
    out.optional(plan.reader.as_ref(), |out, reader| {
        out.document(&reader.parameters);
        out.optional(reader.items_max, |out, count| out.number(count));
    });
    out.optional(plan.batches.as_ref(), |out, batches| {
        out.optional(batches.items_max, |out, count| out.number(count));
        out.optional(batches.bytes_max, |out, count| out.number(count));
        out.optional(batches.input.as_ref(), |out, input| out.document(input));
    });
    out.optional(plan.writer.as_ref(), |out, writer| out.document(writer));
    write_settings(out, &plan.settings);
    out.optional(plan.failure.as_ref(), write_failure);
}

/// What [`write_plan`] wrote.
pub(super) fn read_plan(input: &mut Input<'_>) -> Result<MapPlan, Malformed> {
    Ok(MapPlan {
        input: input.document()?,
        items: input.optional(Input::document)?,
        reader: input.optional(|input| {
            Ok(ReaderPlan { parameters: input.document()?, items_max: input.optional(Input::number)? })
        })?,
        batches: input.optional(|input| {
            Ok(BatchPlan {
                items_max: input.optional(Input::number)?,
                bytes_max: input.optional(Input::number)?,
                input: input.optional(Input::document)?,
            })
        })?,
        writer: input.optional(Input::document)?,
        settings: read_settings(input)?,
        failure: input.optional(read_failure)?,
    })
}

/// What the start of a child says of its Map Run.
pub(super) fn write_child_of(out: &mut Output<'_>, child: &ChildOf) {
    out.text(&child.map_run_arn);
    out.number(u64::from(child.child));
    out.number(u64::from(child.items));
    out.number(u64::from(child.processor.0));
}

/// What [`write_child_of`] wrote.
pub(super) fn read_child_of(input: &mut Input<'_>) -> Result<ChildOf, Malformed> {
    Ok(ChildOf {
        map_run_arn: input.text()?,
        child: input.small()?,
        items: input.small()?,
        processor: ContainerId(input.small()?),
    })
}
