//! Fail: ends its container badly. (spec/asl.md §8.5)

use asl::Failure;
use asl::machine::FailText;
use json::{Kind, Text, Value};

use crate::context::Around;
use crate::failure::Problem;
use crate::frame::Frame;
use crate::limits::shorten;
use crate::run::Run;
use crate::step::Step;

impl Run<'_> {
    pub(super) fn fail_state(
        &mut self,
        frame: &mut Frame,
        error: Option<&FailText>,
        cause: Option<&FailText>,
    ) -> Step {
        let around = self.around(frame);
        let text = |field: &str, text: Option<&FailText>| {
            text.map(|text| fail_text(text, field, frame, &around)).transpose()
        };
        match (text("ErrorPath", error), text("CausePath", cause)) {
            (Ok(error), Ok(cause)) => {
                Step::Unwind(shorten(Failure { error, cause: cause.map(|cause| cause.to_string()) }))
            }
            (Err(problem), _) | (_, Err(problem)) => problem.into(),
        }
    }
}

fn fail_text(text: &FailText, field: &str, frame: &Frame, around: &Around<'_>) -> Result<Text, Problem> {
    let expression = match text {
        FailText::Literal(text) => return Ok(text.clone()),
        FailText::Expression(expression) => expression,
        FailText::Jsonata(expression) => {
            let environment = around.with_input(frame.input.value());
            return match expression.evaluate_to(Kind::String, &environment) {
                Ok(value) => Ok(value.as_str().unwrap_or_default().into()),
                Err(failure) => Err(Problem::in_state(around, frame, failure)),
            };
        }
    };
    match expression.evaluate(field, &around.with_input(frame.input.value())) {
        Ok(Value::String(text)) => Ok(text),
        Ok(other) => {
            let text = format!("The field '{field}' must refer to a string but was: {}", other.to_text());
            Err(Problem::in_state(around, frame, Failure::runtime(text)))
        }
        Err(failure) => Err(Problem::in_state(around, frame, failure)),
    }
}
