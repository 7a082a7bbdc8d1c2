//! Standings in records.

use asl::StateId;

use crate::codec::Malformed;
use crate::codec::bytes::{Input, Output};
use crate::standing::{Offered, Standing, Wait};

pub(super) fn write(out: &mut Output<'_>, standing: &Standing) {
    match standing {
        Standing::Unknown => out.byte(0),
        Standing::Waits(waits) => {
            out.number(waits.len() as u64 + 1);
            for wait in waits {
                out.number(u64::from(wait.frame.0));
                out.optional(wait.timer, |out, at| out.time(at));
                out.optional(wait.offer, |out, Offered { state, attempt }| {
                    out.number(u64::from(state.0));
                    out.number(u64::from(attempt));
                });
            }
        }
    }
}

pub(super) fn read(input: &mut Input<'_>) -> Result<Standing, Malformed> {
    let Some(count) = input.number()?.checked_sub(1) else { return Ok(Standing::Unknown) };
    let mut waits = Vec::new();
    for _ in 0..count {
        waits.push(Wait {
            frame: input.frame_id()?,
            timer: input.optional(Input::time)?,
            offer: input
                .optional(|input| Ok(Offered { state: StateId(input.small()?), attempt: input.small()? }))?,
        });
    }
    Ok(Standing::Waits(waits.into()))
}
