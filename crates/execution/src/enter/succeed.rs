//! Succeed: ends its container well. (spec/asl.md §8.4)

use crate::frame::Frame;
use crate::run::Run;
use crate::step::Step;

impl Run<'_> {
    pub(super) fn succeed_state(&mut self, frame: &mut Frame) -> Step {
        match self.effective_input(frame) {
            Ok(input) => Step::Worked(input),
            Err(problem) => problem.into(),
        }
    }
}
