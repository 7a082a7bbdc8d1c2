//! How many iterations of a distributed Map may fail before the Map does. (spec/asl.md §10.1)

use asl::machine::{Map, Percentage};
use asl::{Failure, FieldFailure};
use json::Document;

use crate::context::Around;
use crate::enter::count::not_negative;
use crate::failure::Problem;
use crate::flow::{plain, query};
use crate::frame::Frame;

/// What is said to be tolerated.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tolerance {
    /// ToleratedFailureCount.
    pub count: Option<u64>,
    /// ToleratedFailurePercentage.
    pub percentage: Option<f64>,
}

impl Tolerance {
    /// Whether so many failures out of so many iterations exceed what was said. Where nothing was said, none do:
    /// so TestState answers (recorded), while a Map Run takes one for too many.
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
    let count = map.tolerated_failure_count.as_ref();
    let count = count.map(|count| not_negative(count, "ToleratedFailureCount", input, frame, around));
    let share = map.tolerated_failure_percentage.as_ref();
    let share = share.map(|share| percentage(share, input, frame, around));
    Ok(Tolerance { count: count.transpose()?, percentage: share.transpose()? })
}

fn percentage(
    share: &Percentage,
    input: &Document,
    frame: &Frame,
    around: &Around<'_>,
) -> Result<f64, Problem> {
    let in_state = |failure: FieldFailure| Problem::in_state(around, frame, failure);
    let out_of_bounds = "ToleratedFailurePercentage must be between 0 and 100.";
    let (found, refusal) = match share {
        Percentage::Literal(share) => return Ok(*share),
        Percentage::Path(path) => {
            let value = query(path, input, frame, around)?;
            let found = value.as_f64().or_else(|| value.as_str()?.parse().ok()).ok_or_else(|| {
                let text = format!(
                    "The ToleratedFailurePercentagePath field refers to value \"{}\" which is not a valid float: {}",
                    plain(&value),
                    path.text()
                );
                in_state(Failure::runtime(text).into())
            })?;
            (found, Failure::runtime(out_of_bounds).into())
        }
        Percentage::Jsonata(expression) => {
            let environment = around.with_input(frame.input.value());
            let value = expression.evaluate_to(json::Kind::Number, &environment).map_err(in_state)?;
            (value.as_f64().unwrap_or(f64::NAN), expression.refuse(out_of_bounds))
        }
    };
    if (0.0..=100.0).contains(&found) { Ok(found) } else { Err(in_state(refusal)) }
}
