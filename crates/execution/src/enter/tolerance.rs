//! How many iterations of a distributed Map may fail before the Map does. (spec/asl.md §10.1)

use asl::Failure;
use asl::machine::{Count, Map, Percentage};
use json::Document;

use crate::context::Around;
use crate::enter::whole_number;
use crate::failure::Problem;
use crate::flow::{plain, query};
use crate::frame::Frame;

/// What is tolerated. Where neither is said, one failed iteration is too many.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tolerance {
    /// ToleratedFailureCount.
    pub count: Option<u64>,
    /// ToleratedFailurePercentage.
    pub percentage: Option<f64>,
}

impl Tolerance {
    /// Whether so many failures out of so many iterations exceed what was said.
    pub fn is_exceeded(&self, failed: u64, all: u64) -> bool {
        let share = if all == 0 { 0.0 } else { failed as f64 * 100.0 / all as f64 };
        self.count.is_some_and(|count| failed > count)
            || self.percentage.is_some_and(|percentage| share > percentage)
    }
}

/// Evaluates both fields.
pub(crate) fn tolerance(
    map: &Map,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<Tolerance, Problem> {
    let count = map.tolerated_failure_count.as_ref().map(|count| tolerated(count, input, frame, around));
    let percentage =
        map.tolerated_failure_percentage.as_ref().map(|share| tolerated_share(share, input, frame, around));
    Ok(Tolerance { count: count.transpose()?, percentage: percentage.transpose()? })
}

fn tolerated(count: &Count, input: &Document, frame: &Frame, around: &Around<'_>) -> Result<u64, Problem> {
    let count = whole(count, "ToleratedFailureCount", input, frame, around)?;
    u64::try_from(count).map_err(|_| {
        Problem::in_state(around, frame, Failure::runtime("ToleratedFailureCount cannot be negative."))
    })
}

/// A whole number of a Map's, whichever way it is written; `field` is the name of the plain form.
pub(crate) fn whole(
    count: &Count,
    field: &str,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<i64, Problem> {
    let runtime = |text: String| Problem::in_state(around, frame, Failure::runtime(text));
    match count {
        Count::Literal(count) => Ok(i64::try_from(*count).unwrap_or(i64::MAX)),
        Count::Path(path) => {
            let value = query(path, input, frame, around)?;
            whole_number(&value).ok_or_else(|| {
                runtime(format!(
                    "The {field}Path field refers to value \"{}\" which is not a valid integer: {}",
                    plain(&value),
                    path.text()
                ))
            })
        }
        Count::Expression(expression) => {
            let value = expression
                .evaluate(field, &around.with_input(input.value()))
                .map_err(|failure| Problem::in_state(around, frame, failure))?;
            value.as_i64().ok_or_else(|| {
                runtime(format!("{field} must be a whole number but was: {}", value.to_text()))
            })
        }
    }
}

fn tolerated_share(
    share: &Percentage,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<f64, Problem> {
    let runtime = |text: String| Problem::in_state(around, frame, Failure::runtime(text));
    let share = match share {
        Percentage::Literal(share) => *share,
        Percentage::Path(path) => {
            let value = query(path, input, frame, around)?;
            value.as_f64().or_else(|| value.as_str()?.parse().ok()).ok_or_else(|| {
                runtime(format!(
                    "The ToleratedFailurePercentagePath field refers to value \"{}\" which is not a valid float: {}",
                    plain(&value),
                    path.text()
                ))
            })?
        }
    };
    if (0.0..=100.0).contains(&share) {
        Ok(share)
    } else {
        Err(runtime("ToleratedFailurePercentage must be between 0 and 100.".to_owned()))
    }
}
