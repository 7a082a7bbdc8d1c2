//! Tasks of every pattern.

use json::{Object, Value};

use super::steps::ResultShape;
use super::{Generator, Place, States, go_on};

/// What retriers name, beside States.ALL.
const RETRIED: &[&[&str]] = &[
    &["Flaky"],
    &["Broken", "Lambda.ServiceException"],
    &["Lambda.SdkClientException", "Flaky"],
    &["States.TaskFailed"],
    &["States.Timeout"],
    &["States.HeartbeatTimeout"],
    &["States.ResultPathMatchFailure", "States.IntrinsicFailure"],
    &["States.QueryEvaluationError"],
    &["States.ExceedToleratedFailureThreshold"],
];

impl Generator<'_> {
    pub fn task(&mut self, name: &str, place: Place<'_>, states: &mut States) {
        let mut state = self.state("Task");
        if self.is_jsonata(&mut state) {
            return self.computed_task(name, state, place, states);
        }
        let root = self.input_path(&mut state);
        let is_answered_by_worker = match self.random.below(7) {
            0..2 => {
                let function = *self.random.pick(&["f", "g", "h:7"]);
                state
                    .insert("Resource", format!("arn:aws:lambda:us-east-1:123456789012:function:{function}"));
                if self.random.once_in(2) {
                    let template = self.template(&root, false);
                    state.insert("Parameters", template);
                }
                false
            }
            2..4 => {
                state.insert("Resource", "arn:aws:states:::lambda:invoke");
                let parameters = self.invocation(&root, None);
                state.insert("Parameters", parameters);
                false
            }
            5 => {
                let pattern = *self.random.pick(&["sync", "sync:2"]);
                state.insert("Resource", format!("arn:aws:states:::states:startExecution.{pattern}"));
                let mut parameters = Object::new();
                parameters.insert("StateMachineArn", "m");
                let input = self.template(&root, false);
                parameters.insert("Input", input);
                state.insert("Parameters", parameters);
                false
            }
            4 => {
                state.insert("Resource", "arn:aws:states:::lambda:invoke.waitForTaskToken");
                let parameters = self.invocation(&root, Some("$$.Task.Token"));
                state.insert("Parameters", parameters);
                true
            }
            _ => {
                state.insert("Resource", "arn:aws:states:us-east-1:123456789012:activity:work");
                if self.random.once_in(2) {
                    let template = self.template(&root, false);
                    state.insert("Parameters", template);
                }
                true
            }
        };
        self.timeouts(&mut state, &root, is_answered_by_worker);
        if self.random.once_in(8) {
            let credentials = match self.random.once_in(2) {
                true => json::value!({ "RoleArn.$": format!("{root}.nested.role") }),
                false => json::value!({ "RoleArn": "arn:aws:iam::123456789012:role/r" }),
            };
            state.insert("Credentials", credentials);
        }
        self.result(&mut state, place, ResultShape::Answer);
        self.assign(&mut state, place);
        self.retry(&mut state);
        self.catch(&mut state, place, states);
        go_on(&mut state, place.next);
        states.push((name.to_owned(), state));
    }

    /// `Parameters` of `lambda:invoke`.
    fn invocation(&mut self, root: &str, token: Option<&str>) -> Object {
        let mut parameters = Object::new();
        parameters.insert("FunctionName", "f");
        match token {
            Some(token) => {
                let mut payload = self.template(root, false);
                payload.insert("token.$", token);
                parameters.insert("Payload", payload);
            }
            None if self.random.once_in(3) => {
                parameters.insert("Payload.$", root);
            }
            None => {
                let payload = self.template(root, false);
                parameters.insert("Payload", payload);
            }
        }
        for (name, value) in [
            ("Qualifier", "7"),
            ("InvocationType", "RequestResponse"),
            ("LogType", "None"),
            ("ClientContext", "e30="),
        ] {
            if self.random.once_in(10) {
                parameters.insert(name, value);
            }
        }
        parameters
    }

    /// A worker may stay away for ever, so that its task needs a timeout.
    fn timeouts(&mut self, state: &mut Object, root: &str, is_needed: bool) {
        if !is_needed && !self.random.once_in(3) {
            return;
        }
        match self.random.below(12) {
            0..6 => state.insert("TimeoutSeconds", 20 + self.random.below(300)),
            6..8 => state.insert("TimeoutSecondsPath", format!("{root}.seconds")),
            8..11 => state.insert("TimeoutSecondsPath", "$base.seconds"),
            // No number at all.
            _ if self.random.once_in(6) => state.insert("TimeoutSecondsPath", format!("{root}.text")),
            _ => state.insert("TimeoutSeconds", 99),
        };
        if !is_needed {
            return;
        }
        match self.random.below(4) {
            0 => state.insert("HeartbeatSeconds", 1 + self.random.below(19)),
            1 => state.insert("HeartbeatSecondsPath", "$base.seconds"),
            _ => None,
        };
    }

    /// Retriers, or none.
    pub fn retry(&mut self, state: &mut Object) {
        if self.random.once_in(2) {
            return;
        }
        let mut retriers = Vec::new();
        for _ in 0..1 + self.random.below(2) {
            let names: &[&str] = self.random.pick::<&[&str]>(RETRIED);
            let names = names.iter().map(|name| Value::from(*name)).collect();
            retriers.push(self.retrier(names));
        }
        if self.random.once_in(4) {
            retriers.push(self.retrier(json::value!(["States.ALL"])));
        }
        // Which of two retriers took a timeout must be seen in the history, which does not say whether
        // it was a heartbeat's.
        let names = |retrier: &Value, wanted: &[&str]| {
            let names = retrier.get("ErrorEquals").and_then(Value::as_array).into_iter().flatten();
            names.filter_map(Value::as_str).any(|name| wanted.contains(&name))
        };
        if retriers.iter().any(|retrier| names(retrier, &["States.Timeout", "States.ALL"])) {
            retriers.retain(|retrier| !names(retrier, &["States.HeartbeatTimeout"]));
        }
        state.insert("Retry", Value::from(retriers));
    }

    fn retrier(&mut self, names: Value) -> Value {
        let mut retrier = Object::new();
        retrier.insert("ErrorEquals", names);
        let interval = 1 + self.random.below(5);
        let mut maybe = |name: &str, value: Value| {
            if self.random.once_in(2) {
                retrier.insert(name, value);
            }
        };
        maybe("BackoffRate", 1.5.into());
        maybe("JitterStrategy", "FULL".into());
        maybe("Comment", "again".into());
        retrier.insert("MaxAttempts", self.random.below(4));
        match self.random.below(4) {
            0 => {}
            1 => {
                retrier.insert("IntervalSeconds", interval);
                retrier.insert("MaxDelaySeconds", interval + 1 + self.random.below(4));
            }
            2 => {
                retrier.insert("MaxDelaySeconds", 2 + self.random.below(4));
            }
            _ => {
                retrier.insert("IntervalSeconds", interval);
                retrier.insert("JitterStrategy", *self.random.pick(&["NONE", "FULL"]));
            }
        }
        Value::Object(retrier)
    }
}
