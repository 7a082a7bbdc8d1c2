//! A checkpoint: an open execution as a whole, so that what comes after it can be applied without
//! reading what came before. It refers to no document that was written earlier.

use asl::StateId;

use crate::codec::bytes::{Input, Output};
use crate::codec::{FORMAT_OF_REDRIVES, FORMAT_OLDEST, Malformed, frame, read_start, write_start};
use crate::execution::Execution;
use crate::frame::{Frame, FrameId, place_result};
use crate::redrive::Redrives;

pub(super) fn write(out: &mut Output<'_>, execution: &Execution) {
    write_start(out, &execution.start);
    out.number(execution.next_event);
    out.number(u64::from(execution.next_frame));
    out.number(execution.frames.len() as u64);
    for frame in execution.frames.values() {
        frame::write(out, frame);
    }
    for frame in execution.frames.values() {
        let results = frame.results().unwrap_or_default();
        let there = results.iter().enumerate().filter_map(|(index, result)| Some((index, result.as_ref()?)));
        out.number(there.clone().count() as u64);
        for (index, result) in there {
            out.number(index as u64);
            out.document(result);
        }
    }
    out.number(execution.invocations.len() as u64);
    for (state, count) in &execution.invocations {
        out.number(u64::from(state.0));
        out.number(u64::from(*count));
    }
    let redrives = &execution.redrives;
    out.number(redrives.count);
    out.optional(redrives.last_at, |out, at| out.time(at));
    out.number(redrives.open_millis);
    out.number(redrives.tokens.len() as u64);
    for (token, at) in &redrives.tokens {
        out.text(token);
        out.time(*at);
    }
}

pub(super) fn read(input: &mut Input<'_>) -> Result<Execution, Malformed> {
    let mut execution = Execution::new(read_start(input)?);
    execution.next_event = input.number()?;
    execution.next_frame = input.small()?;
    let frames = input.list(frame::read)?;
    execution.frames = frames.into_iter().map(|frame| (frame.id, frame)).collect();
    let ids: Vec<FrameId> = execution.frames.keys().copied().collect();
    for id in ids {
        for _ in 0..input.number()? {
            let (index, output) = (input.small()?, input.document()?);
            let results = execution.frames.get_mut(&id).and_then(Frame::results_mut);
            let (_, results) = results.ok_or(Malformed)?;
            place_result(results, index, output);
        }
    }
    if input.format != FORMAT_OLDEST {
        let invocations = input.list(|input| Ok((StateId(input.small()?), input.small()?)))?;
        execution.invocations = invocations.into_iter().collect();
    }
    if input.format >= FORMAT_OF_REDRIVES {
        execution.redrives = Redrives {
            count: input.number()?,
            last_at: input.optional(Input::time)?,
            open_millis: input.number()?,
            tokens: input.list(|input| Ok((input.text()?, input.time()?)))?.into(),
        };
    }
    Ok(execution)
}
