//! `Catch`: the first catcher whose names fit takes the fault. The Error Output goes into the raw
//! input by the catcher's own ResultPath, or its Output says what comes out; the state's own flow fields
//! have no part in it.
//! (spec/asl.md §11.3)

use asl::Outcome;
use asl::machine::{Catcher, QueryLanguage};
use json::Document;

use crate::failure::{Fault, Problem};
use crate::flow::{evaluate_in, merge};
use crate::frame::Frame;
use crate::limits::check_data;
use crate::run::Run;
use crate::step::Step;
use crate::variables::Assigned;

impl Run<'_> {
    /// Leaves the state by the catcher that takes the fault, if one does.
    pub fn catch(&mut self, frame: &mut Frame, fault: &Fault) -> Option<Step> {
        let catcher = &self.state(frame).catch[self.catcher(frame, fault)?];
        self.renew_budget();
        let caught = self.caught_output(frame, fault, catcher);
        Some(match caught {
            Ok((output, assigned)) => self.leave(frame, output, assigned, Some(catcher.next)),
            // What fails in a catcher is not caught again.
            Err(Problem::Failed(mut fault)) => {
                self.tell_evaluation(frame, &mut fault);
                Step::Unwind(fault.failure)
            }
            Err(Problem::Fatal(failure)) => Step::Fatal(failure),
        })
    }

    /// The place of the catcher that takes the fault.
    pub fn catcher(&self, frame: &Frame, fault: &Fault) -> Option<usize> {
        self.state(frame).catch.iter().position(|catcher| fault.matches(&catcher.error_equals))
    }

    fn caught_output(
        &self,
        frame: &Frame,
        fault: &Fault,
        catcher: &Catcher,
    ) -> Result<(Document, Assigned), Problem> {
        let around = self.around(frame);
        let error_output = Document::from_value(fault.failure.error_output());
        let environment = match self.state(frame).query_language {
            QueryLanguage::JsonPath => around.with_input(error_output.value()),
            QueryLanguage::Jsonata => {
                around.with_input(frame.input.value()).with_outcome(Outcome::Error(error_output.value()))
            }
        };
        let assigned = Assigned::evaluate(catcher.assign.as_ref(), &environment, frame, &around)?;
        let output = match &catcher.output {
            Some(output) => evaluate_in(output, &environment, frame, &around)?,
            None => merge(&catcher.result_path, &frame.input, error_output.clone(), frame, &around)?,
        };
        check_data(&output, &self.state(frame).name).map_err(Problem::Fatal)?;
        Ok((output, assigned))
    }
}
