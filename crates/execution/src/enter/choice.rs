//! Choice: goes where the first rule that holds says. (spec/asl.md §9)

use asl::Failure;
use asl::machine::{ChoiceRule, StateId};
use json::Document;

use crate::failure::Problem;
use crate::flow::Exit;
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
            Ok((input, exit)) => self.finish(frame, input, exit),
            Err(problem) => problem.into(),
        }
    }

    /// The effective input, and the fields that count: those of the rule that holds, or the state's own
    /// for the default. (spec/asl.md §6)
    fn choose(
        &self,
        frame: &Frame,
        rules: &'a [ChoiceRule],
        default: Option<StateId>,
    ) -> Result<(Document, Exit<'a>), Problem> {
        let around = self.around(frame);
        let input = self.effective_input_in(frame, &around)?;
        let environment = around.with_input(input.value());
        for rule in rules {
            match rule.condition.holds(&environment) {
                Ok(true) => {
                    let ChoiceRule { output, assign, next, .. } = rule;
                    let exit = Exit { output: output.as_ref(), assign: assign.as_ref(), next: Some(*next) };
                    return Ok((input, exit));
                }
                Ok(false) => {}
                Err(failure) => return Err(Problem::in_state(&around, frame, failure)),
            }
        }
        match default {
            Some(default) => {
                let flow = &self.state(frame).flow;
                let exit =
                    Exit { output: flow.output.as_ref(), assign: flow.assign.as_ref(), next: Some(default) };
                Ok((input, exit))
            }
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
