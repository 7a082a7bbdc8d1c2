//! Tasks of every pattern in JSONata.

use json::{Object, Value};

use super::super::{Generator, Place, States, go_on};
use super::{Moment, computed};

/// One set of Arguments in so many cannot be worked out.
const WRONG_IN: u64 = 14;

impl Generator<'_> {
    pub fn computed_task(&mut self, name: &str, mut state: Object, place: Place<'_>, states: &mut States) {
        let (resource, arguments, is_answered_by_worker) = match self.random.below(7) {
            0..2 => {
                let function = *self.random.pick(&["f", "g", "h:7"]);
                let resource = format!("arn:aws:lambda:us-east-1:123456789012:function:{function}");
                (resource, self.computed_arguments(), false)
            }
            2..4 => {
                ("arn:aws:states:::lambda:invoke".to_owned(), Some(self.computed_invocation(false)), false)
            }
            5 => {
                let pattern = *self.random.pick(&["sync", "sync:2"]);
                let mut arguments = Object::new();
                arguments.insert("StateMachineArn", computed("'m'"));
                arguments.insert("Input", self.computed_object(Moment::Entry, WRONG_IN));
                let resource = format!("arn:aws:states:::states:startExecution.{pattern}");
                (resource, Some(Value::Object(arguments)), false)
            }
            4 => {
                let resource = "arn:aws:states:::lambda:invoke.waitForTaskToken".to_owned();
                (resource, Some(self.computed_invocation(true)), true)
            }
            _ => {
                let resource = "arn:aws:states:us-east-1:123456789012:activity:work".to_owned();
                (resource, self.computed_arguments(), true)
            }
        };
        state.insert("Resource", resource);
        if let Some(arguments) = arguments {
            state.insert("Arguments", arguments);
        }
        self.computed_timeouts(&mut state, is_answered_by_worker);
        if self.random.once_in(8) {
            let role = match self.random.below(8) {
                0 => computed("$states.input.n"),
                1..4 => "arn:aws:iam::123456789012:role/r".to_owned(),
                _ => computed("$base.nested.role"),
            };
            state.insert("Credentials", json::value!({ "RoleArn": role }));
        }
        self.output(&mut state, place, Moment::Answer);
        self.computed_assign(&mut state, place, Moment::Answer);
        self.retry(&mut state);
        self.catch(&mut state, place, states);
        go_on(&mut state, place.next);
        states.push((name.to_owned(), state));
    }

    /// Arguments that may be anything, or none.
    pub fn computed_arguments(&mut self) -> Option<Value> {
        match self.random.below(4) {
            0 => None,
            1 => Some(computed(self.computed_anything(Moment::Entry)).into()),
            _ => Some(self.computed_object(Moment::Entry, WRONG_IN).into()),
        }
    }

    /// Arguments of `lambda:invoke`.
    fn computed_invocation(&mut self, has_token: bool) -> Value {
        if !has_token && self.random.once_in(3) {
            return computed("{'FunctionName': 'f', 'Payload': $states.input}").into();
        }
        let mut payload = self.computed_object(Moment::Entry, WRONG_IN);
        if has_token {
            payload.insert("token", computed("$states.context.Task.Token"));
        }
        let mut arguments = Object::new();
        let function = if self.random.once_in(2) { "f".to_owned() } else { computed("'f'") };
        arguments.insert("FunctionName", function);
        arguments.insert("Payload", payload);
        if self.random.once_in(6) {
            arguments.insert("Qualifier", computed("$string(7)"));
        }
        Value::Object(arguments)
    }

    /// A worker may stay away for ever, so that its task needs a timeout.
    fn computed_timeouts(&mut self, state: &mut Object, is_needed: bool) {
        if !is_needed && !self.random.once_in(3) {
            return;
        }
        match self.random.below(12) {
            0..5 => state.insert("TimeoutSeconds", 20 + self.random.below(300)),
            5..8 => state.insert("TimeoutSeconds", computed("$states.input.seconds")),
            8..11 => state.insert("TimeoutSeconds", computed("$base.seconds + 9")),
            _ => {
                let wrong = *self.random.pick(&["$base.text", "0", "$base.ratio", "-$base.seconds"]);
                state.insert("TimeoutSeconds", computed(wrong))
            }
        };
        if !is_needed {
            return;
        }
        match self.random.below(4) {
            0 => state.insert("HeartbeatSeconds", 1 + self.random.below(19)),
            1 => state.insert("HeartbeatSeconds", computed("$base.seconds")),
            _ => None,
        };
    }
}
