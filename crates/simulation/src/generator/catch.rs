//! Catchers, and where they lead.

use json::{Object, Value};

use super::{Generator, Place, States, go_on};

/// What catchers name, beside States.ALL.
const CAUGHT: &[&[&str]] = &[
    &["Flaky"],
    &["States.TaskFailed"],
    &["States.Timeout"],
    &["States.HeartbeatTimeout"],
    &["States.NoChoiceMatched", "States.ResultPathMatchFailure"],
    &["States.IntrinsicFailure", "Made", "alpha"],
    &["States.QueryEvaluationError"],
    &["States.ExceedToleratedFailureThreshold"],
];

impl Generator<'_> {
    /// Catchers of a Task, Parallel or Map, or none.
    pub fn catch(&mut self, state: &mut Object, place: Place<'_>, states: &mut States) {
        if self.random.once_in(3) {
            return;
        }
        let is_jsonata = self.is_computed(state);
        let mut catchers = Vec::new();
        for _ in 0..self.random.below(3) {
            let names: &[&str] = self.random.pick::<&[&str]>(CAUGHT);
            let names = names.iter().map(|name| Value::from(*name)).collect();
            catchers.push(self.catcher(names, is_jsonata, place, states));
        }
        if self.random.once_in(2) {
            catchers.push(self.catcher(json::value!(["States.ALL"]), is_jsonata, place, states));
        }
        state.insert("Catch", Value::from(catchers));
    }

    fn catcher(&mut self, names: Value, is_jsonata: bool, place: Place<'_>, states: &mut States) -> Value {
        let mut catcher = Object::new();
        catcher.insert("ErrorEquals", names);
        let is_whole = place.later.is_empty() || !place.is_in_loop && self.random.once_in(3);
        if is_whole {
            let name = self.caught(place, states);
            catcher.insert("Next", name);
        } else {
            let next = self.random.pick(place.later).clone();
            catcher.insert("Next", next);
        }
        if is_jsonata {
            self.computed_catcher(&mut catcher, place, is_whole);
        } else if !is_whole {
            match self.random.below(4) {
                0 => catcher.insert("ResultPath", Value::Null),
                1 => catcher.insert("ResultPath", "$.nested.error"),
                _ => catcher.insert("ResultPath", "$.error"),
            };
        }
        if !is_jsonata
            && self.random.once_in(4)
            && let Some(variable) = self.own_variable()
        {
            let mut assign = Object::new();
            assign.insert(format!("{variable}.$"), "States.Array($.Error, $.Cause)");
            catcher.insert("Assign", assign);
        }
        if self.random.once_in(8) {
            catcher.insert("Comment", "caught");
        }
        Value::Object(catcher)
    }

    /// A state that takes nothing but an Error Output: it ends, badly or well, or makes the data anew.
    fn caught(&mut self, place: Place<'_>, states: &mut States) -> String {
        let name = self.new_name();
        let (state_type, next) = match self.random.below(3) {
            0 => ("Fail", None),
            1 => ("Succeed", None),
            _ => ("Pass", place.next),
        };
        let mut state = self.state(state_type);
        if self.is_jsonata(&mut state) {
            self.computed_caught(&mut state, state_type);
            if state_type == "Pass" {
                go_on(&mut state, next);
            }
            states.push((name.clone(), state));
            return name;
        }
        match state_type {
            "Fail" => {
                state.insert("ErrorPath", "$.Error");
                state.insert("CausePath", "$.Cause");
            }
            "Succeed" => {
                state.insert("InputPath", "$.Error");
            }
            _ => {
                let anew = self.anew_from_base();
                state.insert("Parameters", anew);
                go_on(&mut state, next);
            }
        }
        states.push((name.clone(), state));
        name
    }
}
