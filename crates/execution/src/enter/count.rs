//! The whole numbers of a Map, whichever way they are written. (spec/asl.md §10.1)

use asl::Failure;
use asl::machine::Count;
use json::Document;

use crate::context::Around;
use crate::enter::{whole, whole_number};
use crate::failure::Problem;
use crate::flow::{plain, query};
use crate::frame::Frame;

/// A number that may be negative where a path leads to it; `field` is the name of the plain form.
pub(crate) fn signed(
    count: &Count,
    field: &str,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<i64, Problem> {
    let fit = |count| i64::try_from(count).unwrap_or(i64::MAX);
    match count {
        Count::Literal(count) => Ok(fit(*count)),
        Count::Path(path) => {
            let value = query(path, input, frame, around)?;
            whole_number(&value).ok_or_else(|| {
                let text = format!(
                    "The {field}Path field refers to value \"{}\" which is not a valid integer: {}",
                    plain(&value),
                    path.text()
                );
                Problem::in_state(around, frame, Failure::runtime(text))
            })
        }
        Count::Jsonata(expression) => whole(expression, field, 0, frame, around).map(fit),
    }
}

/// A number that must not be negative.
pub(crate) fn not_negative(
    count: &Count,
    field: &str,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<u64, Problem> {
    let signed = signed(count, field, input, frame, around)?;
    u64::try_from(signed).map_err(|_| {
        let text = format!("{field} cannot be negative.");
        Problem::in_state(around, frame, Failure::runtime(text))
    })
}
