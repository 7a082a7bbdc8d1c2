//! Succeed and Fail.

use json::Value;

use super::{Generator, Place, States};

impl Generator<'_> {
    pub fn succeed(&mut self, name: &str, states: &mut States) {
        let mut state = self.state("Succeed");
        if self.is_jsonata(&mut state) {
            return self.computed_succeed(name, state, states);
        }
        match self.random.below(8) {
            0 => state.insert("InputPath", "$.nested"),
            1 => state.insert("OutputPath", "$.text"),
            2 => state.insert("OutputPath", Value::Null),
            3 => {
                state.insert("InputPath", "$base");
                state.insert("OutputPath", "$.nested.list[0]")
            }
            4 => state.insert("InputPath", "$$.State"),
            _ => None,
        };
        states.push((name.to_owned(), state));
    }

    pub fn fail(&mut self, name: &str, _place: Place<'_>, states: &mut States) {
        let mut state = self.state("Fail");
        if self.is_jsonata(&mut state) {
            return self.computed_fail(name, state, states);
        }
        match self.random.below(5) {
            0 => state.insert("Error", "Made"),
            1 => state.insert("ErrorPath", "$.text"),
            2 => state.insert("ErrorPath", "States.Format('E{}', $.n)"),
            3 => state.insert("ErrorPath", "$$.Execution.Name"),
            _ => None,
        };
        match self.random.below(6) {
            0 => state.insert("Cause", "it was made to"),
            1 => state.insert("CausePath", "$base.text"),
            2 => state.insert("CausePath", "States.JsonToString($.nested)"),
            3 if self.random.once_in(4) => state.insert("CausePath", "$.n"),
            _ => None,
        };
        states.push((name.to_owned(), state));
    }
}
