//! Catchers of JSONata states, and states that take an Error Output.

use json::{Object, Value};

use super::super::{Generator, Place};
use super::{Moment, computed};

impl Generator<'_> {
    /// The fields of a catcher. One that leads to another state of the container keeps the data; `is_whole`:
    /// it leads to a state that takes nothing but an Error Output.
    pub fn computed_catcher(&mut self, catcher: &mut Object, place: Place<'_>, is_whole: bool) {
        if self.random.once_in(12) {
            let wrong = computed(self.computed_wrong());
            catcher.insert("Output", wrong);
        } else if !is_whole {
            let error = match self.random.once_in(2) {
                true => "$states.errorOutput".to_owned(),
                false => self.computed_outcome(Moment::Fault),
            };
            let output = match self.random.below(3) {
                0 => computed("$states.input"),
                _ => computed(format!("$merge([$states.input, {{'error': {error}}}])")),
            };
            catcher.insert("Output", output);
        } else if self.random.once_in(2) {
            let output = json::value!({
                "Error": computed("$states.errorOutput.Error"), "Cause": computed("$states.errorOutput.Cause"),
                "at": computed("$states.context.State"),
            });
            catcher.insert("Output", output);
        }
        self.computed_assign(catcher, place, Moment::Fault);
    }

    /// What a state of this type makes of an Error Output.
    pub fn computed_caught(&mut self, state: &mut Object, state_type: &str) {
        match state_type {
            "Fail" => {
                state.insert("Error", computed("$states.input.Error"));
                state.insert("Cause", computed("$states.input.Cause"));
            }
            "Succeed" => {
                let output: Value = computed("$states.input.Error").into();
                state.insert("Output", output);
            }
            _ => self.computed_way_back(state),
        }
    }
}
