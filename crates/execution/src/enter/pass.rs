//! Pass: its `Result`, or else its effective input, goes on. (spec/asl.md §8.1)

use json::{Document, Value};

use crate::frame::Frame;
use crate::run::Run;
use crate::step::Step;

impl Run<'_> {
    pub(super) fn pass(&mut self, frame: &mut Frame, result: Option<&Value>) -> Step {
        match (self.effective_input(frame), result) {
            (Err(problem), _) => problem.into(),
            (Ok(_), Some(result)) => Step::Worked(Document::from_value(result.clone())),
            (Ok(input), None) => Step::Worked(input),
        }
    }
}
