//! Wait: sets a timer, and goes on when it fires; at once when the time has come already.
//! (spec/asl.md §8.3)

use asl::machine::WaitUntil;
use asl::timestamp::{self, Instant};
use asl::{Failure, Timestamp};
use json::{Document, Kind, Value};

use crate::context::Around;
use crate::enter::{referenced, referenced_seconds, whole};
use crate::failure::Problem;
use crate::flow::plain;
use crate::frame::{Frame, Waiting};
use crate::limits::WAIT_SECONDS_MAX;
use crate::run::Run;
use crate::step::Step;

impl Run<'_> {
    pub(super) fn wait(&mut self, frame: &mut Frame, until: &WaitUntil) -> Step {
        match self.wait_until(frame, until) {
            Ok((_, at)) if at > self.now => {
                frame.waiting = Waiting::Until(at);
                Step::Waits
            }
            Ok((input, _)) => Step::Worked(input),
            Err(problem) => problem.into(),
        }
    }

    /// Goes on after the time has come: neither input nor variables have changed in the meantime.
    pub fn wait_is_over(&mut self, frame: &mut Frame) -> Step {
        match self.effective_input(frame) {
            Ok(input) => Step::Worked(input),
            Err(problem) => problem.into(),
        }
    }

    fn wait_until(&self, frame: &Frame, until: &WaitUntil) -> Result<(Document, Timestamp), Problem> {
        let around = self.around(frame);
        let input = self.effective_input_in(frame, &around)?;
        let at = match until {
            WaitUntil::Seconds(seconds) => self.now.plus_seconds(*seconds),
            WaitUntil::SecondsPath(path) => {
                let seconds = referenced_seconds(path, "SecondsPath", &input, frame, &around)?;
                self.now.plus_seconds(seconds)
            }
            WaitUntil::Timestamp(at) => *at,
            WaitUntil::JsonataSeconds(expression) => {
                let seconds = whole(expression, "Seconds", 0, frame, &around)?;
                self.now.plus_seconds(seconds)
            }
            WaitUntil::JsonataTimestamp(expression) => {
                let value = expression
                    .evaluate_to(Kind::String, &around.with_input(input.value()))
                    .map_err(|failure| Problem::in_state(&around, frame, failure))?;
                instant(&value).ok_or_else(|| {
                    let text = format!(
                        "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format \
                         string: {}",
                        plain(&value)
                    );
                    Problem::in_state(&around, frame, expression.refuse(text))
                })?
            }
            WaitUntil::TimestampPath(path) => {
                let value = referenced(path, "TimestampPath", &input, frame, &around)?;
                instant(&value).ok_or_else(|| no_timestamp(path, &value, frame, &around))?
            }
        };
        if at > self.now.plus_seconds(WAIT_SECONDS_MAX) {
            return Err(Problem::in_state(&around, frame, Failure::runtime("Wait state delay is too long.")));
        }
        Ok((input, at))
    }
}

/// The point in time, without fractions of a second.
fn instant(value: &Value) -> Option<Timestamp> {
    let Instant(nanos) = timestamp::parse(value.as_str()?)?;
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).ok()?;
    Some(Timestamp(seconds.saturating_mul(1000)))
}

fn no_timestamp(path: &asl::Path, value: &Value, frame: &Frame, around: &Around<'_>) -> Problem {
    let text = format!(
        "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: \
         {} == {}",
        path.text(),
        plain(value)
    );
    Problem::in_state(around, frame, Failure::runtime(text))
}
