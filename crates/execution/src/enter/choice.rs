//! Choice: goes where the first rule that holds says. (spec/asl.md §9)

use asl::machine::{ChoiceRule, StateId};
use asl::{Failure, Template};
use json::Document;

use crate::failure::Problem;
use crate::frame::Frame;
use crate::run::Run;
use crate::step::Step;

impl<'a> Run<'a> {
    pub(super) fn choice(
        &mut self,
        frame: &mut Frame,
        rules: &'a [ChoiceRule],
        default: Option<StateId>,
    ) -> Step {
        match self.choose(frame, rules, default) {
            Ok((input, assign, next)) => self.finish(frame, input, assign, Some(next)),
            Err(problem) => problem.into(),
        }
    }

    /// The effective input, the `Assign` that counts, and where to go. A rule's `Assign` takes the
    /// place of the state's, which is for the default. (spec/asl.md §6)
    fn choose(
        &self,
        frame: &Frame,
        rules: &'a [ChoiceRule],
        default: Option<StateId>,
    ) -> Result<(Document, Option<&'a Template>, StateId), Problem> {
        let around = self.around(frame);
        let input = self.effective_input_in(frame, &around)?;
        let environment = around.with_input(input.value());
        for rule in rules {
            match rule.condition.holds(&environment) {
                Ok(true) => return Ok((input, rule.assign.as_ref(), rule.next)),
                Ok(false) => {}
                Err(failure) => return Err(Problem::in_state(&around, frame, failure)),
            }
        }
        match default {
            Some(default) => Ok((input, self.machine.state(frame.state).flow.assign.as_ref(), default)),
            None => {
                let text = "Failed to transition out of the state. The state does not point to a next state.";
                Err(Problem::in_state(
                    &around,
                    frame,
                    Failure::new(aws_names::error::NO_CHOICE_MATCHED, text),
                ))
            }
        }
    }
}
